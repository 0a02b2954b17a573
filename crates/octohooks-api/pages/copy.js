/** Puts text into the clipboard; without https:// there is none but by the old way. */

import {button, fillWith, h, icon, spoken} from "./dom.js";
import {_} from "./texts.js";

/** A button and the place where it says that it did: `text()` is asked for when it is pressed. */
export function copyButton({test, label = _("Copy"), class: classes = "btn-mini"}, text, said = () => null) {
  const told = h("span", {class: "wh-copied", role: "status"});
  const copy = button({class: classes, test, on: {click: async () => {
    await copyText(text(), copy);
    const words = said();
    fillWith(told, icon("fa-check", "wh-good"), " ", words ?? spoken(_("Copied.")));
  }}}, icon("fa-copy"), " ", label);
  return [copy, told];
}

async function copyText(text, beside) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Beside the button: a dialog around takes the focus back from whatever stands outside of it.
    const holder = h("textarea", {class: "wh-spoken", readOnly: true, value: text});
    beside.after(holder);
    holder.select();
    document.execCommand("copy");
    holder.remove();
    beside.focus({preventScroll: true});
  }
}
