/**
 * Popups below a button. Closed by Escape, choosing, clicking or tabbing elsewhere; then the focus returns. Escape
 * stays inside: OctoPrint's dialog would close on it.
 */

import {button, h, icon, uniqueId} from "./dom.js";

/**
 * Makes `toggle` open what `build(close)` returns: `{element, first}`, `first` being what gets the focus. Returns the
 * wrapper that holds both.
 */
export function popup(toggle, build, {right = false} = {}) {
  const wrapper = h("span", {class: right ? "wh-popup wh-popup-right" : "wh-popup"}, toggle);
  let opened = null;
  toggle.setAttribute("aria-haspopup", "true");
  toggle.setAttribute("aria-expanded", "false");

  function close(returnFocus = true) {
    if (opened === null) {
      return;
    }
    opened.remove();
    opened = null;
    toggle.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", closeOutside, true);
    if (returnFocus) {
      toggle.focus();
    }
  }

  function open() {
    const {element, first} = build(close);
    element.classList.add("wh-popup-content");
    wrapper.append(element);
    opened = element;
    toggle.setAttribute("aria-expanded", "true");
    document.addEventListener("pointerdown", closeOutside, true);
    keepInView(element, wrapper);
    first?.focus({preventScroll: true});
    element.scrollIntoView({block: "nearest"});
  }

  function closeOutside(event) {
    if (!wrapper.contains(event.target)) {
      close(false);
    }
  }

  toggle.addEventListener("click", () => (opened === null ? open() : close()));
  toggle.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && opened === null) {
      event.preventDefault();
      open();
    }
  });
  wrapper.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && opened !== null) {
      event.stopPropagation();
      swallowNextEscape(toggle);
      close();
    }
  });
  wrapper.addEventListener("focusout", (event) => {
    if (opened !== null && event.relatedTarget !== null && !wrapper.contains(event.relatedTarget)) {
      close(false);
    }
  });
  return wrapper;
}

/** A button with a menu; `actions()` are `{label, icon, test, run, disabled}`, asked for when it opens. */
export function menu(properties, actions) {
  const toggle = button({...properties, class: `${properties.class ?? ""} wh-menu-toggle`}, icon("fa-ellipsis-vertical"));
  return popup(toggle, (close) => {
    const items = actions().map((action) => h("button", {
      role: "menuitem",
      class: "wh-menu-item",
      tabIndex: -1,
      disabled: action.disabled === true,
      test: action.test,
      on: {
        click: () => {
          close();
          action.run();
        }
      }
    }, icon(action.icon, "fa-fw"), " ", action.label));
    const usable = items.filter((item) => !item.disabled);
    const element = h("div", {
      id: uniqueId("menu"),
      role: "menu",
      "aria-label": properties.label,
      on: {keydown: (event) => moveFocus(event, usable)}
    }, items);
    return {element, first: usable[0]};
  }, {right: true});
}

/** Arrow keys, Home and End among the items of a menu or a list. */
export function moveFocus(event, items) {
  const at = items.indexOf(document.activeElement);
  const last = items.length - 1;
  const target = {ArrowDown: at >= last ? 0 : at + 1, ArrowUp: at <= 0 ? last : at - 1, Home: 0, End: last}[event.key];
  if (target !== undefined && items.length > 0) {
    event.preventDefault();
    items[target].focus();
  }
}

/** Moves a popup that would stick out of the page's left or right edge back inside. */
function keepInView(element, wrapper) {
  const page = (wrapper.closest(".octohooks") ?? document.documentElement).getBoundingClientRect();
  const box = element.getBoundingClientRect();
  const anchor = wrapper.getBoundingClientRect();
  const left = Math.max(page.left, Math.min(box.left, page.right - box.width));
  element.style.left = `${left - anchor.left}px`;
  element.style.right = "auto";
}

/** The dialog around listens for the release of Escape. */
export function swallowNextEscape(toggle) {
  const swallow = (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
    }
    toggle.removeEventListener("keyup", swallow);
  };
  toggle.addEventListener("keyup", swallow);
}
