/** What the receiver is like: the markup that it reads, how long a text may be, what it gets without a picture, and its sign of success. */

import {h} from "./dom.js";
import {choice, field, numberField, textField} from "./field.js";
import {jsonField} from "./field_json.js";
import {fold} from "./fold.js";
import {_} from "./texts.js";

export function receiverField(parts) {
  const {draft, board, set, catalogue} = parts;
  const markup = choice({
    value: draft.receiver.markup,
    test: "hook-receiver-markup",
    onChange: set("receiver.markup"),
    options: [
      ["plain", _("Plain text: nothing is escaped")],
      ["html", _("HTML, or Slack: & < > are escaped")],
      ["markdown", _("Markdown: * _ ~ and their kind are escaped")]
    ]
  });
  return fold({
    title: _("What the receiver is like"),
    hint: _("markup, length, without a picture, sign of success"),
    open: parts.isOpen("receiver"),
    test: "receiver-toggle"
  },
    field({
      label: _("It reads texts as"), control: markup, path: "receiver.markup", board,
      help: _("So that what variables put into the data shows as it is: a file called my_part_v2.gcode, for example.")
    }).element,
    numberField(parts, "receiver.message_limit", {
      label: _("Longest message, in characters"),
      help: _("A longer one is cut, and ends in an ellipsis. 0 is any length.")
    }),
    textField(parts, "receiver.without_picture_url", {
      label: _("Address without a picture"),
      type: "url",
      placeholder: _("the same"),
      help: _("Where to, when the camera gives no picture or the receiver refuses it. It has to be at the same server.")
    }),
    jsonField(parts, "receiver.without_picture_data", {
      label: _("Data without a picture"),
      variables: catalogue.variables.filter(({name}) => name !== "snapshot"),
      help: _("JSON that is sent then instead. Empty is the same data, the picture left out.")
    }).element,
    h("div", {class: "wh-halves"},
      h("div", {class: "wh-half"}, textField(parts, "receiver.success_is", {
        label: _("Its answer says, when it worked"),
        placeholder: "true",
        help: _("For a receiver that answers 200 to everything. Empty: the status alone tells.")
      })),
      h("div", {class: "wh-half"}, textField(parts, "receiver.success_at", {
        label: _("Where in its answer"),
        placeholder: "/ok",
        help: _("A JSON pointer, such as /ok or /result/status. Empty is anywhere in the text.")
      })))).element;
}
