/** The sentences that Rust says to a person: the literals of the crates' sources that are written as sentences are. */

import {readFileSync, readdirSync} from "node:fs";

const CRATES = new URL("../../", import.meta.url);
const SPEAKING = ["core", "net", "store", "image", "engine", "api"].map((name) => `octohooks-${name}/src/`);

/** Every text literal outside of tests, comments and attributes that are for programmers; places stand as `{name}`. */
export function literals() {
  const found = new Map();
  for (const folder of SPEAKING) {
    const files = readdirSync(new URL(folder, CRATES), {recursive: true}).map((file) => file.replaceAll("\\", "/"));
    for (const file of files.filter((name) => name.endsWith(".rs") && !/(^|\/)tests(\.rs$|\/)/.test(name))) {
      for (const text of textsOf(readFileSync(new URL(folder + file, CRATES), "utf8"))) {
        found.set(text, folder + file);
      }
    }
  }
  return found;
}

/** What reads as a sentence: it begins with a capital or a place, has several words, and ends as sentences do. */
export const isSentence = (text) => /^["“]?(?:[A-Z]|\{|@)/.test(text) && /[a-z] [a-z"@{]/.test(text) && /(?:[.?!]|\})$/.test(text)
  && /\p{Ll}{2,}[ ,.:;].*\p{Ll}{2,}/su.test(text.replace(/\{[^{}]*\}/g, ""));

const TOKEN = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.[^'\n]*)'|b?r(#+)"[\s\S]*?"\1|b?r"[^"]*"|b?"(?:[^"\\]|\\[\s\S])*"/g;

function textsOf(source) {
  const spoken = source.split(/^#\[cfg\(test\)\]\s*mod \w+ \{/m)[0];
  const texts = [];
  for (const {0: token, index} of spoken.matchAll(TOKEN)) {
    const before = spoken.slice(Math.max(0, index - 30), index);
    if (token.startsWith("\"") && !/reason = $|expect\($|derive\(|doc = $/.test(before)) {
      texts.push(unescaped(token.slice(1, -1)));
    }
  }
  return texts;
}

function unescaped(text) {
  return text
    .replace(/\\\n\s*/g, "")
    .replace(/\\u\{(\w+)\}/g, (_, code) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replace(/\\(.)/g, (_, letter) => ({n: "\n", t: "\t", r: "\r", 0: "\0"})[letter] ?? letter);
}

/** The places of a sentence of Rust's, in order of their names; those without a name are counted. */
export function nameOfPlaces(text) {
  let next = 0;
  const found = text.replaceAll("{{", "").replaceAll("}}", "").matchAll(/\{(\w*)(?::[^{}]*)?\}/g);
  return [...found].map(([, name]) => name || String(next++)).sort().join(" ");
}
