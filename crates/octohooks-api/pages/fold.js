/** A part that can be folded away. `reveal` opens every fold around a control. */

import {append, h, icon, uniqueId} from "./dom.js";

const REVEAL = "wh-reveal";

/** `{element, setOpen, setHint}`; the hint is a few words beside the title. A child that is a function is made when it is first seen. */
export function fold({title, open = false, test, hint = ""}, ...children) {
  const id = uniqueId("fold");
  const arrow = icon("fa-chevron-right", "wh-fold-arrow");
  const hintElement = h("span", {class: "wh-fold-hint"}, hint);
  const content = h("div", {id, class: "wh-fold-content"});
  const toggle = h("button", {
    class: "wh-fold-toggle",
    "aria-controls": id,
    test,
    on: {click: () => setOpen(content.hidden)}
  }, arrow, h("span", null, title), hintElement);
  const element = h("div", {class: "wh-fold", on: {[REVEAL]: () => setOpen(true)}}, toggle, content);

  function setOpen(isOpen) {
    if (waiting !== null && (isOpen || !waiting.some((child) => typeof child === "function"))) {
      const made = waiting.map((child) => (typeof child === "function" ? child() : child));
      waiting = null;
      append(content, made);
    }
    content.hidden = !isOpen;
    toggle.setAttribute("aria-expanded", String(isOpen));
    element.classList.toggle("wh-open", isOpen);
  }

  let waiting = children;
  setOpen(open);
  return {element, setOpen, setHint: (text) => hintElement.replaceChildren(text)};
}

export function reveal(element) {
  element.dispatchEvent(new CustomEvent(REVEAL, {bubbles: true}));
}
