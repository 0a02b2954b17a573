/**
 * Drafts: complete, compared, and what leaves the editor.
 */

import assert from "node:assert/strict";
import {test} from "node:test";

import {
  completeDraft, isChanged, keysAfter, keysOf, outgoing, savedOf, setAt, textAt, tidyKeys, wantsSnapshot, withoutSecret
} from "../pages/draft.js";

const TOPICS = [{key: "print_done", default_message: "Done."}, {key: "error", default_message: "Oh."}];
const BLANK = {
  name: "", enabled: true, url: "", method: "POST", content_type: "json", headers: "{}", data: "{}", device_identifier: "",
  events: {print_done: {enabled: true, message: "Done."}}, progress_interval_percent: 50, custom_events: [],
  cooldown_seconds: 0, cancelled_counts_as_failed: false, verify_tls: true, oauth: {enabled: false, url: "", data: "{}"}
};
const NONE = {any: false, rules: [], expression: ""};
const complete = (hook) => completeDraft(hook, BLANK, TOPICS);

test("a draft lists every topic, and what the hook does not list is off", () => {
  const draft = complete({id: "h", name: "x", events: {print_done: {message: "Mine"}}});
  assert.deepEqual(draft.events, {
    print_done: {enabled: true, message: "Mine", condition: NONE}, error: {enabled: false, message: "Oh.", condition: NONE}
  });
  assert.deepEqual(complete({id: "h", events: {}}).events.print_done, {enabled: false, message: "Done.", condition: NONE});
});

test("what has to hold for one event stays", () => {
  const condition = {rules: [{about: "user", names: ["anna"], not: false}]};
  const {events, custom_events: custom} = complete({
    id: "h", events: {print_done: {message: "", condition}}, custom_events: [{event: "A", message: "", condition}, {event: "B", message: ""}]
  });
  const whole = {...NONE, ...condition};
  assert.deepEqual([events.print_done.condition, custom[0].condition, custom[1].condition], [whole, whole, NONE]);
});

test("a saved hook that does not mention its picture has the camera's, whatever a new one would have", () => {
  const blank = {...BLANK, picture: {source: "camera_or_thumbnail"}};
  assert.equal(completeDraft({id: "h"}, blank, TOPICS).picture.source, "camera");
  assert.equal(completeDraft({}, blank, TOPICS).picture.source, "camera_or_thumbnail");
  assert.equal(completeDraft({id: "h", picture: {source: "thumbnail"}}, blank, TOPICS).picture.source, "thumbnail");
});

test("a draft shares nothing with what it was made of", () => {
  const hook = {id: "h", custom_events: [{event: "A", message: ""}], oauth: {enabled: true}};
  const draft = complete(hook);
  draft.custom_events[0].event = "B";
  draft.oauth.enabled = false;
  assert.equal(hook.custom_events[0].event, "A");
  assert.equal(hook.oauth.enabled, true);
});

test("only what the user changes is a change", () => {
  const base = complete({id: "h", name: "x", notes: [{field: "url"}]});
  const draft = structuredClone(base);
  delete draft.notes;
  assert.equal(isChanged(draft, base), false);
  assert.equal(isChanged(Object.fromEntries(Object.entries(draft).reverse()), base), false);
  draft.events.error.enabled = true;
  assert.equal(isChanged(draft, base), true);
});

test("a secret that is set or cleared is a change, one that is kept is none", () => {
  const base = complete({id: "h"});
  assert.equal(isChanged({...base, api_secret: undefined}, base), false);
  assert.equal(isChanged({...base, api_secret: ""}, base), true);
  assert.equal(isChanged({...base, api_secret: "s"}, base), true);
});

test("a kept secret is not sent, a cleared one is sent empty, remarks of an import are not sent", () => {
  assert.equal("api_secret" in outgoing({...complete({}), api_secret: null}), false);
  assert.equal(outgoing({...complete({}), api_secret: ""}).api_secret, "");
  assert.equal(outgoing({...complete({}), api_secret: "s"}).api_secret, "s");
  assert.equal("notes" in outgoing({...complete({}), notes: []}), false);
});

test("a row of custom events that nobody filled in is not sent", () => {
  const draft = complete({custom_events: [{event: " ", message: ""}, {event: "", message: "kept"}, {event: "A", message: ""}]});
  assert.deepEqual(outgoing(draft).custom_events.map(({event}) => event), ["", "A"]);
});

test("what is kept in the browser has no secret", () => {
  assert.equal(withoutSecret({...complete({}), api_secret: "planted"}).api_secret, null);
});

test("a reload forgets new keys, and then keeps the saved ones; what was removed stays removed", () => {
  const kept = (keys) => withoutSecret(complete({signing: {keys, body_signature_secret: "planted"}})).signing;
  assert.deepEqual(kept(["whsec_planted", 0]), {keys: null, body_signature_header: "", body_signature_secret: null});
  assert.deepEqual(kept([1]).keys, [1]);
  assert.deepEqual(kept([]).keys, []);
  assert.equal(withoutSecret(complete({tls: {client_key: "planted"}})).tls.client_key, null);
});

test("what a hook does not mention is as it is by itself", () => {
  const draft = complete({patience: {fold_seconds: 5}, tls: {ca: "x"}});
  assert.deepEqual(draft.patience, {keep_minutes: null, fold_seconds: 5, late_after_seconds: 120, repeat_when_unsure: true});
  assert.deepEqual(draft.tls, {ca: "x", pinned_sha256: "", client_certificate: "", client_key: null});
  assert.equal(isChanged(complete({}), complete({patience: {keep_minutes: null}, signing: {keys: null}})), false);
});

test("a list of all saved keys in their order is no change", () => {
  const saved = [{kind: "hmac"}, {kind: "ed25519"}];
  assert.deepEqual(keysOf(null, saved), [0, 1]);
  assert.equal(tidyKeys([0, 1], saved), null);
  assert.deepEqual(tidyKeys([1, 0], saved), [1, 0]);
  assert.deepEqual(tidyKeys([], saved), []);
  assert.equal(tidyKeys([], []), null);
});

test("keys that were saved meanwhile become numbers", () => {
  assert.equal(keysAfter(["new", 0], ["new", 0], [{}]), null);
  assert.deepEqual(keysAfter(["newer", "new", 0], ["new", 0], [{}]), ["newer", 0, 1]);
  assert.deepEqual(keysAfter([0], ["new", 0], [{}]), [1]);
  assert.deepEqual(keysAfter(["new"], null, [{}]), ["new"]);
  assert.deepEqual(keysAfter(null, [1], [{}, {}]), null);
});

test("what is known of saved secrets, of a new hook nothing", () => {
  assert.deepEqual(savedOf(), {api_secret: false, signing_keys: [], body_signature_secret: false, client_key: false});
  assert.equal(savedOf({client_key_set: true}).client_key, true);
});

test("paths reach inside", () => {
  const draft = complete({});
  setAt(draft, "oauth.data", "[]");
  setAt(draft, "url", "https://a/");
  assert.equal(textAt(draft, "oauth.data"), "[]");
  assert.equal(textAt(draft, "url"), "https://a/");
});

test("a picture is wanted on the first level only, as the whole value", () => {
  assert.equal(wantsSnapshot('{"a": "@snapshot"}'), true);
  assert.equal(wantsSnapshot('{"a": {"b": "@snapshot"}}'), false);
  assert.equal(wantsSnapshot('["@snapshot"]'), false);
  assert.equal(wantsSnapshot('{"a": "x @snapshot"}'), false);
  assert.equal(wantsSnapshot("{"), false);
});
