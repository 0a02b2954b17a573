/** What was tried, on a time line from above: each attempt, how long it was waited in between, and what comes next. */

import {h, icon} from "./dom.js";
import {isWaiting} from "./deliveries_list.js";
import {fold} from "./fold.js";
import {bodyText, phasesBar, shownRequest} from "./shown_request.js";
import {_, clockTime, duration, fill, fullTime, relativeTime} from "./texts.js";

/** The list; `open` are the test ids of what is unfolded. */
export function timeLine(delivery, attempts, open) {
  const began = h("li", {class: "wh-moment", test: "delivery-began"}, dot("fa-bolt", "wh-soft"),
    h("div", null, h("strong", null, _("It happened")), " · ", timeOf(delivery.at)));
  let before = delivery.at;
  const tried = attempts.map((attempt) => {
    const line = attemptLine(attempt, attempt.started - before, open);
    before = attempt.started + (attempt.phases?.total ?? 0);
    return line;
  });
  return h("ol", {class: "wh-attempts"}, began, tried, outlook(delivery, attempts));
}

function attemptLine(attempt, waited, open) {
  const {number, status, failure, request} = attempt;
  const folded = (name, title, content) => {
    const test = `delivery-${name}-toggle-${number}`;
    return fold({title, open: open.has(test), test}, h("div", {test: `delivery-${name}`}, content)).element;
  };
  const isDone = status >= 200 && status < 400;
  return h("li", {class: "wh-moment wh-attempt", test: "delivery-attempt", "data-number": number},
    dot(isDone ? "fa-check" : "fa-xmark", isDone ? "wh-good" : "wh-bad"),
    h("div", null, h("strong", null, fill(_("Attempt %(number)s"), {number})), " · ", timeOf(attempt.started), " ",
      waited >= 1000 ? h("span", {class: "wh-soft"}, fill(_("after %(time)s"), {time: duration(waited)}), " ") : null,
      status || failure ? h("span", {class: "wh-tag"}, icon(isDone ? "fa-check" : "fa-xmark", isDone ? "wh-good" : "wh-bad"), " ",
        String(status ?? failure.replaceAll("_", " "))) : null, " ",
      h("span", {class: "wh-soft"}, fill(_("%(time)s ms"), {time: attempt.phases?.total ?? 0}))),
    h("div", null, attempt.message),
    phasesBar(attempt.phases),
    request ? folded("request", _("What was sent"), shownRequest(request)) : null,
    attempt.answer ? folded("answer", _("What came back"), bodyText(attempt.answer)) : null);
}

/** What comes next, or how it ended where no attempt says so. */
function outlook(delivery, attempts) {
  const last = attempts.at(-1)?.message;
  if (isWaiting(delivery)) {
    return h("li", {class: "wh-moment wh-moment-open", test: "delivery-next"}, dot("fa-clock", "wh-warn"),
      h("div", null, h("strong", null, _("It waits")), delivery.next_at ? [" · ", fill(_("Next try %(time)s."), {time: relativeTime(delivery.next_at)})] : null),
      delivery.message && delivery.message !== last ? h("div", {test: "delivery-why"}, delivery.message) : null);
  }
  return delivery.state === "sending" || delivery.message === last ? null
    : h("li", {class: "wh-moment", test: "delivery-end"}, dot(delivery.state === "delivered" ? "fa-check" : "fa-flag", "wh-soft"),
      h("div", {test: "delivery-why"}, delivery.message));
}

const dot = (name, tone) => h("span", {class: `wh-dot ${tone}`}, icon(name));

const timeOf = (moment) => h("time", {class: "wh-soft", title: fullTime(moment), datetime: new Date(moment).toISOString()}, clockTime(moment));
