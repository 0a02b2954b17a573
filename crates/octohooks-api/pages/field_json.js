/**
 * A field that holds JSON with variables.
 *
 * In: the draft's text. Out: the text as typed, and at once the first place where it stops being JSON. Whatever is typed
 * is kept, broken or not.
 */

import {field, textArea} from "./field.js";
import {endOfCharacter, offsetOfPlace, placeOfOffset} from "./text_place.js";
import {findJsonProblem} from "./json_place.js";
import {variableButton} from "./variables_help.js";

/** `{element, setHelp}`; `variables` may be null where none are put in. */
export function jsonField({label, path, value, help, board, variables, onInput, rows = 3, tools = []}) {
  const control = textArea({
    value,
    rows,
    most: 18,
    class: "input-block-level monospace wh-code",
    test: `hook-${path.replace(".", "-")}`,
    onInput
  });
  const insert = variables
    ? variableButton({variables, target: control, kind: "json", label, test: `variables-${path.replace(".", "-")}`})
    : null;
  return field({
    label,
    control,
    help,
    tools: [tools, insert],
    path,
    board,
    showPlace: (line, column) => showPlace(control, line, column)
  });
}

/** What is wrong with the text of a JSON field, as a problem; nothing when it is JSON. */
export function jsonProblem(path, text) {
  const found = findJsonProblem(text);
  return found === null ? null : {
    field: path,
    severity: "error",
    message: found.message,
    ...placeOfOffset(text, found.offset)
  };
}

function showPlace(control, line, column) {
  const start = offsetOfPlace(control.value, line, column);
  // Browsers scroll a text area to its selection when it gets the focus, not when the selection moves.
  control.blur();
  control.setSelectionRange(start, endOfCharacter(control.value, start));
  control.focus();
}
