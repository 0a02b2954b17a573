/**
 * Webhooks from a file: first the passphrase, where it is encrypted, then what it holds and what of it is here already;
 * nothing is saved before that was seen.
 */

import {button, fillWith, h, icon} from "./dom.js";
import {startOf} from "./draft.js";
import {passphraseField} from "./export.js";
import {readJson} from "./files.js";
import {failureBox, flashBar} from "./flash.js";
import {_, fill, listOf, nameOf} from "./texts.js";

const KNOWN = () => ({
  same: _("is here already, just like this"),
  name: _("there is another one with this name"),
  address: _("there is another one that sends to this address")
});

/** A view; `chosen` is a file of the browser's, or null for the settings that version 4 left behind. */
export function importing(context, chosen) {
  const {api} = context;
  const {element: flash, guarded} = flashBar(context.announce);
  const heading = h("h3", {class: "wh-heading", tabIndex: -1, test: "import-heading"}, _("Import webhooks"));
  const stage = h("div");
  const element = h("div", {class: "wh-import", test: "import"},
    button({class: "btn-link wh-back", test: "import-back", on: {click: () => context.openList()}},
      icon("fa-arrow-left"), " ", _("All webhooks")),
    heading, flash, h("p", {class: "wh-soft"}, icon("fa-file"), " ", chosen?.name ?? _("The settings of version 4")), stage);
  const given = {};
  let hasSecrets = chosen === null;

  async function load() {
    try {
      if (chosen !== null) {
        given.file = await readJson(chosen);
      }
      await look();
    } catch (error) {
      fillWith(stage, failureBox(error, "import", () => context.openList()));
      stage.querySelector("button").textContent = _("All webhooks");
    }
  }

  async function look() {
    const {locked, hooks} = await (chosen === null ? api.lookAtOldSettings() : api.look(given));
    if (locked) {
      hasSecrets = true;
      askPassphrase();
    } else {
      choose(hooks);
    }
  }

  function askPassphrase() {
    const passphrase = passphraseField(_("Passphrase of this file"), "import-passphrase", _("This file is encrypted: all secrets are in it."));
    passphrase.control.autocomplete = "off";
    fillWith(stage, h("form", {novalidate: true, on: {submit: (event) => {
      event.preventDefault();
      guarded(async () => {
        given.passphrase = passphrase.value();
        try {
          await look();
        } catch (error) {
          passphrase.say(error.message);
          passphrase.control.select();
        }
      });
    }}}, passphrase.element, h("div", {class: "wh-answers"},
      button({class: "btn-primary", type: "submit", test: "import-open"}, icon("fa-lock-open"), " ", _("Open")), cancel())));
    passphrase.control.focus();
  }

  const cancel = () => button({test: "import-cancel", on: {click: () => context.openList()}}, _("Cancel"));

  function choose(hooks) {
    const take = button({class: "btn-primary", test: "import-take", on: {click: () => guarded(() => save(ticked()))}});
    const rows = hooks.map((hook) => row(hook, show));
    const ticked = () => rows.flatMap(({control}, place) => (control.checked ? [place] : []));

    function show() {
      take.disabled = ticked().length === 0;
      fillWith(take, icon("fa-upload"), " ", fill(_("Import %(count)s of %(all)s"), {count: ticked().length, all: hooks.length}));
    }

    show();
    fillWith(stage,
      h("p", null, hasSecrets
        ? _("This comes in, with its secrets. What is enabled sends from here at once.")
        : _("This comes in. Secrets are not part of such files: fill in what is missing, and test.")),
      h("ul", {class: "wh-rows"}, rows.map((one) => one.element)),
      h("div", {class: "wh-answers"}, take, cancel()));
    (take.disabled ? rows[0].control : take).focus();
  }

  async function save(places) {
    const {hooks: made} = await (chosen === null ? api.takeOldSettings({take: places}) : api.take({...given, take: places}));
    if (made.length === 1) {
      const view = await api.hook(made[0].id);
      await context.edit(made[0].id, startOf(view, {kind: "info", text: hasSecrets
        ? _("Imported with its secrets. Test it.")
        : _("Imported. Secrets are not part of such files: fill in what is missing, and test.")}));
      return;
    }
    context.openList({message: fill(_("Imported: %(count)s."), {count: made.length})});
  }

  return {element, heading, load, close: () => {}};
}

/** One hook of the file: `{element, control}`. */
function row(hook, onChange) {
  const control = h("input", {type: "checkbox", checked: hook.known !== "same", test: "import-tick", on: {change: onChange}});
  const error = hook.problems.find(({severity}) => severity === "error");
  return {
    control,
    element: h("li", {class: "wh-import-row", test: "import-row"},
      h("label", {class: "checkbox"}, control, " ", h("strong", null, nameOf(hook)), hook.enabled ? null : ` (${_("Disabled")})`),
      h("div", {class: "wh-row-target"}, hook.method, " ", hook.origin || _("no address yet")),
      h("div", {class: "wh-row-events"}, hook.events.length > 0 ? listOf(hook.events.map(_)) : _("No event is ticked: it never sends.")),
      hook.known ? h("div", {class: "wh-warn", test: "import-known"}, icon("fa-clone"), " ", KNOWN()[hook.known]) : null,
      error ? h("div", {class: "wh-bad"}, icon("fa-circle-exclamation"), " ", error.message) : null)
  };
}
