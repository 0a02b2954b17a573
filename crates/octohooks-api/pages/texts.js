/**
 * The words of the page. Sentences stand as literals inside `_("…")`, so that catalogues can be made from these files.
 */

let translate = (text) => text;

/** Takes the host's translator; until then everything stays English. */
export function useTranslator(translator) {
  translate = translator;
}

export function _(text) {
  return translate(text);
}

export const nameOf = (hook) => hook.name || _("Webhook without a name");

/** Puts values into `%(name)s` places; a place without a value stays as it is. */
export function fill(text, values) {
  return text.replace(/%\((\w+)\)s/g, (place, name) => (name in values ? String(values[name]) : place));
}

const STEPS = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];

/** How long ago or ahead a moment is ("2 minutes ago"), in the page's language. Milliseconds since 1970, both. */
export function relativeTime(moment, now = Date.now()) {
  const seconds = Math.round((moment - now) / 1000);
  const [unit, size] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? STEPS[STEPS.length - 1];
  return new Intl.RelativeTimeFormat(language(), {numeric: "auto"}).format(Math.trunc(seconds / size), unit);
}

export function fullTime(moment) {
  return new Date(moment).toLocaleString(language());
}

/** The time, with the date where that is not today. */
export function clockTime(moment) {
  const time = new Date(moment);
  return time.toDateString() === new Date().toDateString() ? time.toLocaleTimeString(language()) : time.toLocaleString(language());
}

/** Names in one sentence, the way the page's language lists them. */
export function listOf(names) {
  return names.join(", ");
}

function language() {
  const declared = typeof document === "undefined" ? "" : document.documentElement.lang;
  return declared || undefined;
}
