/**
 * Where a name stands that the engine took for a slip.
 */

import assert from "node:assert/strict";
import {test} from "node:test";

import {placed} from "../pages/slips.js";

const KNOWN = ["topic", "message", "job"];
const problem = (message, field = "data") => ({field, severity: "warning", message});

test("a slip gets its place and what is meant", () => {
  const text = '{\n  "a": "x @mesage.b @topic"\n}';
  const found = placed(problem("@mesage.b is not a variable: it is sent as it stands. Is @message meant?"), text, KNOWN);
  assert.deepEqual([found.line, found.column], [2, 11]);
  assert.equal(text.slice(found.slip.from, found.slip.to), "mesage");
  assert.equal(found.slip.meant, "message");
});

test("in any language, and in messages as well", () => {
  const found = placed(problem("@topik ist keine Variable: es wird gesendet.", "events.print_done.message"), "Hey @topik", KNOWN);
  assert.deepEqual([found.line, found.column, found.slip.meant], [1, 5, "topic"]);
});

test("where nothing is alike there is a place and no remedy", () => {
  const found = placed(problem("@nothing is not a variable: it becomes an empty text."), '["@nothing"]', KNOWN);
  assert.deepEqual([found.line, found.column, found.slip], [1, 3, undefined]);
});

test("any other problem stays as it is", () => {
  for (const [other, text] of [
    [problem("@job at \"a\" becomes nothing."), '["@job"]'], [problem("This is not JSON."), "{"], [problem("@gone is not a variable"), "{}"],
    [problem("@topic is used twice.", "nowhere"), undefined]
  ]) {
    assert.deepEqual(placed(other, text, KNOWN), other);
  }
});
