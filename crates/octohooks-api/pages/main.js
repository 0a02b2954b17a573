/**
 * The webhooks page: `mount(element, host)` puts it into any element.
 *
 * In: an element and a host. `host` is
 *   request(method, path, {body, headers}) → Promise<{status, body, headers(name)}>   "/api/v1/…"; no exception for HTTP errors
 *   subscribe(callback) → unsubscribe                     the engine's notices: {type: "hooks" | "delivery" | "test" | "status"}
 *   can("view" | "manage") → boolean                      what this person may
 *   gettext(text) → text                                  translates
 *   reauthenticate() → Promise<boolean>                   asks for the password again
 *   oldSettings                                           where settings that were taken over can be deleted; null if there are none
 * Out: `{unmount(), saveDraft(), hasDraft()}`. `saveDraft` is for a Save button of the host's: it saves an open and valid
 * draft, and resolves to whether nothing is left unsaved in the editor.
 *
 * Build-free ES modules, no dependency. The classes are OctoPrint's (Bootstrap 2, Font Awesome 6), so that the page follows
 * its themes; `webhooks.css` adds what those do not have. There are two views, the list and the editor, one of them at a
 * time; this file changes between them and owns what they share. Every text goes through `texts.js`, every element is made
 * by `dom.js`, and nothing ever becomes markup.
 */

import {makeApi} from "./api.js";
import {fillWith, h, icon} from "./dom.js";
import {dropAllDrafts, keptDraft} from "./draft_store.js";
import {editor, startOf} from "./editor.js";
import {list} from "./list.js";
import {gettext, useTranslator} from "./texts.js";
import {followTheme} from "./theme.js";

/** Puts the page into an element. */
export function mount(element, host) {
  useTranslator((text) => host.gettext(text));
  const stylesheet = h("link", {rel: "stylesheet", href: new URL("./webhooks.css", import.meta.url).href});
  const announcer = h("div", {class: "wh-spoken", role: "status", "aria-live": "polite", test: "announcer"});
  const stage = h("div", {class: "wh-stage"});
  const root = h("div", {class: "octohooks", test: "webhooks-page"}, announcer, stage);
  fillWith(element, stylesheet, root);
  const lookAtTheme = followTheme(root);
  let view = null;

  const context = {
    host,
    api: makeApi(host),
    catalogue: null,
    announce: (text) => announcer.replaceChildren(text),
    openList,
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
      note: {kind: "info", text: gettext("This is your draft from before. It is not saved yet.")}
    }));
  }

  const visibility = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) {
      lookAtTheme();
      view?.shownAgain();
    }
  });

  if (!host.can("manage")) {
    dropAllDrafts();
  }
  if (host.can("view")) {
    openList({keepFocus: true});
  } else {
    fillWith(stage, h("p", {class: "wh-soft", test: "no-right"}, icon("fa-lock"), " ",
      gettext("You may not see the webhooks. Ask whoever manages this OctoPrint.")));
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
    saveDraft: () => view?.saveDraft() ?? Promise.resolve(true),
    hasDraft: () => view?.hasDraft() ?? false
  };
}
