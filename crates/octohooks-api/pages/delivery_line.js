/** How a delivery went, on one line: icon, words and colour, never colour alone. */

import {button, h, icon, spoken} from "./dom.js";
import {_, fill, fullTime, relativeTime} from "./texts.js";

const STATES = () => ({
  waiting: ["fa-clock", "wh-soft", _("Waiting")],
  sending: ["fa-paper-plane", "wh-soft", _("Sending")],
  delivered: ["fa-circle-check", "wh-good", _("Delivered")],
  retrying: ["fa-rotate-right", "wh-warn", _("Trying again")],
  given_up: ["fa-circle-xmark", "wh-bad", _("Given up")],
  skipped: ["fa-forward", "wh-soft", _("Skipped")]
});

export const stateChoices = () => Object.entries(STATES()).map(([state, [, , word]]) => [state, word]);

export function stateMark(state) {
  const [symbol, tone, word] = STATES()[state] ?? STATES().waiting;
  return h("span", {class: tone}, icon(symbol, "fa-fw"), " ", word);
}

/** The line; `waiting` says how many more wait, `open` shows all deliveries. */
export function deliveryLine(delivery, waiting = null, open = null) {
  if (!delivery) {
    return h("div", {class: "wh-last wh-soft", test: "hook-last"}, icon("fa-minus", "fa-fw"), " ", _("Nothing sent yet."));
  }
  const [symbol, tone, word] = STATES()[delivery.state] ?? STATES().waiting;
  const next = delivery.state === "retrying" && delivery.next_at
    ? fill(_("Next try %(time)s."), {time: relativeTime(delivery.next_at)})
    : null;
  return h("div", {class: "wh-last", test: "hook-last", "data-state": delivery.state},
    h("span", {class: tone}, icon(symbol, "fa-fw"), spoken(`${word}: `)), " ",
    h("strong", null, _(delivery.topic)), " · ",
    h("span", {class: "wh-soft", title: fullTime(delivery.at)}, relativeTime(delivery.at)), " · ",
    h("span", {class: tone}, delivery.message), next ? ` ${next}` : null,
    waiting ? h("span", {class: "wh-tag wh-waiting"}, fill(_("%(count)s waiting"), {count: waiting})) : null,
    open ? [" ", button({class: "btn-link wh-inline", test: "hook-last-open", on: {click: open}}, _("Details"))] : null);
}
