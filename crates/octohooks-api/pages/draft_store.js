/**
 * Keeps unsaved drafts, so that hiding the dialog, another page or a reload of the browser does not lose them.
 *
 * In memory they are whole; in the browser's session storage (this tab, until it is closed) they are without the API
 * secret. They are never sent anywhere, and gone as soon as they are saved or discarded, or somebody without the right to
 * manage hooks opens the page.
 */

import {withoutSecret} from "./draft.js";

const STORAGE_KEY = "octoprint.plugins.webhooks.drafts";

/** Survives unmounting the page, as long as the window lives; null until the storage was looked into. */
let drafts = null;

/** Keeps `{id, etag, key, base, draft, secretSet}` under its key: the hook's id, or a name of its own for a new hook. */
export function keepDraft(key, entry) {
  all().set(key, structuredClone(entry));
  write();
}

/** All kept drafts. */
export function keptDrafts() {
  return [...all().values()].map((entry) => structuredClone(entry));
}

/** The draft of one hook, or null. */
export function keptDraft(key) {
  return structuredClone(all().get(key) ?? null);
}

/** Forgets one. */
export function dropDraft(key) {
  if (all().delete(key)) {
    write();
  }
}

/** Forgets all of them. */
export function dropAllDrafts() {
  all().clear();
  write();
}

function all() {
  drafts = drafts ?? new Map(read().map((entry) => [entry.key, entry]));
  return drafts;
}

function read() {
  try {
    const stored = JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? "[]");
    return stored.filter((entry) => entry?.key && entry.draft && entry.base);
  } catch {
    // Forbidden, or written by something else.
    return [];
  }
}

function write() {
  const entries = [...all().values()].map((entry) => ({
    ...entry,
    base: withoutSecret(entry.base),
    draft: withoutSecret(entry.draft)
  }));
  try {
    if (entries.length === 0) {
      sessionStorage.removeItem(STORAGE_KEY);
    } else {
      sessionStorage.setItem(STORAGE_KEY, JSON.stringify(entries));
    }
  } catch {
    // Full or forbidden; the memory still has them.
  }
}
