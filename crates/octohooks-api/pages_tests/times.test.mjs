/**
 * Spans of time: chosen for a list, and told.
 */

import assert from "node:assert/strict";
import {test} from "node:test";

import {passes, queryOf, timesOf} from "../pages/deliveries_list.js";
import {duration} from "../pages/texts.js";

const NOW = new Date(2026, 10, 24, 15, 30).getTime();

test("a span ends now, a day goes from midnight to midnight, and anything else is any time", () => {
  assert.deepEqual(timesOf("hour", NOW), {since: NOW - 3_600_000, until: null});
  assert.deepEqual(timesOf("week", NOW), {since: NOW - 7 * 24 * 3_600_000, until: null});
  assert.deepEqual(timesOf("2026-11-23", NOW), {since: new Date(2026, 10, 23).getTime(), until: new Date(2026, 10, 24).getTime()});
  for (const none of ["", "on", "nonsense", "constructor"]) {
    assert.deepEqual(timesOf(none, NOW), {since: null, until: null});
  }
});

test("the span is asked for, and what comes in has to be within it", () => {
  const filter = {hook: "", state: "", event: "", text: "", since: 10, until: 20};
  assert.equal(queryOf(filter), "limit=30&since=10&until=20");
  const at = (moment) => passes({hook_id: "h", at: moment}, filter);
  assert.deepEqual([9, 10, 19, 20].map(at), [false, true, true, false]);
});

test("how long something took is told in two units at most", () => {
  assert.deepEqual([0, 1_000, 65_000, 3_725_000, 90_061_000].map(duration), ["0 sec", "1 sec", "1 min, 5 sec", "1 hr, 2 min", "1 day, 1 hr"]);
  assert.equal(duration(3_605_000), "1 hr");
});
