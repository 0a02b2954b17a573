//! New keys for signatures. A key is shown once, to be copied into the receiver; here it is kept only if it is saved with
//! a hook.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use octohooks_core::sign::Key;
use octohooks_engine::Engine;
use serde::Deserialize;
use serde_json::json;

use crate::error::ApiError;
use crate::hooks::parsed;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    kind: Kind,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Hmac,
    Ed25519,
}

/// `{"kind": "hmac"}` or `{"kind": "ed25519"}` → `{"kind", "key", "public_key"}`.
pub(crate) async fn create(State(engine): State<Arc<Engine>>, body: Bytes) -> Result<Response, ApiError> {
    let Wish { kind } = parsed(&body)?;
    let random =
        engine.key_material().ok_or_else(|| ApiError::busy("This machine has no random numbers yet. Try again."))?;
    let key = match kind {
        Kind::Hmac => Key::new_hmac(&random),
        Kind::Ed25519 => Key::new_ed25519(&random),
    };
    let answer = json!({"kind": key.kind(), "key": key.text().expose(), "public_key": key.public()});
    let mut response = (StatusCode::CREATED, Json(answer)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
