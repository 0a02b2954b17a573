//! The arguments of `octohooks listen`, checked while they are read.

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use http::StatusCode;

/// Receive webhooks on this computer and show each as it arrives
///
/// Point a hook at the address that is printed first. Ends on Ctrl-C.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The port to listen on; 0 takes any that is free
    #[arg(long, default_value_t = 4242)]
    pub(super) port: u16,
    /// The address to listen on; 0.0.0.0 lets other machines reach it
    #[arg(long, default_value = "127.0.0.1")]
    pub(super) host: String,
    /// Save pictures that arrive into this folder, which is made if it does not exist
    #[arg(long, value_name = "DIR")]
    pub(super) save: Option<PathBuf>,
    /// The status to answer with, 200 to 599
    #[arg(long, value_name = "CODE", default_value = "200", value_parser = status)]
    pub(super) status: StatusCode,
    /// Another status for one path, for instance /broken=500; may be given several times
    #[arg(long, value_name = "/PATH=CODE")]
    pub(super) status_for: Vec<StatusFor>,
    /// End by itself after so many webhooks
    #[arg(long, value_name = "N")]
    pub(super) count: Option<NonZeroU64>,
    /// Print one JSON object per line, for scripts; the first one holds the address
    #[arg(long)]
    pub(super) json: bool,
}

/// The status of one path.
#[derive(Debug, Clone)]
pub(super) struct StatusFor {
    path: String,
    status: StatusCode,
}

impl Options {
    /// The status for a path; of several for the same one, the last counts.
    pub(super) fn status_of(&self, path: &str) -> StatusCode {
        self.status_for.iter().rfind(|status_for| status_for.path == path).map_or(self.status, |found| found.status)
    }
}

impl FromStr for StatusFor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (path, code) = text.rsplit_once('=').ok_or("write a path, = and a status, for instance /broken=500")?;
        if !path.starts_with('/') {
            return Err("the path begins with /".to_owned());
        }
        Ok(Self { path: path.to_owned(), status: status(code)? })
    }
}

fn status(code: &str) -> Result<StatusCode, String> {
    code.parse()
        .ok()
        .filter(|code: &StatusCode| (200..=599).contains(&code.as_u16()))
        .ok_or_else(|| "a status is a number from 200 to 599".to_owned())
}
