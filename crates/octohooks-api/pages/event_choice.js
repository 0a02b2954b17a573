/**
 * Which event is tried: a made-up one of any kind, or one of the last that really happened. Tells what variables stand for in it.
 */

import {fillWith, h, uniqueId} from "./dom.js";
import {latest} from "./latest.js";
import {_, clockTime} from "./texts.js";

/** An event that comes in by itself is listed when those after it had time to come as well. */
const AFTER_EVENT_MS = 1_500;

/** Values are asked for again when somebody looks at them after this time. */
const VALUES_LAST_MS = 15_000;

const HAPPENED = "id:";

/** `{element, id, event, values, refresh, close}`; `changed()` is called when another event is chosen. */
export function eventChoice({context, draft, draftToSend, catalogue, changed}) {
  const {api, host} = context;
  const element = h("select", {id: uniqueId("event"), test: "try-event", on: {change: () => {
    known = null;
    changed();
  }}});
  let happened = [];
  let known = null;
  const listed = latest(list, AFTER_EVENT_MS);

  async function list() {
    try {
      const {events} = await api.events();
      if (JSON.stringify(events) !== JSON.stringify(happened)) {
        happened = events;
        known = null;
        refresh();
      }
    } catch {
      // The made-up ones are there all the same.
    }
  }

  /** Looks again which events there are. */
  function refresh() {
    const chosen = element.value;
    const custom = draft().custom_events.map((entry) => entry.event.trim()).filter(Boolean);
    const real = happened.map(({id, event, title, at}) =>
      h("option", {value: HAPPENED + id}, `${title ? _(title) : event} · ${clockTime(at)}`));
    fillWith(element,
      h("optgroup", {label: _("Sample data")}, catalogue.topics.map((topic) => h("option", {value: topic.key}, _(topic.title)))),
      custom.length === 0 ? null : h("optgroup", {label: _("Other events of this hook")},
        [...new Set(custom)].map((name) => h("option", {value: name}, name))),
      real.length === 0 ? null : h("optgroup", {label: _("What really happened")}, real));
    element.value = chosen;
    if (element.value === "") {
      element.value = firstEvent();
      if (chosen !== "") {
        changed();
      }
    }
  }

  function firstEvent() {
    const enabled = catalogue.topics.filter((topic) => draft().events[topic.key]?.enabled).map((topic) => topic.key);
    const custom = draft().custom_events.map((entry) => entry.event.trim()).find(Boolean);
    return enabled.includes("print_done") ? "print_done" : enabled[0] ?? custom ?? catalogue.topics[0]?.key ?? "";
  }

  /** The chosen event, as the API wants it. */
  const event = () => (element.value.startsWith(HAPPENED)
    ? {event_id: element.value.slice(HAPPENED.length)}
    : {event: element.value});

  /** Values are of what really happened, wherever something did. */
  const telling = () => (element.value.startsWith(HAPPENED) || happened.length === 0 ? event() : {event_id: happened[0].id});

  /** What each variable stands for: `{name: value}`; empty where that cannot be told now. */
  async function values() {
    if (known === null || Date.now() - known.at > VALUES_LAST_MS) {
      const asked = {at: Date.now(), found: api.values(draftToSend(), telling(), {quiet: true}).then((answer) => answer.values)};
      known = asked;
      asked.found.catch(() => {
        known = known === asked ? null : known;
      });
    }
    try {
      return await known.found;
    } catch {
      return {};
    }
  }

  const unsubscribe = host.subscribe((notice) => {
    if (notice.type === "delivery" && notice.delivery.event_id !== happened[0]?.id) {
      listed.ask();
    }
  });
  refresh();
  listed.ask(0);
  return {
    element,
    id: element.id,
    event,
    values,
    refresh,
    close() {
      unsubscribe();
      listed.close();
    }
  };
}
