/**
 * What the engine tells, in the page's language. The engine speaks English; a catalogue has its sentences as they stand in
 * its sources, with places for what differs: `Delivered: {} in {} ms.` What no sentence fits stays as it is.
 */

/** A text that can be translated: its sentences, each with its German, say, in `sentences`. Pure. */
export function teller(sentences) {
  const known = new Map(Object.entries(sentences).map(withoutBeginning));
  const patterns = [...known].filter(([english]) => PLACE.test(english)).map(patternOf)
    .sort((one, other) => other.weight - one.weight);
  const told = new Map();

  /** One sentence, or several that the catalogue has as one; null where it has none. */
  function whole(text) {
    if (known.has(text)) {
      return known.get(text);
    }
    for (const {expression, translated} of patterns) {
      const found = expression.exec(text);
      if (found !== null) {
        let next = 0;
        return translated.replace(PLACES, (_, name) => tell(found.groups[`_${name === "" ? next++ : name}`] ?? ""));
      }
    }
    return null;
  }

  function tell(text) {
    if (!told.has(text)) {
      if (told.size > MOST_REMEMBERED) {
        told.clear();
      }
      told.set(text, piecewise(text, whole));
    }
    return told.get(text);
  }
  /** English for a text: of each sentence that has it in the other language, the longest piece that always stands there. */
  tell.meant = (text) => Object.entries(sentences).filter(([, translated]) => has(translated, text))
    .map(([english]) => english.split(PLACE).map((piece) => piece.trim()).reduce((one, other) => (other.length > one.length ? other : one), ""))
    .filter((piece) => piece.length >= SHORTEST_PIECE);
  return tell;
}

export const has = (text, part) => text.toLowerCase().includes(part.toLowerCase());

/** "{why} It is kept." is two sentences: the first one is told for itself. */
function withoutBeginning([english, translated]) {
  const first = /^\{\w+\} (?=[A-Z])/.exec(english)?.[0] ?? "";
  return translated.startsWith(first) ? [english.slice(first.length), translated.slice(first.length)] : [english, translated];
}

const PLACE = /\{\w*(?::[^{}]*)?\}/;
const PLACES = /\{(\w*)(?::[^{}]*)?\}/g;
const MOST_REMEMBERED = 1000;

/** Less of a sentence stands in too many others. */
const SHORTEST_PIECE = 6;

/** As long a beginning as is known, then the rest; an unknown sentence stays. */
function piecewise(text, whole) {
  const found = whole(text);
  if (found !== null || text.trim() === "") {
    return found ?? text;
  }
  if (text.startsWith(" ")) {
    return ` ${piecewise(text.slice(1), whole)}`;
  }
  const ends = [...text.matchAll(/[.?!] /g)].map(({index}) => index + 1);
  for (const end of ends.toReversed()) {
    const beginning = whole(text.slice(0, end));
    if (beginning !== null) {
      return `${beginning} ${piecewise(text.slice(end + 1), whole)}`;
    }
  }
  return ends.length === 0 ? text : `${text.slice(0, ends[0])} ${piecewise(text.slice(ends[0] + 1), whole)}`;
}

/** A place may hold anything but the end of a sentence, unless it stands last: there a whole sentence may follow. */
function patternOf([english, translated]) {
  let next = 0;
  const pieces = english.replaceAll("{{", "\u0001").replaceAll("}}", "\u0002").split(/(\{\w*(?::[^{}]*)?\})/);
  const last = pieces.at(-1) === "" ? pieces.length - 2 : -1;
  const source = pieces.map((piece, index) => {
    if (index % 2 === 0) {
      return piece.replaceAll("\u0001", "{").replaceAll("\u0002", "}").replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
    }
    const name = /\w*/.exec(piece.slice(1))[0];
    return index === last ? `(?<_${name || next++}>.*)` : `(?<_${name || next++}>(?:(?![.?!] ).)*?)`;
  }).join("");
  return {
    expression: new RegExp(`^${source}$`, "su"),
    translated: translated.replaceAll("{{", "{").replaceAll("}}", "}"),
    weight: english.replace(PLACES, "").length
  };
}

/** Where the engine speaks in an answer or a notice: problems, deliveries, attempts, tests, refusals. */
export function inWords(value, tell) {
  if (Array.isArray(value)) {
    return value.map((item) => inWords(item, tell));
  }
  if (value === null || typeof value !== "object") {
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => {
    if (typeof item === "string") {
      return [key, SPOKEN.has(key) ? tell(item) : item];
    }
    return [key, NOT_ITS_WORDS.has(key) ? item : inWords(item, tell)];
  }));
}

/** Keys whose texts are the engine's words. */
const SPOKEN = new Set(["message", "headline", "advice", "halted", "cannot_resend", "origin"]);

/** Keys below which stands what people or receivers wrote: hooks, requests, answers. */
const NOT_ITS_WORDS = new Set(["hook", "request", "answer", "draft", "new_hook", "services", "topics", "values", "variables"]);
