/**
 * The webhooks page: `mount(element, host)` puts it into any element. `host` is
 *   request(method, path, {body, headers}) → Promise<{status, body, headers(name)}>   no exception for HTTP errors
 *   subscribe(callback) → unsubscribe   the engine's notices: {type: "hooks" | "delivery" | "announcement" | …}
 *   can("view" | "manage") → boolean    what this person may
 *   language                            the person's, as in `<html lang>`; without it English
 *   gettext(text) → text                translates what the pages' own catalogues do not have
 *   reauthenticate() → Promise<boolean> asks for the password again
 *   oldSettings                         where settings that were taken over can be deleted, or null
 *   webcams                             where the printer's webcams are told, or null
 * Returns `{unmount(), saveDraft(), hasDraft()}`. `saveDraft`, for a Save button of the host's, saves an open and valid
 * draft and resolves to whether nothing is left unsaved.
 *
 * Build-free ES modules in OctoPrint's classes (Bootstrap 2, Font Awesome 6), so that its themes fit. One view is
 * open: list, services, editor, deliveries, export, import; the list comes with this module, the others when they are wanted. Every text goes through
 * `texts.js`, every element is made by `dom.js`.
 */

import {makeApi} from "./api.js";
import {fillWith, h, icon} from "./dom.js";
import {startOf} from "./draft.js";
import {dropAllDrafts, keptDraft, keptDrafts} from "./draft_store.js";
import {failureBox} from "./flash.js";
import {list} from "./list.js";
import {_, inLanguage, useLanguage} from "./texts.js";
import {followTheme} from "./theme.js";

export function mount(element, outer) {
  const host = {...outer, subscribe: (listener) => outer.subscribe((notice) => listener(inLanguage(notice)))};
  const languageComes = useLanguage(host.language, (text) => host.gettext(text));
  const stylesheet = h("link", {rel: "stylesheet", href: new URL("./webhooks.css", import.meta.url).href});
  const announcer = h("div", {class: "wh-spoken", role: "status", "aria-live": "polite", test: "announcer"});
  const stage = h("div", {class: "wh-stage"});
  const root = h("div", {class: "octohooks wh", test: "webhooks-page"}, announcer, stage);
  fillWith(element, stylesheet, root);
  const lookAtTheme = followTheme(root);
  let view = null;
  let wanted = 0;

  const context = {
    host,
    api: makeApi(host),
    catalogue: null,
    announce: (text) => announcer.replaceChildren(text),
    openList,
    openDeliveries,
    openServices,
    openExport,
    openImport,
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
    wanted += 1;
    change(list(context, options), {keepFocus});
    return view.load().then(warmUp);
  }

  /** Fetches what the next click may want, once the browser has nothing else to do. */
  function warmUp() {
    if (host.can("manage")) {
      window.requestIdleCallback?.(() => Promise.all([import("./services.js"), import("./editor.js")]).catch(() => {}));
    }
  }

  async function openDeliveries(hook) {
    const part = await partOf(() => import("./deliveries.js"));
    if (part !== null) {
      change(part.deliveries(context, {hook}));
      await view.load();
    }
  }

  /** `key` is the service to begin with, where that is known. */
  async function openServices(key) {
    const part = await partOf(() => import("./services.js"));
    if (part !== null) {
      change(part.services(context, {key}));
      await view.load();
    }
  }

  async function openExport() {
    const part = await partOf(() => import("./export.js"));
    if (part !== null) {
      change(part.exporting(context));
    }
  }

  async function openImport(file) {
    const part = await partOf(() => import("./import.js"));
    if (part !== null) {
      change(part.importing(context, file));
      await view.load();
    }
  }

  /** Opens a hook; `start` where it is known already. A draft of it that was kept comes back. */
  async function edit(id, start = null) {
    const kept = id === null || start !== null ? null : keptDraft(id);
    if (kept !== null) {
      await resume(kept);
      return;
    }
    const found = start === null ? context.api.hook(id).then((whole) => startOf(whole)) : start;
    await openEditor(found);
  }

  /** Opens a kept draft. Its hook is not asked for: should it have changed meanwhile, saving will tell. */
  async function resume(entry) {
    await openEditor({...entry, note: {kind: "info", text: _("This is your draft from before. It is not saved yet.")}});
  }

  async function openEditor(found) {
    const [part, start] = await Promise.all([partOf(() => import("./editor.js")), found, context.loadCatalogue()]);
    if (part !== null) {
      change(part.editor(context, start));
    }
  }

  /** A part of the page that is loaded when it is wanted; null where another was wanted meanwhile, or it cannot be had. */
  async function partOf(load) {
    wanted += 1;
    const mine = wanted;
    try {
      const part = await load();
      return mine === wanted ? part : null;
    } catch {
      // An update of the plugin took the files away that this window began with.
      fillWith(stage, failureBox(new Error(_("This part of the page could not be loaded. Please reload OctoPrint.")), "part",
        () => location.reload()));
      return null;
    }
  }

  const visibility = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) {
      lookAtTheme();
      view?.shownAgain?.();
    }
  });

  function begin() {
    if (isGone) {
      return;
    }
    if (host.can("view")) {
      openList({keepFocus: true});
    } else {
      fillWith(stage, h("p", {class: "wh-soft", test: "no-right"}, icon("fa-lock"), " ",
        _("You may not see the webhooks. Ask whoever manages this OctoPrint.")));
    }
  }

  if (!host.can("manage")) {
    dropAllDrafts();
  }
  let isGone = false;
  if (languageComes === null) {
    begin();
  } else {
    languageComes.then(begin);
  }
  visibility.observe(root);

  return {
    unmount() {
      isGone = true;
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
