/**
 * The gallery of starting points: hooks to begin with.
 *
 * In: the catalogue. Out: a button each, with the first sentence of what it is for; choosing one opens it in the editor,
 * where the whole description stands.
 */

import {h, icon} from "./dom.js";
import {gettext} from "./texts.js";

const SYMBOLS = {
  simple: "fa-plus",
  full: "fa-list",
  snapshot: "fa-camera",
  oauth: "fa-key",
  dot: "fa-code",
  slack: "fa-hashtag",
  plivo: "fa-comment-sms",
  alexa: "fa-volume-high",
  ntfy: "fa-bell"
};

/** `choose(point)` gets the starting point. */
export function startingPoints(catalogue, choose) {
  return h("div", {class: "wh-gallery", test: "gallery"},
    catalogue.starting_points.map((point) => card(point, () => choose(point))));
}

function card({key, name, description}, choose) {
  const symbol = Object.keys(SYMBOLS).find((word) => key.includes(word));
  return h("button", {type: "button", class: "wh-card", test: `start-${key}`, on: {click: choose}},
    h("strong", null, icon(SYMBOLS[symbol] ?? "fa-paper-plane", "fa-fw"), " ", gettext(name)),
    h("span", null, firstSentence(gettext(description))));
}

function firstSentence(text) {
  return /^.*?[.!?:](?=\s|$)/su.exec(text)?.[0].replace(/:$/, ".") ?? text;
}
