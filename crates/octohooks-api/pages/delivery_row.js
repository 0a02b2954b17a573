/** One delivery in the list. Whoever manages hooks can open it: each attempt, where its time went, what came back. */

import {timeLine} from "./attempts.js";
import {hasEnded, isWaiting} from "./deliveries_list.js";
import {stateMark} from "./delivery_line.js";
import {button, fillWith, h, icon, uniqueId} from "./dom.js";
import {question} from "./question.js";
import {_, clockTime, fill, fullTime, nameOf} from "./texts.js";

/** `{element, show, unpick}`; `pick(isPicked, delivery)` is told of a tick. */
export function deliveryRow(first, {api, canManage, edit, say, guarded, isPicked, pick}) {
  let delivery = first;
  let asked = 0;
  const details = h("div", {id: uniqueId("delivery"), class: "wh-delivery-details", hidden: true, test: "delivery-details"});
  const head = h(canManage ? "button" : "div", {
    class: "wh-delivery-head",
    ...(canManage ? {"aria-expanded": "false", "aria-controls": details.id, test: "delivery-open", on: {click: toggle}} : {})
  });
  const tick = canManage ? h("input", {
    type: "checkbox", class: "wh-pick", checked: isPicked, test: "delivery-pick", on: {change: () => pick(tick.checked, delivery)}
  }) : null;
  const element = h("li", {class: "wh-delivery", test: "delivery-row", "data-delivery-id": first.id}, tick, head, details);

  function show(changed) {
    delivery = changed;
    element.setAttribute("data-state", delivery.state);
    tick?.setAttribute("aria-label", fill(_("Choose %(event)s of %(time)s"), {
      event: _(delivery.topic || delivery.event), time: fullTime(delivery.at)
    }));
    fillWith(head, stateMark(delivery.state),
      h("span", {class: "wh-delivery-what"}, h("strong", null, _(delivery.topic || delivery.event)),
        " · ", nameOf({name: delivery.hook_name})),
      h("time", {class: "wh-soft", title: fullTime(delivery.at), datetime: new Date(delivery.at).toISOString()}, clockTime(delivery.at)),
      h("span", {class: "wh-delivery-message"}, delivery.message));
    if (!details.hidden) {
      load();
    }
  }

  function toggle() {
    details.hidden = !details.hidden;
    head.setAttribute("aria-expanded", String(!details.hidden));
    if (!details.hidden) {
      fillWith(details, h("p", {class: "wh-soft", role: "status"}, icon("fa-spinner", "fa-spin"), " ", _("Loading…")));
      load();
    }
  }

  async function load() {
    asked += 1;
    const mine = asked;
    try {
      const {attempts, cannot_resend: cannotResend} = await api.delivery(delivery.id);
      if (mine === asked) {
        // What is open, and the question that may stand there, stay while more attempts come.
        const open = new Set([...details.querySelectorAll(".wh-fold.wh-open > button")].map((toggle) => toggle.dataset.testId));
        const asking = details.querySelector(".wh-question");
        const hadFocus = details.contains(document.activeElement);
        fillWith(details, timeLine(delivery, attempts, open), foot(asking, cannotResend));
        if (hadFocus && !details.contains(document.activeElement)) {
          head.focus({preventScroll: true});
        }
      }
    } catch (error) {
      if (mine === asked) {
        fillWith(details, h("p", {class: "wh-bad", role: "alert"}, icon("fa-circle-xmark"), " ", error.message));
      }
    }
  }

  function foot(asking, cannotResend) {
    const editHook = button({class: "btn-small", test: "delivery-edit", on: {click: () => guarded(() => edit(delivery.hook_id))}},
      icon("fa-pencil"), " ", _("Edit the webhook"));
    if (hasEnded(delivery)) {
      return h("div", {class: "wh-answers"},
        button({class: "btn-small", test: "delivery-resend", disabled: Boolean(cannotResend), on: {click: () => guarded(resend)}},
          icon("fa-rotate-right"), " ", _("Send it again")),
        editHook, h("span", {class: "wh-soft"}, cannotResend));
    }
    if (!isWaiting(delivery)) {
      return null;
    }
    return asking ?? h("div", {class: "wh-answers"},
      button({class: "btn-small", test: "delivery-drop", on: {click: ask}}, icon("fa-trash-can"), " ", _("Drop it")), editHook);
  }

  function ask(event) {
    event.currentTarget.parentElement.replaceWith(question({
      text: _("Drop this delivery? It will never be sent."),
      answers: [
        {label: _("Drop it"), primary: true, test: "delivery-drop-yes", run: () => guarded(drop)},
        {label: _("Keep it"), test: "delivery-drop-no", run: keep}
      ]
    }));
  }

  async function resend() {
    await api.resend(delivery.id);
    say(_("It is sent again, under its own id."));
  }

  async function drop() {
    keep();
    await api.drop(delivery.id);
    say(_("It will be dropped, unless it is being sent just now."));
  }

  function keep() {
    details.querySelector(".wh-question").replaceWith(foot(null) ?? "");
    head.focus();
  }

  show(first);
  return {
    element,
    show,
    unpick() {
      if (tick !== null) {
        tick.checked = false;
      }
    }
  };
}
