/** A field of JSON with variables. Whatever is typed is kept; the first place where it is no JSON shows at once. */

import {textAt} from "./draft.js";
import {field, textArea} from "./field.js";
import {showPlace, templated} from "./field_template.js";
import {placeOfOffset} from "./text_place.js";
import {findJsonProblem} from "./json_place.js";
import {variableButton} from "./variables_help.js";

/** `{element, setHelp}` for a path of the draft; without `variables` none can be put in. */
export function jsonField(parts, path, {label, help, variables, rows = 3, tools = []}) {
  const {draft, board, set} = parts;
  const id = path.replace(".", "-");
  const control = textArea({
    value: textAt(draft, path),
    rows,
    most: 18,
    class: "input-block-level monospace wh-code",
    test: `hook-${id}`,
    onInput: set(path)
  });
  const insert = variables ? variableButton({variables, target: control, kind: "json", label, test: `variables-${id}`}) : null;
  return field({
    label, control, holder: templated(parts, control, {kind: "json", variables}), help, path, board, tools: [tools, insert], showPlace: (line, column) => showPlace(control, line, column)
  });
}

/** What is wrong with the text of a JSON field, as a problem; nothing when it is JSON. */
export function jsonProblem(path, text) {
  const found = findJsonProblem(text);
  return found === null ? null : {field: path, severity: "error", message: found.message, ...placeOfOffset(text, found.offset)};
}
