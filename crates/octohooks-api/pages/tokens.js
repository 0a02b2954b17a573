/**
 * A text with variables in coloured stretches: `{from, to, type, name?, meant?}`, in order, none over another. Pure. Any text
 * will do, half-typed ones above all.
 */

import {findJsonProblem} from "./json_place.js";
import {meantBy, piecesOf} from "./template_names.js";
import {endOfCharacter} from "./text_place.js";

const JSON_PIECE = /"(?:[^"\\\n]|\\.)*"?|\{[{%#][^]*?(?:[}%#]\}|$)|-?\d[\d.eE+-]*|[A-Za-z]+|[{}[\],:]/g;
const ESCAPED = /\\(?:u[0-9a-fA-F]{4}|[^])/y;

/**
 * `kind` is "json", "text" or "url". `known` are the names of variables; with `isOpen`, others may come from an OAuth answer,
 * so that none is wrong for sure; with `isPlain` there are none at all, and without
 * `hasBlocks` braces are text.
 */
export function tokensOf(text, kind, known, {isOpen = false, isPlain = false, hasBlocks = true} = {}) {
  const roots = new Set(known);
  const knows = (root) => roots.has(root);
  const judged = (piece, isWhole) => {
    if (piece.type !== "unknown") {
      return [piece];
    }
    const meant = meantBy(piece.name, known);
    // In running text an @ with a word is a mention, unless it looks like a slip.
    return isOpen || isWhole || meant ? [{...piece, meant, ...(isOpen ? {type: "variable"} : {})}] : [];
  };
  const pieces = isPlain ? () => [] : (plain) => piecesOf(plain, knows, hasBlocks);
  if (kind !== "json") {
    return pieces(text).flatMap((piece) => judged(piece, false));
  }
  const tokens = [];
  for (const {0: piece, index} of text.matchAll(JSON_PIECE)) {
    const end = index + piece.length;
    if (piece[0] === '"') {
      const isKey = /^\s*:/.test(text.slice(end, end + 200));
      tokens.push(...(isKey ? [{from: index, to: end, type: "key"}] : stringTokens(text, index, end, pieces, judged)));
    } else if (piece[0] === "{" && piece.length > 1) {
      tokens.push({from: index, to: end, type: "block"});
    } else if (/^[-\d]/.test(piece)) {
      tokens.push({from: index, to: end, type: "number"});
    } else if (/^(true|false|null)$/.test(piece)) {
      tokens.push({from: index, to: end, type: "word"});
    } else if (piece.length === 1 && "{}[],:".includes(piece)) {
      tokens.push({from: index, to: end, type: "mark"});
    }
  }
  return withProblem(tokens, text);
}

/** The stretches of a string: its own text, and what stands for something else in it. */
function stringTokens(text, from, to, piecesIn, judged) {
  const isClosed = to - from > 1 && text[to - 1] === '"';
  const {plain, places} = unescaped(text, from + 1, isClosed ? to - 1 : to);
  const pieces = piecesIn(plain);
  const isWhole = pieces.length === 1 && pieces[0].from === 0 && pieces[0].to === plain.length;
  const tokens = [];
  let at = from;
  for (const piece of pieces.flatMap((found) => judged(found, isWhole))) {
    const [begin, end] = [places[piece.from], places[piece.to]];
    tokens.push({from: at, to: begin, type: "string"}, {...piece, from: begin, to: end});
    at = end;
  }
  tokens.push({from: at, to, type: "string"});
  return tokens.filter((token) => token.from < token.to);
}

/** The characters that a stretch of a JSON string stands for, and where each of them stands. */
function unescaped(text, from, to) {
  const characters = [];
  const places = [];
  for (let at = from; at < to;) {
    ESCAPED.lastIndex = at;
    const escape = text[at] === "\\" ? ESCAPED.exec(text)?.[0] : null;
    places.push(at);
    characters.push(escape ? meaningOf(escape) : text[at]);
    at += escape ? escape.length : 1;
  }
  places.push(to);
  return {plain: characters.join(""), places};
}

function meaningOf(escape) {
  return escape[1] === "u" && escape.length === 6
    ? String.fromCharCode(Number.parseInt(escape.slice(2), 16))
    : {n: "\n", r: "\r", t: "\t", b: "\b", f: "\f"}[escape[1]] ?? escape[1];
}

/** The first place where it is no JSON becomes a stretch of its own. */
function withProblem(tokens, text) {
  const found = text.trim() === "" ? null : findJsonProblem(text);
  if (found === null) {
    return tokens;
  }
  const from = Math.min(found.offset, text.length - 1);
  const bad = {from, to: Math.max(from + 1, endOfCharacter(text, from)), type: "bad"};
  const around = tokens.flatMap((token) => (token.to <= bad.from || token.from >= bad.to ? [token] : [
    {...token, to: bad.from}, {...token, from: bad.to}
  ].filter(({from: begin, to: end}) => begin < end)));
  return [...around, bad].sort((one, other) => one.from - other.from);
}
