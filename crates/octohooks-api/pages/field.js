/** The bricks of the editor: labelled controls, their help and problems tied to them for screen readers. */

import {fillWith, h, uniqueId} from "./dom.js";
import {textAt} from "./draft.js";

/** The place for the problems of a path, which describe a control. */
export function problemSlot(board, path, control, showPlace) {
  const slot = h("ul", {id: uniqueId("problems")});
  board.register(path, {slot, control, showPlace});
  return slot;
}

export const testIdOf = (path) => `hook-${path.replace(/[._]/g, "-")}`;

/**
 * `{element, setHelp}`; `tools` stand at the right of the label, `path` is the field's name in problems, `holder` what the control
 * stands in.
 */
export function field({label, control, holder = control, help = null, tools = [], path, board, showPlace, beside = null}) {
  control.id = control.id || uniqueId("control");
  const helpElement = h("p", {id: uniqueId("help"), class: "wh-help"}, help);
  control.setAttribute("aria-describedby", helpElement.id);
  const element = h("div", {class: "control-group wh-field"},
    h("div", {class: "wh-label-line"},
      h("label", {class: "control-label", for: control.id}, label),
      h("span", {class: "wh-tools"}, tools)),
    h("div", {class: "controls wh-controls"}, beside, holder),
    problemSlot(board, path, control, showPlace),
    helpElement);
  helpElement.hidden = help === null;
  return {
    element,
    setHelp: (...content) => {
      fillWith(helpElement, content);
      helpElement.hidden = content.length === 0;
    }
  };
}

/** A tick box, for a path of the draft where `onChange` is not given: `{element, control}`. */
export function tickBox({draft, board, set}, path, {label, help = null, onChange = set(path), ...others}) {
  const helpElement = help === null ? null : h("p", {id: uniqueId("help"), class: "wh-help"}, help);
  const control = h("input", {
    type: "checkbox",
    checked: textAt(draft, path) === true,
    test: testIdOf(path),
    "aria-describedby": helpElement?.id,
    ...others,
    on: {change: () => onChange(control.checked)}
  });
  const element = h("div", {class: "control-group wh-field"},
    h("label", {class: "checkbox"}, control, " ", label), problemSlot(board, path, control), helpElement);
  return {element, control};
}

export function textInput({value, test, onInput, type = "text", placeholder, ...others}) {
  const control = h("input", {
    type,
    class: "input-block-level",
    value,
    test,
    placeholder,
    autocomplete: "off",
    spellcheck: "false",
    ...others,
    on: {input: () => onInput(control.value)}
  });
  return control;
}

/** A text area that grows with its text, between two numbers of rows. */
export function textArea({value, test, onInput, rows, most, ...others}) {
  const fit = () => {
    control.rows = Math.min(most, Math.max(rows, control.value.split("\n").length));
  };
  const control = h("textarea", {
    class: "input-block-level",
    value,
    test,
    spellcheck: "false",
    autocomplete: "off",
    ...others,
    on: {
      input: () => {
        fit();
        onInput(control.value);
      }
    }
  });
  fit();
  return control;
}

/** A labelled text at a path of the draft: a line, or with `rows` an area of code. */
export function textField({draft, board, set}, path, {label, help, beside, tools, rows = 0, ...others}) {
  const settings = {value: textAt(draft, path), test: testIdOf(path), onInput: set(path), ...others};
  const control = rows > 0 ? textArea({rows, most: 12, class: "input-block-level monospace", ...settings}) : textInput(settings);
  return field({label, control, help, beside, tools, path, board}).element;
}

/** A labelled whole number at a path of the draft; `empty` is what an empty one means. */
export function numberField({draft, board, set}, path, {label, help, least = 0, empty = 0, ...others}) {
  const control = h("input", {
    type: "number",
    class: "input-small",
    min: least,
    value: textAt(draft, path),
    test: testIdOf(path),
    ...others,
    on: {
      input: () => set(path)(numberOr(control.value, empty, least, 4_294_967_295)),
      change: () => {
        control.value = textAt(draft, path) ?? "";
      }
    }
  });
  return field({label, control, help, path, board}).element;
}

/** A whole number within bounds; the old one while there is none. */
export function numberOr(text, old, least, most) {
  const number = Number.parseInt(text, 10);
  return Number.isNaN(number) ? old : Math.min(most, Math.max(least, number));
}

/** A choice; options are `[value, words]`. */
export function choice({value, options, test, onChange, ...others}) {
  const control = h("select", {
    test,
    value,
    ...others,
    on: {change: () => onChange(control.value)}
  }, options.map(([key, words]) => h("option", {value: key}, words)));
  return control;
}
