/** The picture: what it shows, and what is done around a camera's. There only while the hook takes one. */

import {h} from "./dom.js";
import {choice, field, numberField, textField, textInput, tickBox} from "./field.js";
import {showPlace, templated} from "./field_template.js";
import {fold} from "./fold.js";
import {webcamsField} from "./field_webcams.js";
import {_} from "./texts.js";
import {variableButton} from "./variables_help.js";

const SOURCES = () => [
  ["camera", _("the webcam's picture")],
  ["thumbnail", _("the thumbnail of the printed file")],
  ["camera_or_thumbnail", _("the webcam's picture, or else the thumbnail")]
];

export function pictureField(parts) {
  const {draft, board, set, refreshers} = parts;
  const {picture} = draft;
  const words = () => SOURCES().find(([key]) => key === picture.source)?.[1] ?? "";
  const gcode = (key, label, placeholder) =>
    h("div", {class: "wh-half"}, textField(parts, `picture.${key}`, {label, placeholder, rows: 2}));
  const light = (key, label, placeholder) =>
    h("div", {class: "wh-half"}, textField(parts, `picture.${key}`, {label, placeholder, inputmode: "url"}));
  const webcams = webcamsField(parts);
  const around = h("div", null,
    webcams.element,
    numberField(parts, "picture.most_pictures", {
      label: _("Most pictures in one message"),
      help: _("Of several webcams; the first ones go. 0 is any number.")
    }),
    h("div", {class: "wh-halves"},
      gcode("gcode_before", _("G-code before it"), "M355 S1"),
      gcode("gcode_after", _("G-code after it"), "M355 S0")),
    tickBox(parts, "picture.while_printing", {
      label: _("Send this G-code while the printer prints, too"),
      help: _("It comes amid the lines of the print. Otherwise the picture is taken without it then.")
    }).element,
    h("div", {class: "wh-halves"},
      light("light_on_url", _("Address to call before it"), "http://plug/cm?cmnd=Power%20On"),
      light("light_off_url", _("Address to call after it"), "http://plug/cm?cmnd=Power%20Off")),
    tickBox(parts, "picture.light_post", {
      label: _("Call these addresses with POST, not GET"),
      help: _("A smart plug's, for a light; while the printer prints as well. Each has 5 seconds, and whatever comes of it, the message goes. They often hold a key: treat them like passwords.")
    }).element,
    numberField(parts, "picture.wait_seconds", {
      label: _("Wait before it, in seconds"),
      max: 30,
      help: _("After the G-code and the call: until the light is bright, the head out of the way. The message waits with it.")
    }));
  const whole = fold({title: _("Picture"), hint: words(), test: "picture-toggle"},
    field({
      label: _("It shows"),
      control: choice({value: picture.source, test: "hook-picture-source", onChange: set("picture.source"), options: SOURCES()}),
      path: "picture.source",
      board,
      help: _("A thumbnail is what the slicer has put into the file: PrusaSlicer, OrcaSlicer, Bambu Studio, and Cura do. Which one it was stands in @pictureSource.")
    }).element,
    around,
    numberField(parts, "picture.max_kilobytes", {
      label: _("Largest picture, in KB"),
      help: _("A larger one is sent with less quality, and smaller if need be. 0 is any size.")
    }),
    fileNameField(parts),
    tickBox(parts, "picture.timelapse", {
      label: _("With MovieDone, send the timelapse in its place"),
      help: _("Add MovieDone as a custom event. Up to 10 MB, or the size above; a larger one stays, and the text goes alone.")
    }).element);
  const refresh = () => {
    whole.setHint(words());
    whole.element.hidden = draft.content_type !== "picture" && !draft.data.includes("snapshot");
    around.hidden = picture.source === "thumbnail";
    if (!whole.element.hidden && !around.hidden) {
      webcams.ask();
    }
  };
  refreshers.push(refresh);
  refresh();
  return whole.element;
}

function fileNameField(parts) {
  const {draft, board, set, catalogue} = parts;
  const variables = catalogue.variables.filter(({name}) => !name.startsWith("snapshot"));
  const label = _("Name of its file");
  const control = textInput({
    value: draft.picture.file_name, placeholder: "snapshot.jpg", test: "hook-picture-file-name", onInput: set("picture.file_name")
  });
  return field({
    label,
    control,
    holder: templated(parts, control, {kind: "text", variables}),
    tools: [variableButton({variables, target: control, kind: "text", label, test: "variables-picture-file-name"})],
    help: _("Such as @file.base; the ending comes by itself. Of several pictures each has its own: @pictureNumber, or a number at the end."),
    path: "picture.file_name",
    board,
    showPlace: (line, column) => showPlace(control, line, column)
  }).element;
}
