/**
 * Lines and columns to offsets and back, with characters outside of the basic plane.
 */

import assert from "node:assert/strict";
import {test} from "node:test";

import {endOfCharacter, offsetOfPlace, placeOfOffset} from "../pages/text_place.js";

test("a place and its offset are each other's way back", () => {
  const text = '{\n  "🎉 ä": 1,\n\n  "b": 2\n}';
  let offset = 0;
  while (offset <= text.length) {
    const {line, column} = placeOfOffset(text, offset);
    assert.equal(offsetOfPlace(text, line, column), offset);
    offset = Math.max(offset + 1, endOfCharacter(text, offset));
  }
});

test("columns count characters", () => {
  assert.equal(offsetOfPlace("🎉🎉x", 1, 3), 4);
  assert.deepEqual(placeOfOffset("🎉🎉x", 4), {line: 1, column: 3});
});

test("a place beyond the text is the nearest one in it", () => {
  assert.equal(offsetOfPlace("ab\ncd", 1, 99), 2);
  assert.equal(offsetOfPlace("ab\ncd", 99, 1), 3);
  assert.equal(offsetOfPlace("", 3, 3), 0);
  assert.equal(offsetOfPlace("ab\ncd", 2), 3);
});

test("a selection shows a whole character, and nothing at the end of a line", () => {
  assert.equal(endOfCharacter("a🎉", 1), 3);
  assert.equal(endOfCharacter("a\nb", 1), 1);
  assert.equal(endOfCharacter("a", 1), 1);
});
