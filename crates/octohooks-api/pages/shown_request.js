/**
 * Shows a request or an answer as it went over the wire, secrets already masked by the engine.
 *
 * In: `Shown` and a test's `answer`. Out: elements made of text nodes alone: whatever a server answers stays text.
 */

import {h} from "./dom.js";
import {fill, gettext} from "./texts.js";

/** The request: line, headers, body or the parts of a multipart. */
export function shownRequest(request) {
  return h("div", {class: "wh-wire", test: "shown-request"},
    h("div", {class: "wh-wire-line"}, h("strong", null, request.method), " ", request.url),
    headerList(request.headers),
    request.parts ? request.parts.map(part) : body(request.body));
}

/** The answer: status, headers, the beginning of the body. */
export function shownAnswer(answer) {
  return h("div", {class: "wh-wire", test: "shown-answer"},
    h("div", {class: "wh-wire-line"}, h("strong", null, String(answer.status)), " ", answer.reason ?? ""),
    headerList(answer.headers),
    body(answer.body),
    answer.truncated ? h("p", {class: "wh-help"}, gettext("The answer was longer; only its beginning was read.")) : null);
}

function headerList(headers) {
  if (!headers || headers.length === 0) {
    return null;
  }
  return h("dl", {class: "wh-headers"}, headers.map(([name, value]) => [h("dt", null, `${name}:`), h("dd", null, value)]));
}

function body(text) {
  if (text === null || text === undefined || text === "") {
    return h("p", {class: "wh-help"}, gettext("No body."));
  }
  return h("pre", {class: "wh-body", tabIndex: 0}, readable(text));
}

function part({name, filename, content_type: contentType, size, text}) {
  const about = [filename, contentType, size === null || size === undefined ? null : sizeInWords(size)].filter(Boolean);
  return h("div", {class: "wh-part"},
    h("div", null, h("strong", null, name), about.length > 0 ? h("span", {class: "wh-soft"}, ` ${about.join(" · ")}`) : null),
    text === null || text === undefined ? null : h("pre", {class: "wh-body", tabIndex: 0}, text));
}

function sizeInWords(bytes) {
  return bytes < 1024
    ? fill(gettext("%(count)s bytes"), {count: bytes})
    : fill(gettext("%(count)s KB"), {count: Math.round(bytes / 1024)});
}

/** JSON on one line is laid out; what JavaScript could not hold exactly (long numbers) stays as it came. */
function readable(text) {
  if (/\d{16}/.test(text)) {
    return text;
  }
  try {
    const value = JSON.parse(text);
    return value !== null && typeof value === "object" ? JSON.stringify(value, null, 2) : text;
  } catch {
    return text;
  }
}
