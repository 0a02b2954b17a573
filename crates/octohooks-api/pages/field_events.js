/**
 * Which happenings a hook sends, each with its message.
 *
 * In: the draft's `events`, progress interval and custom events. Out: changes to them. A message shows only while its
 * event is ticked, and keeps its text when it is unticked.
 */

import {button, fillWith, h, icon, uniqueId} from "./dom.js";
import {textArea, textInput, tickBox} from "./field.js";
import {fold} from "./fold.js";
import {fill, gettext} from "./texts.js";
import {variableButton} from "./variables_help.js";

/** `{element}`; `changed(path)` is called after each change to the draft. */
export function eventsField({draft, catalogue, board, changed}) {
  const cancelled = cancelledAsFailed({draft, board, changed});
  const rows = catalogue.topics.map((topic) => topicRow({topic, draft, catalogue, board, changed, onTick: cancelled.show}));
  const more = fold({
    title: gettext("Any other event of OctoPrint"),
    hint: draft.custom_events.length > 0 ? String(draft.custom_events.length) : "",
    open: draft.custom_events.length > 0,
    test: "custom-events-toggle"
  }, customEvents({draft, catalogue, board, changed: (path) => {
    more.setHint(draft.custom_events.length > 0 ? String(draft.custom_events.length) : "");
    changed(path);
  }}));
  const slot = h("ul", {id: uniqueId("problems")});
  const group = h("fieldset", {class: "wh-group control-group", tabIndex: -1},
    h("legend", null, gettext("When to send")),
    h("p", {class: "wh-help"}, gettext("Tick what you want to hear of. The message goes where @message stands.")),
    slot, rows, cancelled.element, more.element);
  board.register("events", {slot, control: group});
  return {element: group};
}

function topicRow({topic, draft, catalogue, board, changed, onTick}) {
  const subscription = draft.events[topic.key];
  const path = `events.${topic.key}`;
  const title = gettext(topic.title);
  const tick = h("input", {
    type: "checkbox",
    checked: subscription.enabled,
    test: `event-${topic.key}`,
    on: {
      change: () => {
        subscription.enabled = tick.checked;
        details.hidden = !tick.checked;
        onTick();
        changed(path);
      }
    }
  });
  const details = h("div", {class: "wh-event-details"},
    messageInput({
      owner: subscription,
      label: fill(gettext("Message for %(event)s"), {event: title}),
      test: `event-${topic.key}-message`,
      path: `${path}.message`,
      catalogue, board, changed
    }),
    topic.key === "print_progress" ? progressInterval({draft, board, changed}) : null);
  details.hidden = !subscription.enabled;
  return h("div", {class: "wh-event"}, h("label", {class: "checkbox"}, tick, " ", title), details);
}

function messageInput({owner, label, test, path, catalogue, board, changed}) {
  const control = textArea({
    value: owner.message,
    rows: 1,
    most: 6,
    test,
    "aria-label": label,
    placeholder: gettext("no message"),
    spellcheck: "true",
    onInput: (text) => {
      owner.message = text;
      changed(path);
    }
  });
  const slot = h("ul", {id: uniqueId("problems")});
  board.register(path, {slot, control});
  const insert = variableButton({
    variables: catalogue.variables.filter(({name}) => name !== "message" && name !== "snapshot"),
    target: control,
    kind: "text",
    label,
    test: `${test}-variables`,
    small: true
  });
  return h("div", {class: "control-group wh-message"}, h("div", {class: "wh-beside"}, control, insert), slot);
}

function progressInterval({draft, board, changed}) {
  const control = h("input", {
    type: "number",
    class: "input-mini",
    min: 1,
    max: 99,
    id: uniqueId("interval"),
    value: draft.progress_interval_percent,
    test: "hook-progress-interval",
    on: {
      input: () => {
        draft.progress_interval_percent = numberOr(control.value, draft.progress_interval_percent, 1, 99);
        changed("progress_interval_percent");
      },
      change: () => {
        control.value = draft.progress_interval_percent;
      }
    }
  });
  const slot = h("ul", {id: uniqueId("problems")});
  board.register("progress_interval_percent", {slot, control});
  return h("div", {class: "control-group wh-interval"},
    h("label", {for: control.id}, gettext("Every")), " ", control, " ",
    h("span", null, gettext("percent; not at 0 and 100.")), slot);
}

function cancelledAsFailed({draft, board, changed}) {
  const {element} = tickBox({
    label: gettext("A cancelled print counts as failed, too"),
    checked: draft.cancelled_counts_as_failed,
    test: "hook-cancelled-counts-as-failed",
    path: "cancelled_counts_as_failed",
    board,
    onChange: (checked) => {
      draft.cancelled_counts_as_failed = checked;
      changed("cancelled_counts_as_failed");
    }
  });
  const isOn = (key) => draft.events[key]?.enabled === true;
  const show = () => {
    element.hidden = !isOn("print_failed") || isOn("print_cancelled");
  };
  show();
  return {element, show};
}

function customEvents({draft, catalogue, board, changed}) {
  const names = h("datalist", {id: uniqueId("events")}, catalogue.known_events.map((name) => h("option", {value: name})));
  const rows = h("div", {test: "custom-events"});
  const slot = h("ul", {id: uniqueId("problems")});
  const add = button({
    class: "btn-small",
    test: "custom-event-add",
    on: {
      click: () => {
        draft.custom_events.push({event: "", message: ""});
        show();
        changed("custom_events");
        rows.lastElementChild.querySelector("input").focus();
      }
    }
  }, icon("fa-plus"), " ", gettext("Add an event"));

  function show() {
    for (const path of [...board.fields.keys()].filter((name) => /^custom_events\./.test(name))) {
      board.unregister(path);
    }
    fillWith(rows, draft.custom_events.map((entry, index) => row(entry, index)));
    board.render();
  }

  function row(entry, index) {
    const name = textInput({
      value: entry.event,
      list: names.id,
      placeholder: "MovieDone",
      "aria-label": fill(gettext("Event %(number)s: name"), {number: index + 1}),
      test: `custom-event-${index}`,
      onInput: (text) => {
        entry.event = text;
        changed(`custom_events.${index}.event`);
      }
    });
    const nameSlot = h("ul", {id: uniqueId("problems")});
    board.register(`custom_events.${index}.event`, {slot: nameSlot, control: name});
    const remove = button({
      class: "btn-mini",
      label: fill(gettext("Remove event %(number)s"), {number: index + 1}),
      test: `custom-event-${index}-remove`,
      on: {
        click: () => {
          draft.custom_events.splice(index, 1);
          show();
          changed("custom_events");
          add.focus();
        }
      }
    }, icon("fa-trash-can"));
    return h("div", {class: "wh-event wh-custom-event"},
      h("div", {class: "control-group"}, h("div", {class: "wh-beside"}, name, remove), nameSlot),
      messageInput({
        owner: entry,
        label: fill(gettext("Event %(number)s: message"), {number: index + 1}),
        test: `custom-event-${index}-message`,
        path: `custom_events.${index}.message`,
        catalogue, board, changed
      }));
  }

  show();
  const group = h("div", {class: "control-group", tabIndex: -1},
    h("p", {class: "wh-help"}, gettext("Anything that goes over OctoPrint's event bus, other plugins' events included. Upper and lower case are alike.")),
    names, rows, slot, add);
  board.register("custom_events", {slot, control: group});
  return group;
}

/** A whole number within bounds; the old one while there is none. */
export function numberOr(text, old, least, most) {
  const number = Number.parseInt(text, 10);
  return Number.isNaN(number) ? old : Math.min(most, Math.max(least, number));
}
