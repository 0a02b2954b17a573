//! Routes that move hooks from one installation to another: all as one file, and any such file back, looked at before it
//! is taken. A file with secrets is encrypted; nothing of a file is kept between the two requests.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::{HeaderValue, StatusCode, header};
use octohooks_core::hook::HookConfig;
use octohooks_core::hook::check::check_texts;
use octohooks_core::hook::transfer::{self, Opened, RANDOM_BYTES};
use octohooks_core::ids::HookId;
use octohooks_core::secret::{Secret, safe_origin};
use octohooks_core::topic::Topic;
use octohooks_engine::Engine;
use octohooks_engine::roster::Roster;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::error::ApiError;
use crate::hooks::parsed;
use crate::{draft, view};

/// One passphrase at a time: each takes 32 MiB while it becomes a key, and a small computer has few.
static AT_WORK: Mutex<()> = Mutex::new(());

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    /// All where none are named.
    #[serde(default)]
    ids: Option<Vec<String>>,
    /// With it everything goes in, encrypted; without it no secret does.
    #[serde(default)]
    passphrase: Option<Secret>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    file: Value,
    #[serde(default)]
    passphrase: Option<Secret>,
    /// Places in the list of the hooks that were found, from 0; all where none are named.
    #[serde(default)]
    take: Option<Vec<usize>>,
}

/// `{"ids", "passphrase"}` → the file.
pub(crate) async fn export(State(engine): State<Arc<Engine>>, body: Bytes) -> Result<Response, ApiError> {
    let Wish { ids, passphrase } = parsed(&body)?;
    let roster = engine.roster();
    let hooks: Vec<&HookConfig> = match ids {
        None => roster.hooks.iter().map(|(config, _)| config.as_ref()).collect(),
        Some(ids) => {
            ids.iter().map(|id| draft::saved(&roster, draft::hook_id(id)?)).collect::<Result<_, ApiError>>()?
        }
    };
    let file = match passphrase {
        None => transfer::export_all(hooks),
        Some(passphrase) => {
            let random = random_bytes(&engine)?;
            let _alone = AT_WORK.lock().unwrap_or_else(PoisonError::into_inner);
            transfer::export_sealed(hooks, &passphrase, &random).map_err(|problem| ApiError::invalid(vec![problem]))?
        }
    };
    let mut response = Json(file).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn random_bytes(engine: &Engine) -> Result<[u8; RANDOM_BYTES], ApiError> {
    let missing = || ApiError::busy("This machine has no random numbers yet. Try again.");
    let mut random = [0; RANDOM_BYTES];
    for part in random.chunks_mut(32) {
        let bytes = engine.key_material().ok_or_else(missing)?;
        part.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
    }
    Ok(random)
}

/// `{"file", "passphrase"}` → `{"locked", "hooks"}`: what would come in, and what of it is here already. Saves nothing.
pub(crate) async fn look(State(engine): State<Arc<Engine>>, body: Bytes) -> Result<Json<Value>, ApiError> {
    let Given { file, passphrase, .. } = parsed(&body)?;
    let roster = engine.roster();
    Ok(Json(match open(&engine, &file, passphrase.as_ref())? {
        None => json!({"locked": true, "hooks": []}),
        Some(hooks) => {
            let hooks: Vec<Value> = hooks.iter().map(|hook| seen(hook, &roster)).collect();
            json!({"locked": false, "hooks": hooks})
        }
    }))
}

/// `{"file", "passphrase", "take"}` → the summaries of the hooks that were made.
pub(crate) async fn take(
    State(engine): State<Arc<Engine>>,
    Extension(caller): Extension<Caller>,
    body: Bytes,
) -> Result<Response, ApiError> {
    let Given { file, passphrase, take } = parsed(&body)?;
    let Some(hooks) = open(&engine, &file, passphrase.as_ref())? else {
        return Err(ApiError::bad_request("This file is encrypted. Enter its passphrase."));
    };
    let is_wanted = |place: usize| take.as_ref().is_none_or(|wanted| wanted.contains(&place));
    let wanted: Vec<HookConfig> =
        hooks.into_iter().enumerate().filter(|(place, _)| is_wanted(*place)).map(|(_, hook)| hook).collect();
    for hook in &wanted {
        draft::within_bounds(hook).map_err(|problem| ApiError::invalid(vec![problem]))?;
    }
    let ids: Vec<HookId> = wanted.iter().map(|hook| hook.id).collect();
    for mut hook in wanted {
        hook.name = free_name(&hook.name, &engine.roster());
        engine.shelf().add(hook)?;
    }
    engine.hooks_changed();
    let roster = engine.roster();
    let made = roster.hooks.iter().filter(|(config, _)| ids.contains(&config.id));
    let made: Vec<Value> = made.map(|(config, _)| view::summary(config, &engine, caller)).collect();
    Ok((StatusCode::CREATED, Json(json!({"hooks": made}))).into_response())
}

fn open(engine: &Engine, file: &Value, passphrase: Option<&Secret>) -> Result<Option<Vec<HookConfig>>, ApiError> {
    let _alone = AT_WORK.lock().unwrap_or_else(PoisonError::into_inner);
    let opened = transfer::open(file, passphrase.filter(|given| given.is_set()), &mut || engine.new_hook_id());
    match opened.map_err(|problem| ApiError::invalid(vec![problem]))? {
        Opened::Locked => Ok(None),
        Opened::Hooks(hooks) => Ok(Some(hooks)),
    }
}

/// What a person wants to know before it comes in: nothing that may be secret.
fn seen(hook: &HookConfig, roster: &Roster) -> Value {
    let ticked = |topic: &Topic| hook.events.get(topic).is_some_and(|event| event.enabled);
    let topics = Topic::ALL.into_iter().filter(ticked).map(|topic| topic.title().to_owned());
    let custom = hook.custom_events.iter().map(|custom| custom.event.clone()).filter(|name| !name.is_empty());
    json!({
        "name": hook.name,
        "enabled": hook.enabled,
        "method": hook.method,
        "origin": if hook.url.trim().is_empty() { String::new() } else { safe_origin(hook.url.trim()) },
        "events": topics.chain(custom).collect::<Vec<_>>(),
        "problems": check_texts(hook),
        "known": known(hook, roster),
    })
}

/// What is here already: the same hook, one with its name, or one that sends to the same address.
fn known(hook: &HookConfig, roster: &Roster) -> Option<&'static str> {
    let any = |alike: &dyn Fn(&HookConfig) -> bool| roster.hooks.iter().any(|(config, _)| alike(config));
    if any(&|config| transfer::is_the_same(hook, config)) {
        Some("same")
    } else if any(&|config| config.name.trim() == hook.name.trim()) {
        Some("name")
    } else if !hook.url.trim().is_empty() && any(&|config| config.url.trim() == hook.url.trim()) {
        Some("address")
    } else {
        None
    }
}

/// The name, with a number behind it where it is taken.
fn free_name(name: &str, roster: &Roster) -> String {
    let is_taken = |name: &str| roster.hooks.iter().any(|(config, _)| config.name == name);
    let numbered = (2..).map(|number| format!("{name} ({number})"));
    std::iter::once(name.to_owned()).chain(numbered).find(|name| !is_taken(name)).unwrap_or_default()
}
