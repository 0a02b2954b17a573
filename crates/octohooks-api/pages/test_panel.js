/**
 * Sends a test of the hook as it stands in the editor, and tells what happened. The host tells its end; where that does
 * not come through, it is asked for every second, for a minute at most.
 */

import {fillWith, h, icon} from "./dom.js";
import {fold} from "./fold.js";
import {problemLine, showMe} from "./problems.js";
import {phasesBar, shownAnswer, shownRequest} from "./shown_request.js";
import {_} from "./texts.js";

const ASK_EVERY_MS = 1_000;
const GIVE_UP_AFTER_MS = 60_000;

/** Resolves with the test's result; rejects when none came. */
export async function runTest({api, subscribe, draft, event, signal}) {
  const {id} = await api.test(draft, event);
  let noticed = () => {};
  const unsubscribe = subscribe((notice) => {
    if (notice.type === "test" && notice.id === id) {
      noticed();
    }
  });
  try {
    const end = Date.now() + GIVE_UP_AFTER_MS;
    while (Date.now() < end && !signal.aborted) {
      const answer = await api.testResult(id);
      if (answer.state === "done") {
        return answer.result;
      }
      await new Promise((resolve) => {
        noticed = resolve;
        setTimeout(resolve, ASK_EVERY_MS);
      });
    }
  } finally {
    unsubscribe();
  }
  throw new Error(_("The test has not ended within a minute. Try again, or look at OctoPrint's log."));
}

export function showResult(element, result, board) {
  const failed = !result.ok;
  fillWith(element,
    h("div", {class: failed ? "alert alert-error wh-result" : "alert alert-success wh-result", test: "test-headline"},
      h("strong", null, icon(failed ? "fa-circle-xmark" : "fa-circle-check"), " ", result.headline),
      result.failure?.message && !result.headline.includes(result.failure.message)
        ? h("p", null, result.failure.message) : null,
      result.words ? h("p", {test: "test-words"}, _("It says:"), " ", h("q", null, result.words)) : null,
      result.advice ? h("p", {test: "test-advice"}, result.advice) : null,
      result.oauth?.message ? h("p", {test: "test-oauth"}, h("strong", null, "OAuth: "), result.oauth.message) : null),
    problemList(result.problems ?? [], board),
    phasesBar(result.phases),
    result.answer
      ? fold({title: _("What came back"), open: true, test: "test-answer-toggle"}, shownAnswer(result.answer)).element
      : null,
    result.request
      ? fold({title: _("What was sent"), open: failed && !result.answer, test: "test-request-toggle"},
        shownRequest(result.request)).element
      : null);
}

/** Problems with a way to their fields. */
export function problemList(problems, board) {
  return problems.length === 0 ? null : h("ul", {class: "wh-problems"}, problems.map((problem) => problemLine(
    problem,
    board.isOnForm(problem) ? showMe(() => board.goTo(problem)) : null
  )));
}
