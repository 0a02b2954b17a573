/**
 * Finds the first place where a text stops being JSON.
 *
 * In: what stands in a field. Out: nothing, or the offset and a sentence with the remedy. Browsers word their own errors
 * each in another way, some without a place; this says the same everywhere, while the person types. The engine's check,
 * a moment later, has the last word.
 */

import {gettext} from "./texts.js";

/** As deep as the engine reads. */
const DEEPEST = 127;

class NotJson extends Error {
  constructor(offset, message) {
    super(message);
    this.offset = offset;
  }
}

/** `null` when the text is JSON, else `{offset, message}`. */
export function findJsonProblem(text) {
  if (text.trim() === "") {
    return {offset: 0, message: gettext("This is empty. Write {} for nothing.")};
  }
  const scanner = new Scanner(text);
  try {
    scanner.whole();
    return null;
  } catch (problem) {
    if (problem instanceof NotJson) {
      return {offset: problem.offset, message: problem.message};
    }
    throw problem;
  }
}

/** Whether an offset lies inside a string of a JSON text, a broken one included. */
export function isInsideString(text, offset) {
  let inside = false;
  for (let at = 0; at < offset; at += 1) {
    if (inside && text[at] === "\\") {
      at += 1;
    } else if (text[at] === '"') {
      inside = !inside;
    }
  }
  return inside;
}

class Scanner {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  whole() {
    this.value(0);
    this.space();
    if (this.at < this.text.length) {
      this.fail(gettext("There is something after the end. Is a bracket closed too early?"));
    }
  }

  value(depth) {
    this.space();
    const next = this.text[this.at];
    if (depth > DEEPEST) {
      this.fail(gettext("This is nested too deeply."));
    } else if (next === "{") {
      this.object(depth);
    } else if (next === "[") {
      this.list(depth);
    } else if (next === '"') {
      this.string();
    } else if (next === "-" || isDigit(next)) {
      this.number();
    } else {
      this.word();
    }
  }

  object(depth) {
    const opened = this.at;
    this.at += 1;
    this.space();
    if (this.accept("}")) {
      return;
    }
    for (;;) {
      this.key(opened);
      this.space();
      if (!this.accept(":")) {
        this.failUnlessEnded(opened, gettext("A colon is missing between the key and its value."));
      }
      this.value(depth + 1);
      if (this.separatorOrEnd("}", opened)) {
        return;
      }
    }
  }

  list(depth) {
    const opened = this.at;
    this.at += 1;
    this.space();
    if (this.accept("]")) {
      return;
    }
    do {
      this.value(depth + 1);
    } while (!this.separatorOrEnd("]", opened));
  }

  key(opened) {
    this.space();
    const next = this.text[this.at];
    if (next === '"') {
      this.string();
    } else if (next === "'") {
      this.fail(gettext("Use double quotes, not single ones."));
    } else {
      this.failUnlessEnded(opened, gettext("A key in double quotes is expected here."));
    }
  }

  /** After a value: true at the closing bracket, false when a comma says that more follows. */
  separatorOrEnd(closing, opened) {
    this.space();
    if (this.accept(closing)) {
      return true;
    }
    const comma = this.at;
    if (!this.accept(",")) {
      this.failUnlessEnded(opened, gettext("A comma or a closing bracket is missing before this place."));
    }
    this.space();
    if (this.text[this.at] === "}" || this.text[this.at] === "]") {
      this.at = comma;
      this.fail(gettext("Remove this comma: nothing follows it."));
    }
    return false;
  }

  string() {
    const opened = this.at;
    this.at += 1;
    for (;;) {
      const next = this.text[this.at];
      if (next === undefined) {
        this.at = opened;
        this.fail(gettext("The quotation mark that opens here is never closed."));
      } else if (next === '"') {
        this.at += 1;
        return;
      } else if (next === "\\") {
        this.escape();
      } else if (next === "\n" || next === "\r") {
        this.fail(gettext('A closing quotation mark is missing on this line. A line break inside a text is written \\n.'));
      } else if (next < " ") {
        this.fail(gettext("A tab or another invisible character stands in this text. A tab is written \\t."));
      } else {
        this.at += 1;
      }
    }
  }

  escape() {
    const escaped = this.text.slice(this.at).match(/^\\(["\\/bfnrt]|u[0-9a-fA-F]{4})/);
    if (escaped === null) {
      this.fail(gettext("A backslash inside a text is written \\\\."));
    }
    this.at += escaped[0].length;
  }

  number() {
    const digits = this.text.slice(this.at).match(/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/);
    if (digits === null) {
      this.fail(gettext("This is not a number."));
    }
    this.at += digits[0].length;
    if (/[\w.]/.test(this.text[this.at] ?? "")) {
      this.fail(gettext("This is not a number. Put texts in double quotes."));
    }
  }

  word() {
    const word = this.text.slice(this.at).match(/^(true|false|null)\b/);
    if (word !== null) {
      this.at += word[0].length;
      return;
    }
    const next = this.text[this.at];
    if (next === undefined) {
      this.fail(gettext("The text ends too early: a value or a closing bracket is missing."));
    } else if (next === "@") {
      this.fail(gettext('Variables stand in double quotes, too: "@topic".'));
    } else if (next === "'") {
      this.fail(gettext("Use double quotes, not single ones."));
    } else if (next === "/") {
      this.fail(gettext("JSON has no comments."));
    } else if (next === "," || next === "}" || next === "]" || next === ":") {
      this.fail(gettext("A value is missing here."));
    } else {
      this.fail(gettext("Put texts in double quotes."));
    }
  }

  space() {
    while (" \t\n\r".includes(this.text[this.at] ?? "x")) {
      this.at += 1;
    }
  }

  accept(character) {
    const found = this.text[this.at] === character;
    this.at += found ? 1 : 0;
    return found;
  }

  /** At the end of the text the place to look at is the bracket that nobody closed. */
  failUnlessEnded(opened, message) {
    if (this.at >= this.text.length) {
      this.at = opened;
      this.fail(gettext("The bracket that opens here is never closed."));
    }
    this.fail(message);
  }

  fail(message) {
    throw new NotJson(this.at, message);
  }
}

function isDigit(character) {
  return character !== undefined && character >= "0" && character <= "9";
}
