/** One hook in the list; without the right to manage hooks it has no button but for the deliveries. */

import {button, h, icon, spoken} from "./dom.js";
import {isWaiting} from "./deliveries_list.js";
import {deliveryLine} from "./delivery_line.js";
import {menu} from "./popup.js";
import {worstOf} from "./problems.js";
import {switchBox} from "./switch_box.js";
import {_, fill, listOf, nameOf} from "./texts.js";

const EVENTS_AT_A_GLANCE = 4;

/** `{element, showDelivery, focus}`; `actions` are those of the list. */
export function hookRow(summary, {canManage, isFirst, isLast, actions}) {
  const name = nameOf(summary);
  const last = h("div", null, deliveryLine(summary.last, howMany(summary), actions.deliveries));
  const edit = canManage
    ? button({class: "btn-small", "aria-label": fill(_("Edit %(name)s"), {name}), test: "hook-edit", on: {click: actions.edit}},
      icon("fa-pencil"), " ", _("Edit"))
    : null;
  const element = h("li", {class: summary.enabled ? "wh-row" : "wh-row wh-off", test: "hook-row", "data-hook-id": summary.id},
    h("div", {class: "wh-row-switch"}, canManage ? enabledSwitch(summary, name, actions, () => element) : enabledWord(summary)),
    h("div", {class: "wh-row-main"},
      h("div", {class: "wh-row-name"},
        canManage
          ? h("button", {class: "wh-name", test: "hook-name-link", tabIndex: -1, "aria-hidden": "true",
            on: {click: actions.edit}}, name)
          : h("span", {class: "wh-name"}, name),
        canManage ? spoken(name) : null,
        summary.paused ? h("span", {class: "label label-warning", test: "hook-paused"}, icon("fa-pause"), " ", _("Paused")) : null,
        problemBadge(summary.problems)),
      h("div", {class: "wh-row-target", test: "hook-origin"}, summary.method, " ", summary.origin || _("no address yet")),
      eventLabels(summary.events),
      firstError(summary.problems),
      summary.halted ? h("div", {class: `wh-row-error ${summary.paused ? "wh-warn" : "wh-bad"}`, test: "hook-halted"},
        icon(summary.paused ? "fa-circle-pause" : "fa-hand", "fa-fw"), " ", summary.halted) : null,
      last),
    canManage ? h("div", {class: "wh-row-actions"}, edit, menu({
      class: "btn-small",
      label: fill(_("More for %(name)s"), {name}),
      test: "hook-menu"
    }, () => [
      summary.paused
        ? {label: _("Resume"), icon: "fa-play", test: "hook-resume", run: () => actions.pause(false)}
        : {label: _("Pause"), icon: "fa-pause", test: "hook-pause", run: () => actions.pause(true)},
      ...(!summary.paused && (summary.waiting > 0 || isWaiting(summary.last))
        ? [{label: _("Try now"), icon: "fa-bolt", test: "hook-try", run: actions.tryNow}] : []),
      {label: _("Deliveries"), icon: "fa-clock-rotate-left", test: "hook-deliveries", run: actions.deliveries},
      {label: _("Duplicate"), icon: "fa-copy", test: "hook-duplicate", run: actions.duplicate},
      {label: _("Export as a file"), icon: "fa-download", test: "hook-export", run: actions.export},
      {label: _("Move up"), icon: "fa-arrow-up", test: "hook-up", disabled: isFirst, run: actions.moveUp},
      {label: _("Move down"), icon: "fa-arrow-down", test: "hook-down", disabled: isLast, run: actions.moveDown},
      {label: _("Delete"), icon: "fa-trash-can", test: "hook-delete", run: actions.remove}
    ])) : null);
  return {element, showDelivery: (delivery) => last.replaceChildren(deliveryLine(delivery, null, actions.deliveries)), focus: () => edit?.focus()};
}

/** How many wait; what lies in the outbox behind those in memory is not counted. */
function howMany({waiting, waiting_more: more}) {
  return waiting > 0 ? `${waiting}${more ? "+" : ""}` : null;
}

function enabledSwitch(summary, name, actions, row) {
  const {element, control} = switchBox({
    checked: summary.enabled,
    label: fill(_("%(name)s is enabled"), {name}),
    test: "hook-enabled-switch",
    onChange: async (wanted) => {
      row().classList.toggle("wh-off", !wanted);
      if (!(await actions.enable(wanted))) {
        control.checked = !wanted;
        row().classList.toggle("wh-off", wanted);
      }
    }
  });
  return element;
}

function enabledWord(summary) {
  return h("span", {class: summary.enabled ? "wh-good" : "wh-soft"},
    icon(summary.enabled ? "fa-toggle-on" : "fa-toggle-off"),
    spoken(summary.enabled ? _("Enabled") : _("Disabled")));
}

function eventLabels(events) {
  if (events.length === 0) {
    return h("div", {class: "wh-row-events wh-soft"}, _("No event is ticked: it never sends."));
  }
  const more = events.slice(EVENTS_AT_A_GLANCE);
  return h("div", {class: "wh-row-events", test: "hook-events"},
    events.slice(0, EVENTS_AT_A_GLANCE).map((event) => [h("span", {class: "wh-tag"}, _(event)), " "]),
    more.length === 0 ? null : h("span", {class: "wh-tag", title: listOf(more.map(_))},
      fill(_("%(count)s more"), {count: more.length}),
      spoken(`: ${listOf(more.map(_))}`)));
}

function problemBadge(problems) {
  const worst = worstOf(problems);
  if (worst === null || worst === "note") {
    return null;
  }
  const words = worst === "error"
    ? _("Will not send")
    : fill(_("Warnings: %(count)s"), {count: problems.filter(({severity}) => severity === worst).length});
  return h("span", {
    class: worst === "error" ? "label label-important" : "label label-warning",
    title: problems.filter(({severity}) => severity === worst).map(({message}) => message).join("\n"),
    test: "hook-problems"
  }, icon("fa-triangle-exclamation"), " ", words);
}

function firstError(problems) {
  const errors = problems.filter((problem) => problem.severity === "error");
  return errors.length === 0 ? null : h("div", {class: "wh-row-error wh-bad", test: "hook-error"},
    icon("fa-circle-exclamation", "fa-fw"), " ", errors[0].message,
    errors.length === 1 ? null : ` ${fill(_("(and %(count)s more to mend)"), {count: errors.length - 1})}`);
}
