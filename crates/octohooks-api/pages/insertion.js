/**
 * What a variable becomes when it is put in at the caret. Pure. `@` right after a letter or digit is text, and a
 * letter, digit or `.name` right after a variable would be read as part of it.
 */

import {isInsideString} from "./json_place.js";

/**
 * `kind` is "json" (quotes are added outside of strings), "text" (blanks are added where needed) or "url" (neither:
 * a blank has no place in an address).
 */
export function insertionFor(text, start, end, name, kind) {
  const variable = `@${name}`;
  if (kind === "url") {
    return variable;
  }
  if (kind === "json" && !isInsideString(text, start)) {
    return `"${variable}"`;
  }
  const before = /[\p{Letter}\p{Number}]$/u.test(text.slice(0, start)) ? " " : "";
  const after = /^([\w]|[.-]\w)/.test(text.slice(end)) ? " " : "";
  return before + variable + after;
}
