/**
 * A labelled control with help and a place for its problems: the bricks of the editor.
 *
 * In: the control and its words. Out: OctoPrint's `.control-group`. Every label names its control; help and problems
 * are tied to it for screen readers.
 */

import {fillWith, h, uniqueId} from "./dom.js";

/** `{element, setHelp}`. `tools` stand at the right end of the label's line; `path` is the field's name in problems. */
export function field({label, control, help = null, tools = [], path, board, showPlace, beside = null}) {
  control.id = control.id || uniqueId("control");
  const helpElement = h("p", {id: uniqueId("help"), class: "wh-help"}, help);
  const slot = h("ul", {id: uniqueId("problems")});
  control.setAttribute("aria-describedby", helpElement.id);
  const element = h("div", {class: "control-group wh-field"},
    h("div", {class: "wh-label-line"},
      h("label", {class: "control-label", for: control.id}, label),
      h("span", {class: "wh-tools"}, tools)),
    h("div", {class: "controls wh-controls"}, beside, control),
    slot,
    helpElement);
  helpElement.hidden = help === null;
  if (path) {
    board.register(path, {slot, control, showPlace});
  }
  return {
    element,
    setHelp: (...content) => {
      fillWith(helpElement, content);
      helpElement.hidden = content.length === 0;
    }
  };
}

/** A tick box with its label and help. */
export function tickBox({label, checked, help = null, test, path, board, onChange}) {
  const control = h("input", {type: "checkbox", checked, test, on: {change: () => onChange(control.checked)}});
  const helpElement = help === null ? null : h("p", {id: uniqueId("help"), class: "wh-help"}, help);
  if (helpElement !== null) {
    control.setAttribute("aria-describedby", helpElement.id);
  }
  const slot = h("ul", {id: uniqueId("problems")});
  const element = h("div", {class: "control-group wh-field"},
    h("label", {class: "checkbox"}, control, " ", label), slot, helpElement);
  if (path) {
    board.register(path, {slot, control});
  }
  return {element, control};
}

/** A tick box that looks like a switch, for what takes effect at once or as a whole; `control` is the box. */
export function switchBox({checked, test, label, onChange}) {
  const control = h("input", {
    type: "checkbox",
    role: "switch",
    checked,
    test,
    "aria-label": label,
    on: {change: () => onChange(control.checked)}
  });
  return {element: h("span", {class: "wh-switch"}, control, h("span")), control};
}

/** A line of text. */
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
