/** "Try it": sends a test of an event, or shows the request without sending it. */

import {button, fillWith, h, help, icon, uniqueId} from "./dom.js";
import {problemList, runTest, showResult} from "./test_panel.js";
import {shownRequest} from "./shown_request.js";
import {_} from "./texts.js";

/** `{element, refresh, close}`; `refresh` looks again which custom events there are. */
export function tryPanel({context, draftToSend, draft, catalogue, board}) {
  const leaving = new AbortController();
  const eventSelect = h("select", {id: uniqueId("event"), test: "try-event"});
  const progress = h("div", {class: "wh-spoken", role: "status"});
  const result = h("div", {class: "wh-try-result", test: "try-result"});
  let running = 0;

  const send = button({class: "wh-try-send", test: "try-send", on: {click: () => attempt(sendTest)}},
    icon("fa-paper-plane"), " ", _("Send test"));
  const preview = button({test: "try-preview", on: {click: () => attempt(showPreview)}},
    icon("fa-eye"), " ", _("Show the request"));

  function refresh() {
    const chosen = eventSelect.value;
    const custom = draft().custom_events.map((entry) => entry.event.trim()).filter(Boolean);
    const topics = catalogue.topics.map((topic) => h("option", {value: topic.key}, _(topic.title)));
    fillWith(eventSelect, topics, custom.length === 0 ? null : h("optgroup", {label: _("Other events of this hook")},
      [...new Set(custom)].map((name) => h("option", {value: name}, name))));
    eventSelect.value = chosen || firstEvent();
    if (eventSelect.value === "") {
      eventSelect.value = firstEvent();
    }
  }

  function firstEvent() {
    const enabled = catalogue.topics.filter((topic) => draft().events[topic.key]?.enabled).map((topic) => topic.key);
    return enabled.includes("print_done") ? "print_done" : enabled[0] ?? catalogue.topics[0]?.key ?? "";
  }

  async function attempt(action) {
    running += 1;
    const mine = running;
    send.disabled = true;
    preview.disabled = true;
    const isSending = action === sendTest;
    const words = isSending ? _("Sending…") : _("Composing the request…");
    progress.replaceChildren(words);
    fillWith(result, h("p", {class: "wh-soft", test: "try-running"}, icon("fa-spinner", "fa-spin"), " ", words));
    board.touchAll();
    try {
      await action();
    } catch (error) {
      if (mine === running && !leaving.signal.aborted) {
        showFailure(error);
      }
    } finally {
      send.disabled = false;
      preview.disabled = false;
      // The button that was pressed lost the focus while it was disabled.
      if (document.activeElement === document.body) {
        (isSending ? send : preview).focus({preventScroll: true});
      }
    }
  }

  async function sendTest() {
    const outcome = await runTest({
      api: context.api,
      subscribe: (callback) => context.host.subscribe(callback),
      draft: draftToSend(),
      event: eventSelect.value,
      signal: leaving.signal
    });
    showResult(result, outcome, board);
    progress.replaceChildren([outcome.headline, outcome.advice].filter(Boolean).join(" "));
    result.scrollIntoView({block: "nearest"});
  }

  async function showPreview() {
    const {request, problems} = await context.api.preview(draftToSend(), eventSelect.value);
    fillWith(result,
      h("h5", null, _("What would be sent, with sample data")),
      problemList(problems ?? [], board),
      shownRequest(request));
    progress.replaceChildren(_("The request is shown below."));
    result.scrollIntoView({block: "nearest"});
  }

  function showFailure(error) {
    fillWith(result,
      h("div", {class: "alert alert-error", test: "try-failure"}, icon("fa-circle-xmark"), " ", error.message),
      problemList(error.problems ?? [], board));
    progress.replaceChildren(error.message);
  }

  refresh();
  const element = h("fieldset", {class: "wh-group wh-try"},
    h("legend", null, _("Try it")),
    help(_("Sends what stands above, saved or not, with sample data.")),
    h("div", {class: "wh-try-bar"},
      h("label", {for: eventSelect.id, class: "wh-inline-label"}, _("Event")), eventSelect, send, preview),
    progress, result);
  return {element, refresh, close: () => leaving.abort()};
}
