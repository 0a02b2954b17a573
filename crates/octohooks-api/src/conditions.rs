//! The route that tries the conditions of a hook in an editor on the latest events, and on examples.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use octohooks_engine::Engine;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::draft;
use crate::error::ApiError;
use crate::hooks::{json_of, parsed};

/// A hook as it stands in an editor.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Draft {
    hook: Value,
}

pub(crate) async fn try_out(State(engine): State<Arc<Engine>>, body: Bytes) -> Result<Response, ApiError> {
    json_of(&body)?;
    let Draft { hook } = parsed(&body)?;
    let config = draft::read(hook, None, &engine)?;
    let events = engine.try_conditions(&config).map_err(ApiError::invalid)?;
    Ok(Json(json!({"events": events})).into_response())
}
