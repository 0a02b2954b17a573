/** A request or an answer as it went over the wire, secrets masked by the engine. It stays text, whatever it is. */

import {h, help} from "./dom.js";
import {_, fill} from "./texts.js";

/** The request: line, headers, body or the parts of a multipart. */
export function shownRequest(request) {
  return h("div", {class: "wh-wire", test: "shown-request"},
    h("div", {class: "wh-wire-line"}, h("strong", null, request.method), " ", request.url),
    headerList(request.headers),
    request.parts ? request.parts.map(part) : bodyText(request.body));
}

/** The answer: status, headers, the beginning of the body. */
export function shownAnswer(answer) {
  return h("div", {class: "wh-wire", test: "shown-answer"},
    h("div", {class: "wh-wire-line"}, h("strong", null, String(answer.status)), " ", answer.reason ?? ""),
    headerList(answer.headers),
    bodyText(answer.body),
    answer.truncated ? help(_("The answer was longer; only its beginning was read.")) : null);
}

function headerList(headers) {
  if (!headers || headers.length === 0) {
    return null;
  }
  return h("dl", {class: "wh-headers"}, headers.map(([name, value]) => [h("dt", null, `${name}:`), h("dd", null, value)]));
}

export function bodyText(text) {
  if (text === null || text === undefined || text === "") {
    return help(_("No body."));
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
    ? fill(_("%(count)s bytes"), {count: bytes})
    : fill(_("%(count)s KB"), {count: Math.round(bytes / 1024)});
}

/** JSON is laid out; with numbers too long for JavaScript it stays as it came. */
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

const PHASES = () => [
  ["queue", _("wait for its turn")],
  ["dns", _("find the address")],
  ["connect", _("connect")],
  ["tls", _("TLS")],
  ["first_byte", _("wait for the answer")],
  ["body", _("read it")]
];

/** Where the time went (`dns_ms` in tests, `dns` in attempts); nothing when no phase was measured. */
export function phasesBar(phases) {
  const measured = PHASES()
    .map(([key, words]) => ({key, words, milliseconds: phases?.[key] ?? phases?.[`${key}_ms`]}))
    .filter(({milliseconds}) => typeof milliseconds === "number");
  if (measured.length === 0) {
    return null;
  }
  const total = measured.reduce((sum, {milliseconds}) => sum + milliseconds, 0);
  const pieces = measured.map(({key, milliseconds}) => {
    const piece = h("span", {class: `wh-phase wh-phase-${key}`});
    // A phase of no time stays visible as a hairline.
    piece.style.flexGrow = String(Math.max(milliseconds, total / 100, 0.01));
    return piece;
  });
  return h("div", {class: "wh-phases", test: "test-phases"},
    h("div", {class: "wh-phase-bar", "aria-hidden": "true"}, pieces),
    h("ul", {class: "wh-phase-legend"},
      measured.map(({key, words, milliseconds}) => h("li", null,
        h("span", {class: `wh-phase-dot wh-phase-${key}`, "aria-hidden": "true"}),
        fill(_("%(phase)s %(time)s ms"), {phase: words, time: Math.round(milliseconds)})))));
}
