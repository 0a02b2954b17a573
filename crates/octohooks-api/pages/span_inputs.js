/** A span of the day: from, until, and the days on which it begins; none ticked means every day. */

import {h, uniqueId} from "./dom.js";
import {_} from "./texts.js";

const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

export function spanInputs({span, test, onChange}) {
  const time = (key, label) => {
    const control = h("input", {
      type: "time",
      class: "input-small",
      id: uniqueId("time"),
      value: span[key],
      test: `${test}-${key}`,
      on: {
        input: () => {
          span[key] = control.value;
          onChange();
        }
      }
    });
    return [h("label", {for: control.id, class: "wh-inline-label"}, label), control];
  };
  const day = (name, index) => {
    const box = h("input", {
      type: "checkbox",
      checked: span.days.includes(name),
      test: `${test}-${name}`,
      on: {
        change: () => {
          span.days = DAYS.filter((other) => (other === name ? box.checked : span.days.includes(other)));
          onChange();
        }
      }
    });
    return h("label", {class: "checkbox inline"}, box, " ", shortDay(index));
  };
  return h("div", {class: "wh-span"},
    h("span", {class: "wh-times"}, time("from", _("from")), time("until", _("until"))),
    h("span", {class: "wh-days", role: "group", "aria-label": _("Days; none ticked means every day")}, DAYS.map(day)));
}

/** "Mon", in the page's language: 2024-01-01 was a Monday. */
function shortDay(index) {
  const language = document.documentElement.lang || undefined;
  return new Intl.DateTimeFormat(language, {weekday: "short", timeZone: "UTC"}).format(Date.UTC(2024, 0, 1 + index));
}
