/** A write-only text, such as the API secret: `null` keeps it, a text sets it, "" clears it. */

import {button, fillWith, icon} from "./dom.js";
import {textAt} from "./draft.js";
import {field, testIdOf, textArea, textInput} from "./field.js";
import {_} from "./texts.js";

/** The field for the secret at a path of the draft; with `rows` it is an area for a text of many lines. */
export function secretField({draft, board, set}, path, {label, help, isSet, rows = 0}) {
  const value = textAt(draft, path);
  const test = testIdOf(path);
  const onChange = set(path);
  let isCleared = value === "";
  const onInput = (text) => {
    isCleared = false;
    onChange(text === "" ? null : text);
    show();
  };
  const control = rows > 0
    ? textArea({value: value ?? "", rows, most: 12, class: "input-block-level monospace", test, onInput})
    : textInput({value: value ?? "", type: "password", autocomplete: "new-password", test, onInput});
  const eye = button({
    class: "btn-mini",
    label: _("Show what is typed"),
    "aria-pressed": "false",
    test: `${test}-show`,
    on: {
      click: () => {
        const hidden = control.type === "password";
        control.type = hidden ? "text" : "password";
        eye.setAttribute("aria-pressed", String(hidden));
        fillWith(eye, icon(hidden ? "fa-eye-slash" : "fa-eye"));
      }
    }
  }, icon("fa-eye"));
  const clear = button({
    class: "btn-mini",
    test: `${test}-clear`,
    on: {
      click: () => {
        isCleared = !isCleared;
        control.value = "";
        onChange(isCleared ? "" : null);
        show();
      }
    }
  });

  function show() {
    clear.hidden = !isSet;
    fillWith(clear, isCleared ? _("Keep the saved one") : _("Clear"));
    control.placeholder = isSet && isCleared
      ? _("will be cleared when you save")
      : isSet ? _("•••••••• set; type to replace it") : _("not set");
  }

  show();
  return field({label, control, help, tools: [rows > 0 ? null : eye, clear], path, board}).element;
}
