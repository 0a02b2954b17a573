/**
 * Which pages of a list without an end are looked at.
 */

import assert from "node:assert/strict";
import {test} from "node:test";

import {pagesAround} from "../pages/window.js";

const THREE = [100, 200, 300];

test("pages that are seen, whole or in part", () => {
  assert.deepEqual(pagesAround(THREE, 0, 100), {first: 0, last: 0});
  assert.deepEqual(pagesAround(THREE, 0, 101), {first: 0, last: 1});
  assert.deepEqual(pagesAround(THREE, 99, 301), {first: 0, last: 2});
  assert.deepEqual(pagesAround(THREE, 100, 300), {first: 1, last: 1});
});

test("beyond the end the next page is wanted", () => {
  assert.deepEqual(pagesAround(THREE, 350, 601), {first: 2, last: 3});
  assert.deepEqual(pagesAround(THREE, 900, 1000), {first: 2, last: 3});
  assert.deepEqual(pagesAround([], 0, 10), {first: 0, last: 0});
});

test("above the beginning there is nothing", () => {
  assert.deepEqual(pagesAround(THREE, -500, 50), {first: 0, last: 0});
});
