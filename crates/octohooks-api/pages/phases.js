/**
 * Where the time of a request went, as a bar and in words.
 *
 * In: a test's `phases`: how long each took, in milliseconds; missing ones did not happen. Out: an element.
 */

import {h} from "./dom.js";
import {fill, gettext} from "./texts.js";

const PHASES = () => [
  ["dns_ms", gettext("find the address")],
  ["connect_ms", gettext("connect")],
  ["tls_ms", gettext("TLS")],
  ["first_byte_ms", gettext("wait for the answer")],
  ["body_ms", gettext("read it")]
];

/** The bar with its legend; nothing when no phase was measured. */
export function phasesBar(phases) {
  const measured = PHASES()
    .map(([key, words]) => ({key, words, milliseconds: phases?.[key]}))
    .filter(({milliseconds}) => typeof milliseconds === "number");
  if (measured.length === 0) {
    return null;
  }
  const total = measured.reduce((sum, {milliseconds}) => sum + milliseconds, 0);
  const pieces = measured.map(({key, milliseconds}) => {
    const piece = h("span", {class: `wh-phase wh-phase-${key.replace("_ms", "")}`});
    // A phase of no time stays visible as a hairline.
    piece.style.flexGrow = String(Math.max(milliseconds, total / 100, 0.01));
    return piece;
  });
  return h("div", {class: "wh-phases", test: "test-phases"},
    h("div", {class: "wh-phase-bar", "aria-hidden": "true"}, pieces),
    h("ul", {class: "wh-phase-legend"},
      measured.map(({key, words, milliseconds}) => h("li", null,
        h("span", {class: `wh-phase-dot wh-phase-${key.replace("_ms", "")}`, "aria-hidden": "true"}),
        fill(gettext("%(phase)s %(time)s ms"), {phase: words, time: Math.round(milliseconds)})))));
}
