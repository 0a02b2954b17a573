/**
 * The list of variables that fit where somebody types, after `@` or on Ctrl+Space. Arrow keys choose, Enter or Tab put in, Escape
 * closes the list and nothing else. The focus stays where it is; screen readers follow by the active option.
 */

import {completionAt} from "./completion.js";
import {fillWith, h, uniqueId} from "./dom.js";
import {swallowNextEscape} from "./popup.js";
import {putIn} from "./put_in.js";
import {_, fill} from "./texts.js";

/** Adds it to a painted control; `values()` resolves to what variables stand for. */
export function completing(control, paint, {kind, variables, values, hasBlocks}) {
  const list = h("ul", {id: uniqueId("complete"), class: "wh-complete", role: "listbox", "aria-label": _("Variables"), hidden: true, test: "completion"});
  const told = h("span", {class: "wh-spoken", role: "status"});
  const isLine = control.tagName === "INPUT";
  let found = null;
  let active = 0;
  let known = {};
  let asked = 0;
  paint.element.append(list, told);
  control.setAttribute("aria-autocomplete", "list");
  if (isLine) {
    control.setAttribute("role", "combobox");
    control.setAttribute("aria-expanded", "false");
    control.setAttribute("aria-controls", list.id);
  }

  function look(isAsked = false) {
    const {selectionStart: caret, selectionEnd: end, value} = control;
    const next = caret !== end ? null : completionAt(value, caret, kind, {variables, values: known, isAsked, hasBlocks: hasBlocks()});
    if (next === null) {
      close();
      return;
    }
    const isNew = found === null;
    found = next;
    active = 0;
    show();
    if (isNew) {
      learn(isAsked);
      told.replaceChildren(fill(_("%(count)s variables fit. Arrow keys choose, Enter puts in."), {count: found.options.length}));
    }
  }

  /** What they stand for comes a moment later. */
  async function learn(isAsked) {
    asked += 1;
    const mine = asked;
    known = await values();
    if (mine === asked && found !== null) {
      const name = found.options[active]?.name;
      const {selectionStart: caret, value} = control;
      found = completionAt(value, caret, kind, {variables, values: known, isAsked, hasBlocks: hasBlocks()}) ?? found;
      active = Math.max(0, found.options.findIndex((option) => option.name === name));
      show();
    }
  }

  function show() {
    const {left, bottom} = paint.placeOf(found.from);
    fillWith(list, found.options.map((option, index) => h("li", {
      id: `${list.id}-${index}`,
      role: "option",
      class: "wh-option",
      "aria-selected": String(index === active),
      on: {
        // The focus stays in the control.
        pointerdown: (event) => event.preventDefault(),
        click: () => choose(index)
      }
    }, h("code", null, option.name), " ", option.value === "" ? null : h("span", {class: "wh-option-value"}, option.value), " ",
    option.about === "" ? null : h("span", {class: "wh-option-about"}, _(option.about)))));
    list.hidden = false;
    list.style.top = `${bottom + 3}px`;
    list.style.left = `${Math.max(0, Math.min(left, paint.element.clientWidth - list.offsetWidth))}px`;
    if (isLine) {
      control.setAttribute("aria-expanded", "true");
    } else {
      control.setAttribute("aria-controls", list.id);
    }
    mark();
  }

  function mark() {
    [...list.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === active)));
    control.setAttribute("aria-activedescendant", list.children[active].id);
    list.children[active].scrollIntoView({block: "nearest"});
  }

  function close() {
    if (found === null) {
      return;
    }
    found = null;
    asked += 1;
    list.hidden = true;
    fillWith(told);
    control.removeAttribute("aria-activedescendant");
    if (isLine) {
      control.setAttribute("aria-expanded", "false");
    } else {
      control.removeAttribute("aria-controls");
    }
  }

  function choose(index) {
    const {from, to, options} = found;
    close();
    putIn(control, from, to, options[index].text);
    close();
  }

  function keys(event) {
    if (event.isComposing) {
      return;
    }
    if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      look(true);
    } else if (found !== null && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const last = found.options.length - 1;
      const next = {ArrowDown: active >= last ? 0 : active + 1, ArrowUp: active <= 0 ? last : active - 1}[event.key];
      if (next !== undefined) {
        active = next;
        mark();
      } else if (event.key === "Enter" || event.key === "Tab") {
        choose(active);
      } else if (event.key === "Escape") {
        close();
        swallowNextEscape(control);
      } else {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    }
  }

  control.addEventListener("input", () => look());
  control.addEventListener("keydown", keys);
  control.addEventListener("click", close);
  control.addEventListener("blur", close);
  control.addEventListener("keyup", (event) => {
    if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) {
      close();
    }
  });
}
