/**
 * The API secret: write-only.
 *
 * In: whether one is saved. Out: `null` (keep it), a text (set it) or "" (clear it). The saved one never reaches the page.
 */

import {button, fillWith, h, icon} from "./dom.js";
import {field, textInput} from "./field.js";
import {gettext} from "./texts.js";

/** `{element, setHelp}` of the field; `onChange` gets null, a text or "". */
export function secretField({isSet, value, board, onChange}) {
  let isCleared = value === "";
  const control = textInput({
    value: value ?? "",
    type: "password",
    autocomplete: "new-password",
    test: "hook-api-secret",
    onInput: (text) => {
      isCleared = false;
      onChange(text === "" ? null : text);
      show();
    }
  });
  const eye = button({
    class: "btn-mini",
    label: gettext("Show what is typed"),
    "aria-pressed": "false",
    test: "hook-api-secret-show",
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
    test: "hook-api-secret-clear",
    on: {
      click: () => {
        isCleared = !isCleared;
        control.value = "";
        onChange(isCleared ? "" : null);
        show();
      }
    }
  });
  const made = field({
    label: gettext("API secret"),
    control,
    help: gettext("Goes where @apiSecret stands. It is stored, and never shown again."),
    tools: [eye, clear],
    path: "api_secret",
    board
  });

  function show() {
    clear.hidden = !isSet;
    fillWith(clear, isCleared ? gettext("Keep the saved one") : gettext("Clear"));
    control.placeholder = isCleared
      ? gettext("will be cleared when you save")
      : isSet ? gettext("•••••••• set; type to replace it") : gettext("not set");
  }

  show();
  return {...made, element: h("div", {class: "wh-half"}, made.element)};
}
