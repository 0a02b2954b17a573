/** What has to hold for an event to be sent: plain rules, an expression, and what they make of the latest events. */

import {append, button, fillWith, h, help, icon, uniqueId} from "./dom.js";
import {problemSlot, textField, textInput} from "./field.js";
import {fold} from "./fold.js";
import {spanInputs} from "./span_inputs.js";
import {_, fill, relativeTime} from "./texts.js";

const kinds = () => ({
  file: {title: _("File or folder"), blank: {names: [], not: false}, list: "names", hint: "*.gcode, calibration/"},
  user: {title: _("User"), blank: {names: [], not: false}, list: "names", hint: "anna, ben"},
  state: {title: _("Printer's state"), blank: {states: [], not: false}, list: "states", hint: "printing, paused"},
  duration: {
    title: _("Length of the print"), blank: {longer_than_minutes: null, shorter_than_minutes: null},
    numbers: [["longer_than_minutes", _("longer than")], ["shorter_than_minutes", _("shorter than")]], unit: _("minutes")
  },
  time: {title: _("Time of day"), blank: {span: {from: "07:00", until: "22:00", days: []}, not: false}},
  temperature: {
    title: _("Temperature"), blank: {heater: "tool0", above: null, below: null},
    numbers: [["above", _("above")], ["below", _("below")]], unit: "°C"
  }
});

/** What has to hold for all events; folded away where there is no condition. `draftToSend` is what the try-out is about. */
export function conditionField(parts) {
  return conditionFold(parts, {
    path: "condition", test: "condition", condition: parts.draft.condition, title: _("Only if"), none: _("every event"),
    explained: _("What is ticked above is sent only if this holds. What is not sent stands among the deliveries, with the reason."),
    more: () => tryOut(parts)
  });
}

/** What has to hold for one event besides; `owner` is its entry in the draft. */
export function eventConditionField(parts, {owner, path, test, title}) {
  return conditionFold(parts, {
    path: `${path}.condition`, test: `${test}-condition`, condition: owner.condition, title: fill(_("%(event)s: only if"), {event: title}), none: "",
    explained: _("Beside what has to hold for all events.")
  });
}

function conditionFold(parts, {path, test, condition, title, none, explained, more}) {
  const count = () => String(condition.rules.length + (condition.expression.trim() === "" ? 0 : 1) || "");
  const whole = fold({
    title, hint: count() || none, open: count() !== "" || parts.isWrong(path), test: `${test}-toggle`
  }, () => conditionContent({...parts, changed: (place) => {
    whole.setHint(count() || none);
    parts.changed(place);
  }}, {path, test, condition, explained}), more);
  return whole.element;
}

function conditionContent(parts, {path: base, test: prefix, condition, explained}) {
  const {board, changed} = parts;
  const rows = h("div", {test: `${prefix}-rules`});
  const how = h("select", {
    class: "input-medium wh-any",
    "aria-label": _("How many rules have to hold"),
    value: condition.any ? "any" : "all",
    test: `${prefix}-any`,
    on: {
      change: () => {
        condition.any = how.value === "any";
        changed(base);
      }
    }
  }, h("option", {value: "all"}, _("all of these hold")), h("option", {value: "any"}, _("one of these holds")));

  function show() {
    for (const path of [...board.fields.keys()].filter((name) => name.startsWith(`${base}.rules.`))) {
      board.unregister(path);
    }
    how.hidden = condition.rules.length < 2;
    fillWith(rows, condition.rules.map((rule, index) => row(rule, index)));
    board.render();
  }

  function row(rule, index) {
    const kind = kinds()[rule.about];
    const test = `${prefix}-${index}`;
    const told = () => changed(`${base}.rules.${index}`);
    const about = h("select", {
      class: "input-medium",
      "aria-label": fill(_("Rule %(number)s: about"), {number: index + 1}),
      value: rule.about,
      test: `${test}-about`,
      on: {
        change: () => {
          condition.rules[index] = {about: about.value, ...structuredClone(kinds()[about.value].blank)};
          show();
          told();
        }
      }
    }, Object.entries(kinds()).map(([key, {title}]) => h("option", {value: key}, title)));
    const remove = button({
      class: "btn-mini",
      label: fill(_("Remove rule %(number)s"), {number: index + 1}),
      test: `${test}-remove`,
      on: {
        click: () => {
          condition.rules.splice(index, 1);
          show();
          changed(`${base}.rules`);
          add.focus();
        }
      }
    }, icon("fa-trash-can"));
    const group = h("div", {class: "control-group wh-rule"});
    return append(group, h("div", {class: "wh-beside"}, about, turned(rule, test, told),
      h("div", {class: `wh-rule-inputs${rule.about === "time" ? " wh-long" : ""}`}, inputs(rule, kind, test, told)), remove),
      problemSlot(board, `${base}.rules.${index}`, about));
  }

  const add = button({
    class: "btn-small",
    test: `${prefix}-add`,
    on: {
      click: () => {
        condition.rules.push({about: "file", ...structuredClone(kinds().file.blank)});
        show();
        changed(`${base}.rules`);
        rows.lastElementChild.querySelector("select").focus();
      }
    }
  }, icon("fa-plus"), " ", _("Add a rule"));

  const group = h("div", {class: "control-group", tabIndex: -1});
  append(group, help(explained), how, rows, add, problemSlot(board, `${base}.rules`, group));
  const expression = textField({...parts, set: () => (text) => {
    condition.expression = text;
    changed(`${base}.expression`);
  }}, `${base}.expression`, {
    label: _("And this expression holds"),
    placeholder: "progress.completion > 50 and job.user == 'anna'",
    help: _("As in Jinja, over the variables, without @ and {{ }}. Empty is none.")
  });
  show();
  return [group, expression];
}

function turned(rule, test, told) {
  if (rule.not === undefined && !["file", "user", "state", "time"].includes(rule.about)) {
    return null;
  }
  const words = rule.about === "time" ? [_("within"), _("outside of")] : [_("is"), _("is not")];
  const choice = h("select", {
    class: "input-small",
    "aria-label": _("Whether it has to be so or not"),
    value: rule.not ? "not" : "is",
    test: `${test}-not`,
    on: {
      change: () => {
        rule.not = choice.value === "not";
        told();
      }
    }
  }, h("option", {value: "is"}, words[0]), h("option", {value: "not"}, words[1]));
  return choice;
}

function inputs(rule, kind, test, told) {
  if (rule.about === "time") {
    return spanInputs({span: rule.span, test, onChange: told});
  }
  if (kind.list) {
    return textInput({
      value: rule[kind.list].join(", "),
      placeholder: kind.hint,
      "aria-label": kind.title,
      test: `${test}-names`,
      onInput: (text) => {
        rule[kind.list] = text.split(",").map((name) => name.trim()).filter(Boolean);
        told();
      }
    });
  }
  const number = ([key, label]) => {
    const control = h("input", {
      type: "number",
      class: "input-mini",
      id: uniqueId("number"),
      step: "any",
      value: rule[key] ?? "",
      test: `${test}-${key.replace(/_/g, "-")}`,
      on: {
        input: () => {
          const value = Number.parseFloat(control.value);
          rule[key] = Number.isNaN(value) ? null : value;
          told();
        }
      }
    });
    return [h("label", {for: control.id, class: "wh-inline-label"}, label), control, " "];
  };
  const heater = rule.about !== "temperature" ? null : textInput({
    value: rule.heater,
    class: "input-small",
    placeholder: "tool0",
    "aria-label": _("Heater"),
    test: `${test}-heater`,
    onInput: (text) => {
      rule.heater = text;
      told();
    }
  });
  return h("span", {class: "wh-numbers"}, heater, kind.numbers.map(number), kind.unit);
}

/** The latest events and examples, each with what would become of it. */
function tryOut({api, board, draftToSend}) {
  const result = h("div", {test: "condition-result", role: "status"});
  const line = (tried) => h("li", {class: tried.sent ? "wh-tried wh-tried-sent" : "wh-tried"},
    icon(tried.sent ? "fa-check" : "fa-ban"), " ", h("strong", null, tried.topic === "Custom Event" ? tried.event : _(tried.topic)), " ",
    h("span", {class: "wh-soft"}, tried.is_sample ? _("example") : relativeTime(tried.at)), " ",
    tried.sent ? _("would be sent") : tried.why_not);
  const ask = button({
    class: "btn-small",
    test: "condition-try",
    on: {
      click: async () => {
        ask.disabled = true;
        try {
          const {events} = await api.tryConditions(draftToSend());
          fillWith(result, events.length === 0 ? help(_("There is no event to try it on. Tick one.")) : h("ul", {class: "wh-tried-list"}, events.map(line)));
        } catch (error) {
          board.touchAll();
          fillWith(result, h("div", {class: "alert alert-error"}, error.message));
        } finally {
          ask.disabled = false;
        }
      }
    }
  }, icon("fa-list-check"), " ", _("Try it on the latest events"));
  return h("div", {class: "wh-condition-try"}, ask, result);
}
