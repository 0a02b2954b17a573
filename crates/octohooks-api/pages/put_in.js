/** Changes the text of a control as if somebody typed, so that the browser's undo works. */

/** Replaces what stands from `from` to `to`. */
export function putIn(control, from, to, text) {
  control.focus();
  control.setSelectionRange(from, to);
  // The only way of editing that the browser's undo knows, however old.
  if (!document.execCommand("insertText", false, text)) {
    control.setRangeText(text, from, to, "end");
    control.dispatchEvent(new Event("input", {bubbles: true}));
  }
}
