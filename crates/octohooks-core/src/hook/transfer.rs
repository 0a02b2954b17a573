//! A hook as a file for somebody else, and such a file as a hook; [`collection`] does the same for many, and with secrets.
//!
//! Out go all settings but the secrets: no API secret, no device identifier (for some services it is one), of URLs
//! only scheme and host, of headers only the names and what holds no text of its own, of OAuth data only which grant is
//! asked for. The data and the messages stay as they are: whoever gives the file away looks through those first. In
//! comes such a file, or a template that 4.4.0 exported. G-code for the printer neither goes out nor comes in: nobody's file
//! moves somebody's printer.

mod blank;
mod collection;
mod sealed;

#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

pub use self::collection::{Opened, export_all, export_sealed, is_the_same, open};
pub use self::sealed::{LEAST_CHARACTERS, RANDOM_BYTES};

use self::blank::{blank_data, blank_header, blank_headers, blank_oauth_header, origin_of};
use super::{HookConfig, reading};
use crate::ids::HookId;
use crate::import;
use crate::problem::Problem;
use crate::secret::Secret;
use crate::template::place_of;

/// The version of the file's format that this program writes.
const FILE_VERSION: u64 = 1;

/// The key that tells such a file, with the format's version.
const VERSION_KEY: &str = "octoprint_webhooks_hook";

/// The key of the hook itself.
const HOOK_KEY: &str = "hook";

/// What problems with the file as a whole are about.
const FILE: &str = "file";

/// A hook as a file without secrets. What the user has to review in it are the data and the messages.
pub fn export(hook: &HookConfig) -> Value {
    json!({ VERSION_KEY: FILE_VERSION, HOOK_KEY: fields_of(&without_secrets(hook)) })
}

fn without_secrets(hook: &HookConfig) -> HookConfig {
    let mut shared = hook.clone();
    let oauth_on = hook.oauth.enabled;
    shared.api_secret = Secret::default();
    shared.device_identifier.clear();
    shared.url = origin_of(&hook.url);
    shared.receiver.without_picture_url = origin_of(&hook.receiver.without_picture_url);
    shared.picture.forget_gcode();
    shared.picture.forget_light();
    shared.follow_up.url = origin_of(&hook.follow_up.url);
    shared.follow_up.without_picture_url = origin_of(&hook.follow_up.without_picture_url);
    shared.headers = blank_headers(&hook.headers, |value| blank_header(value, oauth_on));
    shared.signing.keys.clear();
    shared.signing.body_signature_secret = Secret::default();
    // The certificate says who somebody is, and is of no use without its key.
    shared.tls.client_certificate.clear();
    shared.tls.client_key = Secret::default();
    shared.oauth.url = origin_of(&hook.oauth.url);
    shared.oauth.headers = blank_headers(&hook.oauth.headers, blank_oauth_header);
    shared.oauth.data = blank_data(&hook.oauth.data);
    shared
}

/// What of a hook makes sense elsewhere.
fn fields_of(hook: &HookConfig) -> Value {
    let mut fields = serde_json::to_value(hook).unwrap_or_default();
    if let Some(fields) = fields.as_object_mut() {
        // The printers of one installation mean nothing in another: there it would listen to none.
        for of_this_place in ["id", "printers", "notes"] {
            fields.shift_remove(of_this_place);
        }
    }
    fields
}

/// Reads a hook's file, or a template exported by 4.4.0.
///
/// # Errors
/// What is wrong with the file, and where: it is no JSON, no hook, of a later version, or holds what no hook has.
pub fn import_file(text: &str, id: HookId) -> Result<HookConfig, Problem> {
    let text = text.trim_start_matches('\u{feff}');
    let file: Value = serde_json::from_str(text).map_err(|error| {
        let (line, column) = place_of(text, &error);
        let message = format!("This file is not JSON: it stops being so in line {line}, column {column}.");
        Problem::error(FILE, message).at(line, column)
    })?;
    match file.get(VERSION_KEY) {
        Some(version) => read_version(version).and_then(|()| read_hook(&file, id)),
        None if import::holds_old_settings(&file) => read_old(&file, id),
        None => Err(Problem::error(
            FILE,
            "This is not the file of a hook. Choose one that was exported from Webhooks, or a \
             template of its older versions.",
        )),
    }
}

fn read_version(version: &Value) -> Result<(), Problem> {
    match version.as_u64() {
        Some(FILE_VERSION) => Ok(()),
        Some(version) if version > FILE_VERSION => Err(newer(version)),
        _ => Err(Problem::error(FILE, format!("The value of {VERSION_KEY} should be {FILE_VERSION}."))),
    }
}

fn newer(version: u64) -> Problem {
    let message = format!(
        "This file was written by a newer version of Webhooks (format {version}). Update the plugin to import it."
    );
    Problem::error(FILE, message)
}

/// Nothing but the keys of its format.
fn holds_only(file: &Value, keys: [&str; 2]) -> Result<(), Problem> {
    match file.as_object().into_iter().flat_map(Map::keys).find(|key| !keys.contains(&key.as_str())) {
        Some(unknown) => {
            Err(Problem::error(FILE, format!("The key {} does not belong in a hook's file.", quote(unknown))))
        }
        None => Ok(()),
    }
}

fn read_hook(file: &Value, id: HookId) -> Result<HookConfig, Problem> {
    holds_only(file, [VERSION_KEY, HOOK_KEY])?;
    let Some(fields) = file.get(HOOK_KEY).and_then(Value::as_object) else {
        return Err(Problem::error(
            FILE,
            format!("The file has no hook: the key \"{HOOK_KEY}\" with its settings is missing."),
        ));
    };
    from_fields(fields.clone(), id).map(without_orders)
}

/// A printer and a plug do what they are told: of a file that anybody may have written, they are told nothing.
fn without_orders(mut hook: HookConfig) -> HookConfig {
    if hook.picture.forget_gcode() {
        let message = "The G-code around the picture did not come with the file: enter it again if you want it.";
        hook.notes.push(Problem::note("picture.gcode_before", message));
    }
    if hook.picture.forget_light() {
        let message =
            "The addresses that switch a light did not come with the file: enter them again if you want them.";
        hook.notes.push(Problem::note("picture.light_on_url", message));
    }
    hook
}

fn from_fields(mut fields: Map<String, Value>, id: HookId) -> Result<HookConfig, Problem> {
    fields.insert("id".to_owned(), Value::String(id.to_string()));
    // Notes are this program's own word to the user: a file has none to say.
    fields.shift_remove("notes");
    reading::read(Value::Object(fields)).map_err(|misfit| problem_of(&misfit.path, &misfit.what))
}

/// The one hook of an old file. Its template's own name, if it was given one, becomes the hook's.
fn read_old(file: &Value, id: HookId) -> Result<HookConfig, Problem> {
    let mut hooks = import::import(file, &mut || id);
    match (hooks.pop(), hooks.len()) {
        (Some(mut hook), 0) => {
            if let Some(name) = import::template_name(file) {
                name.clone_into(&mut hook.name);
            }
            Ok(hook)
        }
        (Some(_), others) => {
            Err(Problem::error(FILE, format!("This file holds {} hooks. Import one at a time.", others + 1)))
        }
        (None, _) => Err(Problem::error(FILE, "This file holds no hook.")),
    }
}

/// What serde says, with the path and without the value that it stumbled over: that may be a secret.
fn problem_of(path: &str, error: &str) -> Problem {
    let expected = error.split_once(", expected ").map(|(_, expected)| match expected {
        "u8" => "a whole number from 0 to 255",
        "u32" => "a whole number from 0",
        "a boolean" => "true or false",
        other => other,
    });
    let named = |start: &str| error.strip_prefix(start)?.split('`').next();
    if let Some(key) = named("unknown field `") {
        // The path ends in the key itself.
        return Problem::error(path, format!("A hook has no setting {} (at {path}).", quote(key)));
    }
    if let Some(key) = named("missing field `") {
        return Problem::error(path, format!("The setting {} is missing (at {path}).", quote(key)));
    }
    let remedy = expected.map(|expected| format!(" Expected is {expected}.")).unwrap_or_default();
    Problem::error(path, format!("What stands at {path} does not fit there.{remedy}"))
}

fn quote(key: &str) -> String {
    Value::String(key.chars().take(60).collect()).to_string()
}
