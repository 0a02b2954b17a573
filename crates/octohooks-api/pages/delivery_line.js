/**
 * How the last delivery of a hook went, on one line: icon, words and colour, never colour alone.
 *
 * In: a delivery as the API gives it, or nothing. Out: an element.
 */

import {h, icon, spoken} from "./dom.js";
import {fill, fullTime, gettext, relativeTime} from "./texts.js";

const STATES = () => ({
  waiting: ["fa-clock", "wh-soft", gettext("Waiting")],
  sending: ["fa-paper-plane", "wh-soft", gettext("Sending")],
  delivered: ["fa-circle-check", "wh-good", gettext("Delivered")],
  retrying: ["fa-rotate-right", "wh-warn", gettext("Trying again")],
  given_up: ["fa-circle-xmark", "wh-bad", gettext("Given up")],
  skipped: ["fa-forward", "wh-soft", gettext("Skipped")]
});

/** The line; `waiting` is how many more wait. */
export function deliveryLine(delivery, waiting = 0) {
  if (!delivery) {
    return h("div", {class: "wh-last wh-soft", test: "hook-last"}, icon("fa-minus", "fa-fw"), " ", gettext("Nothing sent yet."));
  }
  const [symbol, tone, word] = STATES()[delivery.state] ?? STATES().waiting;
  const next = delivery.state === "retrying" && delivery.next_at
    ? fill(gettext("Next try %(time)s."), {time: relativeTime(delivery.next_at)})
    : null;
  return h("div", {class: "wh-last", test: "hook-last", "data-state": delivery.state},
    h("span", {class: tone}, icon(symbol, "fa-fw"), spoken(`${word}: `)), " ",
    h("strong", null, gettext(delivery.topic)), " · ",
    h("span", {class: "wh-soft", title: fullTime(delivery.at)}, relativeTime(delivery.at)), " · ",
    h("span", {class: tone}, delivery.message), next ? ` ${next}` : null,
    waiting > 0 ? h("span", {class: "wh-tag wh-waiting"}, fill(gettext("%(count)s waiting"), {count: waiting})) : null);
}
