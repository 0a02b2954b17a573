/**
 * Doing something again while what it depends on changes: rarely, one at a time, the last one last.
 */

import assert from "node:assert/strict";
import {test} from "node:test";

import {latest} from "../pages/latest.js";

/** A timer whose time passes when it is told to. */
function makeTimer() {
  const waiting = new Map();
  let last = 0;
  return {
    after: (what, delay) => {
      last += 1;
      waiting.set(last, {what, delay});
      return last;
    },
    forget: (which) => waiting.delete(which),
    delays: () => [...waiting.values()].map(({delay}) => delay),
    pass: () => {
      const due = [...waiting.values()];
      waiting.clear();
      return Promise.all(due.map(({what}) => what()));
    }
  };
}

test("many wishes become one run, after the last of them", async () => {
  const timer = makeTimer();
  let runs = 0;
  const {ask} = latest(async () => { runs += 1; }, 300, timer);
  ask();
  ask();
  ask(0);
  assert.deepEqual([runs, timer.delays()], [0, [0]]);
  await timer.pass();
  await timer.pass();
  assert.equal(runs, 1);
});

test("what is wished for during a run is done after it, never beside it", async () => {
  const timer = makeTimer();
  const ends = [];
  let inside = 0;
  const {ask} = latest(() => {
    inside += 1;
    assert.equal(inside, 1);
    return new Promise((resolve) => ends.push(() => { inside -= 1; resolve(); }));
  }, 300, timer);
  ask();
  const first = timer.pass();
  ask();
  ask();
  await timer.pass();
  assert.equal(ends.length, 1);
  ends[0]();
  await first;
  const second = timer.pass();
  assert.equal(ends.length, 2);
  ends[1]();
  await second;
  assert.deepEqual(timer.delays(), []);
});

test("a run that fails ends it no more than one that is done, and a closed one never runs", async () => {
  const timer = makeTimer();
  let runs = 0;
  const failing = latest(async () => { runs += 1; throw new Error("on purpose"); }, 300, timer);
  failing.ask();
  await assert.rejects(timer.pass(), /on purpose/);
  failing.ask();
  await assert.rejects(timer.pass(), /on purpose/);
  failing.ask();
  failing.close();
  await timer.pass();
  assert.equal(runs, 2);
});
