/** The list of deliveries as data: what is asked for, and where a changed one goes. Pure. A filter is `{hook, state, event, text}`. */

/** The query of a page; `before` is the `next` of the page above. */
export function queryOf(filter, before = null) {
  const query = new URLSearchParams({limit: 50});
  for (const [name, value] of Object.entries({...filter, before})) {
    if (value) {
      query.set(name, value);
    }
  }
  return query.toString();
}

/** What of a filter is set, as the API wants it. */
export const chosen = (filter) => Object.fromEntries(Object.entries(filter).filter(([, value]) => value));

export function passes(delivery, {hook, state, event, text}) {
  const shown = [delivery.hook_name, delivery.topic, delivery.event, delivery.message].join("\n").toLowerCase();
  return (!hook || delivery.hook_id === hook) && (!state || delivery.state === state)
    && (!event || delivery.event === event) && (!text || shown.includes(text.toLowerCase()));
}

/**
 * Where a delivery that changed stands in the list: `{index, isKnown}`. Null when it does not pass the filter, or belongs
 * to a page that is not loaded yet. One that is listed stays, so that nothing vanishes while it is read.
 */
export function placeOf(listed, delivery, filter, isWhole) {
  const known = listed.findIndex(({id}) => id === delivery.id);
  if (known >= 0) {
    return {index: known, isKnown: true};
  }
  const older = listed.findIndex(({at}) => at <= delivery.at);
  if (!passes(delivery, filter) || (older < 0 && !isWhole)) {
    return null;
  }
  return {index: older < 0 ? listed.length : older, isKnown: false};
}

/** Whether it has come to its end, one way or the other. */
export const hasEnded = (delivery) => ["delivered", "given_up", "skipped"].includes(delivery?.state);

/** Whether it waits, for its turn or for another try. */
export const isWaiting = (delivery) => ["waiting", "retrying"].includes(delivery?.state);
