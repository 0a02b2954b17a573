/**
 * Places in a text.
 *
 * Problems name lines and columns from 1, columns in characters (code points); text areas count UTF-16 units from 0.
 * Pure: numbers and texts in, numbers out; a place beyond the text becomes the nearest one inside it.
 */

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

/** Line and column of an offset. */
export function placeOfOffset(text, offset) {
  const before = text.slice(0, Math.max(0, offset));
  const start = before.lastIndexOf("\n") + 1;
  return {
    line: before.split("\n").length,
    column: Array.from(before.slice(start)).length + 1
  };
}

/** The end of the character at an offset, so that a selection shows it; the offset itself at the end of a line. */
export function endOfCharacter(text, offset) {
  const codePoint = text.codePointAt(offset);
  if (codePoint === undefined || codePoint === 10) {
    return offset;
  }
  return offset + String.fromCodePoint(codePoint).length;
}
