/** What single events ask for beside a message: where progress is told, rules of temperatures, patterns of lines. */

import {h, uniqueId} from "./dom.js";
import {numberField, numberOr, problemSlot, textField} from "./field.js";
import {fold} from "./fold.js";
import {_} from "./texts.js";

/** The element for a topic; null where it asks for nothing. */
export function topicDetails(parts, key) {
  const details = {print_progress: progress, temperature: temperatures, terminal_line: patterns};
  return details[key]?.(parts) ?? null;
}

function progress(parts) {
  const {milestones} = parts.draft;
  const more = fold({
    title: _("By time, layer, or height"),
    hint: "",
    open: Object.values(milestones).some((value) => value !== 0 && value !== ""),
    test: "milestones-toggle"
  },
  halves(numberField(parts, "milestones.every_minutes", {label: _("Every so many minutes"), help: _("0 is not by time.")}),
    textField(parts, "milestones.minutes_before_end", {
      label: _("Minutes before the end"), placeholder: "30, 5",
      help: _("By OctoPrint's own estimate of the time left; numbers with commas between them.")
    }),
    numberField(parts, "milestones.every_layers", {label: _("Every so many layers"), help: _("0 is not by layer.")}),
    textField(parts, "milestones.at_layers", {label: _("At these layers"), placeholder: "2, 10, 50", help: _("The first one is 1.")}),
    numberField(parts, "milestones.every_millimetres", {label: _("Every so many millimetres of height"), help: _("0 is not by height.")}),
    textField(parts, "milestones.at_heights", {
      label: _("At these heights, in mm"), placeholder: "0.4, 20",
      help: _("Layers and heights come from the file. A print from the printer's own card has none.")
    })),
  numberField(parts, "milestones.only_longer_than_minutes", {
    label: _("Only for prints that take longer than, in minutes"), help: _("0 is any print.")
  }));
  return h("div", null, progressInterval(parts), more.element);
}

const halves = (...fields) => h("div", {class: "wh-halves"}, fields.map((one) => h("div", {class: "wh-half wh-narrow"}, one)));

function progressInterval({draft, board, changed}) {
  const control = h("input", {
    type: "number",
    class: "input-mini",
    min: 0,
    max: 99,
    id: uniqueId("interval"),
    value: draft.progress_interval_percent,
    test: "hook-progress-interval",
    on: {
      input: () => {
        draft.progress_interval_percent = numberOr(control.value, draft.progress_interval_percent, 0, 99);
        changed("progress_interval_percent");
      },
      change: () => {
        control.value = draft.progress_interval_percent;
      }
    }
  });
  return h("div", {class: "control-group wh-interval"},
    h("label", {for: control.id}, _("Every")), " ", control, " ",
    h("span", null, _("percent; not at 0 and 100.")), problemSlot(board, "progress_interval_percent", control));
}

function temperatures(parts) {
  return textField(parts, "temperature_rules", {
    rows: 2, placeholder: "bed below 40", label: _("Which temperatures, one rule per line"),
    help: _("A heater (tool0, bed, chamber, any) and reached, below 40 (°C), or held 10 (minutes at its target; held 90 s for seconds).")
  });
}

function patterns(parts) {
  return textField(parts, "terminal_patterns", {
    rows: 2, placeholder: "filament (runout|jam)", label: _("Which lines, one pattern per line"),
    help: _("Regular expressions for what the printer says. Groups such as (?<mm>\\S+) become @extra.groups.mm.")
  });
}
