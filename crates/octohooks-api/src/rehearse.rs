//! Routes for a hook that is being edited: what is wrong with it, what it would send, and sending it once.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use octohooks_core::event::Event;
use octohooks_core::hook::{HookConfig, check};
use octohooks_core::ids::EventId;
use octohooks_core::topic::Topic;
use octohooks_engine::Engine;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::deliveries::unreadable;
use crate::draft;
use crate::error::ApiError;
use crate::hooks::{json_of, parsed};

type Answer = Result<Response, ApiError>;

/// A hook and an event: one that happened, by its id; or the key of a happening, or any event's name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rehearsal {
    hook: Value,
    #[serde(default)]
    event: String,
    #[serde(default)]
    event_id: Option<String>,
}

/// An event's name is no novel.
const LONGEST_EVENT: usize = 200;

pub(crate) async fn check(State(engine): State<Arc<Engine>>, body: Bytes) -> Answer {
    let problems = match draft::read(json_of(&body)?, None, &engine) {
        Ok(config) => check::check(&config),
        Err(error) => return Ok(error.into_problems()),
    };
    Ok(Json(json!({"problems": problems})).into_response())
}

pub(crate) async fn preview(State(engine): State<Arc<Engine>>, body: Bytes) -> Answer {
    let (config, event) = read(&body, &engine).await?;
    let preview = engine.preview(&config, event).map_err(ApiError::invalid)?;
    Ok(Json(preview).into_response())
}

pub(crate) async fn values(State(engine): State<Arc<Engine>>, body: Bytes) -> Answer {
    let (config, event) = read(&body, &engine).await?;
    Ok(Json(json!({"event": event.name, "at": event.at, "values": engine.values(&config, event)})).into_response())
}

/// As many of the latest events are there to choose from.
const LATEST_EVENTS: usize = 30;

pub(crate) async fn events(State(engine): State<Arc<Engine>>) -> Answer {
    let kept = engine.journal().history().latest_events(LATEST_EVENTS).await;
    let kept = kept.map_err(|_| unreadable(""))?.map_err(|error| unreadable(&error.to_string()))?;
    let events = kept.iter().map(
        |event| json!({"id": event.id, "event": event.name, "title": event.topic.map(Topic::title), "at": event.at}),
    );
    Ok(Json(json!({"events": events.collect::<Vec<_>>()})).into_response())
}

pub(crate) async fn test(State(engine): State<Arc<Engine>>, body: Bytes) -> Answer {
    let (config, event) = read(&body, &engine).await?;
    let id = engine.test(&config, event).map_err(|error| ApiError::busy(error.to_string()))?;
    Ok((StatusCode::ACCEPTED, Json(json!({"id": id}))).into_response())
}

pub(crate) async fn test_state(State(engine): State<Arc<Engine>>, Path(id): Path<String>) -> Answer {
    let state = engine.test_state(&id).ok_or_else(|| ApiError::not_found("There is no such test any more."))?;
    Ok(Json(state).into_response())
}

async fn read(body: &Bytes, engine: &Engine) -> Result<(HookConfig, Event), ApiError> {
    let rehearsal: Rehearsal = parsed(body)?;
    let config = draft::read(rehearsal.hook, None, engine)?;
    let name = rehearsal.event.trim();
    let event = match rehearsal.event_id {
        Some(id) => {
            let gone = || ApiError::not_found("This event is not kept any more. Choose another one.");
            let id = EventId::parse(&id).map_err(|_| gone())?;
            let found = engine.journal().history().event(id).await.map_err(|_| unreadable(""))?;
            engine.described(found.map_err(|error| unreadable(&error.to_string()))?.ok_or_else(gone)?)
        }
        None if name.is_empty() || name.len() > LONGEST_EVENT => {
            return Err(ApiError::bad_request("Choose an event to test with."));
        }
        None => engine.made_up_event(name),
    };
    Ok((config, event))
}
