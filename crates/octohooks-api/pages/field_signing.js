/**
 * How requests are signed. Saved keys never reach the page: `signing.keys` is null (as saved), or a list of texts (new
 * keys, shown until they are saved) and numbers (saved keys that stay).
 */

import {copyButton} from "./copy.js";
import {button, fillWith, h, icon, uniqueId} from "./dom.js";
import {keysOf, tidyKeys} from "./draft.js";
import {problemSlot, textField, textInput, tickBox} from "./field.js";
import {secretField} from "./field_secret.js";
import {fold} from "./fold.js";
import {_, fill} from "./texts.js";

/** The element; `session.showKeys` is set to what lists the keys again. */
export function signingField(parts) {
  const {session, draft, board, api, isOpen, set} = parts;
  const {signing} = draft;
  const rows = h("ul", {class: "wh-keys", test: "signing-keys"});
  const failure = h("p", {class: "wh-bad", role: "alert"});
  const add = button({class: "btn-small", test: "signing-key-add", on: {click: addKey}}, icon("fa-plus"), " ", _("Another key"));
  const keys = () => keysOf(signing.keys, session.saved.signing_keys);
  const tick = tickBox(parts, "signing", {
    label: _("Sign requests (Standard Webhooks)"),
    help: _("The receiver has the same key, and can tell that a request comes from here and is unchanged."),
    test: "hook-signing-enabled",
    onChange: (wanted) => {
      if (wanted && session.saved.signing_keys.length === 0) {
        addKey();
      } else {
        put(wanted ? null : []);
      }
    }
  });
  const group = h("div", {class: "control-group wh-field", tabIndex: -1}, rows, add, failure);
  group.append(problemSlot(board, "signing.keys", group));
  const whole = fold({title: _("Signing"), open: isOpen("signing"), test: "signing-toggle"}, tick.element, group,
    fold({
      title: _("Signature of the body alone"),
      hint: _("as GitHub sends it"),
      open: signing.body_signature_header !== "" || session.saved.body_signature_secret,
      test: "body-signature-toggle"
    },
    textField(parts, "signing.body_signature_header", {
      label: _("Name of the header"),
      placeholder: "X-Hub-Signature-256",
      help: _("It holds sha256= and the HMAC-SHA256 of the body. Empty: there is none.")
    }),
    secretField(parts, "signing.body_signature_secret", {
      label: _("Secret of this signature"),
      help: _("Any text, the same as in the receiver. It is stored, and never shown again."),
      isSet: session.saved.body_signature_secret
    })).element);

  function put(list) {
    set("signing.keys")(list && tidyKeys(list, session.saved.signing_keys));
    show();
  }

  async function addKey() {
    fillWith(failure);
    add.disabled = true;
    tick.control.disabled = true;
    try {
      const {key} = await api.signingKey("hmac");
      put([key, ...keys()]);
      rows.querySelector("input").select();
    } catch (error) {
      fillWith(failure, icon("fa-circle-xmark"), " ", error.message);
    }
    add.disabled = false;
    tick.control.disabled = false;
    tick.control.checked = keys().length > 0;
  }

  function show() {
    const list = keys();
    const {signing_keys: saved} = session.saved;
    [...board.fields.keys()].filter((name) => name.startsWith("signing.keys.")).forEach((name) => board.unregister(name));
    fillWith(rows, list.map((key, index) => (typeof key === "number" ? savedKey(key, index) : newKey(key, index))),
      saved.map((key, number) => (list.includes(number) ? null : removedKey(number))));
    tick.control.checked = list.length > 0;
    add.hidden = list.length === 0;
    whole.setHint(list.length > 0 ? fill(_("keys: %(count)s"), {count: list.length}) : "");
    board.render();
  }

  function newKey(text, index) {
    const control = textInput({
      value: text,
      class: "input-block-level monospace",
      "aria-label": _("New key"),
      test: `signing-key-${index}`,
      onInput: (typed) => set("signing.keys")(keys().map((key, at) => (at === index ? typed : key)))
    });
    const help = h("p", {class: "wh-help", id: uniqueId("help")},
      _("Copy it into the receiver now: after saving it is never shown again. Or put the receiver's key here."));
    control.setAttribute("aria-describedby", help.id);
    return h("li", {class: "control-group"},
      h("div", {class: "wh-beside"}, control, copyButton({test: `signing-key-${index}-copy`}, () => control.value), removeButton(index)),
      problemSlot(board, `signing.keys.${index}`, control), help);
  }

  function savedKey(number, index) {
    const {kind, public_key: shown} = session.saved.signing_keys[number];
    const remove = removeButton(index);
    const control = shown ? textInput({
      value: shown, readonly: true, class: "input-block-level monospace", "aria-label": _("Public key"), onInput: () => {}
    }) : null;
    return h("li", {class: "control-group", test: `signing-saved-${number}`},
      h("div", {class: "wh-beside"}, h("span", {class: "wh-key-name"}, icon("fa-key"), " ", keyName(kind, number)),
        control, control ? copyButton({test: `signing-saved-${number}-copy`}, () => control.value) : null, remove),
      problemSlot(board, `signing.keys.${index}`, remove));
  }

  function removedKey(number) {
    const keep = button({class: "btn-mini", test: `signing-saved-${number}-keep`, on: {click: () => put([...keys(), number])}},
      _("Keep it"));
    return h("li", {class: "wh-beside"}, h("span", {class: "wh-key-name"}, h("del", null, keyName(session.saved.signing_keys[number].kind, number)),
      " ", _("will be removed when you save")), keep);
  }

  function removeButton(index) {
    return button({
      class: "btn-mini",
      label: fill(_("Remove key %(number)s"), {number: index + 1}),
      test: `signing-key-${index}-remove`,
      on: {
        click: () => {
          put(keys().filter((key, at) => at !== index));
          (add.hidden ? tick.control : add).focus();
        }
      }
    }, icon("fa-trash-can"));
  }

  session.showKeys = show;
  show();
  return whole.element;
}

function keyName(kind, number) {
  const words = {hmac: "HMAC-SHA256", ed25519: "Ed25519"}[kind] ?? _("unreadable");
  return fill(_("Saved key %(number)s (%(kind)s)"), {number: number + 1, kind: words});
}
