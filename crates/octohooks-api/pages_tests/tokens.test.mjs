/**
 * What is what in a text with variables, told like the engine tells it, whatever has been typed of it so far.
 */

import assert from "node:assert/strict";
import {test} from "node:test";

import {meantBy, piecesOf} from "../pages/template_names.js";
import {tokensOf} from "../pages/tokens.js";

const KNOWN = ["topic", "message", "job", "extra", "access_token", "deviceIdentifier", "currentZ"];
const knows = (root) => KNOWN.includes(root);
const shown = (text, kind = "json", how) => tokensOf(text, kind, KNOWN, how).map(({from, to, type}) => `${type} ${text.slice(from, to)}`);
const names = (text) => piecesOf(text, knows).map(({from, to, type}) => `${type} ${text.slice(from, to)}`);

test("variables are found where the engine finds them", () => {
  assert.deepEqual(names("@topic, @topic."), ["variable @topic", "variable @topic"]);
  assert.deepEqual(names("@topic-@message"), ["variable @topic", "variable @message"]);
  assert.deepEqual(names("@job.file.name!"), ["variable @job.file.name"]);
  assert.deepEqual(names("@topic-x.y"), ["variable @topic"]);
  assert.deepEqual(names("me@topic äµ@topic 1@topic @topic@message"), ["variable @topic", "variable @message"]);
  assert.deepEqual(names("@@topic @@@topic"), ["escape @@", "escape @@", "variable @topic"]);
  assert.deepEqual(names("@everyone @. @-x @"), ["unknown @everyone"]);
  assert.deepEqual(names("\u{1d400}@topic"), [], "a letter beyond the first plane is one as well");
  assert.deepEqual(names("{{ job.x }}@topic{% if @topic %}{# @topic #}{{ open"), [
    "block {{ job.x }}", "variable @topic", "block {% if @topic %}", "block {# @topic #}", "block {{ open"
  ]);
});

test("a slip of the finger is told from a mention", () => {
  assert.equal(meantBy("mesage", KNOWN), "message");
  assert.equal(meantBy("Topic.x", KNOWN), "topic");
  assert.equal(meantBy("deviceidentifer", KNOWN), "deviceIdentifier");
  assert.equal(meantBy("everyone", KNOWN), undefined);
  assert.deepEqual(shown("hi @everyone and @mesage", "text"), ["unknown @mesage"]);
  assert.deepEqual(shown("hi @everyone", "text", {isOpen: true}), ["variable @everyone"]);
  assert.deepEqual(shown('["@nothing", "a @nothing"]').filter((token) => token.startsWith("unknown")), ["unknown @nothing"]);
});

test("where a hook has no blocks, braces are text", () => {
  assert.deepEqual(piecesOf("{{ @topic }}", knows, false).map(({type}) => type), ["variable"]);
  assert.deepEqual(shown('["{{ topic }}"]', "json", {hasBlocks: false}), ["mark [", 'string "{{ topic }}"', "mark ]"]);
});

test("JSON is taken apart, keys told from values", () => {
  assert.deepEqual(shown('{"@topic": ["a @topic!", -1.5, true]}'), [
    "mark {", 'key "@topic"', "mark :", "mark [", 'string "a ', "variable @topic", 'string !"', "mark ,", "number -1.5", "mark ,", "word true",
    "mark ]", "mark }"
  ]);
});

test("an escape is what it stands for", () => {
  const variables = (text) => shown(text).filter((token) => token.startsWith("variable"));
  assert.deepEqual(variables('["\\n@topic", "\\u0041@topic", "\\u0020@topic", "\\"@topic\\""]'),
    ["variable @topic", "variable @topic", "variable @topic"]);
});

test("the place of an error is marked, and nothing is lost around it", () => {
  assert.deepEqual(shown('{"a": 1,\n}'), ["mark {", 'key "a"', "mark :", "number 1", "bad ,", "mark }"]);
  assert.deepEqual(shown('{"a": @topic}').filter((token) => token.startsWith("bad")), ["bad @"]);
  assert.deepEqual(shown('{"a": "open'), ["mark {", 'key "a"', "mark :", 'bad "', "string open"]);
  assert.deepEqual(shown("").length, 0);
});

test("stretches never overlap and stay inside, whatever is typed", () => {
  const alphabet = ['"', "{", "}", "[", "]", ":", ",", "\\", "@", "topic", "{{", "}}", "{%", "\n", " ", "1", "ä", "😀", "null", "x"];
  let seed = 7;
  const next = (most) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % most;
  };
  for (let round = 0; round < 3000; round += 1) {
    const text = Array.from({length: next(14)}, () => alphabet[next(alphabet.length)]).join("");
    for (const kind of ["json", "text", "url"]) {
      let end = 0;
      for (const {from, to} of tokensOf(text, kind, KNOWN)) {
        assert.ok(from >= end && to > from && to <= text.length, JSON.stringify([text, kind, from, to]));
        end = to;
      }
    }
  }
});
