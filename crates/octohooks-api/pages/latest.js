/**
 * Does something again whenever what it depends on changes: not at every key, never twice at once, and never with an old
 * answer after a newer one. Pure but for the timer.
 */

/** `{ask, close}`; `run` is asynchronous, and is done again when it was asked for meanwhile. */
export function latest(run, delay, {after = setTimeout, forget = clearTimeout} = {}) {
  let timer = null;
  let isRunning = false;
  let isWanted = false;
  let isClosed = false;

  /** Wishes for a run, in a moment; each wish puts it off. */
  function ask(soon = delay) {
    isWanted = true;
    forget(timer);
    timer = after(start, soon);
  }

  async function start() {
    if (isRunning || isClosed || !isWanted) {
      return;
    }
    isRunning = true;
    isWanted = false;
    try {
      await run();
    } finally {
      isRunning = false;
      if (isWanted && !isClosed) {
        ask();
      }
    }
  }

  return {
    ask,
    close() {
      isClosed = true;
      forget(timer);
    }
  };
}
