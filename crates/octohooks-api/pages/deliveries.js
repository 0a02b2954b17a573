/** The deliveries, newest first, filtered by hook and state; they stay up to date by the host's notices. */

import {button, fillWith, h, icon} from "./dom.js";
import {placeOf, queryOf} from "./deliveries_list.js";
import {stateChoices} from "./delivery_line.js";
import {deliveryRow} from "./delivery_row.js";
import {choice} from "./field.js";
import {failureBox, flashBar} from "./flash.js";
import {_, fill, nameOf} from "./texts.js";

/** A view; `hook` is the id of the only hook to show at first. */
export function deliveries(context, {hook = ""} = {}) {
  const {api, host} = context;
  const filter = {hook, state: ""};
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
  const more = button({test: "deliveries-more", on: {click: () => flash.guarded(loadMore)}}, _("Load more"));
  const element = h("div", {class: "wh-deliveries", test: "deliveries"},
    back, h("div", {class: "wh-top"}, heading, filters), flash.element, list, message, more);

  function showFilters(hooks) {
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
    const named = hooks.map((summary) => [summary.id, nameOf(summary)]);
    fillWith(filters, select("hook", _("All webhooks"), [...named, ...gone]),
      select("state", _("All states"), stateChoices()));
  }

  async function load() {
    asked += 1;
    const mine = asked;
    more.hidden = true;
    try {
      const page = await api.deliveries(queryOf(filter));
      if (mine === asked) {
        listed = [];
        rows.clear();
        fillWith(list);
        take(page);
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

  function take(page) {
    page.deliveries.filter(({id}) => !rows.has(id)).forEach((delivery) => put(delivery, listed.length));
    next = page.next;
    more.hidden = next === null;
    showMessage();
  }

  function put(delivery, index) {
    const row = deliveryRow(delivery, {api, canManage: host.can("manage"), ...flash});
    list.insertBefore(row.element, list.children[index] ?? null);
    listed.splice(index, 0, delivery);
    rows.set(delivery.id, row);
  }

  function showMessage() {
    fillWith(message, listed.length > 0 ? null : h("p", {class: "wh-soft", test: "deliveries-empty"},
      filter.hook || filter.state ? _("No delivery is like this.") : _("Nothing was sent yet.")));
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
      const hooks = api.hooks().then((answer) => showFilters(answer.hooks), () => {});
      await Promise.all([load(), hooks]);
    },
    close() {
      asked += 1;
      unsubscribe();
    }
  };
}
