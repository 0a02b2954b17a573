/** The list of hooks; on an empty one the way to the first hook. A deleted hook can be brought back at once. */

import {button, fillWith, h, icon} from "./dom.js";
import {hookRow} from "./hook_row.js";
import {failureBox, flashBar} from "./flash.js";
import {POPULAR, symbol} from "./service_symbols.js";
import {oldSettings} from "./old_settings.js";
import {dropDraft, keptDrafts} from "./draft_store.js";
import {chooseFile, saveFile} from "./files.js";
import {_, fill, nameOf, told} from "./texts.js";

/** A view: `{element, heading, load, close}`; `options` is `{message?, focusHook?}`. */
export function list(context, options = {}) {
  const {api, host} = context;
  const canManage = host.can("manage");
  let hooks = [];
  let rows = new Map();
  // Whether the rows show all that `hooks` says. Then the same again leaves them alone, and with them an open menu.
  let stands = false;

  const heading = h("h3", {class: "wh-heading", tabIndex: -1, test: "list-heading"}, _("Webhooks"));
  const status = h("div");
  const {element: flash, say, guarded} = flashBar(context.announce);
  const drafts = h("div");
  const content = h("div", {test: "list-content"}, h("p", {class: "wh-soft"}, icon("fa-spinner", "fa-spin"), " ", _("Loading…")));
  const add = button({class: "btn-primary", test: "list-add", on: {click: () => context.openServices()}}, icon("fa-plus"), " ", _("Add a webhook"));
  const exporting = button({hidden: true, test: "list-export", on: {click: () => context.openExport()}},
    icon("fa-download"), " ", _("Export"));
  const toolbar = h("div", {class: "wh-toolbar"},
    canManage ? add : null,
    canManage ? button({test: "list-import", on: {click: importHooks}}, icon("fa-upload"), " ", _("Import")) : null,
    canManage ? exporting : null,
    button({test: "list-deliveries", on: {click: () => context.openDeliveries()}}, icon("fa-clock-rotate-left"), " ", _("Deliveries")));
  const element = h("div", {class: "wh-list-view", test: "list"},
    h("div", {class: "wh-top"}, heading, toolbar), flash, status, drafts, content, oldSettings(context, {guarded, say}));

  // Loading:

  async function load() {
    loadStatus();
    let answered;
    try {
      ({hooks: answered} = await api.hooks());
    } catch (error) {
      stands = false;
      fillWith(content, failureBox(error, "list", load));
      return;
    }
    if (!stands || JSON.stringify(answered) !== JSON.stringify(hooks)) {
      hooks = answered;
      show();
    }
  }

  async function loadStatus() {
    try {
      fillWith(status, statusAlert(await api.status()));
    } catch {
      // The next load will say what is wrong.
    }
  }

  function show() {
    const focused = document.activeElement?.closest?.("[data-hook-id]")?.getAttribute("data-hook-id");
    rows = new Map(hooks.map((summary, index) => [summary.id, hookRow(summary, {
      canManage,
      isFirst: index === 0,
      isLast: index === hooks.length - 1,
      actions: actionsOf(summary, index)
    })]));
    showDrafts();
    const isEmpty = hooks.length === 0;
    add.hidden = isEmpty;
    exporting.hidden = isEmpty;
    if (isEmpty) {
      fillWith(content, emptyPage());
    } else {
      fillWith(content, h("ul", {class: "wh-rows"}, [...rows.values()].map((row) => row.element)));
    }
    stands = true;
    if (focused) {
      rows.get(focused)?.focus();
    }
  }

  function emptyPage() {
    return canManage
      ? h("div", {class: "wh-empty", test: "empty"},
        h("p", {class: "lead"}, _("Let your printer tell other services what it does.")),
        h("p", null, _("A webhook sends a message when a print starts, ends or needs you. Choose where to; a few questions later a test is delivered, and everything can be changed afterwards.")),
        h("div", {class: "wh-gallery wh-popular"}, POPULAR.map(([key, name]) => h("button",
          {class: "wh-card wh-service-card", test: `popular-${key}`, on: {click: () => context.openServices(key)}},
          symbol(key), h("strong", null, _(name))))),
        button({class: "btn-primary", test: "list-services", on: {click: () => context.openServices()}},
          icon("fa-grip"), " ", _("All services, and receivers of your own")))
      : h("p", {class: "wh-soft", test: "empty"}, _("There are no webhooks yet."));
  }

  function showDrafts() {
    fillWith(drafts, canManage ? keptDrafts().map((entry) => h("div", {class: "alert alert-info wh-draft", test: "kept-draft"},
      h("span", null, icon("fa-pen-to-square"), " ", entry.draft.name
        ? fill(_("Your changes to “%(name)s” are not saved yet."), {name: entry.draft.name})
        : _("There is a webhook that you began and did not save yet.")),
      h("span", {class: "wh-answers"},
        button({class: "btn-small btn-primary", test: "draft-continue", on: {click: () => context.resume(entry)}}, _("Go on editing")),
        button({class: "btn-small", test: "draft-discard", on: {click: () => {
          dropDraft(entry.key);
          showDrafts();
          heading.focus();
        }}}, _("Discard"))))) : null);
  }

  // What can be done:

  function actionsOf(summary, index) {
    return {
      edit: () => guarded(() => context.edit(summary.id)),
      duplicate: () => guarded(async () => {
        const view = await api.duplicate(summary.id);
        await load();
        say(fill(_("Duplicated as “%(name)s”."), {name: view.hook.name}));
        rows.get(view.hook.id)?.focus();
      }),
      export: () => guarded(async () => {
        saveFile(fileName(summary), await api.export(summary.id));
        say(_("Exported. The file holds none of the secrets."));
      }),
      pause: (paused) => guarded(async () => {
        Object.assign(summary, await api.pause(summary.id, paused));
        show();
        rows.get(summary.id)?.focus();
        say(paused ? _("Paused. What happens meanwhile waits.") : _("Resumed."));
      }),
      tryNow: () => guarded(async () => {
        await api.tryNow(summary.id);
        say(_("What waits is tried now."));
      }),
      deliveries: () => context.openDeliveries(summary.id),
      moveUp: () => guarded(() => move(index, index - 1)),
      moveDown: () => guarded(() => move(index, index + 1)),
      remove: () => guarded(() => remove(summary)),
      enable: async (enabled) => {
        const done = await guarded(async () => {
          const changed = await api.enable(summary.id, enabled);
          Object.assign(summary, changed);
          stands = false;
          context.announce(enabled ? _("Enabled.") : _("Disabled."));
          return true;
        });
        return done === true;
      }
    };
  }

  async function move(from, to) {
    const order = hooks.map(({id}) => id);
    const [moved] = order.splice(from, 1);
    order.splice(to, 0, moved);
    await api.order(order);
    hooks.splice(to, 0, ...hooks.splice(from, 1));
    show();
    rows.get(moved)?.focus();
    context.announce(fill(_("Moved to place %(place)s of %(count)s."), {place: to + 1, count: order.length}));
  }

  async function remove(summary) {
    await api.remove(summary.id);
    dropDraft(summary.id);
    const name = nameOf(summary);
    hooks = hooks.filter(({id}) => id !== summary.id);
    show();
    const undo = button({class: "btn-small", test: "flash-undo", on: {click: () => guarded(async () => {
      const view = await api.restore(summary.id);
      await load();
      say(fill(_("“%(name)s” is back."), {name}));
      rows.get(view.hook.id)?.focus();
    })}}, icon("fa-rotate-left"), " ", _("Undo"));
    say(fill(_("Deleted “%(name)s”."), {name}), {action: undo});
    undo.focus();
  }

  async function importHooks() {
    const file = await chooseFile();
    if (file !== null) {
      context.openImport(file);
    }
  }

  // Notices:

  const unsubscribe = host.subscribe((notice) => {
    if (notice.type === "hooks") {
      load();
    } else if (notice.type === "delivery") {
      const {delivery} = notice;
      const summary = hooks.find(({id}) => id === delivery.hook_id);
      // Retries of an older delivery do not hide how a newer one went.
      if (summary && (!summary.last || delivery.at >= summary.last.at)) {
        summary.last = delivery;
        stands = false;
        rows.get(delivery.hook_id)?.showDelivery(delivery);
      }
    } else if (notice.type === "announcement") {
      say(notice.message, {kind: "info"});
      load();
    } else if (notice.type === "status") {
      loadStatus();
    }
  });

  return {
    element,
    heading,
    load: async () => {
      await load();
      if (options.message) {
        say(options.message);
      }
      if (options.focusHook) {
        rows.get(options.focusHook)?.focus();
      }
    },
    shownAgain: showDrafts,
    close: unsubscribe
  };
}

/** A file name without anything that a file system minds. */
function fileName({name, id}) {
  const plain = (name || id).replace(/[^\p{Letter}\p{Number}_-]+/gu, "-").replace(/^-+|-+$/g, "");
  return `webhook-${plain || id}.json`;
}

/** What is wrong with the plugin as a whole: a damaged hooks file, for example. */
function statusAlert({hooks_file: file, problems}) {
  const isDamaged = file && !file.ok;
  if (!isDamaged && (problems ?? []).length === 0) {
    return null;
  }
  const others = (problems ?? []).filter((sentence) => told(sentence) !== file?.message);
  return h("div", {class: isDamaged ? "alert alert-error" : "alert", role: "alert", test: "status-alert"},
    file?.message ? h("p", null, icon("fa-triangle-exclamation"), " ", h("strong", null, file.message)) : null,
    others.map((sentence) => h("p", null, icon("fa-triangle-exclamation"), " ", told(sentence))));
}
