//! Routes for a hook that is being edited: what is wrong with it, what it would send, and sending it once.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use octohooks_core::hook::check;
use octohooks_engine::Engine;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::draft;
use crate::error::ApiError;
use crate::hooks::{json_of, parsed};

type Answer = Result<Response, ApiError>;

/// A hook and an event: the key of a happening, or any event's name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rehearsal {
    hook: Value,
    event: String,
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
    let rehearsal = read(&body)?;
    let config = draft::read(rehearsal.hook, None, &engine)?;
    match engine.preview(&config, &rehearsal.event) {
        Ok((request, problems)) => Ok(Json(json!({"request": request, "problems": problems})).into_response()),
        Err(problems) => Err(ApiError::invalid(problems)),
    }
}

pub(crate) async fn test(State(engine): State<Arc<Engine>>, body: Bytes) -> Answer {
    let rehearsal = read(&body)?;
    let config = draft::read(rehearsal.hook, None, &engine)?;
    let id = engine.test(&config, &rehearsal.event).map_err(|error| ApiError::busy(error.to_string()))?;
    Ok((StatusCode::ACCEPTED, Json(json!({"id": id}))).into_response())
}

pub(crate) async fn test_state(State(engine): State<Arc<Engine>>, Path(id): Path<String>) -> Answer {
    let state = engine.test_state(&id).ok_or_else(|| ApiError::not_found("There is no such test any more."))?;
    Ok(Json(state).into_response())
}

fn read(body: &[u8]) -> Result<Rehearsal, ApiError> {
    let rehearsal: Rehearsal = parsed(body)?;
    let event = rehearsal.event.trim();
    if event.is_empty() || event.len() > LONGEST_EVENT {
        return Err(ApiError::bad_request("Choose an event to test with."));
    }
    Ok(rehearsal)
}
