import assert from "node:assert/strict";
import {test} from "node:test";

import {looksLikeAddress, matching} from "../pages/services_found.js";

const SERVICES = [
  {key: "discord", name: "Discord", group: "chat", description: "A message in a channel of your Discord server."},
  {key: "home_assistant_webhook", name: "Home Assistant", group: "home", description: "Starts an automation."},
  {key: "twilio", name: "Twilio", group: "sms", description: "A text message to a telephone."}
];

const found = (text) => matching(SERVICES, text).map(({key}) => key);

test("nothing typed finds all, in their order", () => {
  assert.deepEqual(found("  "), ["discord", "home_assistant_webhook", "twilio"]);
});

test("every word has to stand somewhere, in any case", () => {
  assert.deepEqual(found("MESSAGE"), ["discord", "twilio"]);
  assert.deepEqual(found("message sms"), ["twilio"]);
  assert.deepEqual(found("assistant webhook"), ["home_assistant_webhook"]);
  assert.deepEqual(found("message nothing"), []);
});

test("what the page says in its language is found as well", () => {
  const german = {"A text message to a telephone.": "Eine SMS an ein Telefon."};
  const keys = (text) => matching(SERVICES, text, (said) => german[said] ?? said).map(({key}) => key);
  assert.deepEqual(keys("eine sms"), ["twilio"]);
  assert.deepEqual(keys("text message"), ["twilio"]);
});

test("an address is told from a search", () => {
  for (const text of ["https://discord.com/api/webhooks/1/a", " tgram://1:a/2 ", "ntfys://topic"]) {
    assert.ok(looksLikeAddress(text), text);
  }
  for (const text of ["", "discord", "a: b", "https://", "see https://example.com", "home assistant"]) {
    assert.ok(!looksLikeAddress(text), text);
  }
});
