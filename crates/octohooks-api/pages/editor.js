/**
 * Edits one hook, or a draft that was kept. Any text can be saved, a broken one too: then the page says that the hook
 * will not send until it is mended.
 */

import {button, fillWith, h, icon} from "./dom.js";
import {JSON_FIELDS, completeDraft, isChanged, keysAfter, outgoing, savedOf, startOf, textAt, withoutSecret} from "./draft.js";
import {dropDraft, keepDraft} from "./draft_store.js";
import {editorForm} from "./editor_form.js";
import {jsonProblem} from "./field_json.js";
import {question} from "./question.js";
import {ProblemBoard, isWithin, problemLines, worstOf} from "./problems.js";
import {placed} from "./slips.js";
import {_, fill, nameOf} from "./texts.js";
import {tryPanel} from "./try_panel.js";

const CHECK_AFTER_MS = 400;
const KEEP_AFTER_MS = 250;

/**
 * `start` is `{id, etag, key?, base?, draft, saved?, problems?, note?}`; `id` is null for a new hook.
 * Returns a view: `{element, heading, hasDraft, saveDraft, shownAgain, close}`.
 */
export function editor(context, start) {
  const {catalogue} = context;
  const complete = (hook) => completeDraft(hook, catalogue.new_hook, catalogue.topics);
  const session = {};
  let board;
  let trial;
  let checkTimer;
  let keepTimer;
  let checkNumber = 0;
  let changeNumber = 0;
  let isSaving = false;
  /** Saved or thrown away: there is nothing to keep when the editor closes. */
  let isDone = false;

  const heading = h("h3", {class: "wh-heading", tabIndex: -1, test: "editor-heading"});
  const notes = h("div", {test: "editor-notes"});
  const form = h("div");
  const state = h("span", {class: "wh-state", role: "status", test: "editor-state"});
  const save = button({class: "btn-primary", test: "editor-save", title: "Ctrl+Enter", on: {click: saveAndLeave}},
    icon("fa-check"), " ", _("Save"));
  const cancel = button({test: "editor-cancel", on: {click: leave}}, _("Cancel"));
  const bar = h("div", {class: "wh-bar"}, h("div", {class: "wh-bar-row"}, save, cancel, state));
  const back = button({class: "btn-link wh-back", test: "editor-back", on: {click: leave}},
    icon("fa-arrow-left"), " ", _("All webhooks"));
  const element = h("div", {class: "wh-editor", test: "editor", on: {keydown: shortcuts}}, back, heading, notes, form, bar);

  /** Takes a hook as what is being edited and builds the form for it. */
  function begin({id, etag, key, base, draft, saved = savedOf(), problems = [], note = null}) {
    Object.assign(session, {
      id,
      etag,
      key: id ?? key ?? `new-${Date.now()}`,
      saved,
      base: complete(base ?? draft),
      draft: complete(draft),
      serverProblems: problems,
      /** Path of a field that changed after the engine last looked, to the number of its change. */
      unchecked: new Map()
    });
    trial?.close();
    board = new ProblemBoard({quiet: id === null});
    trial = tryPanel({context, draftToSend, draft: () => session.draft, catalogue, board});
    fillWith(form, board.general, editorForm({session, catalogue, board, changed, problems, api: context.api, values: trial.values, draftToSend}), trial.element);
    fillWith(notes, note ? noteBox(note) : null, importNotes());
    showHeading();
    showProblems();
    check();
  }

  function showHeading() {
    heading.replaceChildren(session.id === null
      ? session.draft.name ? fill(_("New webhook: %(name)s"), {name: session.draft.name}) : _("New webhook")
      : nameOf(session.draft));
  }

  function changed(path) {
    board.touch(path);
    changeNumber += 1;
    session.unchecked.set(path, changeNumber);
    if (path === "name") {
      showHeading();
    } else if (path.startsWith("custom_events") || path.startsWith("events")) {
      trial.refresh();
    }
    showProblems();
    keepSoon();
    trial.changed();
    clearTimeout(checkTimer);
    checkTimer = setTimeout(check, CHECK_AFTER_MS);
  }

  const draftToSend = () => ({...outgoing(session.draft), ...(session.id === null ? {} : {id: session.id})});
  const hasDraft = () => isChanged(session.draft, session.base);

  // Problems:

  async function check() {
    checkNumber += 1;
    const mine = checkNumber;
    const seen = changeNumber;
    try {
      const {problems} = await context.api.check(draftToSend());
      if (mine === checkNumber) {
        session.serverProblems = problems;
        session.unchecked = new Map([...session.unchecked].filter(([, number]) => number > seen));
        showProblems();
      }
    } catch {
      // Typing goes on without the engine's opinion; saving will say what is wrong with the connection.
    }
  }

  /** The engine's problems, except of fields that changed since: there, what the page itself sees. */
  function currentProblems() {
    const own = JSON_FIELDS
      .filter((path) => !path.startsWith("oauth.") || session.draft.oauth.enabled)
      .map((path) => jsonProblem(path, textAt(session.draft, path)))
      .filter((problem) => problem !== null);
    const replaced = [...session.unchecked.keys(), ...own.map((problem) => problem.field)];
    const known = catalogue.variables.map(({name}) => name);
    const others = session.serverProblems.filter((problem) => !replaced.some((path) => isWithin(problem, path)));
    return [...own, ...others.map((problem) => (problem.line ? problem : placed(problem, textAt(session.draft, problem.field), known)))];
  }

  function showProblems() {
    const problems = currentProblems();
    board.set(problems);
    const errors = problems.filter((problem) => problem.severity === "error");
    const blamed = board.shown().filter((problem) => problem.severity === "error");
    if (blamed.length > 0) {
      fillWith(state, h("span", {class: "wh-bad"}, icon("fa-circle-exclamation"), " ",
        _("Will not send until mended:"), " "),
      button({class: "btn-link wh-inline", test: "editor-first-problem", on: {click: () => board.goTo(blamed[0])}},
        blamed.length === 1 ? _("show the problem")
          : fill(_("show the first of %(count)s problems"), {count: blamed.length})));
    } else if (errors.length > 0) {
      fillWith(state, _("Something is still to be filled in."));
    } else {
      fillWith(state, hasDraft() || session.id === null ? _("Not saved yet.") : null);
    }
  }

  const tell = (kind, text) => fillWith(notes, noteBox({kind, text}));

  function importNotes() {
    const left = session.draft.notes ?? [];
    return left.length === 0 ? null : h("div", {class: "alert alert-info", test: "editor-import-notes"},
      h("strong", null, _("From taking over the old settings:")),
      problemLines(left),
      h("p", null, _("These remarks go when you save.")));
  }

  // Keeping:

  function keepSoon() {
    clearTimeout(keepTimer);
    keepTimer = setTimeout(keepNow, KEEP_AFTER_MS);
  }

  function keepNow() {
    clearTimeout(keepTimer);
    if (hasDraft()) {
      const {id, etag, key, base, draft, saved} = session;
      keepDraft(key, {id, etag, key, base, draft, saved});
    } else {
      dropDraft(session.key);
    }
  }

  function forget() {
    clearTimeout(keepTimer);
    dropDraft(session.key);
  }

  // Saving and leaving:

  /** The saved hook; null when it was not saved, or when there is more to save already. */
  async function saveNow() {
    if (isSaving) {
      return null;
    }
    isSaving = true;
    save.disabled = true;
    board.touchAll();
    showProblems();
    const sent = structuredClone(session.draft);
    try {
      const view = session.id === null
        ? await context.api.create(outgoing(sent))
        : await context.api.replace(session.id, draftToSend(), session.etag);
      forget();
      return isChanged(session.draft, sent) ? goOnAfter(view, sent) : view;
    } catch (error) {
      showFailure(error);
      return null;
    } finally {
      isSaving = false;
      save.disabled = false;
    }
  }

  /** Somebody typed while it was being saved: that is a draft of the saved hook now. */
  function goOnAfter(view, sent) {
    const base = withoutSecret(sent);
    base.signing.keys = null;
    session.draft.signing.keys = keysAfter(session.draft.signing.keys, sent.signing.keys, session.saved.signing_keys);
    Object.assign(session, {id: view.hook.id, key: view.hook.id, etag: view.etag, saved: savedOf(view), base});
    session.showKeys();
    keepNow();
    tell("info", _("Saved, except for what you changed meanwhile."));
    return null;
  }

  function openList(options) {
    isDone = true;
    forget();
    context.openList(options);
  }

  async function saveAndLeave() {
    const view = await saveNow();
    if (view === null) {
      return;
    }
    const name = nameOf(view.hook);
    if (worstOf(view.problems) !== "error") {
      openList({message: fill(_("Saved “%(name)s”."), {name}), focusHook: view.hook.id});
      return;
    }
    begin(startOf(view, {
      kind: "error",
      text: _("Saved, and nothing you typed is lost. But this webhook will not send until the problems below are mended.")
    }));
    board.touchAll();
    notes.scrollIntoView({block: "center"});
    context.announce(_("Saved, but it will not send until the problems are mended."));
  }

  function showFailure(error) {
    if (error.code === "changed_elsewhere") {
      askWhoseToKeep();
    } else if (error.status === 404 && session.id !== null) {
      fillWith(notes, question({
        text: _("This webhook was deleted elsewhere meanwhile."),
        answers: [
          {label: _("Save it as a new one"), primary: true, test: "gone-save-new", run: saveAsNew},
          {label: _("Go on editing"), test: "gone-stay", run: () => fillWith(notes)}
        ]
      }));
    } else {
      tell("error", fill(_("Not saved. %(reason)s"), {reason: error.message}));
      if (error.problems?.length > 0) {
        session.serverProblems = error.problems;
        session.unchecked.clear();
      }
      showProblems();
      context.announce(error.message);
      if (error.problems?.length > 0) {
        board.goTo(error.problems[0]);
      } else {
        notes.scrollIntoView({block: "center"});
      }
    }
  }

  function askWhoseToKeep() {
    fillWith(notes, question({
      text: _("This webhook was changed elsewhere meanwhile. Which one shall stay?"),
      answers: [
        {label: _("Keep mine"), primary: true, test: "conflict-mine", run: keepMine},
        {label: _("Load theirs"), test: "conflict-theirs", run: loadTheirs}
      ]
    }));
  }

  async function keepMine() {
    try {
      session.etag = (await context.api.hook(session.id)).etag;
    } catch (error) {
      showFailure(error);
      return;
    }
    fillWith(notes);
    await saveAndLeave();
  }

  async function loadTheirs() {
    try {
      const view = await context.api.hook(session.id);
      forget();
      begin(startOf(view, {kind: "info", text: _("This is the other version. Yours is gone.")}));
      heading.focus();
    } catch (error) {
      showFailure(error);
    }
  }

  async function saveAsNew() {
    // What was saved is gone; only what stands in the draft can be saved again.
    const draft = structuredClone(session.draft);
    draft.signing.keys = draft.signing.keys?.filter((key) => typeof key === "string") ?? null;
    const {key, base} = session;
    begin({id: null, etag: null, key, base, draft});
    await saveAndLeave();
  }

  function leave() {
    if (!hasDraft()) {
      openList({focusHook: session.id});
      return;
    }
    const barRow = bar.querySelector(".wh-bar-row");
    const close = () => {
      asked.remove();
      barRow.hidden = false;
    };
    const asked = question({
      text: _("What you changed is not saved."),
      answers: [
        {label: _("Save"), primary: true, test: "leave-save", run: () => {
          close();
          saveAndLeave();
        }},
        {label: _("Discard the changes"), test: "leave-discard", run: () => openList({focusHook: session.id})},
        {label: _("Go on editing"), test: "leave-stay", run: () => {
          close();
          cancel.focus();
        }}
      ]
    });
    bar.querySelector(".wh-question")?.remove();
    bar.prepend(asked);
    barRow.hidden = true;
  }

  function shortcuts(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      saveAndLeave();
    }
  }

  begin(start);
  return {
    element,
    heading,
    hasDraft,
    /** OctoPrint's own Save; an invalid draft stays, and the page says so. */
    async saveDraft() {
      if (!hasDraft()) {
        return true;
      }
      await check();
      if (worstOf(currentProblems()) === "error") {
        board.touchAll();
        showProblems();
        keepNow();
        tell("error", _("Not saved together with OctoPrint's settings, because something is to be mended first. Your draft is kept."));
        return false;
      }
      const view = await saveNow();
      if (view === null) {
        keepNow();
        return false;
      }
      openList({message: fill(_("Saved “%(name)s”."), {name: view.hook.name}), keepFocus: true});
      return true;
    },
    shownAgain() {
      if (hasDraft() && !notes.hasChildNodes()) {
        tell("info", _("This is your draft from before. It is not saved yet."));
      }
    },
    close() {
      clearTimeout(checkTimer);
      checkNumber += 1;
      trial.close();
      if (!isDone) {
        keepNow();
      }
    }
  };
}

function noteBox({kind, text}) {
  return h("div", {class: `alert alert-${kind}`, test: "editor-note"},
    icon(kind === "error" ? "fa-circle-exclamation" : "fa-circle-info"), " ", text);
}
