/** Which variables fit where the caret stands, with what they stand for now. Pure. */

import {isInsideString} from "./json_place.js";
import {isNameable} from "./template_names.js";

const MOST = 40;
const LONGEST_VALUE = 70;

/**
 * `{from, to, options}`, or null where no variable begins or none fits: from `from` to `to` the text is to be replaced by an
 * option's `text`. Options are `{text, name, value, about}`. `kind` as in `tokensOf`; `variables` are `{name, description}`,
 * `values` what they stand for. With `isAsked`, also where nothing was typed of one yet.
 */
export function completionAt(text, caret, kind, {variables, values, isAsked = false, hasBlocks = true}) {
  const typed = /[\w.-]*$/.exec(text.slice(0, caret))[0];
  const begin = caret - typed.length;
  const block = hasBlocks && isInBlock(text, caret);
  const hasAt = text[begin - 1] === "@" && beginsVariable(text, begin - 1);
  if (!block && !hasAt && !(isAsked && typed === "")) {
    return null;
  }
  if (block && !isAsked && !/^[A-Za-z_]/.test(typed)) {
    return null;
  }
  const from = hasAt ? begin - 1 : begin;
  const needsQuotes = kind === "json" && !block && !isInsideString(text, from);
  const options = fitting(typed, variables, values).slice(0, MOST).map((option) => {
    const written = block ? option.name : `@${option.name}`;
    return {...option, text: needsQuotes ? `"${written}"` : written};
  });
  const isDone = options.length === 1 && options[0].name === typed && !needsQuotes;
  return options.length === 0 || isDone ? null : {from, to: caret, options};
}

/** Whether an `@` is no letter of a word, and not the second of `@@`. */
function beginsVariable(text, at) {
  const before = /[\p{Alphabetic}\p{Number}]$/u.test(text.slice(Math.max(0, at - 2), at)) && !/\\[nrtbf]$/.test(text.slice(Math.max(0, at - 2), at));
  const ats = /@*$/.exec(text.slice(0, at))[0].length;
  return !before && ats % 2 === 0;
}

/** Whether the caret stands in `{{ … }}` or `{% … %}`, and not in a text there. */
function isInBlock(text, caret) {
  const before = text.slice(0, caret);
  const open = Math.max(before.lastIndexOf("{{"), before.lastIndexOf("{%"));
  const inside = before.slice(open + 2);
  return open >= 0 && !/\}\}|%\}|\n/.test(inside) && (inside.match(/'/g)?.length ?? 0) % 2 === 0;
}

function fitting(typed, variables, values) {
  const dot = typed.lastIndexOf(".");
  const wanted = typed.slice(dot + 1).toLowerCase();
  const parent = dot < 0 ? "" : typed.slice(0, dot);
  const all = dot < 0
    ? variables.map(({name, description}) => ({name, value: inShort(values[name]), about: description}))
    : entriesOf(parent.split(".").reduce((inner, key) => childOf(inner, key), values))
      .map(([key, value]) => ({name: `${parent}.${key}`, value: inShort(value), about: ""}));
  const last = (name) => name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  const first = all.filter(({name}) => last(name).startsWith(wanted));
  return [...first, ...all.filter((option) => !first.includes(option) && last(option.name).includes(wanted))];
}

const childOf = (value, key) => (value !== null && typeof value === "object" && Object.hasOwn(value, key) ? value[key] : undefined);

const entriesOf = (value) => (value !== null && typeof value === "object" ? Object.entries(value).filter(([key]) => isNameable(key)) : []);

/** A value on half a line; empty where it is not known. */
function inShort(value) {
  const text = value === undefined ? "" : JSON.stringify(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}
