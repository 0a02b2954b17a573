/**
 * Which webcams the pictures are of: those that OctoPrint has, to tick. Where it does not say which they are, their names to type.
 * A name that is saved stays, whether its webcam is there or not.
 */

import {fillWith, h, uniqueId} from "./dom.js";
import {problemSlot, textField} from "./field.js";
import {_, fill} from "./texts.js";

const PATH = "picture.camera";
const ALL = "*";

/** `{element, ask}`; nothing is there before somebody asks. */
export function webcamsField(parts) {
  const element = h("div");
  let isAsked = false;
  const ask = async () => {
    if (isAsked) {
      return;
    }
    isAsked = true;
    try {
      const {webcams} = await parts.api.webcams();
      fillWith(element, ticked(parts, webcams));
    } catch {
      fillWith(element, typed(parts));
    }
  };
  return {element, ask};
}

function typed(parts) {
  return textField(parts, PATH, {
    label: _("Webcams"),
    rows: 1,
    placeholder: _("the one for snapshots"),
    help: _("Their names in OctoPrint, a line each, or * for all of them: several files in a multipart form, the first one elsewhere.")
  });
}

/** The names in a draft, a line each. Pure. */
export const namesIn = (text) => text.split("\n").map((name) => name.trim()).filter((name) => name !== "");

/** Those that can be ticked: what OctoPrint has, then what is saved and gone. Pure. */
export function rowsOf(webcams, text) {
  const isOne = ({name, title}, saved) => saved === name || saved.toLowerCase() === title.trim().toLowerCase();
  const saved = namesIn(text).filter((name) => name !== ALL);
  const here = webcams.map((webcam) => ({...webcam, isThere: true, isTicked: saved.some((name) => isOne(webcam, name))}));
  const gone = saved.filter((name) => !webcams.some((webcam) => isOne(webcam, name)));
  return [...here, ...gone.map((name) => ({name, title: name, isThere: false, isTicked: true}))];
}

function ticked({draft, board, set}, webcams) {
  const help = h("p", {id: uniqueId("help"), class: "wh-help"},
    _("None ticked: the one for snapshots. Several go as several files in a multipart form; elsewhere the first one goes."));
  const box = (label, isTicked, others) => {
    const control = h("input", {type: "checkbox", checked: isTicked, test: "hook-picture-webcam", ...others, on: {change: changed}});
    return {control, element: h("label", {class: "checkbox"}, control, " ", label)};
  };
  const all = box(_("All of them, also those that come later"), namesIn(draft.picture.camera).includes(ALL), {value: ALL});
  const rows = rowsOf(webcams, draft.picture.camera).map((row) => {
    const label = row.isThere ? row.title : fill(_("%(name)s (OctoPrint does not have it)"), {name: row.title});
    return {...row, box: box(label, row.isTicked, {value: row.name})};
  });

  function changed() {
    const names = rows.filter((row) => row.box.control.checked).map(({name}) => name);
    set(PATH)(all.control.checked ? ALL : names.join("\n"));
    lockOthers();
  }

  function lockOthers() {
    rows.forEach((row) => {
      row.box.control.disabled = all.control.checked;
    });
  }

  lockOthers();
  const fieldset = h("fieldset", {class: "control-group wh-field wh-choices", "aria-describedby": help.id},
    h("legend", null, _("Webcams")), all.element, rows.map((row) => row.box.element), help);
  fieldset.append(problemSlot(board, PATH, fieldset));
  return fieldset;
}
