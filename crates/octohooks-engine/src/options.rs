//! What a shell says when it starts the engine.

use std::path::PathBuf;

use octohooks_core::event::{Context, Printer};
use serde::Deserialize;
use serde_json::Value;

/// Given once, at the start.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// Where the hooks file and the state live; made when it is not there.
    pub data_folder: PathBuf,
    /// The version of the shell; has to be the engine's own.
    pub version: String,
    /// The printer of this installation.
    pub printer: Printer,
    /// The settings of 4.4.0 and before, as they stand in OctoPrint's config.yaml; imported when there is no hooks file.
    #[serde(default)]
    pub old_settings: Option<Value>,
    /// Ports of this machine where no webhook may go: OctoPrint's own, which would wait for itself.
    #[serde(default)]
    pub own_ports: Vec<u16>,
    /// What the printer says of itself now: a print that was under way before may still be.
    #[serde(default)]
    pub context: Context,
}
