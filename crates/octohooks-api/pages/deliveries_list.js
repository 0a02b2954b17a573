/**
 * The list of deliveries as data: what is asked for, and where a changed one goes. Pure. A filter is
 * `{hook, state, event, text, meant, since, until}`, the last two in milliseconds since 1970.
 */

import {_, meant} from "./texts.js";

const HOUR = 3_600_000;

/** As many are read at once: more than fit on a screen. */
const PAGE = 30;

/** Spans of time to choose from, in milliseconds. */
export const SPANS = {hour: HOUR, day: 24 * HOUR, week: 7 * 24 * HOUR};

/** `{since, until}` of a choice: a key of `SPANS`, a day such as `2026-11-24` (local time), or "" for any time. */
export function timesOf(choice, now) {
  if (Object.hasOwn(SPANS, choice)) {
    return {since: now - SPANS[choice], until: null};
  }
  const [year, month, day] = choice.split("-").map(Number);
  const begin = (shift) => new Date(year, month - 1, day + shift).getTime();
  return Number.isNaN(begin(0)) ? {since: null, until: null} : {since: begin(0), until: begin(1)};
}

/** As much the API takes. */
const MOST_MEANT = 64;
const LONGEST_MEANT = 200;

/**
 * Other ways of saying a text, one a line: the engine speaks English, whatever somebody reads. Topics first, then the shortest,
 * which are told most often.
 */
export function waysToSay(text, titles) {
  if (text === "") {
    return "";
  }
  const named = titles.filter((title) => _(title) !== title && _(title).toLowerCase().includes(text.toLowerCase()));
  const told = meant(text).filter((piece) => piece.length <= LONGEST_MEANT).sort((one, other) => one.length - other.length);
  return [...new Set([...named, ...told])].slice(0, MOST_MEANT).join("\n");
}

/** The query of a page; `before` is the `next` of the page above. */
export function queryOf(filter, before = null) {
  const query = new URLSearchParams({limit: PAGE});
  for (const [name, value] of Object.entries({...filter, before})) {
    if (value) {
      query.set(name, value);
    }
  }
  return query.toString();
}

/** What of a filter is set, as the API wants it. */
export const chosen = (filter) => Object.fromEntries(Object.entries(filter).filter(([, value]) => value));

export function passes(delivery, {hook, state, event, text, since, until}) {
  const shown = [delivery.hook_name, delivery.topic, _(delivery.topic ?? ""), delivery.event, delivery.message].join("\n").toLowerCase();
  return (!hook || delivery.hook_id === hook) && (!state || delivery.state === state)
    && (!event || delivery.event === event) && (!since || delivery.at >= since) && (!until || delivery.at < until) && (!text || shown.includes(text.toLowerCase()));
}

/**
 * Where a delivery that changed stands in the list: `{index, isKnown}`. Null when it does not pass the filter, or belongs
 * to a page that is not loaded yet. One that is listed stays, so that nothing vanishes while it is read.
 */
export function placeOf(listed, delivery, filter, isWhole) {
  const known = listed.findIndex(({id}) => id === delivery.id);
  if (known >= 0) {
    return {index: known, isKnown: true};
  }
  const older = listed.findIndex(({at}) => at <= delivery.at);
  if (!passes(delivery, filter) || (older < 0 && !isWhole)) {
    return null;
  }
  return {index: older < 0 ? listed.length : older, isKnown: false};
}

/** Whether it has come to its end, one way or the other. */
export const hasEnded = (delivery) => ["delivered", "given_up", "skipped"].includes(delivery?.state);

/** Whether it waits, for its turn or for another try. */
export const isWaiting = (delivery) => ["waiting", "retrying"].includes(delivery?.state);
