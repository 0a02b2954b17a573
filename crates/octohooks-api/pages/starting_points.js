/** The gallery of hooks to begin with, each with the first sentence of its description. */

import {h, icon} from "./dom.js";
import {_} from "./texts.js";

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

export function startingPoints(catalogue, choose) {
  return h("div", {class: "wh-gallery", test: "gallery"},
    catalogue.starting_points.map((point) => card(point, () => choose(point))));
}

function card({key, name, description}, choose) {
  const symbol = Object.keys(SYMBOLS).find((word) => key.includes(word));
  return h("button", {class: "wh-card", test: `start-${key}`, on: {click: choose}},
    h("strong", null, icon(SYMBOLS[symbol] ?? "fa-paper-plane", "fa-fw"), " ", _(name)),
    h("span", null, firstSentence(_(description))));
}

function firstSentence(text) {
  return /^.*?[.!?:](?=\s|$)/su.exec(text)?.[0].replace(/:$/, ".") ?? text;
}
