/**
 * Makes elements. Text becomes text nodes, always: nothing in these pages builds HTML from strings, so that no answer,
 * name or message can ever become markup.
 */

/** Set as properties of the element; everything else is an attribute. */
const PROPERTIES = new Set(["checked", "disabled", "hidden", "readOnly", "selected", "tabIndex"]);

const TEST_ATTRIBUTE = "data-test-id";

/**
 * An element: `h("button", {class: "btn", test: "save", on: {click}}, icon("fa-check"), "Save")`.
 * Children may be nodes, texts, lists of them, or null, undefined and false for nothing.
 */
export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  if (tag === "button") {
    element.type = tag;
  }
  const {value, ...others} = properties ?? {};
  for (const [name, setting] of Object.entries(others)) {
    set(element, name, setting);
  }
  append(element, children);
  // Last, because a select takes a value only once its options are there.
  if (value !== undefined && value !== null) {
    element.value = value;
  }
  return element;
}

function set(element, name, setting) {
  if (name === "on") {
    for (const [event, listener] of Object.entries(setting)) {
      element.addEventListener(event, listener);
    }
  } else if (PROPERTIES.has(name)) {
    element[name] = setting;
  } else if (setting === null || setting === undefined || setting === false) {
    return;
  } else if (name === "class") {
    element.className = setting;
  } else if (name === "test") {
    element.setAttribute(TEST_ATTRIBUTE, setting);
  } else {
    element.setAttribute(name, setting === true ? "" : String(setting));
  }
}

/** Appends children of the kinds that `h` takes. */
export function append(element, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) {
      element.append(child);
    }
  }
  return element;
}

export function fillWith(element, ...children) {
  element.replaceChildren();
  return append(element, children);
}

/** An icon that screen readers pass over: words beside it, or a label, say what it means. */
export function icon(name, extra = "") {
  return h("i", {class: `fas ${name} ${extra}`.trim(), "aria-hidden": "true"});
}

/** A small explanation. */
export const help = (...words) => h("p", {class: "wh-help"}, words);

export function spoken(text) {
  return h("span", {class: "wh-spoken"}, text);
}

/** A push button; `label` names one that shows only an icon. */
export function button(properties, ...children) {
  const {label, class: classes = "", ...others} = properties;
  return h("button", {
    class: `btn ${classes}`.trim(),
    "aria-label": label,
    title: label,
    ...others
  }, ...children);
}

let lastId = 0;

export function uniqueId(prefix) {
  lastId += 1;
  return `wh-${prefix}-${lastId}`;
}
