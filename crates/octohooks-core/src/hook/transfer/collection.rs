//! Many hooks as one file: without secrets for anybody to read, with all of them only under a passphrase. And any file of
//! hooks that there is, one or many, encrypted or not, this version's or 4.4.0's, as hooks.

use serde_json::{Map, Value, json};

use super::sealed::{self, RANDOM_BYTES, SEALED_KEY};
use super::{
    FILE, FILE_VERSION, VERSION_KEY, fields_of, from_fields, holds_only, import_file, newer, without_orders,
    without_secrets,
};
use crate::hook::HookConfig;
use crate::ids::HookId;
use crate::problem::Problem;
use crate::secret::Secret;

/// The key that tells a file with several hooks, with the format's version.
const VERSION_OF_MANY: &str = "octoprint_webhooks_hooks";

const HOOKS_KEY: &str = "hooks";

/// A file that was read.
#[derive(Debug, Clone, PartialEq)]
pub enum Opened {
    /// It is encrypted, and no passphrase was given.
    Locked,
    /// Its hooks, each with an id of this place.
    Hooks(Vec<HookConfig>),
}

/// Hooks as a file without secrets.
pub fn export_all<'hook>(hooks: impl IntoIterator<Item = &'hook HookConfig>) -> Value {
    file_of(hooks.into_iter().map(|hook| fields_of(&without_secrets(hook))))
}

/// Hooks as a file with everything, encrypted under a passphrase.
///
/// # Errors
/// The passphrase is too short, or there is not enough memory just now.
pub fn export_sealed<'hook>(
    hooks: impl IntoIterator<Item = &'hook HookConfig>,
    passphrase: &Secret,
    random: &[u8; RANDOM_BYTES],
) -> Result<Value, Problem> {
    let file = Secret::new(file_of(hooks.into_iter().map(fields_of)).to_string());
    sealed::seal(file.expose(), passphrase, random)
}

fn file_of(hooks: impl Iterator<Item = Value>) -> Value {
    json!({ VERSION_OF_MANY: FILE_VERSION, HOOKS_KEY: hooks.collect::<Vec<_>>() })
}

/// Reads any file of hooks.
///
/// # Errors
/// What is wrong with the file, and where; of an encrypted one also that the passphrase is not right.
pub fn open(file: &Value, passphrase: Option<&Secret>, new_id: &mut dyn FnMut() -> HookId) -> Result<Opened, Problem> {
    if file.get(SEALED_KEY).is_some() {
        let Some(passphrase) = passphrase else { return Ok(Opened::Locked) };
        let text = sealed::open(file, passphrase)?;
        // What was encrypted is not encrypted again: this ends here.
        let within: Value =
            serde_json::from_str(&text).map_err(|_| Problem::error(FILE, "This file holds no hook."))?;
        return many(&within, new_id).map(Opened::Hooks);
    }
    if file.get(VERSION_OF_MANY).is_some() {
        let hooks = many(file, new_id)?;
        return Ok(Opened::Hooks(hooks.into_iter().map(without_orders).collect()));
    }
    if file.get(VERSION_KEY).is_none() && crate::import::holds_old_settings(file) {
        let hooks = crate::import::import(file, &mut *new_id);
        if hooks.len() != 1 {
            return not_empty(hooks).map(Opened::Hooks);
        }
    }
    import_file(&file.to_string(), new_id()).map(|hook| Opened::Hooks(vec![hook]))
}

/// Whether a hook of a file is one that is here, as far as the file tells: one without secrets tells less.
pub fn is_the_same(of_file: &HookConfig, here: &HookConfig) -> bool {
    let told = fields_of(of_file);
    told == fields_of(here) || told == fields_of(&without_secrets(here))
}

fn many(file: &Value, new_id: &mut dyn FnMut() -> HookId) -> Result<Vec<HookConfig>, Problem> {
    match file.get(VERSION_OF_MANY).and_then(Value::as_u64) {
        Some(FILE_VERSION) => {}
        Some(version) if version > FILE_VERSION => return Err(newer(version)),
        _ => return Err(Problem::error(FILE, format!("The value of {VERSION_OF_MANY} should be {FILE_VERSION}."))),
    }
    holds_only(file, [VERSION_OF_MANY, HOOKS_KEY])?;
    let hooks = file.get(HOOKS_KEY).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let read = |(index, hook): (usize, &Value)| {
        let fields: Map<String, Value> = hook.as_object().cloned().unwrap_or_default();
        from_fields(fields, new_id()).map_err(|problem| {
            let field = format!("{HOOKS_KEY}.{index}.{}", problem.field);
            Problem { field, ..problem }
        })
    };
    not_empty(hooks.iter().enumerate().map(read).collect::<Result<_, _>>()?)
}

fn not_empty(hooks: Vec<HookConfig>) -> Result<Vec<HookConfig>, Problem> {
    if hooks.is_empty() { Err(Problem::error(FILE, "This file holds no hook.")) } else { Ok(hooks) }
}
