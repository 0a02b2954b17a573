/**
 * A list without an end: pages of rows, of which those around what is looked at are in the document and the others are empty
 * space of their height. Pages are read when they come near, downwards and upwards, and by jumps.
 *
 * Which pages those are is decided by `pagesAround`, which is pure.
 */

import {fillWith, h} from "./dom.js";

/** Rows of a page that was not in the document yet are taken for this high, in pixels. */
const ROW_HEIGHT = 62;

/**
 * The first and the last of the pages that stretch over what is between two heights; `last` is one more than there are where
 * the next page, not read yet, is wanted as well. `heights` are those of the pages, from above.
 */
export function pagesAround(heights, from, to) {
  let [top, first, last] = [0, null, 0];
  heights.forEach((height, index) => {
    if (top + height > from && top < to) {
      first = first ?? index;
      last = index;
    }
    top += height;
  });
  return {first: first ?? Math.max(0, heights.length - 1), last: top < to ? heights.length : last};
}

/**
 * `{element, pages, reload, settle, close}`. `read(before)` resolves to `{rows, next}`, `before` being the `next` of the page
 * above; `build(row)` makes an element; `left(rows)` is told of rows that go.
 */
export function endlessList({read, build, left, failed}) {
  const above = h("div", {"aria-hidden": "true"});
  const below = h("div", {"aria-hidden": "true"});
  const element = h("div", {class: "wh-endless"}, above, below);
  /** `{before, next, height, rows, element}`; the element is null outside of the document. */
  let pages = [];
  let age = 0;
  let busy = null;
  let isMoved = false;
  let timer = null;

  /** Begins anew; resolves when what is seen of it is there. */
  async function reload() {
    age += 1;
    const mine = age;
    const page = await fetched(null, mine);
    if (page === null) {
      return false;
    }
    const gone = pages;
    pages = [page];
    gone.forEach(drop);
    put(page, below);
    pad();
    settle();
    return true;
  }

  async function fetched(before, mine) {
    const {rows, next} = await read(before, () => mine === age);
    return mine === age ? {before, next, rows, height: rows.length * ROW_HEIGHT, element: null} : null;
  }

  function put(page, anchor) {
    page.element = h("ul", {class: "wh-rows wh-page"}, page.rows.map(build));
    anchor.before(page.element);
  }

  function drop(page) {
    if (page.element === null) {
      return;
    }
    page.height = page.element.offsetHeight;
    if (page.element.contains(document.activeElement)) {
      element.tabIndex = -1;
      element.focus({preventScroll: true});
    }
    page.element.remove();
    page.element = null;
    left(page.rows);
  }

  /** The space of what is not in the document. */
  function pad() {
    const live = pages.filter((page) => page.element !== null);
    const sum = (some) => some.reduce((height, page) => height + page.height, 0);
    const first = pages.indexOf(live[0]);
    const last = pages.indexOf(live.at(-1));
    above.style.height = `${sum(pages.slice(0, Math.max(0, first)))}px`;
    below.style.height = `${sum(pages.slice(last + 1))}px`;
  }

  /** Brings the pages in that are looked at, one screen more each way, and the others out; resolves when that is done. */
  function settle() {
    isMoved = true;
    busy = busy ?? work();
    return busy;
  }

  async function work() {
    const mine = age;
    try {
      while (isMoved && mine === age && element.isConnected) {
        isMoved = false;
        isMoved = await step(mine) || isMoved;
      }
    } catch (error) {
      failed(error);
    } finally {
      busy = null;
    }
    if (mine !== age) {
      await settle();
    }
  }

  /** Whether something changed, so that it is to be looked at again. */
  async function step(mine) {
    if (element.offsetParent === null) {
      // Nothing of it has a height while the dialog around is away.
      return false;
    }
    for (const page of pages) {
      page.height = page.element?.offsetHeight ?? page.height;
    }
    const screen = seen(element);
    const heights = pages.map(({height}) => height);
    const around = pagesAround(heights, screen.from - screen.height, screen.to + screen.height);
    const kept = pagesAround(heights, screen.from - 3 * screen.height, screen.to + 3 * screen.height);
    if (pages.some((page, index) => page.element !== null && (index < kept.first || index > kept.last))) {
      pages.forEach((page, index) => (index < kept.first || index > kept.last ? drop(page) : null));
      pad();
    }
    const index = wanted(around);
    if (index === null) {
      return false;
    }
    if (index === pages.length) {
      const page = await fetched(pages.at(-1).next, mine);
      if (page === null) {
        return false;
      }
      pages.push(page);
      put(page, below);
    } else {
      const page = await fetched(pages[index].before, mine);
      if (page === null) {
        return false;
      }
      Object.assign(pages[index], {rows: page.rows, next: page.next});
      const after = pages.slice(index + 1).find((later) => later.element !== null);
      put(pages[index], after?.element ?? below);
    }
    pad();
    return true;
  }

  /** The next page to be read; those in the document stay next to one another. */
  function wanted({first, last}) {
    const live = pages.flatMap((page, index) => (page.element === null ? [] : [index]));
    const [top, bottom] = [live[0], live.at(-1)];
    if (live.length === 0 || last < top - 1 || first > bottom + 1) {
      pages.forEach(drop);
      return Math.min(first, pages.length - 1);
    }
    if (last > bottom) {
      return bottom + 1 < pages.length || pages.at(-1).next !== null ? bottom + 1 : first < top ? top - 1 : null;
    }
    return first < top ? top - 1 : null;
  }

  function moved() {
    timer = timer ?? requestAnimationFrame(() => {
      timer = null;
      settle();
    });
  }

  // What scrolls is the window, or something around that OctoPrint decides on.
  document.addEventListener("scroll", moved, {capture: true, passive: true});
  window.addEventListener("resize", moved, {passive: true});
  return {
    element,
    /** All pages that were read, from above. */
    pages: () => pages,
    reload,
    settle,
    empty() {
      age += 1;
      pages.forEach(drop);
      pages = [];
      fillWith(element, above, below);
    },
    close() {
      age += 1;
      cancelAnimationFrame(timer);
      document.removeEventListener("scroll", moved, {capture: true});
      window.removeEventListener("resize", moved);
    }
  };
}

/** What of an element is on the screen, from its top, whatever scrolls around it. */
function seen(element) {
  let [top, bottom] = [0, window.innerHeight];
  for (let around = element.parentElement; around !== null; around = around.parentElement) {
    if (/auto|scroll|hidden/.test(getComputedStyle(around).overflowY)) {
      const box = around.getBoundingClientRect();
      [top, bottom] = [Math.max(top, box.top), Math.min(bottom, box.bottom)];
    }
  }
  const start = element.getBoundingClientRect().top;
  const height = Math.max(200, bottom - top);
  return {from: top - start, to: top - start + height, height};
}
