/**
 * Keeps unsaved drafts over a hidden dialog or a reload: whole in memory, without secrets in the session storage of
 * this tab. Gone when saved or discarded, or when somebody without the right to manage hooks opens the page.
 */

import {withoutSecret} from "./draft.js";

const STORAGE_KEY = "octoprint.plugins.webhooks.drafts";

/** Survives unmounting the page, as long as the window lives; null until the storage was looked into. */
let drafts = null;

/** Keeps `{id, etag, key, base, draft, saved}` under its key: the hook's id, or a name of its own for a new hook. */
export function keepDraft(key, entry) {
  all().set(key, structuredClone(entry));
  write();
}

export function keptDrafts() {
  return [...all().values()].map((entry) => structuredClone(entry));
}

export function keptDraft(key) {
  return structuredClone(all().get(key) ?? null);
}

export function dropDraft(key) {
  if (all().delete(key)) {
    write();
  }
}

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
