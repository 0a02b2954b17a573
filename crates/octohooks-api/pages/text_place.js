/** Places in a text. Problems count lines and characters from 1, text areas UTF-16 units from 0. Pure. */

/** Where a line and column is, as a text area counts. Without a column: the start of the line. */
export function offsetOfPlace(text, line, column = 1) {
  let start = 0;
  for (let passed = 1; passed < line; passed += 1) {
    const end = text.indexOf("\n", start);
    if (end === -1) {
      break;
    }
    start = end + 1;
  }
  const lineEnd = text.indexOf("\n", start);
  const lineText = text.slice(start, lineEnd === -1 ? text.length : lineEnd);
  const before = Array.from(lineText).slice(0, Math.max(0, column - 1)).join("");
  return start + before.length;
}

export function placeOfOffset(text, offset) {
  const before = text.slice(0, Math.max(0, offset));
  const start = before.lastIndexOf("\n") + 1;
  return {line: before.split("\n").length, column: Array.from(before.slice(start)).length + 1};
}

/** The end of the character at an offset, so that a selection shows it. */
export function endOfCharacter(text, offset) {
  const codePoint = text.codePointAt(offset);
  if (codePoint === undefined || codePoint === 10) {
    return offset;
  }
  return offset + String.fromCodePoint(codePoint).length;
}
