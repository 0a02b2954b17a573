/**
 * A new webhook: which service it is for, by name, by what it does, or by an address that is pasted; then what that service asks
 * for. A view: `{element, heading, load, close, hasDraft, saveDraft}`.
 */

import {button, fillWith, h, help, icon, uniqueId} from "./dom.js";
import {failureBox, flashBar} from "./flash.js";
import {serviceForm} from "./service_form.js";
import {symbol} from "./service_symbols.js";
import {looksLikeAddress, matching} from "./services_found.js";
import {_, fill} from "./texts.js";

const LOOK_AFTER_MS = 200;

const GROUPS = () => [
  ["chat", _("Chats")],
  ["push", _("Push messages")],
  ["home", _("Smart home")],
  ["automation", _("Automation")],
  ["sms", _("Text messages")],
  ["switch", _("Plugs and lights")],
  ["own", _("A receiver of your own")]
];

/** `options` is `{key?}`: the service to begin with. */
export function services(context, options = {}) {
  let found = [];
  let topics = [];
  let form = null;
  let timer;
  let asked = 0;

  const heading = h("h3", {class: "wh-heading", tabIndex: -1, test: "services-heading"}, _("New webhook"));
  const {element: flash, guarded} = flashBar(context.announce);
  const stage = h("div", null, h("p", {class: "wh-soft"}, icon("fa-spinner", "fa-spin"), " ", _("Loading…")));
  const back = button({class: "btn-link wh-back", test: "services-back", on: {click: goBack}}, icon("fa-arrow-left"), " ", h("span", null));
  const element = h("div", {class: "wh-services", test: "services"}, back, heading, flash, stage);

  async function load() {
    try {
      const [{services: listed}, catalogue] = await Promise.all([context.api.services(), context.loadCatalogue()]);
      const groups = new Map(GROUPS());
      found = listed.map((service) => ({...service, groupName: groups.get(service.group) ?? ""}));
      topics = catalogue.topics;
    } catch (error) {
      fillWith(stage, failureBox(error, "services", load));
      return;
    }
    const first = found.find(({key}) => key === options.key);
    if (first) {
      ask(first);
    } else {
      choose();
    }
  }

  function goBack() {
    if (form === null) {
      context.openList();
    } else {
      choose();
    }
  }

  function show(title, backTo, ...content) {
    heading.replaceChildren(...title);
    back.lastChild.replaceChildren(backTo);
    fillWith(stage, content);
  }

  // Which one:

  function choose() {
    form?.close();
    form = null;
    const pasted = h("div", {test: "services-pasted", role: "status"});
    const cards = h("div", {test: "services-cards"});
    const search = h("input", {
      type: "search",
      id: uniqueId("search"),
      class: "input-block-level",
      placeholder: _("Discord, text message, switch, https://…"),
      autocomplete: "off",
      autocapitalize: "off",
      spellcheck: "false",
      test: "services-search",
      "aria-describedby": "wh-services-help",
      on: {
        input: () => look(search.value, {pasted, cards}),
        paste: () => setTimeout(() => look(search.value, {pasted, cards, isPasted: true})),
        keydown: (event) => {
          if (event.key === "Enter") {
            event.preventDefault();
            stage.querySelector(".wh-card")?.click();
          }
        }
      }
    });
    show([_("New webhook")], _("All webhooks"),
      h("div", {class: "wh-field wh-search"}, h("label", {for: search.id}, _("Where should messages go?")), search,
        h("p", {class: "wh-help", id: "wh-services-help"},
          _("Search by name or by what it does. Or paste the address that the service gave you: it is recognised."))),
      h("div", {on: {keydown: walk}}, pasted, cards));
    showCards(cards, "");
    // On a phone the keyboard would cover what there is to choose from.
    if (window.matchMedia("(hover: hover)").matches) {
      search.focus();
    } else {
      heading.focus();
    }
  }

  function look(text, {pasted, cards, isPasted = false}) {
    clearTimeout(timer);
    asked += 1;
    if (!looksLikeAddress(text)) {
      fillWith(pasted);
      context.announce(fill(_("%(count)s to choose from"), {count: showCards(cards, text)}));
      return;
    }
    fillWith(cards);
    const mine = asked;
    timer = setTimeout(() => guarded(async () => {
      const {service: key, answers} = await context.api.recognise(text.trim());
      if (mine !== asked) {
        return;
      }
      const service = found.find((one) => one.key === key);
      if (service && isPasted) {
        ask(service, answers);
        return;
      }
      fillWith(pasted, service ? recognised(service, answers) : unknown(text.trim()));
    }), isPasted ? 0 : LOOK_AFTER_MS);
  }

  function recognised(service, answers) {
    return [h("p", null, icon("fa-circle-check", "wh-good"), " ", fill(_("This is an address of %(name)s."), {name: service.name})),
      h("div", {class: "wh-gallery"}, card(service, () => ask(service, answers)))];
  }

  function unknown(text) {
    const simple = found.find(({key}) => key === "simple");
    return /^https?:/i.test(text) && simple
      ? [h("p", null, _("This address is of no service that is known here. It can be a receiver of your own:")),
        h("div", {class: "wh-gallery"}, card(simple, () => begin(simple, text)))]
      : h("p", {class: "wh-soft"}, _("This address is of no service that is known here."));
  }

  /** Says how many there are. */
  function showCards(cards, text) {
    const fitting = matching(found, text, _);
    fillWith(cards,
      GROUPS().map(([group, name]) => {
        const own = fitting.filter((service) => service.group === group);
        return own.length === 0 ? null : h("section", null, h("h4", {class: "wh-group-name"}, name),
          h("div", {class: "wh-gallery"}, own.map((service) => card(service, () => ask(service)))));
      }),
      fitting.length > 0 ? null : h("p", {class: "wh-soft", test: "services-none"},
        _("There is none like that. Whatever takes an HTTP request can be reached: choose “Simple” and put its address in.")));
    return fitting.length;
  }

  function card(service, choice) {
    return h("button", {class: "wh-card wh-service-card", test: `service-${service.key}`, on: {click: choice}}, symbol(service.key),
      h("strong", null, _(service.name)), h("span", null, firstSentence(_(service.description))));
  }

  /** Arrow keys lead from card to card, beside the Tab key. */
  function walk(event) {
    const step = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
    const all = [...stage.querySelectorAll(".wh-card")];
    const next = all[all.indexOf(document.activeElement) + (step ?? 0)];
    if (step !== undefined && next) {
      event.preventDefault();
      next.focus();
    }
  }

  // What it asks for:

  function ask(service, answers = {}) {
    clearTimeout(timer);
    if (service.asks.length === 0) {
      begin(service);
      return;
    }
    form?.close();
    form = serviceForm(context, {service, answers, topics, guarded, other: choose});
    show([symbol(service.key), " ", _(service.name)], _("All services"), form.element);
    form.focus();
  }

  /** A service without questions goes straight to the editor, where its address is filled in. */
  function begin(service, url = "") {
    guarded(async () => {
      const {hook} = await context.api.serviceDraft(service.key, {answers: {}, picture: Boolean(service.picture)});
      await context.edit(null, {id: null, etag: null, base: {}, draft: url === "" ? hook : {...hook, url}, note: {
        kind: "info", text: _(service.description)
      }});
    });
  }

  return {
    element,
    heading,
    load,
    hasDraft: () => form?.hasDraft() ?? false,
    async saveDraft() {
      if (!form?.hasDraft()) {
        return true;
      }
      const isSaved = await form.saveDraft();
      if (isSaved) {
        context.openList({keepFocus: true});
      }
      return isSaved;
    },
    close() {
      clearTimeout(timer);
      asked += 1;
      form?.close();
    }
  };
}

function firstSentence(text) {
  return /^.*?[.!?:](?=\s|$)/su.exec(text)?.[0].replace(/:$/, ".") ?? text;
}
