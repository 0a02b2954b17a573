//! The documentation of variables and filters, made of their tables.

use std::fmt::Write as _;

use super::ALL;
use crate::template::FILTERS;

/// A part of a variable that many ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The way to it, without `@`.
    pub path: &'static str,
    /// What it is.
    pub description: &'static str,
    /// Its type, with the unit.
    pub kind: &'static str,
    /// When it is there.
    pub when: &'static str,
}

const fn part(path: &'static str, description: &'static str, kind: &'static str, when: &'static str) -> Part {
    Part { path, description, kind, when }
}

/// Parts that many ask for, by what they are of.
pub const PATHS: &[Part] = &[
    part("printerInfo.model", "The model in OctoPrint's printer profile.", "text", "where the profile has one"),
    part("hostInfo.name", "The name of the machine in the network.", "text", "always"),
    part("hostInfo.octoprint", "The version of OctoPrint; hostInfo.plugin that of this plugin.", "text", "always"),
    part("hostInfo.uptime", "How long the machine has been up.", "number, s", "with events of the printer"),
    part("state.text", "The printer's state in OctoPrint's words.", "text", "always"),
    part(
        "state.flags.printing",
        "Whether a print is under way; also paused, operational, error, and others.",
        "true or false",
        "always",
    ),
    part(
        "job.file.name",
        "The name of the file; job.file.path with its folder, job.file.origin where it lies.",
        "text",
        "while a file is chosen",
    ),
    part("job.file.size", "The size of the file.", "number, bytes", "while a file is chosen"),
    part("file.base", "The name of the file without its ending.", "text", "while a file is chosen"),
    part("file.folder", "The folder that it lies in; empty at the top.", "text", "while a file is chosen"),
    part(
        "filament.length",
        "How much filament the file takes, all tools. A metre of PLA weighs 2.98 g at 1.75 mm.",
        "number, m",
        "once the file is analysed",
    ),
    part(
        "filament.volume",
        "The same as a volume; grams are this times the density, 1.24 for PLA.",
        "number, cm³",
        "once the file is analysed, where it says how thick its filament is",
    ),
    part(
        "filament.weight",
        "The same as a weight.",
        "number, g",
        "where OctoPrint has it; no OctoPrint works it out of G-code",
    ),
    part(
        "filament.used.length",
        "How much of it is printed, as the progress tells; used.volume and used.weight beside it.",
        "number, m",
        "during a print and at its end, once the file is analysed",
    ),
    part("job.user", "Who started the print.", "text", "during a print that a user started"),
    part(
        "job.estimatedPrintTime",
        "How long OctoPrint estimates the print to take.",
        "number, s",
        "once the file is analysed",
    ),
    part(
        "job.lastPrintTime",
        "How long it took the last time; job.averagePrintTime on average.",
        "number, s",
        "where it was printed before",
    ),
    part(
        "job.filament.tool0.length",
        "How much filament the file takes, by tool; volume in cm³ beside it.",
        "number, mm",
        "once the file is analysed",
    ),
    part("progress.completion", "How much is printed.", "number, %", "during a print"),
    part("progress.printTime", "How long the print has lasted.", "number, s", "during a print"),
    part("progress.printTimeLeft", "How long it still takes.", "number, s", "during a print, once it is known"),
    part(
        "progress.printTimeLeftOrigin",
        "How the time left was found: linear, analysis, estimate, average, mixed-analysis, mixed-average; printer where the print or the printer says it (M73).",
        "text",
        "with the time left",
    ),
    part(
        "temperatures.tool0.actual",
        "The temperature of a heater: tool0, bed, chamber.",
        "number, °C",
        "while the printer is connected",
    ),
    part("temperatures.tool0.target", "What it is set to; 0 is off.", "number, °C", "while the printer is connected"),
    part("extra.time", "How long the print took.", "number, s", "with the end of a print"),
    part("extra.reason", "Why a print failed: cancelled, error.", "text", "with Print Failed"),
    part("extra.user", "Who did it.", "text", "with events that a user caused"),
    part(
        "meta.analysis.dimensions.height",
        "How high the print is; width and depth beside it.",
        "number, mm",
        "once the file is analysed; not in conditions",
    ),
    part(
        "meta.statistics.lastPrintTime._default",
        "How long it took the last time, by printer profile.",
        "number, s",
        "where it was printed before; not in conditions",
    ),
];

/// docs/variables.md.
pub fn document() -> String {
    let mut text = String::from(
        "# Variables\n\n\
         Written `@name` in any text of a webhook, or `{{ name }}` where Jinja is switched on. This page is made from the code.\n\n\
         | variable | what it is | type | when it is there | example |\n|---|---|---|---|---|\n",
    );
    let mut line = |cells: &[&str]| {
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        let _written = writeln!(text, "| {} |", cells.join(" | "));
    };
    for variable in ALL {
        let (name, example) = (format!("`@{}`", variable.name), format!("`{}`", variable.example));
        line(&[&name, variable.description, variable.kind, variable.when, &example]);
    }
    text.push_str(
        "\n## Parts that many ask for\n\n\
         Parts are taken with dots. What is not there is an empty text with `@`, and nothing with Jinja: `| default('…')` puts something else.\n\n\
         | part | what it is | type | when it is there |\n|---|---|---|---|\n",
    );
    let mut line = |cells: &[&str]| {
        let _written = writeln!(text, "| {} |", cells.join(" | "));
    };
    for part in PATHS {
        line(&[&format!("`{}`", part.path), part.description, part.kind, part.when]);
    }
    text.push_str(
        "\n## Filters\n\n\
         Behind `|` within `{{ }}` and `{% %}`, beside those of Jinja (`upper`, `replace`, `join`, `sort`, …). What has no value has none behind a filter either.\n\n\
         | written | what it does | gives |\n|---|---|---|\n",
    );
    for filter in FILTERS {
        let written = filter.written.replace('|', "\\|");
        let _written = writeln!(text, "| `{{{{ {written} }}}}` | {} | `{}` |", filter.description, filter.gives);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{PATHS, document};
    use crate::variables::is_built_in;

    #[test]
    fn every_part_is_of_a_variable_and_in_the_document() {
        let document = document();
        for part in PATHS {
            assert!(part.path.split('.').next().is_some_and(is_built_in), "{}", part.path);
            assert!(document.contains(&format!("| `{}` |", part.path)), "{}", part.path);
        }
        assert!(document.lines().filter(|line| line.starts_with('|')).all(|line| line.ends_with('|')));
    }
}
