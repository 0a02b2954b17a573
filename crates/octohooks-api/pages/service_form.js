/**
 * What one service asks for, and from there to a webhook that works: each answer is looked at while it is typed, a test goes out
 * from here, and what was delivered is saved. Nothing typed here is kept anywhere before that.
 */

import {button, fillWith, h, help, icon, uniqueId} from "./dom.js";
import {serviceQuestion} from "./service_question.js";
import {runTest, showResult} from "./test_panel.js";
import {_, fill} from "./texts.js";

const CHECK_AFTER_MS = 350;

/** What may be of the messages of one print, beside that each is a new one. */
const FOLLOW_UPS = [
  ["change", "One message that changes; the end and what needs you are new ones"], ["thread", "One thread"]
];

/** There is no form here that a problem could lead to. */
const NO_BOARD = {isOnForm: () => false};

/**
 * `{element, focus, close, hasDraft, saveDraft}` for a service; `answers` are known already, `guarded` runs what may fail and says
 * so, `other` leads back to the services.
 */
export function serviceForm(context, {service, answers = {}, topics, guarded, other}) {
  const leaving = new AbortController();
  let timer;
  let number = 0;
  let isTouched = false;
  /** Whether questions without an answer are to be blamed. */
  let isStrict = false;

  const questions = new Map(service.asks.map((asked) => [asked.key, serviceQuestion(asked, {
    value: answers[asked.key], changed, pasted: () => guarded(() => check({takeApart: true}))
  })]));
  const name = h("input", {
    type: "text", id: uniqueId("name"), class: "input-block-level", value: service.name, autocomplete: "off", test: "service-name",
    on: {input: () => { isTouched = true; }}
  });
  const picture = h("input", {type: "checkbox", checked: true, id: uniqueId("picture"), test: "service-picture", on: {change: changed}});
  const followUp = h("select", {id: uniqueId("follow-up"), test: "service-follow-up", on: {change: () => {
    if (followUp.value === "change") {
      // Progress is what a message that changes is for.
      ticks.get("print_progress").checked = true;
    }
    changed();
  }}}, h("option", {value: "off"}, _("Every message is a new one")),
  FOLLOW_UPS.filter(([mode]) => service.follow_up?.includes(mode)).map(([mode, words]) => h("option", {value: mode}, _(words))));
  const ticks = new Map(topics.map((topic) => [topic.key, h("input", {
    type: "checkbox", checked: service.events.includes(topic.key), test: `service-event-${topic.key}`, on: {change: changed}
  })]));
  const noEvents = h("p", {class: "wh-warn wh-said", role: "status", test: "service-no-events"},
    _("Nothing is ticked, so nothing will be sent yet."));
  const result = h("div", {class: "wh-try-result", test: "service-result"});
  const progress = h("div", {class: "wh-spoken", role: "status"});
  const test = button({class: "btn-primary", test: "service-test", type: "submit"}, icon("fa-paper-plane"), " ", _("Send a test"));
  const save = button({test: "service-save", on: {click: () => guarded(saveAndLeave)}}, icon("fa-check"), " ", _("Save"));
  const edit = button({class: "btn-link", test: "service-editor", on: {click: () => guarded(openEditor)}}, _("All settings …"));

  const element = h("form", {class: "wh-service", novalidate: true, test: "service-form", on: {submit: (event) => {
    event.preventDefault();
    guarded(sendTest);
  }}},
    h("p", null, _(service.description), " ",
      service.help_url ? h("a", {href: service.help_url, target: "_blank", rel: "noopener noreferrer"},
        fill(_("How %(name)s explains it"), {name: service.name}), " ", icon("fa-arrow-up-right-from-square", "wh-small")) : null),
    [...questions.values()].map((one) => one.element),
    h("fieldset", {class: "wh-field wh-chips-field"},
      h("legend", null, _("When to tell")),
      h("div", {class: "wh-chips"}, topics.map((topic) => h("label", {class: "wh-chip"}, ticks.get(topic.key), h("span", null, _(topic.title))))),
      noEvents),
    service.picture ? h("div", {class: "wh-field"},
      h("label", {class: "checkbox", for: picture.id}, picture, " ", _("With the camera's picture")),
      help(_(service.picture.how), " ", _("Where there is none, or the service refuses it, the text goes alone."))) : null,
    service.follow_up ? h("div", {class: "wh-field"}, h("label", {for: followUp.id}, _("The messages of one print")), followUp) : null,
    h("div", {class: "wh-field"}, h("label", {for: name.id}, _("Name in your list")), name),
    service.limits ? help(icon("fa-circle-info"), " ", _(service.limits)) : null,
    h("div", {class: "wh-answers wh-service-answers"}, test, save, edit,
      button({class: "btn-link", test: "service-other", on: {click: other}}, _("Another service"))),
    progress, result);
  noEvents.hidden = true;

  const answersNow = () => Object.fromEntries([...questions].map(([key, {control}]) => [key, control.value]));
  const eventsNow = () => topics.filter(({key}) => ticks.get(key).checked).map(({key}) => key);

  function changed() {
    isTouched = true;
    noEvents.hidden = eventsNow().length > 0;
    // What was tested is not what stands here any more.
    test.classList.add("btn-primary");
    save.classList.remove("btn-primary");
    clearTimeout(timer);
    // While somebody types, nothing is said about the connection: a test or saving will.
    timer = setTimeout(() => check().catch(() => {}), CHECK_AFTER_MS);
  }

  /** Has the engine look at the answers; a draft of a hook, or null where they do not make one yet. */
  async function check({takeApart = false} = {}) {
    clearTimeout(timer);
    number += 1;
    const mine = number;
    const sent = answersNow();
    const wish = {answers: sent, picture: service.picture ? picture.checked : false, follow_up: followUp.value, events: eventsNow()};
    const {answers: found, remarks, hook} = await context.api.serviceDraft(service.key, wish);
    if (mine !== number || leaving.signal.aborted) {
      return null;
    }
    for (const [key, one] of questions) {
      if (takeApart && found[key] !== undefined && one.control.value === sent[key]) {
        one.control.value = found[key];
      }
      const remark = remarks.find(({ask}) => ask === key);
      one.say(remark && (isStrict || !remark.missing) ? remark.message : "");
      one.fits(!remark && one.control.value !== "");
    }
    return hook === null ? null : {...hook, name: name.value.trim() || service.name};
  }

  /** The draft; where an answer is wrong, the way to it, and null. */
  async function draft() {
    isStrict = true;
    const hook = await check({takeApart: true});
    if (hook === null) {
      const wrong = [...questions.values()].find(({control}) => control.getAttribute("aria-invalid") === "true");
      wrong?.control.focus();
    }
    return hook;
  }

  async function sendTest() {
    const hook = await draft();
    if (hook === null) {
      return;
    }
    const began = document.activeElement;
    test.disabled = true;
    progress.replaceChildren(_("Sending…"));
    fillWith(result, h("p", {class: "wh-soft"}, icon("fa-spinner", "fa-spin"), " ", _("Sending…")));
    try {
      const events = eventsNow();
      const outcome = await runTest({
        api: context.api,
        subscribe: (callback) => context.host.subscribe(callback),
        draft: hook,
        event: {event: events.includes("print_done") ? "print_done" : events[0] ?? "print_done"},
        signal: leaving.signal
      });
      showResult(result, outcome, NO_BOARD);
      if (outcome.ok) {
        result.prepend(h("p", {class: "wh-next", test: "service-works"},
          _("It works. Look whether it has arrived as you want it, then save.")));
        test.classList.remove("btn-primary");
        save.classList.add("btn-primary");
      }
      progress.replaceChildren([outcome.headline, outcome.advice].filter(Boolean).join(" "));
      result.scrollIntoView({block: "nearest"});
    } catch (error) {
      fillWith(result);
      progress.replaceChildren();
      if (!leaving.signal.aborted) {
        throw error;
      }
    } finally {
      test.disabled = false;
      // On to saving; but whoever went elsewhere meanwhile stays there.
      if ([document.body, began].includes(document.activeElement) && !leaving.signal.aborted) {
        (save.classList.contains("btn-primary") ? save : test).focus({preventScroll: true});
      }
    }
  }

  /** The saved hook, or null. */
  async function saveNow() {
    const hook = await draft();
    if (hook === null) {
      return null;
    }
    const view = await context.api.create(hook);
    isTouched = false;
    return view;
  }

  async function saveAndLeave() {
    save.disabled = true;
    try {
      const view = await saveNow();
      if (view !== null) {
        context.openList({message: fill(_("Saved “%(name)s”."), {name: view.hook.name}), focusHook: view.hook.id});
      }
    } finally {
      save.disabled = false;
    }
  }

  async function openEditor() {
    const hook = await draft();
    if (hook !== null) {
      await context.edit(null, {id: null, etag: null, base: {}, draft: hook, note: {
        kind: "info", text: _("Filled in. Test it before you save it.")
      }});
    }
  }

  if (Object.keys(answers).length > 0) {
    isTouched = true;
    guarded(() => check({takeApart: true}));
  }
  return {
    element,
    focus() {
      const empty = [...questions.values()].find(({control}) => control.value === "");
      (empty?.control ?? test).focus();
    },
    hasDraft: () => isTouched,
    /** OctoPrint's own Save; what is not whole yet stays, and the page says what is missing. */
    async saveDraft() {
      return !isTouched || (await guarded(async () => (await saveNow()) !== null)) === true;
    },
    close() {
      clearTimeout(timer);
      leaving.abort();
    }
  };
}
