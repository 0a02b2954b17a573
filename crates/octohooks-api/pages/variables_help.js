/** The list of variables, to look one up and put it in at the caret. */

import {button, fillWith, h, help, icon, uniqueId} from "./dom.js";
import {insertionFor} from "./insertion.js";
import {moveFocus, popup} from "./popup.js";
import {putIn} from "./put_in.js";
import {_, fill} from "./texts.js";

/** `kind` as in `insertionFor`; `label` names the field; `small` shows only an icon. */
export function variableButton({variables, target, kind, label, test, small = false}) {
  const name = fill(_("Insert a variable into %(field)s"), {field: label});
  const toggle = button({class: "btn-mini wh-variable-toggle", label: name, test},
    small ? "@" : [icon("fa-at"), " ", _("Variable")]);
  return popup(toggle, (close) => variableList(variables, (variable) => {
    close(false);
    insertAtCaret(target, variable.name, kind);
  }), {right: true});
}

function variableList(variables, choose) {
  const list = h("div", {class: "wh-variables", test: "variables"});
  const search = h("input", {
    type: "search",
    class: "input-block-level",
    placeholder: _("Search"),
    "aria-label": _("Search variables"),
    autocomplete: "off",
    test: "variables-search",
    on: {
      input: show,
      keydown: (event) => {
        if (event.key === "ArrowDown" || event.key === "Enter") {
          event.preventDefault();
          const first = list.querySelector("button");
          event.key === "Enter" ? first?.click() : first?.focus();
        }
      }
    }
  });

  function show() {
    const wanted = search.value.trim().replace(/^@/, "").toLowerCase();
    const found = variables.filter(({name, description}) =>
      name.toLowerCase().includes(wanted) || _(description).toLowerCase().includes(wanted));
    fillWith(list, found.map((variable) => entry(variable, choose)),
      found.length === 0 ? help(_("No variable has this in its name or description.")) : null);
  }

  list.addEventListener("keydown", (event) => {
    const buttons = [...list.querySelectorAll("button")];
    if (event.key === "ArrowUp" && document.activeElement === buttons[0]) {
      event.preventDefault();
      search.focus();
    } else {
      moveFocus(event, buttons);
    }
  });
  show();
  const title = uniqueId("variables");
  return {
    element: h("div", {class: "wh-variables-popup", role: "dialog", "aria-labelledby": title},
      h("strong", {id: title, class: "wh-spoken"}, _("Variables")),
      search, list,
      help(_("Dots reach inside: @job.file.name. A literal @ is written @@."))),
    first: search
  };
}

function entry(variable, choose) {
  return h("button", {
    class: "wh-menu-item wh-variable",
    test: `variable-${variable.name}`,
    on: {click: () => choose(variable)}
  },
    h("code", null, `@${variable.name}`), " ",
    h("span", null, _(variable.description)), " ",
    h("span", {class: "wh-example"}, variable.example));
}

function insertAtCaret(target, name, kind) {
  const {selectionStart: start, selectionEnd: end, value} = target;
  putIn(target, start, end, insertionFor(value, start, end, name, kind));
}
