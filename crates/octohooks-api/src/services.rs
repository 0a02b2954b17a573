//! Routes to make a hook for a service: what each asks for, and a draft made of the answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use bytes::Bytes;
use http::HeaderMap;
use octohooks_core::hook::follow_up::Mode;
use octohooks_core::services::{self, Wish};
use octohooks_core::topic::Topic;
use octohooks_engine::Engine;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::ApiError;
use crate::hooks::parsed;
use crate::pages;

/// What a person wants of a service.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// By the keys of the questions.
    answers: BTreeMap<String, String>,
    #[serde(default)]
    picture: bool,
    /// Whether there is to be one message per print.
    #[serde(default)]
    follow_up: Mode,
    /// The service's own choice where nothing is said.
    #[serde(default)]
    events: Option<Vec<Topic>>,
}

pub(crate) async fn list(asked: HeaderMap) -> Response {
    pages::packed(&asked, &json!({"services": services::all()}))
}

/// A text that somebody has pasted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pasted {
    text: String,
}

/// Nothing is stored, and nothing but what came is given back.
pub(crate) async fn recognise(body: Bytes) -> Result<Json<Value>, ApiError> {
    let Pasted { text } = parsed(&body)?;
    let (key, answers) =
        services::recognise(&text).map(|(service, answers)| (Some(service.key.as_str()), answers)).unwrap_or_default();
    Ok(Json(json!({"service": key, "answers": answers})))
}

/// The draft has in it what was answered, keys included: it is for whoever has just typed them, and nothing is stored.
pub(crate) async fn draft(
    State(engine): State<Arc<Engine>>,
    Path(key): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, ApiError> {
    let service = services::by_key(&key)
        .ok_or_else(|| ApiError::not_found("There is no such service. The list of services has all of them."))?;
    let Asked { answers, picture, follow_up, events } = parsed(&body)?;
    let filled = services::fill(service, &Wish { answers, picture, follow_up, events }, engine.new_hook_id());
    let mut hook = filled.hook.map(|hook| json!(hook));
    if let Some(fields) = hook.as_mut().and_then(Value::as_object_mut) {
        // It gets one when it is saved.
        fields.remove("id");
    }
    Ok(Json(json!({"answers": filled.answers, "remarks": filled.remarks, "hook": hook})))
}
