/** All webhooks as one file: without their secrets, or with them, encrypted under a passphrase. */

import {button, h, help, icon, uniqueId} from "./dom.js";
import {saveFile} from "./files.js";
import {flashBar} from "./flash.js";
import {_} from "./texts.js";

/** A view. */
export function exporting(context) {
  const {element: flash, guarded} = flashBar(context.announce);
  const heading = h("h3", {class: "wh-heading", tabIndex: -1, test: "export-heading"}, _("Export webhooks"));
  const name = uniqueId("export");
  const open = way("open", _("Without secrets"),
    _("To look at, or to give to somebody: no key, no password, no value of a header, and of addresses only the server."));
  const sealed = way("sealed", _("With secrets, encrypted"),
    _("To move to another OctoPrint, or to keep: everything is in it. Whoever has the file and the passphrase has all your keys."));
  open.control.checked = true;
  const passphrase = passphraseField(_("Passphrase"), "export-passphrase",
    _("At least 10 characters; several words are easy to remember. Without it nobody can read the file again, not even you."));
  const again = passphraseField(_("The same passphrase again"), "export-again");
  const secret = h("div", {class: "wh-export-secret"}, passphrase.element, again.element);
  const form = h("form", {novalidate: true, on: {submit: (event) => {
    event.preventDefault();
    guarded(save);
  }}},
    h("fieldset", {class: "wh-group"}, h("legend", null, _("What the file holds")), open.element, sealed.element), secret,
    h("div", {class: "wh-answers"},
      button({class: "btn-primary", type: "submit", test: "export-save"}, icon("fa-download"), " ", _("Save the file")),
      button({test: "export-cancel", on: {click: () => context.openList()}}, _("Cancel"))));
  const element = h("div", {class: "wh-export", test: "export"},
    button({class: "btn-link wh-back", test: "export-back", on: {click: () => context.openList()}},
      icon("fa-arrow-left"), " ", _("All webhooks")),
    heading, flash, form);

  function way(value, label, words) {
    const id = uniqueId("help");
    const control = h("input", {type: "radio", name, value, test: `export-${value}`, "aria-describedby": id, on: {change: show}});
    return {control, element: h("div", {class: "wh-field"},
      h("label", {class: "radio"}, control, " ", h("strong", null, label)), h("p", {class: "wh-help", id}, words))};
  }

  function show() {
    secret.hidden = !sealed.control.checked;
  }

  async function save() {
    const isSealed = sealed.control.checked;
    passphrase.say("");
    again.say("");
    if (isSealed && passphrase.control.value !== again.control.value) {
      again.say(_("These two are not the same."));
      again.control.focus();
      return;
    }
    try {
      const file = await context.api.exportAll(isSealed ? {passphrase: passphrase.value()} : {});
      saveFile(`webhooks-${new Date().toISOString().slice(0, 10)}${isSealed ? "-encrypted" : ""}.json`, file);
    } catch (error) {
      const problem = error.problems?.find(({field}) => field === "passphrase");
      if (problem === undefined) {
        throw error;
      }
      passphrase.say(problem.message);
      passphrase.control.focus();
      return;
    }
    context.openList({message: isSealed
      ? _("Exported, encrypted. Keep the passphrase apart from the file.")
      : _("Exported. The file holds none of the secrets.")});
  }

  show();
  return {element, heading, load: async () => {}, close: () => {}};
}

/** A passphrase: `{element, control, value, say}`. */
export function passphraseField(label, test, words = null) {
  const id = uniqueId("passphrase");
  const problem = h("p", {class: "wh-bad", id: `${id}-problem`, role: "alert", test: `${test}-problem`});
  const control = h("input", {
    id,
    type: "password",
    class: "input-block-level",
    autocomplete: "new-password",
    "aria-describedby": `${id}-problem ${id}-help`,
    test,
    on: {input: () => say("")}
  });
  const note = help(words);
  note.id = `${id}-help`;
  note.hidden = words === null;

  function say(message) {
    problem.textContent = message;
    problem.hidden = message === "";
    control.setAttribute("aria-invalid", String(message !== ""));
  }

  say("");
  return {
    element: h("div", {class: "control-group wh-field"}, h("label", {for: id}, label), control, problem, note),
    control,
    // Keyboards differ in how they write an "ü"; the file must not.
    value: () => control.value.normalize("NFC"),
    say
  };
}
