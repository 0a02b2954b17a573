//! Hooks to start from: one file each in `starting_points/`, completed with the values of a new hook.
//!
//! A file holds only what makes it special. What goes out is a whole draft, without an id and without a secret.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::hook::HookConfig;
use crate::ids::HookId;
use crate::time::UnixMillis;

/// A hook to start from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartingPoint {
    /// Names it in the program.
    pub key: String,
    /// Names it on the page.
    pub name: String,
    /// What it is for and what has to be filled in, for the user.
    pub description: String,
    /// A draft: the fields of a [`HookConfig`] without `id` and `api_secret`.
    pub hook: Value,
}

/// The files, in the order of the page.
const FILES: [&str; 9] = [
    include_str!("starting_points/simple.json"),
    include_str!("starting_points/full_data.json"),
    include_str!("starting_points/snapshot.json"),
    include_str!("starting_points/oauth.json"),
    include_str!("starting_points/dot_notation.json"),
    include_str!("starting_points/slack.json"),
    include_str!("starting_points/plivo.json"),
    include_str!("starting_points/alexa_notify_me.json"),
    include_str!("starting_points/ntfy.json"),
];

static ALL: LazyLock<Vec<StartingPoint>> = LazyLock::new(|| {
    let new_hook = new_hook();
    FILES.iter().filter_map(|file| read(file, &new_hook)).collect()
});

/// All of them, in the order of the page.
pub fn all() -> Vec<StartingPoint> {
    ALL.clone()
}

/// The files are part of the program and read by a test; one that cannot be read would be missing from the page.
fn read(file: &str, new_hook: &Value) -> Option<StartingPoint> {
    let mut point: StartingPoint = serde_json::from_str(file).ok()?;
    let special = std::mem::replace(&mut point.hook, new_hook.clone());
    for (field, value) in special.as_object()? {
        point.hook[field] = value.clone();
    }
    Some(point)
}

fn new_hook() -> Value {
    let mut hook = serde_json::to_value(HookConfig::new(HookId::new(UnixMillis(0), &[0; 10]))).unwrap_or_default();
    if let Some(fields) = hook.as_object_mut() {
        fields.retain(|field, _| field != "id" && field != "api_secret");
    }
    hook
}
