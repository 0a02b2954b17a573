import assert from "node:assert/strict";
import {test} from "node:test";

import {catalogueTexts, catalogues, pageTexts, placesOf, serviceNames} from "./catalogues.mjs";

const spoken = new Map([...catalogueTexts(), ...pageTexts()]);
const languages = await catalogues();

/** What services are called, and numbers, are the same everywhere; a language may say them differently, but need not. */
const isName = (text) => serviceNames().has(text) || /^\d+$/.test(text);

test("the texts are found in the sources", () => {
  assert.equal(spoken.get("Print Done"), "topic.rs");
  assert.equal(spoken.get("OctoPrint's name of the event."), "variables.rs");
  assert.equal(spoken.get("In Discord: channel settings, Integrations, Webhooks, New Webhook, Copy Webhook URL."), "discord.json");
  assert.equal(spoken.get("Will not send until mended:"), "editor.js");
  assert.equal(spoken.get("A backslash inside a text is written \\\\."), "json_place.js");
  assert.ok(spoken.get("Variables stand in double quotes, too: \"@topic\"."), "single quotes count, too");
  assert.ok(pageTexts().size > 250);
  assert.deepEqual(languages.map(([language]) => language), ["de"]);
});

for (const [language, catalogue] of languages) {
  test(`${language} has all that is said`, () => {
    const missing = [...spoken].filter(([text]) => !Object.hasOwn(catalogue, text) && !isName(text));
    assert.deepEqual(missing.map(([text, source]) => `${source}: ${text}`), []);
  });

  test(`${language} has nothing that nobody says`, () => {
    assert.deepEqual(Object.keys(catalogue).filter((text) => !spoken.has(text)), []);
  });

  test(`${language} has the same places in each text`, () => {
    const different = Object.entries(catalogue).filter(([text, translated]) => placesOf(text) !== placesOf(translated));
    assert.deepEqual(different, []);
  });
}
