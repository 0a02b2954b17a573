/**
 * The deliveries, newest first, filtered by hook, state, event and text; they stay up to date by the host's notices. All
 * that a filter finds can be sent again.
 */

import {button, fillWith, h, icon} from "./dom.js";
import {chosen, placeOf, queryOf} from "./deliveries_list.js";
import {stateChoices} from "./delivery_line.js";
import {deliveryRow} from "./delivery_row.js";
import {choice} from "./field.js";
import {question} from "./question.js";
import {failureBox, flashBar} from "./flash.js";
import {_, fill, nameOf} from "./texts.js";

/** A view; `hook` is the id of the only hook to show at first. */
export function deliveries(context, {hook = ""} = {}) {
  const {api, host} = context;
  const filter = {hook, state: "", event: "", text: ""};
  const flash = flashBar(context.announce);
  const rows = new Map();
  let listed = [];
  let next = null;
  let asked = 0;

  const heading = h("h3", {class: "wh-heading", tabIndex: -1, test: "deliveries-heading"}, _("Deliveries"));
  const back = button({class: "btn-link wh-back", test: "deliveries-back", on: {click: () => context.openList({focusHook: hook})}},
    icon("fa-arrow-left"), " ", _("All webhooks"));
  const filters = h("div", {class: "wh-toolbar"});
  const list = h("ul", {class: "wh-rows"});
  const message = h("div");
  const canManage = host.can("manage");
  const asking = h("div");
  const again = button({test: "deliveries-resend", on: {click: askToResend}}, icon("fa-rotate-right"), " ", _("Send these again…"));
  let typing = 0;
  const search = h("input", {
    type: "search",
    class: "wh-search",
    placeholder: _("Search"),
    "aria-label": _("Search in deliveries"),
    test: "deliveries-search",
    on: {
      input: () => {
        clearTimeout(typing);
        typing = setTimeout(load, 250);
      }
    }
  });
  const more = button({test: "deliveries-more", on: {click: () => flash.guarded(loadMore)}}, _("Load more"));
  const element = h("div", {class: "wh-deliveries", test: "deliveries"},
    back, h("div", {class: "wh-top"}, heading, filters), flash.element, asking, list, message, more);

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
    fillWith(filters, select("hook", _("All webhooks"), [...named, ...gone]),
      select("event", _("All events"), events), select("state", _("All states"), stateChoices()), search, canManage ? again : null);
  }

  async function load() {
    asked += 1;
    const mine = asked;
    clearTimeout(typing);
    filter.text = search.value.trim();
    more.hidden = true;
    try {
      const page = await api.deliveries(queryOf(filter));
      if (mine === asked) {
        // A row that is found again stays as it is, open or not.
        const known = new Map(rows);
        listed = [];
        rows.clear();
        fillWith(list);
        take(page, known);
        context.announce(fill(_("%(count)s deliveries are shown."), {count: listed.length}));
      }
    } catch (error) {
      if (mine === asked) {
        fillWith(message, failureBox(error, "deliveries", load));
      }
    }
  }

  async function loadMore() {
    const mine = asked;
    const page = await api.deliveries(queryOf(filter, next));
    if (mine === asked) {
      const count = listed.length;
      take(page);
      rows.get(listed[count]?.id)?.focus();
    }
  }

  function take(page, known) {
    page.deliveries.filter(({id}) => !rows.has(id)).forEach((delivery) => put(delivery, listed.length, known?.get(delivery.id)));
    next = page.next;
    more.hidden = next === null;
    showMessage();
  }

  function put(delivery, index, known) {
    const row = known ?? deliveryRow(delivery, {api, canManage, ...flash});
    known?.show(delivery);
    list.insertBefore(row.element, list.children[index] ?? null);
    listed.splice(index, 0, delivery);
    rows.set(delivery.id, row);
  }

  function showMessage() {
    fillWith(message, listed.length > 0 ? null : h("p", {class: "wh-soft", test: "deliveries-empty"},
      Object.values(filter).some(Boolean) ? _("No delivery is like this.") : _("Nothing was sent yet.")));
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
          const {resent, refused, more: older} = await api.resendAll(chosen(filter));
          flash.say([fill(_("Sent again: %(count)s."), {count: resent}),
            refused > 0 ? fill(_("Not possible for %(count)s: what happened then is not kept, or the webhook is gone or off."), {count: refused}) : "",
            older ? _("There are older ones.") : ""].filter(Boolean).join(" "));
        })},
        {label: _("Cancel"), test: "deliveries-resend-no", run: close}
      ]
    }));
  }

  const unsubscribe = host.subscribe((notice) => {
    if (notice.type === "announcement") {
      flash.say(notice.message, {kind: "info"});
    } else if (notice.type === "delivery") {
      const place = placeOf(listed, notice.delivery, filter, next === null);
      if (place?.isKnown) {
        listed[place.index] = notice.delivery;
        rows.get(notice.delivery.id).show(notice.delivery);
      } else if (place) {
        put(notice.delivery, place.index);
        showMessage();
      }
    }
  });

  showFilters([]);
  return {
    element,
    heading,
    async load() {
      const filled = Promise.all([api.hooks(), context.loadCatalogue()])
        .then(([{hooks}, catalogue]) => showFilters(hooks, catalogue?.topics), () => {});
      await Promise.all([load(), filled]);
    },
    close() {
      asked += 1;
      clearTimeout(typing);
      unsubscribe();
    }
  };
}
