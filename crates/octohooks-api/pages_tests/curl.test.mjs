/**
 * A request as a command line: each word of it is what it was, for a real shell.
 */

import assert from "node:assert/strict";
import {execFileSync} from "node:child_process";
import {test} from "node:test";

import {curlOf, hasGaps, quoted, wantsPicture} from "../pages/curl.js";

const NASTY = [
  "", "plain", "it's", "'", "''", "\\'", "a\nb", "\r\n", "tab\there", "$HOME `id` $(id) ${x}", "!history", "\\", "\\n", "\"", "ä€🖨",
  "--option", "@file", "<in >out | & ; # ~", "*?[a-z]{b,c}", "%s %%", " leading and trailing ", "\u0001\u007f"
];

/** The words that a shell makes of a command whose name is replaced by what prints them. */
function words(command) {
  const printed = execFileSync("sh", ["-c", command.replace(/^curl/, "printf '%s\\0'")], {encoding: "utf8"});
  return printed.split("\0").slice(0, -1);
}

const preview = (request, others = {}) => ({
  request: {method: "POST", url: "", headers: [], body: null, parts: null, ...request},
  address: "http://h/", picture_body: false, whole: true, ...others
});

test("any text is one word of a shell's", () => {
  for (const text of NASTY) {
    assert.deepEqual(words(`curl ${quoted(text)}`), [text]);
  }
});

test("address, headers and body come through whatever stands in them", () => {
  for (const text of NASTY) {
    const command = curlOf(preview({headers: [["X-Text", text || "x"]], body: text}, {address: `http://h/?${text}`}));
    const globoff = /[[\]{}]/.test(text) ? ["--globoff"] : [];
    assert.deepEqual(words(command),
      [...globoff, "--request", "POST", `http://h/?${text}`, "--header", `X-Text: ${text || "x"}`, "--data-raw", text]);
  }
});

test("GET has neither a method nor a body, and an empty header is sent as one", () => {
  const command = curlOf(preview({method: "GET", headers: [["X-Empty", ""], ["Accept", "*/*"]]}));
  assert.deepEqual(words(command), ["http://h/", "--header", "X-Empty;", "--header", "Accept: */*"]);
  assert.deepEqual(words(curlOf(preview({method: "GET"}), {insecure: true})), ["--insecure", "http://h/"]);
});

test("parts are told as parts, texts as they are, and curl makes their boundary", () => {
  const command = curlOf(preview({
    headers: [["Content-Type", "multipart/form-data; boundary=b"], ["X-A", "b"]],
    parts: [
      {name: "text", filename: null, content_type: null, size: 3, text: "@it's;type=x"},
      {name: "pic", filename: "snapshot.jpg", content_type: "image/jpeg", size: null, text: null}
    ]
  }));
  assert.deepEqual(words(command), [
    "--request", "POST", "http://h/", "--header", "X-A: b", "--form-string", "text=@it's;type=x",
    "--form", "pic=@snapshot.jpg;type=image/jpeg;filename=snapshot.jpg"
  ]);
  assert.ok(wantsPicture(command) && !hasGaps(command));
});

test("a picture as the body is a file, and what was covered is a gap", () => {
  const command = curlOf(preview({body: "(a picture, 5 bytes)"}, {picture_body: true, address: "http://h/••••"}));
  assert.deepEqual(words(command), ["--request", "POST", "http://h/••••", "--data-binary", "@snapshot.jpg"]);
  assert.ok(wantsPicture(command) && hasGaps(command));
});

test("what curl cannot be told is not told", () => {
  assert.equal(curlOf(preview({body: "cut…"}, {whole: false})), null);
  assert.equal(curlOf(preview({parts: [{name: "a=b", filename: null, text: "c"}]})), null);
});
