/**
 * A hook while somebody edits it.
 *
 * In: hooks as the API gives them. Out: drafts that have every field, the question whether two differ, and what is sent
 * or kept of them. Pure. The API secret is write-only: `null` keeps the saved one, a text sets it, "" clears it.
 */

const TEXT_FIELDS = ["name", "url", "headers", "data", "device_identifier"];

/** The fields that hold JSON, as problems name them. */
export const JSON_FIELDS = ["headers", "data", "oauth.headers", "oauth.data"];

/** A draft with every field filled, missing ones from `blank` (the catalogue's new hook), every topic listed. */
export function completeDraft(hook, blank, topics) {
  const draft = structuredClone({...blank, ...hook});
  draft.oauth = structuredClone({...(blank.oauth ?? {}), ...(hook.oauth ?? {})});
  draft.api_secret = hook.api_secret ?? null;
  draft.custom_events = structuredClone(hook.custom_events ?? []);
  draft.events = {};
  for (const topic of topics) {
    // What a hook does not list is off, whatever a new hook would begin with.
    const listed = (hook.events ?? blank.events)?.[topic.key];
    draft.events[topic.key] = {
      enabled: listed !== undefined && listed.enabled !== false,
      message: listed?.message ?? topic.default_message
    };
  }
  for (const field of TEXT_FIELDS) {
    draft[field] = draft[field] ?? "";
  }
  return draft;
}

/** Whether somebody changed something; a number typed as text is the same number, the order of keys is no change. */
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
    Object.assign(kept.signing, {keys: null, body_signature_secret: null});
  }
  if (kept.tls) {
    kept.tls.client_key = null;
  }
  return kept;
}

/** The text at a path such as `oauth.data`. */
export function textAt(draft, path) {
  return path.split(".").reduce((value, key) => value?.[key], draft);
}

/** Sets the value at a path such as `oauth.data`. */
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
