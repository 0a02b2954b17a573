/**
 * The words of the page. Sentences stand as literals inside `_("…")`; a catalogue per language has them in that language
 * (`de.js`), and what it lacks the host may translate. A catalogue is loaded only where its language is wanted.
 */

const CATALOGUES = {
  de: () => import("./de.js")
};

const same = (text) => text;

let catalogue = {};
let translate = same;
let tell = same;
let walk = same;
let mean = () => [];
let declared;

/**
 * Takes the host's language (as in `<html lang>`) and its translator for what no catalogue has; until then everything is
 * English. A promise where a catalogue has to be loaded first, null where not. Without one the page goes on in English.
 */
export function useLanguage(language, translator) {
  translate = translator;
  declared = language;
  const load = CATALOGUES[(language ?? "").toLowerCase().split(/[-_]/)[0]];
  [catalogue, tell, walk, mean] = [{}, same, same, () => []];
  return load === undefined ? null : Promise.all([load(), import("./told.js")]).then(([loaded, {teller, inWords}]) => {
    catalogue = loaded.default;
    tell = teller(loaded.sentences);
    walk = (value) => inWords(value, tell);
    mean = (text) => tell.meant(text);
  }, () => {});
}

/** A sentence of the engine's, which speaks English. */
export const told = (sentence) => tell(sentence);

/** An answer or a notice of the engine's, with its sentences told. */
export const inLanguage = (value) => walk(value);

/** What the engine may have said where somebody reads a text: pieces of English sentences. */
export const meant = (text) => mean(text);

export function _(text) {
  return Object.hasOwn(catalogue, text) ? catalogue[text] : translate(text);
}

export const nameOf = (hook) => hook.name || _("Webhook without a name");

/** Puts values into `%(name)s` places; a place without a value stays as it is. */
export function fill(text, values) {
  return text.replace(/%\((\w+)\)s/g, (place, name) => (name in values ? String(values[name]) : place));
}

const STEPS = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];

/** How long ago or ahead a moment is ("2 minutes ago"), in the page's language. Milliseconds since 1970, both. */
export function relativeTime(moment, now = Date.now()) {
  const seconds = Math.round((moment - now) / 1000);
  const [unit, size] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? STEPS[STEPS.length - 1];
  return new Intl.RelativeTimeFormat(language(), {numeric: "auto"}).format(Math.trunc(seconds / size), unit);
}

/** A span of milliseconds in the page's words, two units at most: "2 min, 5 sec". */
export function duration(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  const at = Math.max(0, STEPS.findIndex(([, length]) => seconds >= length));
  const words = STEPS.slice(seconds < 1 ? 3 : at, (seconds < 1 ? 3 : at) + 2).map(([unit, length], index, steps) => [
    Math.floor((index === 0 ? seconds : seconds % steps[index - 1][1]) / length), unit
  ]);
  return words.filter(([count], index) => count > 0 || index === 0)
    .map(([count, unit]) => new Intl.NumberFormat(language(), {style: "unit", unit, unitDisplay: "short"}).format(count)).join(", ");
}

export function fullTime(moment) {
  return new Date(moment).toLocaleString(language());
}

/** The time, with the date where that is not today. */
export function clockTime(moment) {
  const time = new Date(moment);
  return time.toDateString() === new Date().toDateString() ? time.toLocaleTimeString(language()) : time.toLocaleString(language());
}

/** Names in one sentence, the way the page's language lists them. */
export function listOf(names) {
  return names.join(", ");
}

/** One that the browser knows how to write times in; its own where the host has none. */
function language() {
  return declared?.replace("_", "-") || undefined;
}
