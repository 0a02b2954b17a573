/** One question of a service: its label, control, help, and what is wrong with the answer. */

import {h, icon, uniqueId} from "./dom.js";
import {_} from "./texts.js";

/** `{element, control, say(problem), fits(whether)}`; `changed` after each key, `pasted` once a pasted text stands there. */
export function serviceQuestion(asked, {value = asked.default ?? "", changed, pasted}) {
  const id = uniqueId("ask");
  const problem = h("p", {class: "wh-bad wh-said", id: `${id}-problem`, role: "alert", test: `ask-${asked.key}-problem`});
  const note = h("p", {class: "wh-help", id: `${id}-help`}, _(asked.help ?? ""));
  const mark = h("span", {class: "wh-good", test: `ask-${asked.key}-fits`}, icon("fa-check"), h("span", {class: "wh-spoken"}, _("This looks right.")));
  problem.hidden = true;
  mark.hidden = true;
  note.hidden = !asked.help;
  const shared = {
    id,
    "aria-describedby": `${id}-problem ${id}-help`,
    "aria-required": String(!asked.optional),
    test: `ask-${asked.key}`
  };
  const control = asked.kind === "choice"
    ? h("select", {...shared, value, on: {change: changed}}, asked.choices.map((choice) => h("option", {value: choice.value}, _(choice.label))))
    : h("input", {
      ...shared,
      type: asked.kind === "secret" ? "password" : "text",
      inputmode: asked.kind === "number" ? "numeric" : null,
      class: "input-block-level",
      value,
      placeholder: asked.example,
      autocomplete: asked.kind === "secret" ? "new-password" : "off",
      autocapitalize: "off",
      spellcheck: "false",
      on: {input: changed, paste: () => setTimeout(pasted)}
    });
  const label = h("label", {for: id}, _(asked.label), " ",
    asked.optional ? h("span", {class: "wh-soft wh-optional"}, _("may stay empty"), " ") : null, mark);
  return {
    element: h("div", {class: "control-group wh-field"}, label, control, problem, note),
    control,
    say(message) {
      problem.textContent = message;
      problem.hidden = message === "";
      control.setAttribute("aria-invalid", String(message !== ""));
    },
    fits(whether) {
      mark.hidden = !whether;
    }
  };
}
