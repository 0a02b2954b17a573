/** The picture: what it shows. There only while the hook takes one. */

import {choice, field} from "./field.js";
import {fold} from "./fold.js";
import {_} from "./texts.js";

const SOURCES = () => [
  ["camera", _("the webcam's picture")],
  ["thumbnail", _("the thumbnail of the printed file")],
  ["camera_or_thumbnail", _("the webcam's picture, or else the thumbnail")]
];

export function pictureField(parts) {
  const {draft, board, set, refreshers} = parts;
  const words = () => SOURCES().find(([key]) => key === draft.picture.source)?.[1] ?? "";
  const whole = fold({title: _("Picture"), hint: words(), test: "picture-toggle"},
    field({
      label: _("It shows"),
      control: choice({value: draft.picture.source, test: "hook-picture-source", onChange: set("picture.source"), options: SOURCES()}),
      path: "picture.source",
      board,
      help: _("A thumbnail is what the slicer has put into the file: PrusaSlicer, OrcaSlicer, Bambu Studio, and Cura do. Which one it was stands in @pictureSource.")
    }).element);
  const refresh = () => {
    whole.setHint(words());
    whole.element.hidden = draft.content_type !== "picture" && !draft.data.includes("snapshot");
  };
  refreshers.push(refresh);
  refresh();
  return whole.element;
}
