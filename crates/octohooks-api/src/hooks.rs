//! Routes that read and change hooks. Each change is saved before it is answered, and open pages are told.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::{HeaderMap, StatusCode, header};
use octohooks_core::hook::HookConfig;
use octohooks_core::hook::transfer;
use octohooks_core::ids::HookId;
use octohooks_engine::Engine;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::error::ApiError;
use crate::{draft, view};

type Answer = Result<Response, ApiError>;

pub(crate) async fn list(State(engine): State<Arc<Engine>>, Extension(caller): Extension<Caller>) -> Json<Value> {
    let roster = engine.roster();
    let hooks: Vec<_> = roster.hooks.iter().map(|(config, _)| view::summary(config, &engine, caller)).collect();
    Json(json!({"revision": roster.revision, "hooks": hooks}))
}

pub(crate) async fn create(State(engine): State<Arc<Engine>>, body: Bytes) -> Answer {
    let mut config = draft::read(json_of(&body)?, None, &engine)?;
    config.notes.clear();
    // A draft of a hook that was deleted meanwhile comes as a new one, under a new id.
    config.id = engine.new_hook_id();
    add(&engine, config)
}

pub(crate) async fn import(State(engine): State<Arc<Engine>>, body: Bytes) -> Answer {
    let text = String::from_utf8_lossy(&body);
    let config =
        transfer::import_file(&text, engine.new_hook_id()).map_err(|problem| ApiError::invalid(vec![problem]))?;
    add(&engine, config)
}

pub(crate) async fn read(State(engine): State<Arc<Engine>>, Path(id): Path<String>) -> Answer {
    let roster = engine.roster();
    let config = draft::saved(&roster, draft::hook_id(&id)?)?;
    Ok(Json(view::whole(config)).into_response())
}

pub(crate) async fn replace(
    State(engine): State<Arc<Engine>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let id = draft::hook_id(&id)?;
    let mut config = draft::read(json_of(&body)?, Some(id), &engine)?;
    config.notes.clear();
    let etag = headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok()).map(|etag| etag.trim_matches('"'));
    engine.shelf().replace(config, etag)?;
    engine.hook_saved(id);
    answer_whole(&engine, id, StatusCode::OK)
}

pub(crate) async fn remove(State(engine): State<Arc<Engine>>, Path(id): Path<String>) -> Answer {
    engine.shelf().remove(draft::hook_id(&id)?)?;
    engine.hooks_changed();
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(crate) async fn restore(State(engine): State<Arc<Engine>>, Path(id): Path<String>) -> Answer {
    let id = draft::hook_id(&id)?;
    engine.shelf().restore(id)?;
    answer_whole(&engine, id, StatusCode::CREATED)
}

pub(crate) async fn duplicate(State(engine): State<Arc<Engine>>, Path(id): Path<String>) -> Answer {
    let roster = engine.roster();
    let saved = draft::saved(&roster, draft::hook_id(&id)?)?;
    let name = format!("{} (copy)", saved.name);
    add(&engine, HookConfig { id: engine.new_hook_id(), name, ..saved.clone() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Enabled {
    enabled: bool,
}

pub(crate) async fn set_enabled(
    State(engine): State<Arc<Engine>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    body: Bytes,
) -> Answer {
    let id = draft::hook_id(&id)?;
    let Enabled { enabled } = parsed(&body)?;
    engine.shelf().set_enabled(id, enabled)?;
    engine.hooks_changed();
    let roster = engine.roster();
    Ok(Json(view::summary(draft::saved(&roster, id)?, &engine, caller)).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Paused {
    paused: bool,
}

pub(crate) async fn set_paused(
    State(engine): State<Arc<Engine>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    body: Bytes,
) -> Answer {
    let roster = engine.roster();
    let config = draft::saved(&roster, draft::hook_id(&id)?)?;
    let Paused { paused } = parsed(&body)?;
    engine.pause(config.id, paused);
    Ok(Json(view::summary(config, &engine, caller)).into_response())
}

pub(crate) async fn try_now(State(engine): State<Arc<Engine>>, Path(id): Path<String>) -> Answer {
    let roster = engine.roster();
    engine.try_now(draft::saved(&roster, draft::hook_id(&id)?)?.id);
    Ok(StatusCode::ACCEPTED.into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    ids: Vec<String>,
}

pub(crate) async fn reorder(State(engine): State<Arc<Engine>>, body: Bytes) -> Answer {
    let Order { ids } = parsed(&body)?;
    let ids: Vec<HookId> = ids.iter().map(|id| draft::hook_id(id)).collect::<Result<_, _>>()?;
    engine.shelf().reorder(&ids)?;
    engine.hooks_changed();
    Ok(Json(json!({"revision": engine.roster().revision})).into_response())
}

pub(crate) async fn export(State(engine): State<Arc<Engine>>, Path(id): Path<String>) -> Answer {
    let roster = engine.roster();
    let config = draft::saved(&roster, draft::hook_id(&id)?)?;
    Ok(Json(transfer::export(config)).into_response())
}

fn add(engine: &Engine, config: HookConfig) -> Answer {
    let id = config.id;
    engine.shelf().add(config)?;
    answer_whole(engine, id, StatusCode::CREATED)
}

fn answer_whole(engine: &Engine, id: HookId, status: StatusCode) -> Answer {
    engine.hooks_changed();
    let roster = engine.roster();
    Ok((status, Json(view::whole(draft::saved(&roster, id)?))).into_response())
}

/// The body as JSON, with the place where it is none.
pub(crate) fn json_of(body: &[u8]) -> Result<Value, ApiError> {
    serde_json::from_slice(body).map_err(|error| ApiError::bad_request(format!("The request is not JSON: {error}.")))
}

/// The body as a certain JSON.
pub(crate) fn parsed<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(body).map_err(|error| ApiError::bad_request(format!("The request is not right: {error}.")))
}
