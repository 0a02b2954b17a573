/**
 * Finding the place where a text stops being JSON, beside the browser's own parser as the judge of what is JSON.
 */

import assert from "node:assert/strict";
import {test} from "node:test";

import {findJsonProblem, isInsideString} from "../pages/json_place.js";

/** The offset where `⟂` stands in the text is where the problem has to be. */
function check(marked, words) {
  const offset = marked.indexOf("⟂");
  const text = marked.replace("⟂", "");
  const problem = findJsonProblem(text);
  assert.notEqual(problem, null, `no problem in ${text}`);
  assert.equal(problem.offset, offset, `${text}: ${problem.message}`);
  assert.match(problem.message, words);
  assert.throws(() => JSON.parse(text), SyntaxError);
}

test("what is JSON has no problem", () => {
  const texts = [
    "{}", "[]", " null ", "0", "-1.5e+3", '"@topic"', '{"a": [1, {"b": "c\\n\\u00e4"}, true, false, null]}\n', '""', "[[[]]]"
  ];
  for (const text of texts) {
    JSON.parse(text);
    assert.equal(findJsonProblem(text), null, text);
  }
});

test("each usual slip is named at its place", () => {
  check("⟂", /empty/);
  check("⟂ \n ", /empty/);
  check('{"a": 1⟂,\n}', /comma/);
  check("[1⟂, ]", /comma/);
  check('{"a": 1\n ⟂"b": 2}', /comma.*missing/);
  check("{⟂a: 1}", /double quotes/);
  check("{⟂'a': 1}", /double quotes/);
  check('{"a": ⟂@topic}', /"@topic"/);
  check('{"a" ⟂1}', /colon/);
  check('{"a": ⟂}', /missing/);
  check('{"a": "b⟂\nc"}', /line/);
  check('{"a": ⟂"b}', /never closed/);
  check('⟂{"a": 1', /never closed/);
  check('{"a": ⟂[1, 2', /never closed/);
  check("{} ⟂{}", /after the end/);
  check('"a⟂\\x"', /backslash/);
  check('"a⟂\tb"', /tab/);
  check("⟂hello", /double quotes/);
  check("01⟂".replace("01⟂", "0⟂1"), /number/);
  check("1⟂x", /number/);
  check("⟂- 1", /number/);
  check("⟂// no", /comments/);
  check("[tru⟂e1]".replace("tru⟂e1", "⟂true1"), /double quotes/);
});

test("a deep nesting is a problem, not an overflow", () => {
  assert.match(findJsonProblem("[".repeat(100_000)).message, /deeply/);
});

test("it agrees with the browser on texts that are cut or changed anywhere", () => {
  const whole = '{"a": [1.5, -2e3, "x\\"\\u0041y"], "b": {"c": null, "d": true}, "e": "@topic: @message"}';
  const strange = ['"', ",", ":", "{", "}", "[", "]", "\\", "1", "a", "-", ".", "\n", " "];
  let compared = 0;
  for (let at = 0; at <= whole.length; at += 1) {
    const texts = [whole.slice(0, at), whole.slice(at), whole.slice(0, at) + whole.slice(at + 1)];
    texts.push(...strange.map((character) => whole.slice(0, at) + character + whole.slice(at)));
    for (const text of texts) {
      assert.equal(findJsonProblem(text) === null, isJson(text), text);
      compared += 1;
    }
  }
  assert.ok(compared > 1_000);
});

test("inside a string is between its quotation marks", () => {
  const text = '{"a\\"b": "c"}';
  assert.equal(isInsideString(text, 1), false);
  assert.equal(isInsideString(text, 2), true);
  assert.equal(isInsideString(text, 5), true);
  assert.equal(isInsideString(text, 8), false);
  assert.equal(isInsideString(text, text.indexOf("c")), true);
});

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
