/** What 4.4.0 left behind: its settings, kept until the user says that they may go. */

import {button, fillWith, h, icon} from "./dom.js";
import {question} from "./question.js";
import {_} from "./texts.js";

/** An element, or null when there is nothing to do about it. */
export function oldSettings({api, host, openImport}, {guarded, say}) {
  if (!host.oldSettings || !host.can("manage")) {
    return null;
  }
  const element = h("div", {class: "wh-old-settings", test: "old-settings"});
  const offer = button({class: "btn-small", test: "old-settings-delete", on: {click: ask}},
    icon("fa-trash-can"), " ", _("Delete them"));

  const again = button({class: "btn-small", test: "old-settings-again", on: {click: () => openImport(null)}},
    icon("fa-rotate-right"), " ", _("Import them again"));

  function showOffer() {
    fillWith(element, h("div", {class: "alert alert-info wh-draft"},
      h("span", null, icon("fa-box-archive"), " ", _("The settings of version 4 were taken over. They are still there, hidden from everybody, so that you can go back to it.")),
      h("span", {class: "wh-answers"}, again, offer)));
  }

  function ask() {
    fillWith(element, question({
      text: _("Delete the settings of version 4? Your webhooks stay as they are here; going back to version 4 means entering them again."),
      answers: [
        {label: _("Keep them"), primary: true, test: "old-settings-keep", run: keep},
        {label: _("Delete them"), test: "old-settings-confirm", run: remove}
      ]
    }));
  }

  function keep() {
    showOffer();
    offer.focus();
  }

  const remove = () => guarded(async () => {
    await api.removeOldSettings();
    host.oldSettings = null;
    fillWith(element);
    say(_("The settings of version 4 are deleted."));
  });

  showOffer();
  return element;
}
