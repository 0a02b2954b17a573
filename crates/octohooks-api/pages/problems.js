/**
 * Problems at the fields they belong to, with a button that puts the caret there; others stand above the form. In a new
 * hook a field is not blamed before somebody touched it or tried to save or send.
 */

import {button, fillWith, h, icon, spoken} from "./dom.js";
import {reveal} from "./fold.js";
import {putIn} from "./put_in.js";
import {_, fill, told} from "./texts.js";

const ICONS = {error: "fa-circle-exclamation", warning: "fa-triangle-exclamation", note: "fa-circle-info"};

/** How serious the most serious one is: "error", "warning", "note" or null. */
export function worstOf(problems) {
  return ["error", "warning", "note"].find((severity) => problems.some((problem) => problem.severity === severity))
    ?? null;
}

export function severityWord(severity) {
  return {error: _("Error"), warning: _("Warning"), note: _("Note")}[severity] ?? _("Note");
}

/** One problem: icon, words, place, and what can be done about it. */
export function problemLine(problem, ...actions) {
  const place = problem.line
    ? fill(_("Line %(line)s, column %(column)s"), {line: problem.line, column: problem.column ?? 1})
    : null;
  return h("li", {class: `wh-problem wh-problem-${problem.severity}`, test: "problem"},
    icon(ICONS[problem.severity] ?? ICONS.note),
    spoken(`${severityWord(problem.severity)}: `),
    h("span", null, place ? h("span", {class: "wh-place"}, place, ": ") : null, told(problem.message), " ", actions));
}

export function problemLines(problems) {
  return h("ul", {class: "wh-problems"}, problems.map((problem) => problemLine(problem)));
}

export class ProblemBoard {
  constructor({quiet}) {
    this.fields = new Map();
    this.problems = [];
    this.touched = new Set();
    this.quiet = quiet;
    this.general = h("ul", {class: "wh-problems wh-problems-general", test: "problems-general"});
  }

  /** A field: where its problems are listed, the control they describe, optionally how to show a place in it. */
  register(path, {slot, control, showPlace}) {
    this.fields.set(path, {slot, control, showPlace});
    slot.classList.add("wh-problems");
    control.setAttribute("aria-describedby", [control.getAttribute("aria-describedby"), slot.id].filter(Boolean).join(" "));
  }

  unregister(path) {
    this.fields.delete(path);
  }

  touch(path) {
    this.touched.add(path);
  }

  touchAll() {
    this.quiet = false;
    this.render();
  }

  set(problems) {
    this.problems = problems.map((problem) => ({...problem, field: normalised(problem.field)}));
    this.render();
  }

  shown() {
    return this.problems.filter((problem) => !this.isHeldBack(problem));
  }

  render() {
    const byField = new Map();
    for (const problem of this.shown()) {
      const path = this.fieldOf(problem.field);
      byField.set(path, [...(byField.get(path) ?? []), problem]);
    }
    for (const [path, field] of this.fields) {
      this.renderField(field, byField.get(path) ?? []);
    }
    fillWith(this.general, (byField.get(null) ?? []).map((problem) => problemLine(problem)));
  }

  renderField({slot, control, showPlace}, problems) {
    fillWith(slot, problems.map((problem) => problemLine(
      problem,
      problem.slip ? mend(control, problem.slip) : null, problem.slip ? " " : null,
      problem.line && showPlace ? showMe(() => this.goTo(problem)) : null
    )));
    const worst = worstOf(problems);
    control.setAttribute("data-wh-problem", worst ?? "");
    if (worst === "error") {
      control.setAttribute("aria-invalid", "true");
    } else {
      control.removeAttribute("aria-invalid");
    }
  }

  /** Unfolds, scrolls to and focuses the field of a problem, the caret at its place. */
  goTo(problem) {
    const field = this.fields.get(this.fieldOf(normalised(problem.field)));
    if (field === undefined) {
      this.general.scrollIntoView({block: "center"});
      return;
    }
    reveal(field.control);
    field.control.focus();
    if (problem.line && field.showPlace) {
      field.showPlace(problem.line, problem.column ?? 1);
    }
    field.control.scrollIntoView({block: "center"});
  }

  isOnForm(problem) {
    return this.fieldOf(normalised(problem.field)) !== null;
  }

  /** The registered field with the longest name that a problem's field begins with. */
  fieldOf(path) {
    for (let name = path; name !== ""; name = name.slice(0, Math.max(0, name.lastIndexOf(".")))) {
      if (this.fields.has(name)) {
        return name;
      }
    }
    return null;
  }

  isHeldBack(problem) {
    return this.quiet && problem.severity === "error" && !problem.line
      && !this.touched.has(this.fieldOf(problem.field));
  }
}

/** Whether a problem is one of the field `path`, or of something inside it. */
export function isWithin(problem, path) {
  const field = normalised(problem.field);
  return field === path || field.startsWith(`${path}.`);
}

export function showMe(action) {
  return button({class: "btn-link wh-inline", test: "problem-show", on: {click: action}}, _("Show me"));
}

/** Puts the name in that is probably meant. */
function mend(control, {from, to, meant}) {
  return button({class: "btn-link wh-inline", test: "problem-mend", on: {click: () => putIn(control, from, to, meant)}},
    fill(_("Use @%(name)s"), {name: meant}));
}

/** `custom_events[0].event` and `custom_events.0.event` are the same field. */
function normalised(field) {
  return (field ?? "").replace(/\[(\d+)\]/g, ".$1");
}
