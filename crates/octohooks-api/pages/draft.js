/**
 * A hook while somebody edits it: complete, compared, and what is sent or kept of it. Pure. Secrets are write-only:
 * `null` keeps the saved one, a text sets it, "" clears it.
 */

const TEXT_FIELDS = ["name", "url", "headers", "data", "device_identifier"];

/** The fields that hold JSON, as problems name them. */
export const JSON_FIELDS = ["headers", "data", "oauth.headers", "oauth.data"];

/** What a hook does not mention unless it differs from this. */
const REST = {
  condition: {any: false, rules: [], expression: ""},
  quiet: {enabled: false, span: {from: "22:00", until: "07:00", days: []}, what: "hold", bypass: "critical", digest: false},
  picture: {source: "camera", camera: "", gcode_before: "", wait_seconds: 0, gcode_after: "", light_on_url: "", light_off_url: "", light_post: false, while_printing: false, max_kilobytes: 0, most_pictures: 0, file_name: "", timelapse: false},
  receiver: {markup: "plain", message_limit: 0, without_picture_url: "", without_picture_data: "", success_at: "", success_is: ""},
  follow_up: {
    mode: "off", id_at: "", method: null, url: "", data: "", without_picture_url: "", without_picture_data: "", unchanged_says: ""
  },
  signing: {keys: null, body_signature_header: "", body_signature_secret: null},
  tls: {ca: "", pinned_sha256: "", client_certificate: "", client_key: null},
  milestones: {
    every_minutes: 0, every_layers: 0, every_millimetres: 0, at_layers: "", at_heights: "", minutes_before_end: "", only_longer_than_minutes: 0
  },
  patience: {keep_minutes: null, fold_seconds: 60, late_after_seconds: 120, repeat_when_unsure: true}
};

/** What a hook is told of temperatures unless it says otherwise. */
const TEMPERATURE_RULES = "any reached\nany below 40";

/** A draft with every field and topic, missing ones from `blank`, the catalogue's new hook. */
export function completeDraft(hook, blank, topics) {
  const draft = structuredClone({...blank, ...hook});
  draft.oauth = structuredClone({...(blank.oauth ?? {}), ...(hook.oauth ?? {})});
  draft.api_secret = hook.api_secret ?? null;
  draft.temperature_rules = hook.temperature_rules ?? TEMPERATURE_RULES;
  draft.terminal_patterns = hook.terminal_patterns ?? "";
  for (const [name, defaults] of Object.entries(REST)) {
    // Of a picture a new hook wants more than one that does not mention it.
    const others = name === "picture" && hook.id !== undefined ? {} : blank[name];
    draft[name] = {...structuredClone(defaults), ...structuredClone(others), ...structuredClone(hook[name])};
  }
  draft.custom_events = (hook.custom_events ?? []).map((entry) => ({...structuredClone(entry), condition: conditionOf(entry)}));
  draft.events = {};
  for (const topic of topics) {
    // What a hook does not list is off, whatever a new hook would begin with.
    const listed = (hook.events ?? blank.events)?.[topic.key];
    draft.events[topic.key] = {
      enabled: listed !== undefined && listed.enabled !== false,
      message: listed?.message ?? topic.default_message,
      condition: conditionOf(listed)
    };
  }
  for (const field of TEXT_FIELDS) {
    draft[field] = draft[field] ?? "";
  }
  return draft;
}

/** What has to hold for an event, complete; of one that has no condition, none. */
export const conditionOf = (event) => structuredClone({...REST.condition, ...event?.condition});

/** Whether somebody changed something; the order of keys is no change. */
export function isChanged(draft, base) {
  return canonical(draft) !== canonical(base);
}

/** What goes to the API: without what only an import leaves behind, without a secret that is to stay. */
export function outgoing(draft) {
  const sent = structuredClone(draft);
  delete sent.notes;
  if (sent.api_secret === null || sent.api_secret === undefined) {
    delete sent.api_secret;
  }
  sent.custom_events = sent.custom_events.filter((entry) => entry.event.trim() !== "" || entry.message !== "");
  return sent;
}

/** What may be kept in the browser's session: everything but the write-only fields. */
export function withoutSecret(draft) {
  const kept = {...structuredClone(draft), api_secret: null};
  if (kept.signing) {
    // With a new key gone, the saved ones stay: a hook must not lose its signature by the way.
    const keys = kept.signing.keys?.every(Number.isInteger) ? kept.signing.keys : null;
    Object.assign(kept.signing, {keys, body_signature_secret: null});
  }
  if (kept.tls) {
    kept.tls.client_key = null;
  }
  return kept;
}

/** What is known of the saved write-only fields, out of the API's view of a hook. */
export function savedOf(view = {}) {
  return {
    api_secret: view.api_secret_set ?? false,
    signing_keys: view.signing_keys ?? [],
    body_signature_secret: view.body_signature_secret_set ?? false,
    client_key: view.client_key_set ?? false
  };
}

/** What the editor starts from, out of the API's view of a hook. */
export function startOf(view, note = null) {
  return {id: view.hook.id, etag: view.etag, draft: view.hook, saved: savedOf(view), problems: view.problems, note};
}

/** Signing keys as a list: texts are new ones, numbers saved ones that stay. */
export const keysOf = (keys, saved) => keys ?? saved.map((key, number) => number);

/** Null, for "as saved", where a list says just that. */
export function tidyKeys(keys, saved) {
  return keys.length === saved.length && keys.every((key, index) => key === index) ? null : keys;
}

/** The keys of a draft once `sent` was saved instead of `saved`: places in `sent` are the numbers now. */
export function keysAfter(keys, sent, saved) {
  const places = keysOf(sent, saved);
  const left = keysOf(keys, saved).filter((key) => typeof key === "string" || places.includes(key));
  return tidyKeys(left.map((key) => (places.includes(key) ? places.indexOf(key) : key)), places);
}

/** The text at a path such as `oauth.data`. */
export function textAt(draft, path) {
  return path.split(".").reduce((value, key) => value?.[key], draft);
}

export function setAt(draft, path, value) {
  const keys = path.split(".");
  const last = keys.pop();
  const owner = keys.reduce((inner, key) => inner[key], draft);
  owner[last] = value;
}

/** Whether the first level of the data asks for a picture; false while the data is no JSON. */
export function wantsSnapshot(data) {
  try {
    const value = JSON.parse(data);
    return value !== null && typeof value === "object" && !Array.isArray(value)
      && Object.values(value).includes("@snapshot");
  } catch {
    return false;
  }
}

function canonical(draft) {
  const {id: _id, notes: _notes, ...rest} = draft;
  return JSON.stringify(sorted({...rest, api_secret: rest.api_secret ?? null}));
}

function sorted(value) {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
  }
  return value;
}
