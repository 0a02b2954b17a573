/**
 * The webhooks page: `mount(element, host)` puts it into any element. `host` is
 *   request(method, path, {body, headers}) → Promise<{status, body, headers(name)}>   no exception for HTTP errors
 *   subscribe(callback) → unsubscribe   the engine's notices: {type: "hooks" | "delivery" | "announcement" | …}
 *   can("view" | "manage") → boolean    what this person may
 *   gettext(text) → text                translates
 *   reauthenticate() → Promise<boolean> asks for the password again
 *   oldSettings                         where settings that were taken over can be deleted, or null
 * Returns `{unmount(), saveDraft(), hasDraft()}`. `saveDraft`, for a Save button of the host's, saves an open and valid
 * draft and resolves to whether nothing is left unsaved.
 *
 * Build-free ES modules in OctoPrint's classes (Bootstrap 2, Font Awesome 6), so that its themes fit. One of three views is
 * open: list, editor, deliveries. Every text goes through `texts.js`, every element is made by `dom.js`.
 */

import {makeApi} from "./api.js";
import {fillWith, h, icon} from "./dom.js";
import {dropAllDrafts, keptDraft, keptDrafts} from "./draft_store.js";
import {deliveries} from "./deliveries.js";
import {editor, startOf} from "./editor.js";
import {list} from "./list.js";
import {_, useTranslator} from "./texts.js";
import {followTheme} from "./theme.js";

export function mount(element, host) {
  useTranslator((text) => host.gettext(text));
  const stylesheet = h("link", {rel: "stylesheet", href: new URL("./webhooks.css", import.meta.url).href});
  const announcer = h("div", {class: "wh-spoken", role: "status", "aria-live": "polite", test: "announcer"});
  const stage = h("div", {class: "wh-stage"});
  const root = h("div", {class: "octohooks wh", test: "webhooks-page"}, announcer, stage);
  fillWith(element, stylesheet, root);
  const lookAtTheme = followTheme(root);
  let view = null;

  const context = {
    host,
    api: makeApi(host),
    catalogue: null,
    announce: (text) => announcer.replaceChildren(text),
    openList,
    openDeliveries,
    edit,
    resume,
    async loadCatalogue() {
      context.catalogue = context.catalogue ?? await context.api.catalogue();
      return context.catalogue;
    }
  };

  function change(next, {keepFocus = false} = {}) {
    view?.close();
    view = next;
    fillWith(stage, view.element);
    lookAtTheme();
    if (!keepFocus) {
      view.heading.focus({preventScroll: true});
      view.heading.scrollIntoView({block: "nearest"});
    }
  }

  function openList({keepFocus = false, ...options} = {}) {
    change(list(context, options), {keepFocus});
    return view.load();
  }

  function openDeliveries(hook) {
    change(deliveries(context, {hook}));
    return view.load();
  }

  /** Opens a hook; `start` where it is known already. A draft of it that was kept comes back. */
  async function edit(id, start = null) {
    const kept = id === null || start !== null ? null : keptDraft(id);
    if (kept !== null) {
      await resume(kept);
      return;
    }
    await context.loadCatalogue();
    change(editor(context, start ?? startOf(await context.api.hook(id))));
  }

  /** Opens a kept draft. Its hook is not asked for: should it have changed meanwhile, saving will tell. */
  async function resume(entry) {
    await context.loadCatalogue();
    change(editor(context, {
      ...entry,
      note: {kind: "info", text: _("This is your draft from before. It is not saved yet.")}
    }));
  }

  const visibility = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) {
      lookAtTheme();
      view?.shownAgain?.();
    }
  });

  if (!host.can("manage")) {
    dropAllDrafts();
  }
  if (host.can("view")) {
    openList({keepFocus: true});
  } else {
    fillWith(stage, h("p", {class: "wh-soft", test: "no-right"}, icon("fa-lock"), " ",
      _("You may not see the webhooks. Ask whoever manages this OctoPrint.")));
  }
  visibility.observe(root);

  return {
    unmount() {
      visibility.disconnect();
      lookAtTheme.stop();
      view?.close();
      view = null;
      element.replaceChildren();
    },
    forget: dropAllDrafts,
    saveDraft: () => view?.saveDraft?.() ?? Promise.resolve(true),
    hasDraft: () => view !== null && (view.hasDraft?.() ?? keptDrafts().length > 0)
  };
}
