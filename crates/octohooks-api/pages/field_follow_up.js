/** One message per print: whether what follows the first one changes it or goes on in its thread, and how that is sent. */

import {h} from "./dom.js";
import {choice, field, textField} from "./field.js";
import {jsonField} from "./field_json.js";
import {fold} from "./fold.js";
import {_} from "./texts.js";

export function followUpField(parts) {
  const {draft, board, set, catalogue} = parts;
  const followUp = draft.follow_up;
  const modes = [
    ["off", _("Every message is a new one")],
    ["change", _("One message that changes; the end and what needs you are new ones")],
    ["change_all", _("One message that changes, to the end")],
    ["thread", _("One thread")]
  ];
  const words = () => modes.find(([mode]) => mode === followUp.mode)?.[1] ?? "";
  const withoutPicture = catalogue.variables.filter(({name}) => name !== "snapshot");
  const mode = choice({
    value: followUp.mode,
    options: modes,
    test: "hook-follow-up-mode",
    onChange: (value) => {
      set("follow_up.mode")(value);
      whole.setHint(words());
      details.hidden = value === "off";
    }
  });
  const method = choice({
    value: followUp.method ?? "",
    options: [["", _("the same")], ...["POST", "PUT", "PATCH"].map((name) => [name, name])],
    test: "hook-follow-up-method",
    onChange: (value) => set("follow_up.method")(value || null)
  });
  const details = h("div", null,
    textField(parts, "follow_up.id_at", {
      label: _("Where its answer names the message"),
      placeholder: "/id",
      help: _("A JSON pointer, such as /id or /result/message_id. What stands there is @messageId in what follows.")
    }),
    field({label: _("Method of what follows"), control: method, path: "follow_up.method", board}).element,
    textField(parts, "follow_up.url", {
      label: _("Address of what follows"),
      type: "url",
      placeholder: _("the same"),
      help: _("At the same server, often with @messageId in it.")
    }),
    jsonField(parts, "follow_up.data", {
      label: _("Data of what follows"),
      variables: catalogue.variables,
      help: _("JSON that is sent then instead. Empty is the same data.")
    }).element,
    textField(parts, "follow_up.without_picture_url", {label: _("Its address without a picture"), type: "url", placeholder: _("the same")}),
    jsonField(parts, "follow_up.without_picture_data", {label: _("Its data without a picture"), variables: withoutPicture}).element,
    textField(parts, "follow_up.unchanged_says", {
      label: _("A refusal that says this means that nothing had to be changed"),
      placeholder: "not modified"
    }));
  details.hidden = followUp.mode === "off";
  details.addEventListener("wh-reveal", () => {
    details.hidden = false;
  });
  const whole = fold({title: _("One message per print"), hint: words(), open: parts.isOpen("follow_up"), test: "follow-up-toggle"},
    field({
      label: _("The messages of one print"), control: mode, path: "follow_up.mode", board,
      help: _("A change makes no sound. For a service that names its messages in its answers; where one is gone, a new one is sent.")
    }).element,
    details);
  return whole.element;
}
