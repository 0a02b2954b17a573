/** Where in a field a name stands that the engine took for a slip, and what may be meant. Pure. */

import {JSON_FIELDS} from "./draft.js";
import {placeOfOffset} from "./text_place.js";
import {tokensOf} from "./tokens.js";

const kindOf = (field) => (field === "url" ? "url" : JSON_FIELDS.includes(field) || field.startsWith("receiver.") ? "json" : "text");

const rootOf = (name) => name.split(/[.-]/)[0];

/** The problem, and where it is one of a name: `{line, column, slip: {from, to, meant}}`, as text areas count. */
export function placed(problem, text, known) {
  if (typeof text !== "string" || !problem.message.startsWith("@")) {
    return problem;
  }
  const token = tokensOf(text, kindOf(problem.field), known, {isOpen: true})
    .find(({name}) => name !== undefined && !known.includes(rootOf(name)) && problem.message.startsWith(`@${name} `));
  if (token === undefined) {
    return problem;
  }
  const from = token.from + 1;
  const root = rootOf(token.name);
  return {
    ...problem,
    ...placeOfOffset(text, token.from),
    slip: token.meant ? {from, to: from + root.length, meant: token.meant} : undefined
  };
}
