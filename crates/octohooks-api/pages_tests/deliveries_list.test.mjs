/**
 * The list of deliveries: what is asked for, and where a changed delivery goes.
 */

import assert from "node:assert/strict";
import {test} from "node:test";

import {chosen, hasEnded, isWaiting, passes, placeOf, queryOf} from "../pages/deliveries_list.js";

const ALL = {hook: "", state: ""};
const delivery = (id, at, state = "delivered", hook = "h") => ({id, at, state, hook_id: hook});
const LISTED = [delivery("c", 30), delivery("b", 20), delivery("a", 10)];

test("only what is chosen is asked for", () => {
  assert.equal(queryOf(ALL), "limit=30");
  assert.equal(queryOf({hook: "h 1", state: "given_up"}, "-7"), "limit=30&hook=h+1&state=given_up&before=-7");
});

test("both filters have to pass", () => {
  assert.equal(passes(delivery("x", 1), ALL), true);
  assert.equal(passes(delivery("x", 1), {hook: "other", state: ""}), false);
  assert.equal(passes(delivery("x", 1), {hook: "h", state: "skipped"}), false);
});

test("event and text have to pass as well, the text in any case of its letters", () => {
  const failed = {...delivery("x", 1), event: "PrintDone", topic: "Print Done", hook_name: "Discord", message: "Nobody answers."};
  assert.equal(passes(failed, {...ALL, event: "PrintDone", text: "nobody"}), true);
  assert.equal(passes(failed, {...ALL, event: "Error"}), false);
  assert.equal(passes(failed, {...ALL, text: "telegram"}), false);
  assert.deepEqual(chosen({...ALL, event: "Error", text: ""}), {event: "Error"});
});

test("what has ended can be sent again", () => {
  assert.deepEqual(["waiting", "sending", "delivered", "given_up", "skipped"].map((state) => hasEnded({state})),
    [false, false, true, true, true]);
});

test("a new delivery goes to the top, one that comes late to its place", () => {
  assert.deepEqual(placeOf(LISTED, delivery("d", 40), ALL, false), {index: 0, isKnown: false});
  assert.deepEqual(placeOf(LISTED, delivery("d", 15), ALL, false), {index: 2, isKnown: false});
  assert.deepEqual(placeOf([], delivery("d", 15), ALL, true), {index: 0, isKnown: false});
});

test("what belongs to a page that is not loaded waits for it", () => {
  assert.equal(placeOf(LISTED, delivery("d", 5), ALL, false), null);
  assert.deepEqual(placeOf(LISTED, delivery("d", 5), ALL, true), {index: 3, isKnown: false});
});

test("a listed delivery stays when it does not pass any more, a new one does not come", () => {
  const filter = {hook: "", state: "waiting"};
  assert.deepEqual(placeOf(LISTED, delivery("b", 20), filter, true), {index: 1, isKnown: true});
  assert.equal(placeOf(LISTED, delivery("d", 40), filter, true), null);
});

test("what waits for its turn or another try can be dropped", () => {
  assert.deepEqual(["waiting", "retrying", "sending", "delivered"].map((state) => isWaiting({state})), [true, true, false, false]);
  assert.equal(isWaiting(null), false);
});
