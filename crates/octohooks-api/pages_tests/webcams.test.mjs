import assert from "node:assert/strict";
import {test} from "node:test";

import {namesIn, rowsOf} from "../pages/field_webcams.js";

const HERE = [{name: "classic", title: "Classic Webcam"}, {name: "garage", title: "The garage one"}];
const ticked = (text) => rowsOf(HERE, text).filter((row) => row.isTicked).map(({name}) => name);

test("a webcam is ticked by its name, or its title in any case", () => {
  assert.deepEqual(ticked(""), []);
  assert.deepEqual(ticked("garage"), ["garage"]);
  assert.deepEqual(ticked(" the GARAGE one \nclassic"), ["classic", "garage"]);
  assert.deepEqual(ticked("*"), []);
});

test("what is saved stays, whether it is there or not", () => {
  assert.deepEqual(ticked("attic\ngarage"), ["garage", "attic"]);
  assert.deepEqual(rowsOf(HERE, "attic").map(({isThere}) => isThere), [true, true, false]);
  assert.deepEqual(namesIn("a\n\n b, c \n"), ["a", "b, c"]);
});
