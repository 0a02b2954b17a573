import assert from "node:assert/strict";
import {test} from "node:test";

import {teller} from "../pages/told.js";
import {catalogueTexts, catalogues, pageTexts, placesOf, pluginSentences, refusals, serviceNames} from "./catalogues.mjs";
import {isSentence, literals, nameOfPlaces} from "./rust_sentences.mjs";

const spoken = new Map([...catalogueTexts(), ...pageTexts()]);
const languages = await catalogues();
const rust = literals();

/** What services are called, and numbers, are the same everywhere; a language may say them differently, but need not. */
const isName = (text) => serviceNames().has(text) || /^\d+$/.test(text);

/** What is written for programmers, for the log, or sent to receivers: it never stands on the page. */
const ELSEWHERE = [
  /^octohooks-api\/src\/(routes|openapi)\.rs/, /^octohooks-core\/src\/(topic|variables|variables\/document|template\/jinja\/filters)\.rs/, /^octohooks-core\/src\/(sample|detect)\//,
  /^octohooks-store\/src\/report\.rs/, /^octohooks-engine\/src\/(metrics|leftovers)\.rs: \w+ (?!sent|it)/
];
const ONLY_LOGGED = /^(More events came at once|\{waiting\} deliveries|\{\} to "\{\}"|An attempt ended|\{because\}|The printer waits)/;

const forPeople = [...rust].filter(([text, file]) => isSentence(text) && !ONLY_LOGGED.test(text)
  && !ELSEWHERE.some((place) => place.test(`${file}: ${text}`)));
const told = new Map([...forPeople, ...refusals(), ...pluginSentences()]);

test("the texts are found in the sources", () => {
  assert.equal(spoken.get("Print Done"), "topic.rs");
  assert.equal(spoken.get("OctoPrint's name of the event."), "variables.rs");
  assert.equal(spoken.get("In Discord: channel settings, Integrations, Webhooks, New Webhook, Copy Webhook URL."), "discord.json");
  assert.equal(spoken.get("Will not send until mended:"), "editor.js");
  assert.equal(spoken.get("A backslash inside a text is written \\\\."), "json_place.js");
  assert.ok(spoken.get("Variables stand in double quotes, too: \"@topic\"."), "single quotes count, too");
  assert.equal(told.get("{origin} is not encrypted. Use https:// if the server has it."), "octohooks-core/src/hook/check.rs");
  assert.equal(told.get("An access token begins with tk_."), "ntfy.json");
  assert.equal(told.get("The camera gave no picture within {seconds:.0f} seconds."), "camera.py");
  assert.equal(told.get("Please enter your password again."), "api.py");
  assert.ok(pageTexts().size > 250);
  assert.ok(forPeople.length > 200);
  assert.deepEqual(languages.map(([language]) => language), ["de"]);
});

for (const [language, {default: catalogue, sentences}] of languages) {
  test(`${language} has all that the page says`, () => {
    const missing = [...spoken].filter(([text]) => !Object.hasOwn(catalogue, text) && !isName(text));
    assert.deepEqual(missing.map(([text, source]) => `${source}: ${text}`), []);
  });

  test(`${language} has all that the engine says`, () => {
    const missing = [...told].filter(([text]) => !Object.hasOwn(sentences, text));
    assert.deepEqual(missing.map(([text, source]) => `${source}: ${text}`), []);
  });

  test(`${language} has nothing that nobody says`, () => {
    const within = [...rust.keys()].join("\n");
    assert.deepEqual(Object.keys(catalogue).filter((text) => !spoken.has(text)), []);
    assert.deepEqual(Object.keys(sentences).filter((text) => !told.has(text) && !within.includes(text)), []);
  });

  test(`${language} has the same places in each text`, () => {
    const differ = (names) => ([text, translated]) => names(text) !== names(translated);
    assert.deepEqual(Object.entries(catalogue).filter(differ(placesOf)), []);
    assert.deepEqual(Object.entries(sentences).filter(differ(nameOfPlaces)), []);
  });
}

test("the engine's sentences are told in German, with what stands in their places", () => {
  const tell = teller(languages[0][1].sentences);
  for (const [english, german] of [
    ["Delivered: 204 No Content in 35 ms.", "Zugestellt: 204 No Content in 35 ms."],
    ["No answer within 10 s: waiting for the answer of http://pi.local. The connection stands, but the server is silent or too slow.",
      "Keine Antwort innerhalb von 10 s: beim Warten auf die Antwort von http://pi.local. Die Verbindung steht, aber der Server schweigt oder ist zu langsam."],
    ["The receiver has a problem: 500 Internal Server Error. Next try in 5 s.",
      "Der Empfänger hat ein Problem: 500 Internal Server Error. Nächster Versuch in 5 s."],
    ["@topik is not a variable: it becomes an empty text. Is @topic meant?", "@topik ist keine Variable: es wird ein leerer Text. Ist @topic gemeint?"],
    ["The OAuth request failed, so the webhook was not sent. There is no host with the name nas.local. Is the device switched on and in this network?",
      "Die OAuth-Anfrage ist gescheitert, deshalb wurde der Webhook nicht gesendet. Es gibt keinen Rechner mit dem Namen nas.local. Ist das Gerät eingeschaltet und in diesem Netz?"],
    ["Waiting until 14:05: the last 3 attempts failed.", "Wartet bis 14:05: die letzten 3 Versuche sind gescheitert."],
    ["This is empty. Write at least {} for nothing.", "Hier steht nichts. Schreibe wenigstens {}, wenn es nichts sein soll."],
    ["For a query (GET) the data has to be an object: {\"name\": \"value\"}.", "Für eine Abfrage (GET) müssen die Daten ein Objekt sein: {\"name\": \"wert\"}."],
    ["It may be that nobody has this sentence. Check its spelling.", "It may be that nobody has this sentence. Prüfe die Schreibweise."],
    ["The hooks file is missing. The version before it is used.", "Die Datei der Webhooks fehlt. Die Fassung davor wird benutzt."],
    ["", ""]
  ]) {
    assert.equal(tell(english), german);
  }
});
