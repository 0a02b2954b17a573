/**
 * Which variables fit where the caret stands (`|` in these texts).
 */

import assert from "node:assert/strict";
import {test} from "node:test";

import {completionAt} from "../pages/completion.js";

const VARIABLES = ["topic", "message", "job", "extra", "printerName"].map((name) => ({name, description: `About ${name}.`}));
const VALUES = {
  topic: "Print Done", extra: {name: "benchy.gcode", "not nameable": 1, list: [{x: 1}]}, job: {file: {name: "benchy.gcode", size: 5}, user: null}
};

function at(marked, kind = "json", how = {}) {
  const caret = marked.indexOf("|");
  const found = completionAt(marked.replace("|", ""), caret, kind, {variables: VARIABLES, values: VALUES, ...how});
  return found && {...found, names: found.options.map(({name}) => name), texts: found.options.map(({text}) => text)};
}

test("after an @ all variables fit, then those that begin with what is typed, then those that hold it", () => {
  assert.deepEqual(at('{"a": "@|"}').names, ["topic", "message", "job", "extra", "printerName"]);
  assert.deepEqual(at('{"a": "x @E|"}').names, ["extra", "message", "printerName"]);
  assert.deepEqual([at('"@to|x"').from, at('"@to|x"').to], [1, 4]);
  assert.equal(at('{"a": "|"}'), null);
  assert.equal(at('{"a": "@nothing|"}'), null);
});

test("what they stand for is told, in short", () => {
  const [topic] = at("@top|", "text").options;
  assert.deepEqual(topic, {name: "topic", value: '"Print Done"', about: "About topic.", text: "@topic"});
  assert.equal(completionAt("@t", 2, "text", {variables: VARIABLES, values: {topic: "x".repeat(500)}}).options[0].value.length, 71);
});

test("dots reach inside of what really happened", () => {
  assert.deepEqual(at('"@job.|"').names, ["job.file", "job.user"]);
  assert.deepEqual(at('"@job.file.s|"').texts, ["@job.file.size"]);
  assert.deepEqual(at('"@extra.|"').names, ["extra.name", "extra.list"], "a key with a blank cannot be named");
  assert.deepEqual(at('"@extra.list.|"').names, ["extra.list.0"]);
  assert.equal(at('"@job.nothing.|"'), null);
  assert.equal(at('"@job.constructor.|"'), null);
});

test("an @ within a word, and an escaped one, begin nothing", () => {
  assert.equal(at("me@to|", "text"), null);
  assert.equal(at("@@to|", "text"), null);
  assert.deepEqual(at("@@@to|", "text").names, ["topic"]);
  assert.deepEqual(at('"line\\n@to|"').names, ["topic"]);
});

test("outside of a text of JSON, quotes come with it", () => {
  assert.deepEqual(at('{"a": @to|}').texts, ['"@topic"']);
  assert.deepEqual(at("https://h/@to|", "url").texts, ["@topic"]);
});

test("in a block of a template no @ is wanted", () => {
  assert.deepEqual(at('{"a": "{{ job.fi|"}').texts, ["job.file"]);
  assert.deepEqual(at('{"a": "{% if to| %}"}').texts, ["topic"]);
  assert.equal(at('{"a": "{{ job }} to|"}'), null);
  assert.equal(at("{{ 'to|", "text"), null);
  assert.equal(at("{{ to|", "text", {hasBlocks: false}), null);
});

test("when asked, all are told where nothing is typed yet; what is written out needs nothing more", () => {
  assert.equal(at("|", "text", {isAsked: true}).names.length, 5);
  assert.equal(at("hello |", "text", {isAsked: true}).texts[0], "@topic");
  assert.equal(at("hello|", "text", {isAsked: true}), null);
  assert.equal(at("@topic|", "text"), null);
  assert.deepEqual(at('{"a": "{{ |"}', "json", {isAsked: true}).texts[0], "topic");
});
