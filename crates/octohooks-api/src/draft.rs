//! A hook as a page sends it: parsed strictly, its write-only fields filled in from the saved hook where that is safe.

use octohooks_core::hook::{HookConfig, reading};
use octohooks_core::ids::HookId;
use octohooks_core::problem::Problem;
use octohooks_engine::Engine;
use octohooks_engine::roster::Roster;
use serde_json::Value;

use crate::error::ApiError;
use crate::write_only::WriteOnly;

/// The id in a path.
pub(crate) fn hook_id(text: &str) -> Result<HookId, ApiError> {
    HookId::parse(text).map_err(|_| ApiError::not_found("There is no such hook."))
}

/// Reads a draft. Its saved form is found by `id`, or else by the id that the draft itself names; a new one gets an id.
pub(crate) fn read(draft: Value, id: Option<HookId>, engine: &Engine) -> Result<HookConfig, ApiError> {
    let Value::Object(mut fields) = draft else {
        return Err(ApiError::bad_request("A hook is a JSON object."));
    };
    let named = fields.get("id").and_then(Value::as_str).and_then(|text| HookId::parse(text).ok());
    let roster = engine.roster();
    let id = id.or(named);
    let saved = id.and_then(|id| roster.get(id)).map(|(config, _)| config);
    let id = id.unwrap_or_else(|| engine.new_hook_id());
    fields.insert("id".to_owned(), Value::String(id.to_string()));
    let write_only = WriteOnly::take_from(&mut fields).map_err(|problem| ApiError::invalid(vec![problem]))?;
    let mut config: HookConfig = reading::read(Value::Object(fields)).map_err(|misfit| {
        ApiError::invalid(vec![Problem::error(misfit.path, format!("This cannot be read: {}.", misfit.what))])
    })?;
    write_only.put_into(&mut config, saved.map(AsRef::as_ref)).map_err(ApiError::invalid)?;
    within_bounds(&config).map_err(|problem| ApiError::invalid(vec![problem]))?;
    Ok(config)
}

/// More than this no person types, and a small computer should not be kept busy with it.
pub(crate) fn within_bounds(config: &HookConfig) -> Result<(), Problem> {
    let texts =
        [("url", &config.url, 8 << 10), ("headers", &config.headers, 64 << 10), ("data", &config.data, 1 << 20)];
    for (field, text, most) in texts {
        if text.len() > most {
            return Err(Problem::error(field, format!("This is longer than {} KiB.", most >> 10)));
        }
    }
    if config.custom_events.len() > 200 {
        return Err(Problem::error("custom_events", "A webhook listens to 200 custom events at most."));
    }
    Ok(())
}

/// A saved hook, or that it is not there.
pub(crate) fn saved(roster: &Roster, id: HookId) -> Result<&HookConfig, ApiError> {
    let found = roster.get(id).map(|(config, _)| config.as_ref());
    found.ok_or_else(|| ApiError::not_found("This hook is not there any more."))
}
