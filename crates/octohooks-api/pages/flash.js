/** The message at the top of a view, and actions whose refusal becomes one. */

import {button, fillWith, h, icon} from "./dom.js";
import {problemLines} from "./problems.js";
import {_} from "./texts.js";

const ICONS = {error: "fa-circle-xmark", info: "fa-circle-info"};

export function failureBox(error, test, retry) {
  return h("div", {class: "alert alert-error", test: `${test}-failure`},
    h("p", null, icon("fa-circle-xmark"), " ", error.message),
    button({test: `${test}-retry`, on: {click: retry}}, _("Try again")));
}

/** `{element, say, guarded}`. */
export function flashBar(announce) {
  const element = h("div", {class: "wh-flash", test: "flash"});

  function say(message, {kind = "success", action = null, problems = []} = {}) {
    fillWith(element, h("div", {class: `alert alert-${kind}`, test: `flash-${kind}`},
      h("span", null, icon(ICONS[kind] ?? "fa-circle-check"), " ", message),
      problems.length > 0 ? problemLines(problems) : null,
      action,
      h("button", {class: "close", "aria-label": _("Close this message"), on: {click: () => fillWith(element)}}, "×")));
    announce(message);
  }

  /** Runs an action; a refusal becomes a sentence at the top. */
  async function guarded(action) {
    try {
      return await action();
    } catch (error) {
      say(error.message, {kind: "error", problems: error.problems});
      return undefined;
    }
  }

  return {element, say, guarded};
}
