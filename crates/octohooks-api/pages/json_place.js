/**
 * The first place where a text stops being JSON, with the remedy: browsers word that each in another way, some without
 * a place. The engine's check, a moment later, has the last word.
 */

import {_} from "./texts.js";

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
    return {offset: 0, message: _("This is empty. Write {} for nothing.")};
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
      this.fail(_("There is something after the end. Is a bracket closed too early?"));
    }
  }

  value(depth) {
    this.space();
    const next = this.text[this.at];
    if (depth > DEEPEST) {
      this.fail(_("This is nested too deeply."));
    } else if (next === "{") {
      this.items("}", (opened) => this.pair(opened, depth + 1));
    } else if (next === "[") {
      this.items("]", () => this.value(depth + 1));
    } else if (next === '"') {
      this.string();
    } else if (/[-\d]/.test(next ?? "")) {
      this.number();
    } else {
      this.word();
    }
  }

  items(closing, item) {
    const opened = this.at;
    this.at += 1;
    this.space();
    if (this.accept(closing)) {
      return;
    }
    do {
      item(opened);
    } while (!this.separatorOrEnd(closing, opened));
  }

  pair(opened, depth) {
    this.key(opened);
    this.space();
    if (!this.accept(":")) {
      this.failUnlessEnded(opened, _("A colon is missing between the key and its value."));
    }
    this.value(depth);
  }

  key(opened) {
    this.space();
    const next = this.text[this.at];
    if (next === '"') {
      this.string();
    } else if (next === "'") {
      this.fail(_("Use double quotes, not single ones."));
    } else {
      this.failUnlessEnded(opened, _("A key in double quotes is expected here."));
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
      this.failUnlessEnded(opened, _("A comma or a closing bracket is missing before this place."));
    }
    this.space();
    if (this.text[this.at] === "}" || this.text[this.at] === "]") {
      this.at = comma;
      this.fail(_("Remove this comma: nothing follows it."));
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
        this.fail(_("The quotation mark that opens here is never closed."));
      } else if (next === '"') {
        this.at += 1;
        return;
      } else if (next === "\\") {
        this.escape();
      } else if (next === "\n" || next === "\r") {
        this.fail(_('A closing quotation mark is missing on this line. A line break inside a text is written \\n.'));
      } else if (next < " ") {
        this.fail(_("A tab or another invisible character stands in this text. A tab is written \\t."));
      } else {
        this.at += 1;
      }
    }
  }

  escape() {
    const escaped = this.text.slice(this.at).match(/^\\(["\\/bfnrt]|u[0-9a-fA-F]{4})/);
    if (escaped === null) {
      this.fail(_("A backslash inside a text is written \\\\."));
    }
    this.at += escaped[0].length;
  }

  number() {
    const digits = this.text.slice(this.at).match(/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/);
    if (digits === null) {
      this.fail(_("This is not a number."));
    }
    this.at += digits[0].length;
    if (/[\w.]/.test(this.text[this.at] ?? "")) {
      this.fail(_("This is not a number. Put texts in double quotes."));
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
      this.fail(_("The text ends too early: a value or a closing bracket is missing."));
    }
    this.fail({
      "@": _('Variables stand in double quotes, too: "@topic".'),
      "'": _("Use double quotes, not single ones."),
      "/": _("JSON has no comments.")
    }[next] ?? (",}]:".includes(next) ? _("A value is missing here.") : _("Put texts in double quotes.")));
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
      this.fail(_("The bracket that opens here is never closed."));
    }
    this.fail(message);
  }

  fail(message) {
    throw new NotJson(this.at, message);
  }
}
