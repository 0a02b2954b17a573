/**
 * One hook in the list: name, where to, events, how the last delivery went, and what can be done with it.
 *
 * In: a summary. Out: an element that can be told of a new delivery without being rebuilt. Without the right to manage
 * hooks it has no buttons at all.
 */

import {button, h, icon} from "./dom.js";
import {deliveryLine} from "./delivery_line.js";
import {switchBox} from "./field.js";
import {menu} from "./popup.js";
import {worstOf} from "./problems.js";
import {fill, gettext, listOf} from "./texts.js";

const EVENTS_AT_A_GLANCE = 4;

/** `{element, showDelivery, focus}`; `actions` has edit, duplicate, export, moveUp, moveDown, remove and enable. */
export function hookRow(summary, {canManage, isFirst, isLast, actions}) {
  const name = summary.name || gettext("Webhook without a name");
  const last = h("div", null, deliveryLine(summary.last, summary.waiting));
  const edit = canManage
    ? button({class: "btn-small", "aria-label": fill(gettext("Edit %(name)s"), {name}), test: "hook-edit", on: {click: actions.edit}},
      icon("fa-pencil"), " ", gettext("Edit"))
    : null;
  const element = h("li", {class: summary.enabled ? "wh-row" : "wh-row wh-off", test: "hook-row", "data-hook-id": summary.id},
    h("div", {class: "wh-row-switch"}, canManage ? enabledSwitch(summary, name, actions, () => element) : enabledWord(summary)),
    h("div", {class: "wh-row-main"},
      h("div", {class: "wh-row-name"},
        canManage
          ? h("button", {type: "button", class: "wh-name", test: "hook-name-link", tabIndex: -1, "aria-hidden": "true",
            on: {click: actions.edit}}, name)
          : h("span", {class: "wh-name"}, name),
        canManage ? h("span", {class: "wh-spoken"}, name) : null,
        problemBadge(summary.problems)),
      h("div", {class: "wh-row-target", test: "hook-origin"}, summary.method, " ", summary.origin || gettext("no address yet")),
      eventLabels(summary.events),
      firstError(summary.problems),
      last),
    canManage ? h("div", {class: "wh-row-actions"}, edit, menu({
      class: "btn-small",
      label: fill(gettext("More for %(name)s"), {name}),
      test: "hook-menu"
    }, [
      {label: gettext("Duplicate"), icon: "fa-copy", test: "hook-duplicate", run: actions.duplicate},
      {label: gettext("Export as a file"), icon: "fa-download", test: "hook-export", run: actions.export},
      {label: gettext("Move up"), icon: "fa-arrow-up", test: "hook-up", disabled: isFirst, run: actions.moveUp},
      {label: gettext("Move down"), icon: "fa-arrow-down", test: "hook-down", disabled: isLast, run: actions.moveDown},
      {label: gettext("Delete"), icon: "fa-trash-can", test: "hook-delete", run: actions.remove}
    ])) : null);
  return {
    element,
    showDelivery: (delivery) => last.replaceChildren(deliveryLine(delivery)),
    focus: () => edit?.focus()
  };
}

function enabledSwitch(summary, name, actions, row) {
  const {element, control} = switchBox({
    checked: summary.enabled,
    label: fill(gettext("%(name)s is enabled"), {name}),
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
    h("span", {class: "wh-spoken"}, summary.enabled ? gettext("Enabled") : gettext("Disabled")));
}

function eventLabels(events) {
  if (events.length === 0) {
    return h("div", {class: "wh-row-events wh-soft"}, gettext("No event is ticked: it never sends."));
  }
  const more = events.slice(EVENTS_AT_A_GLANCE);
  return h("div", {class: "wh-row-events", test: "hook-events"},
    events.slice(0, EVENTS_AT_A_GLANCE).map((event) => [h("span", {class: "wh-tag"}, gettext(event)), " "]),
    more.length === 0 ? null : h("span", {class: "wh-tag", title: listOf(more.map(gettext))},
      fill(gettext("%(count)s more"), {count: more.length}),
      h("span", {class: "wh-spoken"}, `: ${listOf(more.map(gettext))}`)));
}

function problemBadge(problems) {
  const worst = worstOf(problems);
  if (worst === null || worst === "note") {
    return null;
  }
  const words = worst === "error"
    ? gettext("Will not send")
    : fill(gettext("Warnings: %(count)s"), {count: problems.filter(({severity}) => severity === worst).length});
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
    errors.length === 1 ? null : ` ${fill(gettext("(and %(count)s more to mend)"), {count: errors.length - 1})}`);
}
