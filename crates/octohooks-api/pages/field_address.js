/**
 * Where a hook sends, and how: method, address and encoding.
 *
 * In: the draft. Out: changes to it.
 */

import {choice, field, textInput} from "./field.js";
import {gettext} from "./texts.js";
import {variableButton} from "./variables_help.js";

/** The methods a hook can use. */
export const METHODS = ["POST", "GET", "PUT", "PATCH", "DELETE"];

/** The encodings, with their words. */
export const CONTENT_TYPES = () => [
  ["json", gettext("JSON")],
  ["form", gettext("Form fields")]
];

/** `{element}`: method and URL on one line. */
export function addressField({draft, catalogue, board, changed}) {
  const method = choice({
    value: draft.method,
    options: METHODS.map((name) => [name, name]),
    class: "wh-method",
    "aria-label": gettext("Method"),
    test: "hook-method",
    onChange: (value) => {
      draft.method = value;
      changed("method");
    }
  });
  const control = textInput({
    value: draft.url,
    inputmode: "url",
    placeholder: "https://",
    test: "hook-url",
    onInput: (text) => {
      draft.url = text;
      changed("url");
    }
  });
  return field({
    label: gettext("Address (URL)"),
    control,
    beside: method,
    help: gettext("From the service you send to. It often holds a key: treat it like a password."),
    tools: [variableButton({
      variables: catalogue.variables.filter(({name}) => name !== "snapshot"),
      target: control,
      kind: "url",
      label: gettext("the address"),
      test: "variables-url"
    })],
    path: "url",
    board,
    showPlace: (_line, column) => {
      control.setSelectionRange(column - 1, column);
    }
  });
}

/** The encoding; stands beside the data it is about. */
export function contentTypeChoice({draft, changed}) {
  return choice({
    value: draft.content_type,
    options: CONTENT_TYPES(),
    class: "wh-compact",
    "aria-label": gettext("Send the data as"),
    test: "hook-content-type",
    onChange: (value) => {
      draft.content_type = value;
      changed("content_type");
    }
  });
}
