/** Makes a control one for a text with variables: coloured, completed, and with a way to each place in it. */

import {completing} from "./complete_box.js";
import {painted} from "./paint.js";
import {endOfCharacter, offsetOfPlace} from "./text_place.js";
import {tokensOf} from "./tokens.js";

/** The element that stands in for the control. Without `variables` there are none in it: JSON and nothing else. */
export function templated({catalogue, draft, values, refreshers}, control, {kind, variables}) {
  const known = catalogue.variables.map(({name}) => name);
  // A hook of before has braces that are text.
  const hasBlocks = () => draft.jinja !== false;
  const paint = painted(control, (text) => tokensOf(text, kind, known, {
    isOpen: draft.oauth.enabled, isPlain: !variables, hasBlocks: hasBlocks()
  }));
  if (variables) {
    completing(control, paint, {kind, variables, values, hasBlocks});
  }
  const rules = () => `${draft.oauth.enabled} ${draft.jinja}`;
  let before = rules();
  refreshers.push(() => {
    if (rules() !== before) {
      before = rules();
      paint.repaint();
    }
  });
  return paint.element;
}

/** Puts the caret at a place of a text area, and brings it into view. */
export function showPlace(control, line, column) {
  const start = offsetOfPlace(control.value, line, column);
  // Browsers scroll a text area to its selection when it gets the focus, not when the selection moves.
  control.blur();
  control.setSelectionRange(start, endOfCharacter(control.value, start));
  control.focus();
}
