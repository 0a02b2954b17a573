/**
 * A new webhook for a service: which one, what it asks for in its own words, and on to the editor with a draft that is filled
 * in. A view: `{element, heading, load, close}`. What was typed goes to the engine and back, and is kept nowhere.
 */

import {button, fillWith, h, help, icon, uniqueId} from "./dom.js";
import {failureBox, flashBar} from "./flash.js";
import {matching} from "./services_found.js";
import {_, fill} from "./texts.js";

const GROUPS = [
  ["chat", "fa-comments", _("Chats")],
  ["push", "fa-bell", _("Push messages")],
  ["home", "fa-house-signal", _("Smart home")],
  ["automation", "fa-gears", _("Automation")],
  ["sms", "fa-comment-sms", _("Text messages")],
  ["switch", "fa-plug", _("Plugs and lights")],
  ["own", "fa-code", _("A receiver of your own")]
];

export function services(context) {
  let found = [];
  const heading = h("h3", {class: "wh-heading", tabIndex: -1, test: "services-heading"}, _("New webhook"));
  const {element: flash, guarded} = flashBar(context.announce);
  const stage = h("div");
  const element = h("div", {class: "wh-services", test: "services"},
    button({class: "btn-link wh-back", test: "services-back", on: {click: () => context.openList()}},
      icon("fa-arrow-left"), " ", _("All webhooks")),
    heading, flash, stage);

  async function load() {
    try {
      ({services: found} = await context.api.services());
      choose();
    } catch (error) {
      fillWith(stage, failureBox(error, "services", load));
    }
  }

  // Which one:

  function choose() {
    heading.textContent = _("New webhook");
    const cards = h("div", {test: "services-cards"});
    const search = h("input", {
      type: "search",
      id: uniqueId("search"),
      class: "input-block-level",
      placeholder: _("Discord, SMS, switch …"),
      autocomplete: "off",
      test: "services-search",
      on: {input: () => show(search.value)}
    });
    const show = (text) => {
      const fitting = matching(found, text, _);
      const groups = GROUPS.map(([group, symbol, name]) => {
        const own = fitting.filter((service) => service.group === group);
        return own.length === 0 ? null : h("section", null,
          h("h4", null, icon(symbol, "fa-fw"), " ", name),
          h("div", {class: "wh-gallery"}, own.map((service) => card(service))));
      });
      const isEmpty = fitting.length === 0;
      fillWith(cards, groups, isEmpty ? h("p", {class: "wh-soft", test: "services-none"},
        _("There is none like that. Whatever takes an HTTP request can be reached: choose “Simple” and put its address in.")) : null);
      context.announce(fill(_("%(count)s to choose from"), {count: fitting.length}));
    };
    fillWith(stage, h("div", {class: "wh-field"}, h("label", {for: search.id}, _("Where should messages go?")), search), cards);
    show("");
    search.focus();
  }

  function card(service) {
    return h("button", {class: "wh-card", test: `service-${service.key}`, on: {click: () => ask(service)}},
      h("strong", null, _(service.name)), h("span", null, _(service.description)));
  }

  // What it asks for:

  function ask(service) {
    if (service.asks.length === 0) {
      guarded(() => finish(service, {}, service.picture !== null && service.picture !== undefined));
      return;
    }
    heading.textContent = _(service.name);
    const fields = new Map(service.asks.map((asked) => [asked.key, question(asked, () => guarded(() => takeApart(service, fields)))]));
    const picture = h("input", {type: "checkbox", checked: true, id: uniqueId("picture"), test: "service-picture"});
    const next = button({class: "btn-primary", test: "service-next", type: "submit"}, _("Continue"));
    const form = h("form", {class: "wh-service", novalidate: true, test: "service-form", on: {submit: (event) => {
      event.preventDefault();
      guarded(() => finish(service, answersOf(fields), picture.checked, fields));
    }}},
      h("p", null, _(service.description)),
      service.help_url ? h("p", null, h("a", {href: service.help_url, target: "_blank", rel: "noopener noreferrer"},
        icon("fa-arrow-up-right-from-square"), " ", fill(_("How %(name)s explains it"), {name: service.name}))) : null,
      [...fields.values()].map((one) => one.element),
      service.picture ? h("div", {class: "wh-field"},
        h("label", {class: "checkbox", for: picture.id}, picture, " ", _("With the camera's picture")), help(_(service.picture.how))) : null,
      service.limits ? help(_(service.limits)) : null,
      h("div", {class: "wh-answers"}, next,
        button({test: "service-other", on: {click: choose}}, _("Another service"))));
    fillWith(stage, form);
    [...fields.values()][0].control.focus();
  }

  /** Of a text that was pasted whole, each part goes to its question. */
  async function takeApart(service, fields) {
    const {answers} = await context.api.serviceDraft(service.key, {answers: answersOf(fields)});
    for (const [key, one] of fields) {
      one.control.value = answers[key] ?? one.control.value;
    }
  }

  async function finish(service, answers, picture, fields = new Map()) {
    const {remarks, hook} = await context.api.serviceDraft(service.key, {answers, picture});
    fields.forEach((one) => one.say(""));
    if (hook === null) {
      remarks.forEach(({ask: key, message}) => fields.get(key)?.say(message));
      fields.get(remarks[0]?.ask)?.control.focus();
      return;
    }
    await context.edit(null, {id: null, etag: null, base: {}, draft: hook, note: {
      kind: "info",
      text: service.asks.length > 0 ? _("Filled in. Test it before you save it.") : _(service.description)
    }});
  }

  return {element, heading, load, close: () => {}};
}

/** One question: `{element, control, say(problem)}`. */
function question(asked, onPaste) {
  const id = uniqueId("ask");
  const problem = h("p", {class: "wh-bad", id: `${id}-problem`, role: "alert", test: `ask-${asked.key}-problem`});
  const note = h("p", {class: "wh-help", id: `${id}-help`}, _(asked.help ?? ""));
  problem.hidden = true;
  note.hidden = !asked.help;
  const shared = {id, "aria-describedby": `${id}-problem ${id}-help`, "aria-required": String(!asked.optional), test: `ask-${asked.key}`};
  const control = asked.kind === "choice"
    ? h("select", {...shared, value: asked.default}, asked.choices.map(({value, label}) => h("option", {value}, _(label))))
    : h("input", {
      ...shared,
      type: asked.kind === "secret" ? "password" : "text",
      inputmode: asked.kind === "number" ? "numeric" : null,
      class: "input-block-level",
      value: asked.default ?? "",
      placeholder: asked.example,
      autocomplete: asked.kind === "secret" ? "new-password" : "off",
      spellcheck: "false",
      on: {input: () => say(""), paste: () => setTimeout(onPaste)}
    });
  function say(message) {
    problem.textContent = message;
    problem.hidden = message === "";
    control.setAttribute("aria-invalid", String(message !== ""));
  }
  const label = h("label", {for: id}, _(asked.label), asked.optional ? h("span", {class: "wh-soft"}, " ", _("(may stay empty)")) : null);
  return {
    element: h("div", {class: "control-group wh-field"}, label, control, problem, note),
    control,
    say
  };
}

function answersOf(fields) {
  return Object.fromEntries([...fields].map(([key, {control}]) => [key, control.value]));
}
