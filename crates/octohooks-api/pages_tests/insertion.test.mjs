/**
 * What a variable becomes where it is put in.
 */

import assert from "node:assert/strict";
import {test} from "node:test";

import {insertionFor} from "../pages/insertion.js";

/** `|` is the caret; two of them are a selection. */
function insert(marked, kind, name = "topic") {
  const start = marked.indexOf("|");
  const text = marked.replaceAll("|", "");
  const end = Math.max(start, marked.lastIndexOf("|") - 1);
  return text.slice(0, start) + insertionFor(text, start, end, name, kind) + text.slice(end);
}

test("outside of a string of JSON it brings its quotation marks", () => {
  assert.equal(insert('{"a": |}', "json"), '{"a": "@topic"}');
  assert.equal(insert("|", "json"), '"@topic"');
});

test("inside a string of JSON it does not", () => {
  assert.equal(insert('{"a": "|"}', "json"), '{"a": "@topic"}');
  assert.equal(insert('{"a": "|old|"}', "json"), '{"a": "@topic"}');
});

test("a letter or digit before it gets a blank, because the variable would be text otherwise", () => {
  assert.equal(insert("Done|", "text"), "Done @topic");
  assert.equal(insert("für ä|", "text"), "für ä @topic");
  assert.equal(insert("(|)", "text"), "(@topic)");
});

test("what would become part of its name gets a blank", () => {
  assert.equal(insert("|done", "text"), "@topic done");
  assert.equal(insert("|.done", "text"), "@topic .done");
  assert.equal(insert("|. Then", "text"), "@topic. Then");
  assert.equal(insert("|, then", "text"), "@topic, then");
});

test("an address never gets a blank", () => {
  assert.equal(insert("https://example.com/x|y", "url"), "https://example.com/x@topicy");
});
