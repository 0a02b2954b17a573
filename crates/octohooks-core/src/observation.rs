//! What a source saw, before anybody knows what it means.

use serde_json::Value;

use crate::event::Context;
use crate::time::UnixMillis;

/// One sight of a printer.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// When it was seen, by the clock of the machine that saw it.
    pub at: UnixMillis,
    /// What was seen.
    pub sight: Sight,
    /// What the printer said of itself at that moment.
    pub context: Context,
}

/// The kinds of things a source can see.
#[derive(Debug, Clone, PartialEq)]
pub enum Sight {
    /// An event on OctoPrint's bus.
    BusEvent {
        /// Its name.
        name: String,
        /// What came with it; null if nothing did.
        payload: Value,
    },
    /// The job's progress has changed; it is in the context.
    Progress,
    /// The printer has told its temperatures; they are in the context.
    Temperatures,
    /// A line from the printer that may say that it waits for a person.
    SerialLine(String),
    /// A line from the printer that somebody's pattern matches.
    TerminalLine(String),
    /// An instruction of the print that may say something: `M117`, `M118`, or the @-command `@webhook`.
    GcodeLine(String),
}

impl Sight {
    /// Whether the next one of its kind comes soon and says as much: the first to be let go when there are too many.
    pub const fn passes_by(&self) -> bool {
        matches!(self, Self::Progress | Self::Temperatures | Self::TerminalLine(_))
    }
}
