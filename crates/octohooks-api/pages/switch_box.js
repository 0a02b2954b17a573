/** A tick box that looks like a switch, for what takes effect as a whole. */

import {h} from "./dom.js";

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
