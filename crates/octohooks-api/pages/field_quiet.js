/** Quiet hours: when the webhook keeps still, what becomes of events meanwhile, and what is sent all the same. */

import {h, help, uniqueId} from "./dom.js";
import {problemSlot, tickBox} from "./field.js";
import {fold} from "./fold.js";
import {spanInputs} from "./span_inputs.js";
import {_} from "./texts.js";

export function quietField(parts) {
  const {draft, board, changed} = parts;
  const {quiet} = draft;
  const words = () => (quiet.enabled ? `${quiet.span.from} – ${quiet.span.until}` : _("none"));
  const told = (path) => {
    whole.setHint(words());
    details.hidden = !quiet.enabled;
    digest.element.hidden = quiet.what !== "hold";
    changed(path);
  };
  const choice = (key, label, options) => {
    const control = h("select", {
      id: uniqueId("quiet"),
      value: quiet[key],
      test: `hook-quiet-${key}`,
      on: {
        change: () => {
          quiet[key] = control.value;
          told(`quiet.${key}`);
        }
      }
    }, options.map(([value, title]) => h("option", {value}, title)));
    return h("div", {class: "control-group wh-field"}, h("label", {for: control.id, class: "control-label"}, label), control);
  };
  const span = spanInputs({span: quiet.span, test: "hook-quiet", onChange: () => told("quiet.span")});
  const [from, until] = span.querySelectorAll("input[type=time]");
  const digest = tickBox(parts, "quiet.digest", {
    label: _("Tell what was held in one message"),
    help: _("The newest is sent when they end, with the others as lines before its message.")
  });
  const details = h("div", null,
    h("div", {class: "control-group wh-field"}, span, problemSlot(board, "quiet.span.from", from), problemSlot(board, "quiet.span.until", until)),
    choice("what", _("What happens meanwhile"), [
      ["hold", _("is held until they end")], ["silence", _("is sent silently (@silent is true)")], ["drop", _("is not sent")]
    ]),
    choice("bypass", _("Sent all the same"), [
      ["critical", _("what needs you: errors, failed prints, a waiting printer")],
      ["lifecycle", _("all but progress")],
      ["nothing", _("nothing")]
    ]),
    digest.element);
  details.hidden = !quiet.enabled;
  digest.element.hidden = quiet.what !== "hold";
  const whole = fold({title: _("Quiet hours"), hint: words(), open: parts.isOpen("quiet"), test: "quiet-toggle"},
    help(_("By the clock of the machine at the printer. Progress is never held: it would be stale.")),
    tickBox(parts, "quiet.enabled", {
      label: _("Keep still at certain times"),
      onChange: (checked) => {
        quiet.enabled = checked;
        told("quiet.enabled");
      }
    }).element,
    details);
  details.addEventListener("wh-reveal", () => {
    details.hidden = false;
  });
  return whole.element;
}
