/** "Try it": what would be sent for an event, and a test that sends it. */

import {button, fillWith, h, help, icon} from "./dom.js";
import {eventChoice} from "./event_choice.js";
import {previewPanel} from "./preview_panel.js";
import {problemList, runTest, showResult} from "./test_panel.js";
import {_} from "./texts.js";

/**
 * `{element, refresh, changed, values, close}`; `refresh` looks again which custom events there are, `changed` is to be called
 * after each change of the draft, `values` tells what variables stand for.
 */
export function tryPanel({context, draftToSend, draft, catalogue, board}) {
  const leaving = new AbortController();
  const progress = h("div", {class: "wh-spoken", role: "status"});
  const result = h("div", {class: "wh-try-result", test: "try-result"});
  const choice = eventChoice({context, draft, draftToSend, catalogue, changed: () => preview.refresh()});
  const preview = previewPanel({api: context.api, draftToSend, draft, event: choice.event, board});
  const send = button({class: "wh-try-send", test: "try-send", on: {click: attempt}}, icon("fa-paper-plane"), " ", _("Send test"));

  async function attempt() {
    send.disabled = true;
    progress.replaceChildren(_("Sending…"));
    fillWith(result, h("p", {class: "wh-soft", test: "try-running"}, icon("fa-spinner", "fa-spin"), " ", _("Sending…")));
    board.touchAll();
    try {
      const outcome = await runTest({
        api: context.api,
        subscribe: (callback) => context.host.subscribe(callback),
        draft: draftToSend(),
        event: choice.event(),
        signal: leaving.signal
      });
      showResult(result, outcome, board);
      progress.replaceChildren([outcome.headline, outcome.advice].filter(Boolean).join(" "));
      result.scrollIntoView({block: "nearest"});
    } catch (error) {
      if (!leaving.signal.aborted) {
        showFailure(error);
      }
    } finally {
      send.disabled = false;
      // The button that was pressed lost the focus while it was disabled.
      if (document.activeElement === document.body) {
        send.focus({preventScroll: true});
      }
    }
  }

  function showFailure(error) {
    fillWith(result,
      h("div", {class: "alert alert-error", test: "try-failure"}, icon("fa-circle-xmark"), " ", error.message),
      problemList(error.problems ?? [], board));
    progress.replaceChildren(error.message);
  }

  const element = h("fieldset", {class: "wh-group wh-try"},
    h("legend", null, _("Try it")),
    help(_("With what stands above, saved or not.")),
    h("div", {class: "wh-try-bar"},
      h("label", {for: choice.id, class: "wh-inline-label"}, _("Event")), choice.element, send),
    progress, result, preview.element);
  return {
    element,
    refresh: choice.refresh,
    changed: preview.refresh,
    values: choice.values,
    close() {
      leaving.abort();
      choice.close();
      preview.close();
    }
  };
}
