//! What is wrong with a hook, said so that a person can mend it: the field, the place in it, the remedy.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much a problem matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing is lost.
    Note,
    /// It is sent, but perhaps not as meant.
    Warning,
    /// Nothing can be sent until it is mended.
    Error,
}

/// One thing to mend in one field of a hook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// The field, as it is named in the hooks file (`headers`, `oauth.data`, `events.print_done.message`).
    pub field: String,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong and what mends it, a sentence for the user. Holds no secret.
    pub message: String,
    /// Line of the field's text, from 1, where one can be named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Column in that line, in characters from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
}

impl Problem {
    /// A problem of a whole field.
    pub fn new(field: impl Into<String>, severity: Severity, message: impl Into<String>) -> Self {
        Self { field: field.into(), severity, message: message.into(), line: None, column: None }
    }

    /// Shorthand for an error of a whole field.
    pub fn error(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(field, Severity::Error, message)
    }

    /// Shorthand for a warning of a whole field.
    pub fn warning(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(field, Severity::Warning, message)
    }

    /// Shorthand for a note on a whole field.
    pub fn note(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(field, Severity::Note, message)
    }

    /// The same problem at a place in the field's text.
    #[must_use]
    pub fn at(mut self, line: usize, column: usize) -> Self {
        self.line = Some(line);
        self.column = Some(column);
        self
    }
}
