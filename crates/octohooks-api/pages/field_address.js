/** Where a hook sends, and how: method, address and encoding. */

import {choice, field, textInput} from "./field.js";
import {showPlace, templated} from "./field_template.js";
import {_} from "./texts.js";
import {variableButton} from "./variables_help.js";

const METHODS = ["POST", "GET", "PUT", "PATCH", "DELETE"];

export function methodChoice(settings) {
  return choice({options: METHODS.map((name) => [name, name]), class: "wh-method", ...settings});
}

export const CONTENT_TYPES = () => [["json", _("JSON")], ["form", _("Form fields")]];

export function addressField(parts) {
  const {draft, catalogue, board, set} = parts;
  const variables = catalogue.variables.filter(({name}) => name !== "snapshot");
  const control = textInput({value: draft.url, inputmode: "url", placeholder: "https://", test: "hook-url", onInput: set("url")});
  return field({
    label: _("Address (URL)"),
    control,
    holder: templated(parts, control, {kind: "url", variables}),
    beside: methodChoice({value: draft.method, "aria-label": _("Method"), test: "hook-method", onChange: set("method")}),
    help: _("From the service you send to. It often holds a key: treat it like a password."),
    tools: [variableButton({
      variables,
      target: control,
      kind: "url",
      label: _("the address"),
      test: "variables-url"
    })],
    path: "url",
    board,
    showPlace: (line, column) => showPlace(control, line, column)
  }).element;
}

/** The encoding; stands beside the data it is about. */
export function contentTypeChoice({draft, set}) {
  return choice({
    value: draft.content_type,
    options: [...CONTENT_TYPES(), ["picture", _("The picture itself")]],
    class: "wh-compact",
    "aria-label": _("Send the data as"),
    test: "hook-content-type",
    onChange: set("content_type")
  });
}
