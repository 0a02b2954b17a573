//! What is wrong with what a hook says of single events: where progress is told, rules of temperatures, patterns of lines.

use crate::heat;
use crate::hook::HookConfig;
use crate::hook::ready::PROGRESS_INTERVAL;
use crate::milestones::{Milestones, list};
use crate::problem::Problem;
use crate::terminal;
use crate::topic::Topic;

pub(super) fn check(config: &HookConfig, problems: &mut Vec<Problem>) {
    let is_on = |topic: Topic| config.events.get(&topic).is_some_and(|event| event.enabled);
    if is_on(Topic::PrintProgress) {
        progress(config, problems);
    }
    if is_on(Topic::Temperature) {
        let (rules, wrong) = heat::read(&config.temperature_rules);
        if rules.is_empty() && wrong.is_empty() {
            let message = "Without a rule no temperature is told. Write one: bed below 40.";
            problems.push(Problem::warning("temperature_rules", message));
        }
        let wrong = wrong.into_iter().map(|wrong| Problem::error("temperature_rules", wrong.message).at(wrong.line, 1));
        problems.extend(wrong);
    }
    if is_on(Topic::TerminalLine) {
        let (patterns, wrong) = terminal::read(&config.terminal_patterns);
        if patterns.is_empty() && wrong.is_empty() {
            let message = "Without a pattern no line is told. Write one: filament (runout|jam).";
            problems.push(Problem::warning("terminal_patterns", message));
        }
        let wrong = wrong.into_iter().map(|wrong| Problem::error("terminal_patterns", wrong.message).at(wrong.line, 1));
        problems.extend(wrong);
    }
}

fn progress(config: &HookConfig, problems: &mut Vec<Problem>) {
    let milestones = &config.milestones;
    let percent = config.progress_interval_percent;
    if !(PROGRESS_INTERVAL.contains(&percent) || percent == 0 && Milestones::new(milestones, None).has_others()) {
        let message = "Progress is told every 1 to 99 percent; with this number it is never told.";
        problems.push(Problem::error("progress_interval_percent", message));
    }
    let wrong = [
        ("milestones.at_layers", list::<u32>(&milestones.at_layers).err()),
        ("milestones.at_heights", list::<f64>(&milestones.at_heights).err()),
        ("milestones.minutes_before_end", list::<u32>(&milestones.minutes_before_end).err()),
    ];
    problems.extend(wrong.into_iter().filter_map(|(field, message)| Some(Problem::error(field, message?))));
}
