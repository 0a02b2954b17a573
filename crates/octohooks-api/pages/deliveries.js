/**
 * The deliveries, newest first, filtered by hook, event, state, time and text; they stay up to date by the host's notices. All
 * that a filter finds can be sent again. However many there are, the document holds a few screens of them.
 */

import {append, button, fillWith, h, icon} from "./dom.js";
import {SPANS, chosen, hasEnded, isWaiting, passes, placeOf, queryOf, timesOf, waysToSay} from "./deliveries_list.js";
import {stateChoices} from "./delivery_line.js";
import {deliveryRow} from "./delivery_row.js";
import {choice} from "./field.js";
import {question} from "./question.js";
import {failureBox, flashBar} from "./flash.js";
import {_, fill, nameOf} from "./texts.js";
import {endlessList} from "./window.js";

const AFTER_TYPING_MS = 250;

/** More news than this of what is on the screen make a new list. */
const MOST_NEWS = 50;

/** A view; `hook` is the id of the only hook to show at first, `state` the only state. */
export function deliveries(context, {hook = "", state = ""} = {}) {
  const {api, host} = context;
  const filter = {hook, state, event: "", text: "", since: null, until: null};
  const flash = flashBar(context.announce);
  const rows = new Map();
  let known = new Map();
  let time = "";
  let news = 0;
  let asked = 0;
  let typing = 0;
  let titles = [];
  /** Those that are ticked, by id. */
  const picked = new Map();

  const heading = h("h3", {class: "wh-heading", tabIndex: -1, test: "deliveries-heading"}, _("Deliveries"));
  const back = button({class: "btn-link wh-back", test: "deliveries-back", on: {click: () => context.openList({focusHook: hook})}},
    icon("fa-arrow-left"), " ", _("All webhooks"));
  const filters = h("div", {class: "wh-filters"});
  const message = h("div", {test: "deliveries-message"});
  const canManage = host.can("manage");
  const asking = h("div");
  const again = button({test: "deliveries-resend", on: {click: askToResend}}, icon("fa-rotate-right"), " ", _("Send these again…"));
  const dropping = button({test: "deliveries-drop", on: {click: askToDrop}}, icon("fa-trash-can"), " ", _("Drop these…"));
  const newer = button({class: "btn-small wh-newer", test: "deliveries-newer", hidden: true, on: {click: () => {
    load();
    heading.scrollIntoView({block: "nearest"});
  }}});
  const day = h("input", {
    type: "date", "aria-label": _("Day"), test: "deliveries-day", hidden: true, on: {change: () => chooseTime(day.value)}
  });
  const search = h("input", {
    type: "search",
    class: "wh-search",
    placeholder: _("Search"),
    "aria-label": _("Search in deliveries"),
    test: "deliveries-search",
    on: {
      input: () => {
        clearTimeout(typing);
        typing = setTimeout(load, AFTER_TYPING_MS);
      }
    }
  });
  const makeRow = (delivery) => deliveryRow(delivery, {
    api, canManage, edit: context.edit, ...flash, isPicked: picked.has(delivery.id), pick: (isPicked, current) => {
      if (isPicked) {
        picked.set(current.id, current);
      } else {
        picked.delete(current.id);
      }
      showPicked();
    }
  });
  const ofPicked = h("div", {class: "wh-picked", hidden: true, test: "deliveries-picked"});
  const pickedCount = h("span", {role: "status"});
  const resendPicked = button({class: "btn-small", test: "picked-resend", on: {click: () => flash.guarded(resendThese)}},
    icon("fa-rotate-right"), " ", h("span"));
  const dropPicked = button({class: "btn-small", test: "picked-drop", on: {click: () => flash.guarded(dropThese)}}, icon("fa-trash-can"), " ", h("span"));
  append(ofPicked, pickedCount, resendPicked, dropPicked,
    button({class: "btn-small btn-link", test: "picked-none", on: {click: () => {
      pickNone();
      heading.focus();
    }}}, _("Choose none")));
  const list = endlessList({
    read,
    build: (delivery) => {
      known.get(delivery.id)?.show(delivery);
      const row = known.get(delivery.id) ?? makeRow(delivery);
      rows.set(delivery.id, row);
      return row.element;
    },
    left: (gone) => gone.forEach(({id}) => rows.delete(id)),
    failed: (error) => fillWith(message, failureBox(error, "deliveries", load))
  });
  const element = h("div", {class: "wh-deliveries", test: "deliveries"},
    back, h("div", {class: "wh-top"}, heading, canManage ? h("div", {class: "wh-toolbar"}, again, dropping) : null), filters, flash.element, asking, ofPicked, newer,
    list.element, message);

  function showFilters(hooks, topics = []) {
    const gone = hook && !hooks.some(({id}) => id === hook) ? [[hook, _("This webhook")]] : [];
    const select = (name, label, options) => choice({
      value: filter[name],
      options: [["", label], ...options],
      "aria-label": label,
      test: `deliveries-${name}`,
      onChange: (value) => {
        filter[name] = value;
        load();
      }
    });
    const events = topics.map(({event, title}) => [event, _(title)]);
    const named = hooks.map((summary) => [summary.id, nameOf(summary)]);
    const times = choice({
      value: time in SPANS || time === "" ? time : "on",
      options: [["", _("Any time")], ["hour", _("The last hour")], ["day", _("The last 24 hours")], ["week", _("The last 7 days")], ["on", _("On one day…")]],
      "aria-label": _("Time"),
      test: "deliveries-time",
      onChange: (value) => {
        day.hidden = value !== "on";
        chooseTime(value === "on" ? day.value : value);
        if (value === "on") {
          day.focus();
        }
      }
    });
    fillWith(filters, select("hook", _("All webhooks"), [...named, ...gone]),
      select("event", _("All events"), events), select("state", _("All states"), stateChoices()), times, day, search);
  }

  const idsOf = (isRight) => [...picked.values()].filter(isRight).map(({id}) => id);

  /** What can be done with those that are ticked, in place of what can be done with all that is found. */
  function showPicked() {
    const [ended, waiting] = [idsOf(hasEnded).length, idsOf(isWaiting).length];
    ofPicked.hidden = picked.size === 0;
    fillWith(pickedCount, fill(_("%(count)s chosen"), {count: picked.size}));
    resendPicked.lastChild.textContent = fill(_("Send %(count)s again"), {count: ended});
    dropPicked.lastChild.textContent = fill(_("Drop %(count)s"), {count: waiting});
    resendPicked.hidden = ended === 0;
    dropPicked.hidden = waiting === 0;
    showForAll();
  }

  function showForAll() {
    const isOfWaiting = isWaiting(filter);
    dropping.hidden = picked.size > 0 || !isOfWaiting;
    again.hidden = picked.size > 0 || isOfWaiting || filter.state === "sending";
  }

  function pickNone() {
    picked.clear();
    rows.forEach((row) => row.unpick());
    showPicked();
  }

  async function resendThese() {
    const outcome = await api.resendAll({ids: idsOf(hasEnded)});
    pickNone();
    sayResent(outcome);
  }

  async function dropThese() {
    const {dropped} = await api.dropAll({ids: idsOf(isWaiting)});
    pickNone();
    flash.say(fill(_("Dropped: %(count)s, but for what is being sent just now."), {count: dropped}));
  }

  function sayResent({resent, refused, more}) {
    flash.say([fill(_("Sent again: %(count)s."), {count: resent}),
      refused > 0 ? fill(_("Not possible for %(count)s: what happened then is not kept, or the webhook is gone or off."), {count: refused}) : "",
      more ? _("There are older ones.") : ""].filter(Boolean).join(" "));
  }

  function chooseTime(value) {
    time = value;
    load();
  }

  async function read(before, isWanted) {
    fillWith(message, h("p", {class: "wh-soft", role: "status", test: "deliveries-reading"}, icon("fa-spinner", "fa-spin"), " ", _("Loading…")));
    const page = await api.deliveries(queryOf(filter, before));
    if (isWanted()) {
      fillWith(message);
    }
    return {rows: page.deliveries, next: page.next};
  }

  async function load() {
    asked += 1;
    const mine = asked;
    clearTimeout(typing);
    const text = search.value.trim();
    Object.assign(filter, {text, meant: waysToSay(text, titles)}, timesOf(time, Date.now()));
    news = 0;
    showNews();
    pickNone();
    // A row that is found again stays as it is, open or not.
    known = new Map(rows);
    try {
      if (!(await list.reload())) {
        return;
      }
      await list.settle();
      if (mine !== asked) {
        return;
      }
      showEnd();
      context.announce(fill(_("%(count)s deliveries are shown."), {count: rows.size}));
    } catch (error) {
      if (mine === asked) {
        fillWith(message, failureBox(error, "deliveries", load));
      }
    } finally {
      if (mine === asked) {
        known = new Map();
      }
    }
  }

  function showEnd() {
    const isEmpty = list.pages().every((page) => page.rows.length === 0) && list.pages().at(-1)?.next === null;
    if (isEmpty) {
      fillWith(message, h("p", {class: "wh-soft", test: "deliveries-empty"},
        time || Object.values(chosen(filter)).length > 0 ? _("No delivery is like this.") : _("Nothing was sent yet.")));
    }
  }

  /** What came in above the screen, or too much of it, waits for a word. */
  function showNews() {
    newer.hidden = news === 0;
    fillWith(newer, icon("fa-arrow-up"), " ", fill(_("Newer deliveries: %(count)s"), {count: news}));
  }

  function askToResend() {
    const close = () => {
      fillWith(asking);
      again.focus();
    };
    fillWith(asking, question({
      text: filter.state
        ? _("Send all deliveries again that this filter finds and that have ended? At most the newest 500, each under its own id.")
        : _("Send all deliveries again that were given up, as far as this filter finds them? At most the newest 500, each under its own id."),
      answers: [
        {label: _("Send them again"), primary: true, test: "deliveries-resend-yes", run: () => flash.guarded(async () => {
          close();
          sayResent(await api.resendAll(chosen(filter)));
        })},
        {label: _("Cancel"), test: "deliveries-resend-no", run: close}
      ]
    }));
  }

  function askToDrop() {
    const close = () => {
      fillWith(asking);
      dropping.focus();
    };
    fillWith(asking, question({
      text: _("Drop all deliveries that this filter finds and that wait? They will never be sent. At most the newest 500."),
      answers: [
        {label: _("Drop them"), primary: true, test: "deliveries-drop-yes", run: () => flash.guarded(async () => {
          close();
          const {dropped, more} = await api.dropAll(chosen(filter));
          flash.say([fill(_("Dropped: %(count)s, but for what is being sent just now."), {count: dropped}), more ? _("There are older ones.") : ""]
            .filter(Boolean).join(" "));
        })},
        {label: _("Cancel"), test: "deliveries-drop-no", run: close}
      ]
    }));
  }

  function take(delivery) {
    const row = rows.get(delivery.id);
    if (picked.has(delivery.id)) {
      picked.set(delivery.id, delivery);
      showPicked();
    }
    if (row !== undefined) {
      row.show(delivery);
      return;
    }
    const [first] = list.pages();
    if (first === undefined || !passes(delivery, filter)) {
      return;
    }
    if (first.element === null || first.rows.length > MOST_NEWS * 2) {
      news += delivery.at >= (first.rows[0]?.at ?? 0) ? 1 : 0;
      showNews();
      return;
    }
    const place = placeOf(first.rows, delivery, filter, first.next === null);
    if (place !== null && !place.isKnown) {
      first.rows.splice(place.index, 0, delivery);
      const made = makeRow(delivery);
      rows.set(delivery.id, made);
      first.element.insertBefore(made.element, first.element.children[place.index] ?? null);
      fillWith(message);
    }
  }

  const unsubscribe = host.subscribe((notice) => {
    if (notice.type === "announcement") {
      flash.say(notice.message, {kind: "info"});
    } else if (notice.type === "delivery") {
      take(notice.delivery);
    }
  });

  showFilters([]);
  return {
    element,
    heading,
    async load() {
      const filled = Promise.all([api.hooks(), context.loadCatalogue()])
        .then(([{hooks}, catalogue]) => {
          titles = (catalogue?.topics ?? []).map(({title}) => title);
          showFilters(hooks, catalogue?.topics);
        }, () => {});
      await Promise.all([load(), filled]);
    },
    shownAgain: list.settle,
    close() {
      asked += 1;
      clearTimeout(typing);
      unsubscribe();
      list.close();
    }
  };
}
