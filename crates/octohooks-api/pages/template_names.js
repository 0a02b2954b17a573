/**
 * Where variables stand in a text, by the same grammar as the engine's. Pure. Offsets are UTF-16 units, as text areas count.
 */

const SEGMENT = "[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?";
const NAME = new RegExp(`${SEGMENT}(?:\\.${SEGMENT})*`, "y");
const BLOCK = /\{\{[^]*?(?:\}\}|$)|\{%[^]*?(?:%\}|$)|\{#[^]*?(?:#\}|$)/y;
const WORD_BEFORE = /[\p{Alphabetic}\p{Number}]$/u;

/** Whether a key can be named in a path. */
export const isNameable = (key) => new RegExp(`^${SEGMENT}$`).test(key);

/**
 * What is not plain text, in order: `{from, to, type, name?}`; types are "variable", "unknown" (has the form of a variable and
 * is none), "escape" (`@@`) and, with `hasBlocks`, "block" (`{{ … }}`, `{% … %}`, `{# … #}`). `knows(root)` tells which variables
 * there are.
 */
export function piecesOf(text, knows, hasBlocks = true) {
  const pieces = [];
  let from = 0;
  let at = 0;
  while (at < text.length) {
    BLOCK.lastIndex = at;
    const block = hasBlocks && text[at] === "{" ? BLOCK.exec(text) : null;
    if (block) {
      pieces.push({from: at, to: BLOCK.lastIndex, type: "block"});
      at = BLOCK.lastIndex;
      from = at;
    } else if (text[at] !== "@") {
      at += 1;
    } else if (text[at + 1] === "@") {
      pieces.push({from: at, to: at + 2, type: "escape"});
      at += 2;
      from = at;
    } else {
      NAME.lastIndex = at + 1;
      const name = WORD_BEFORE.test(text.slice(Math.max(from, at - 2), at)) ? null : NAME.exec(text)?.[0] ?? null;
      if (name !== null) {
        pieces.push(named(at, name, knows));
        at += name.length;
      }
      at += 1;
      from = at;
    }
  }
  return pieces;
}

function named(at, name, knows) {
  const first = name.split(".")[0];
  const root = beginnings(first).find(knows);
  if (root === undefined) {
    return {from: at, to: at + 1 + name.length, type: "unknown", name};
  }
  // What follows the root is a path, or text.
  const end = name[root.length] === "." ? name.length : root.length;
  return {from: at, to: at + 1 + end, type: "variable", name: name.slice(0, end)};
}

/** A word and its beginnings that end before a `-`, the longest first. */
function beginnings(word) {
  const parts = word.split("-");
  return parts.map((part, index) => parts.slice(0, parts.length - index).join("-")).filter((part) => !part.endsWith("-") && part !== "");
}

/** The variable that is probably meant: one that differs in case or in a letter or two. Undefined where none is alike. */
export function meantBy(name, known) {
  const root = name.split(/[.-]/)[0].toLowerCase();
  const near = known.map((variable) => ({variable, far: distance(variable.toLowerCase(), root)}))
    .filter(({variable, far}) => far <= (variable.length > 6 ? 2 : 1));
  return near.sort((one, other) => one.far - other.far)[0]?.variable;
}

/** Levenshtein's distance. */
function distance(left, right) {
  let row = Array.from({length: right.length + 1}, (none, index) => index);
  for (let index = 0; index < left.length; index += 1) {
    const next = [index + 1];
    for (let column = 0; column < right.length; column += 1) {
      next.push(Math.min(next[column] + 1, row[column + 1] + 1, row[column] + (left[index] === right[column] ? 0 : 1)));
    }
    row = next;
  }
  return row[right.length];
}
