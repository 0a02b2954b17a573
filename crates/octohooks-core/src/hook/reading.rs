//! A hook, or a whole file of them, out of JSON, with the place of what does not fit.
//!
//! Every reader of hooks comes here with a [`Value`]. Another kind of source would be a second copy of all this code in the
//! library that people install.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// What does not fit, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// The place, as `events.print_done.enabled` or `hooks[2].url`; empty for the whole.
    pub path: String,
    /// What serde says of it. It may quote the value, which may be a secret: for the person alone who has just entered it.
    pub what: String,
}

/// Reads a hook, or whatever holds hooks.
///
/// # Errors
/// The first place that does not fit.
pub fn read<Wanted: DeserializeOwned>(json: Value) -> Result<Wanted, Misfit> {
    serde_path_to_error::deserialize(json).map_err(|error| {
        let path = error.path().to_string();
        Misfit { path: if path == "." { String::new() } else { path }, what: error.inner().to_string() }
    })
}
