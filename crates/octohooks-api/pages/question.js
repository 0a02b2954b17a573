/** A question in the page, not in a dialog above OctoPrint's dialog: two dialogs fight for the focus. */

import {button, h, icon, uniqueId} from "./dom.js";

/** The element; answers are `{label, primary, test, run}`. */
export function question({text, answers}) {
  const id = uniqueId("question");
  const buttons = answers.map(({label, primary, test, run}) =>
    button({class: primary ? "btn-primary" : "", test, on: {click: run}}, label));
  const element = h("div", {class: "alert wh-question", role: "alertdialog", "aria-labelledby": id, test: "question"},
    h("p", {id}, icon("fa-circle-question"), " ", h("strong", null, text)),
    h("div", {class: "wh-answers"}, buttons));
  queueMicrotask(() => {
    element.scrollIntoView({block: "nearest"});
    buttons[0].focus();
  });
  return element;
}
