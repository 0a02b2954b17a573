/**
 * Colours the text of an input or a text area while somebody types: the same text lies over it, and lets everything through to
 * the control below. Where the two cannot be the same, the control shows its own text.
 */

import {fillWith, h} from "./dom.js";

/** Longer texts stay plain: colouring them would be slower than typing. */
const LONGEST = 30_000;

const SAME = [
  "fontFamily", "fontSize", "fontWeight", "fontStyle", "fontFeatureSettings", "letterSpacing", "wordSpacing", "lineHeight", "tabSize",
  "textIndent", "textAlign", "paddingTop", "paddingRight", "paddingBottom", "paddingLeft", "borderTopWidth", "borderRightWidth",
  "borderBottomWidth", "borderLeftWidth"
];

/** `{element, repaint, placeOf, close}`; `element` holds the control, `tokens(text)` is what `tokensOf` gives. */
export function painted(control, tokens) {
  const paint = h("div", {class: "wh-paint", "aria-hidden": "true"});
  const element = h("span", {class: "wh-painted"}, control, paint);
  const isLine = control.tagName === "INPUT";
  const watcher = new ResizeObserver(lay);
  watcher.observe(control);
  control.addEventListener("input", repaint);
  for (const event of ["scroll", "keyup", "select", "focus", "blur"]) {
    control.addEventListener(event, follow, {passive: true});
  }

  function repaint() {
    const {value} = control;
    const isOn = value !== "" && value.length <= LONGEST;
    element.classList.toggle("wh-painted-on", isOn);
    fillWith(paint, isOn ? [...stretches(value, tokens(value)), "\n"] : null);
    lay();
  }

  /** Copies what decides where each letter stands. */
  function lay() {
    if (control.clientWidth === 0) {
      return;
    }
    const style = getComputedStyle(control);
    for (const name of SAME) {
      paint.style[name] = style[name];
    }
    paint.style.color = style.color;
    // A scroll bar takes some of the width, which may be a fraction of a pixel more than whole numbers say.
    const borders = Number.parseFloat(style.borderLeftWidth) + Number.parseFloat(style.borderRightWidth);
    const bar = Math.max(0, Math.round(control.offsetWidth - control.clientWidth - borders));
    paint.style.width = `${control.getBoundingClientRect().width - bar}px`;
    paint.style.height = `${control.offsetHeight}px`;
    if (isLine) {
      const around = ["paddingTop", "paddingBottom"].reduce((sum, name) => sum + Number.parseFloat(style[name]), 0);
      paint.style.lineHeight = `${control.clientHeight - around}px`;
    }
    follow();
  }

  function follow() {
    paint.scrollTop = control.scrollTop;
    paint.scrollLeft = control.scrollLeft;
  }

  /** Where a character stands, in pixels from the corner of `element`: `{left, top, bottom}`. */
  function placeOf(offset) {
    follow();
    const range = document.createRange();
    let left = offset;
    for (const walker = document.createTreeWalker(paint, NodeFilter.SHOW_TEXT); walker.nextNode();) {
      const {currentNode: node} = walker;
      if (left <= node.length) {
        range.setStart(node, left);
        range.setEnd(node, Math.min(node.length, left + 1));
        break;
      }
      left -= node.length;
    }
    const [box, corner] = [range.getClientRects()[0] ?? control.getBoundingClientRect(), element.getBoundingClientRect()];
    return {left: box.left - corner.left, top: box.top - corner.top, bottom: box.bottom - corner.top};
  }

  repaint();
  return {element, repaint, placeOf};
}

function stretches(text, tokens) {
  const pieces = [];
  let at = 0;
  for (const {from, to, type} of tokens) {
    pieces.push(text.slice(at, from), h("span", {class: `wh-t-${type}`}, text.slice(from, to)));
    at = to;
  }
  return [...pieces, text.slice(at)].filter((piece) => piece !== "");
}
