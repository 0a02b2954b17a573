/** Which events a hook sends. A message shows while its event is ticked, and keeps its text when it is not. */

import {append, button, fillWith, h, help, icon, uniqueId} from "./dom.js";
import {conditionOf} from "./draft.js";
import {problemSlot, textArea, textInput, tickBox} from "./field.js";
import {eventConditionField} from "./field_condition.js";
import {topicDetails} from "./field_milestones.js";
import {showPlace, templated} from "./field_template.js";
import {fold} from "./fold.js";
import {_, fill} from "./texts.js";
import {variableButton} from "./variables_help.js";

/** The element; `changed(path)` is called after each change to the draft. */
export function eventsField(parts) {
  const {draft, catalogue, board, changed} = parts;
  const cancelled = cancelledAsFailed(parts);
  const rows = catalogue.topics.map((topic) => topicRow(parts, topic, cancelled.show));
  const count = () => String(draft.custom_events.length || "");
  const more = fold({
    title: _("Any other event of OctoPrint"),
    hint: count(),
    open: draft.custom_events.length > 0,
    test: "custom-events-toggle"
  }, customEvents({...parts, changed: (path) => {
    more.setHint(count());
    changed(path);
  }}));
  const group = h("fieldset", {class: "wh-group control-group", tabIndex: -1});
  return append(group,
    h("legend", null, _("When to send")),
    help(_("Tick what you want to hear of. The message goes where @message stands.")),
    problemSlot(board, "events", group), rows, cancelled.element, more.element);
}

function topicRow(parts, topic, onTick) {
  const {draft, changed} = parts;
  const subscription = draft.events[topic.key];
  const path = `events.${topic.key}`;
  const title = _(topic.title);
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
    messageInput(parts, {
      owner: subscription,
      label: fill(_("Message for %(event)s"), {event: title}),
      test: `event-${topic.key}-message`,
      path: `${path}.message`
    }),
    topicDetails(parts, topic.key),
    eventConditionField(parts, {owner: subscription, path, test: `event-${topic.key}`, title}));
  details.hidden = !subscription.enabled;
  return h("div", {class: "wh-event"}, h("label", {class: "checkbox"}, tick, " ", title), details);
}

function messageInput(parts, {owner, label, test, path}) {
  const {catalogue, board, changed} = parts;
  const variables = catalogue.variables.filter(({name}) => name !== "message" && name !== "snapshot");
  const control = textArea({
    value: owner.message,
    rows: 1,
    most: 6,
    test,
    "aria-label": label,
    placeholder: _("no message"),
    spellcheck: "true",
    onInput: (text) => {
      owner.message = text;
      changed(path);
    }
  });
  const insert = variableButton({
    variables,
    target: control,
    kind: "text",
    label,
    test: `${test}-variables`,
    small: true
  });
  return h("div", {class: "control-group wh-message"}, h("div", {class: "wh-beside"}, templated(parts, control, {kind: "text", variables}), insert),
    problemSlot(board, path, control, (line, column) => showPlace(control, line, column)));
}

function cancelledAsFailed(parts) {
  const {element} = tickBox(parts, "cancelled_counts_as_failed", {label: _("A cancelled print counts as failed, too")});
  const isOn = (key) => parts.draft.events[key]?.enabled === true;
  const show = () => {
    element.hidden = !isOn("print_failed") || isOn("print_cancelled");
  };
  show();
  return {element, show};
}

function customEvents(parts) {
  const {draft, catalogue, board, changed} = parts;
  const names = h("datalist", {id: uniqueId("events")}, catalogue.known_events.map((name) => h("option", {value: name})));
  const rows = h("div", {test: "custom-events"});
  const add = button({
    class: "btn-small",
    test: "custom-event-add",
    on: {
      click: () => {
        draft.custom_events.push({event: "", message: "", condition: conditionOf()});
        show();
        changed("custom_events");
        rows.lastElementChild.querySelector("input").focus();
      }
    }
  }, icon("fa-plus"), " ", _("Add an event"));

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
      "aria-label": fill(_("Event %(number)s: name"), {number: index + 1}),
      test: `custom-event-${index}`,
      onInput: (text) => {
        entry.event = text;
        changed(`custom_events.${index}.event`);
      }
    });
    const remove = button({
      class: "btn-mini",
      label: fill(_("Remove event %(number)s"), {number: index + 1}),
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
      h("div", {class: "control-group"}, h("div", {class: "wh-beside"}, name, remove), problemSlot(board, `custom_events.${index}.event`, name)),
      messageInput(parts, {
        owner: entry,
        label: fill(_("Event %(number)s: message"), {number: index + 1}),
        test: `custom-event-${index}-message`,
        path: `custom_events.${index}.message`
      }),
      eventConditionField(parts, {
        owner: entry,
        path: `custom_events.${index}`,
        test: `custom-event-${index}`,
        title: fill(_("Event %(number)s"), {number: index + 1})
      }));
  }

  show();
  const group = h("div", {class: "control-group", tabIndex: -1});
  return append(group,
    help(_("Anything that goes over OctoPrint's event bus, other plugins' events included. Upper and lower case are alike.")),
    names, rows, problemSlot(board, "custom_events", group), add);
}
