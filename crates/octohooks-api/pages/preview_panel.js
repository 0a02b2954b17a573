/**
 * The request as it would be sent, made anew while somebody types. The last one stays while a new one is made, and while what
 * was typed makes none: then it says what is to be mended, and where.
 */

import {button, fillWith, h, icon} from "./dom.js";
import {copyButton} from "./copy.js";
import {curlOf, hasGaps, wantsPicture} from "./curl.js";
import {latest} from "./latest.js";
import {problemList} from "./test_panel.js";
import {shownRequest} from "./shown_request.js";
import {_, fill} from "./texts.js";

const AFTER_TYPING_MS = 300;

/** `{element, refresh, close}`; `event()` is what the API wants to know of the event. */
export function previewPanel({api, draftToSend, draft, event, board}) {
  const request = h("div", {class: "wh-preview-request", test: "preview-request"});
  const trouble = h("div", {test: "preview-trouble", "aria-live": "polite"});
  const tools = h("div", {class: "wh-preview-tools"});
  const element = h("section", {class: "wh-preview", "aria-label": _("What would be sent"), test: "preview", "aria-busy": "true"},
    h("div", {class: "wh-preview-head"}, h("h5", null, icon("fa-eye"), " ", _("What would be sent")), tools), trouble, request);
  let shown = null;
  let isSeen = false;
  let isStale = true;
  let mayAsk = false;
  const made = latest(make, AFTER_TYPING_MS);
  const sight = new IntersectionObserver((entries) => {
    isSeen = entries.at(-1).isIntersecting;
    if (isSeen && isStale) {
      made.ask(0);
    }
  }, {rootMargin: "200px"});
  sight.observe(element);

  const [copy, copied] = copyButton({test: "preview-curl", label: _("Copy as curl"), class: "btn-small"}, () => curl() ?? "", () => [
    _("Copied."),
    hasGaps(curl()) ? _("Secrets are not in it: put them in where •••• stands.") : null,
    wantsPicture(curl()) ? _("It sends a file snapshot.jpg in place of the webcam's picture.") : null
  ].filter(Boolean).join(" "));
  fillWith(tools, copied, copy);
  copy.disabled = true;

  const curl = () => (shown === null ? null : curlOf(shown, {insecure: !draft().verify_tls}));

  /** What it depends on has changed. */
  function refresh() {
    isStale = true;
    if (isSeen) {
      made.ask();
    }
  }

  async function make() {
    isStale = false;
    element.setAttribute("aria-busy", "true");
    try {
      show(await api.preview(draftToSend(), event(), {quiet: !mayAsk}));
    } catch (error) {
      fail(error);
    } finally {
      mayAsk = false;
      element.setAttribute("aria-busy", "false");
    }
  }

  function show(answer) {
    element.classList.remove("wh-preview-old");
    fillUnlessSame(trouble, answer.problems, () => problemList(answer.problems, board));
    const {mode} = draft().follow_up;
    fillUnlessSame(request, {...answer, mode, problems: null}, () => {
      fillWith(copied);
      return [shownRequest(answer.request), mode === "off" ? null : whatFollows(answer.follow_up)];
    });
    shown = answer;
    copy.disabled = curl() === null;
  }

  function fail(error) {
    element.classList.toggle("wh-preview-old", shown !== null);
    copy.disabled = true;
    fillUnlessSame(trouble, [error.code, error.message, error.problems], () => (error.code === "reauthenticate"
      ? h("p", {class: "wh-soft"}, _("To show it, this needs your password again."), " ", button({
        class: "btn-small", test: "preview-password", on: {click: () => {
          mayAsk = true;
          made.ask(0);
        }}
      }, icon("fa-lock"), " ", _("Enter it")))
      : error.problems?.length > 0
        ? [h("p", {class: "wh-soft"}, _("There is something to mend first:")), problemList(error.problems, board)]
        : h("p", {class: "wh-bad"}, icon("fa-circle-xmark"), " ", error.message)));
  }

  return {
    element,
    refresh,
    close() {
      sight.disconnect();
      made.close();
    }
  };
}

/** The request of the same event once its print has a message, or that there is none. */
function whatFollows(followUp) {
  if (!followUp) {
    return h("p", {class: "wh-soft", test: "preview-own"}, _("This is a message of its own, whether its print has one or not."));
  }
  const about = fill(_("Once its print has a message, this is sent instead. %(id)s stands for what the receiver names it."), {id: followUp.message});
  return h("div", {class: "wh-preview-following", test: "preview-following"},
    h("p", {class: "wh-soft"}, icon("fa-rotate-right"), " ", about), shownRequest(followUp.request));
}

const contents = new WeakMap();

/** Nothing moves on the page unless something is different. */
function fillUnlessSame(element, content, build) {
  const text = JSON.stringify(content);
  if (contents.get(element) === text) {
    return;
  }
  contents.set(element, text);
  const scrolled = [...element.querySelectorAll("pre")].map((pre) => pre.scrollTop);
  fillWith(element, build());
  element.querySelectorAll("pre").forEach((pre, index) => {
    pre.scrollTop = scrolled[index] ?? 0;
  });
}
