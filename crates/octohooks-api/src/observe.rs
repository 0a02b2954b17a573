//! Routes that only look: how the engine is, what it counts, and what there is to choose from.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use octohooks_core::hook::HookConfig;
use octohooks_core::topic::Topic;
use octohooks_core::{sample, variables};
use octohooks_engine::Engine;
use octohooks_engine::engine::VERSION;
use octohooks_engine::metrics;
use serde_json::{Value, json};

use crate::{pages, view};

pub(crate) async fn status(State(engine): State<Arc<Engine>>) -> Json<Value> {
    let roster = engine.roster();
    let message = engine.shelf().message();
    let outbox = engine.outbox_figures();
    let enabled = roster.hooks.iter().filter(|(_, hook)| hook.enabled).count();
    Json(json!({
        "version": VERSION,
        "hooks_file": {"ok": message.is_none(), "message": message},
        "problems": engine.troubles(),
        "counts": {"hooks": roster.hooks.len(), "enabled": enabled, "waiting": engine.journal().on_their_way()},
        "outbox": {"durable": !outbox.failing, "events": outbox.durable, "commits": outbox.commits, "bytes": outbox.used_bytes},
    }))
}

/// For Prometheus, which asks again and again.
pub(crate) async fn metrics(State(engine): State<Arc<Engine>>) -> impl IntoResponse {
    ([(CONTENT_TYPE, metrics::CONTENT_TYPE), (CACHE_CONTROL, "no-store")], engine.metrics())
}

pub(crate) async fn catalogue(State(engine): State<Arc<Engine>>, asked: HeaderMap) -> Response {
    let topics = Topic::ALL.map(|topic| {
        json!({
            "key": topic.key(),
            "title": topic.title(),
            "event": topic.event_name(),
            "default_message": topic.default_message(),
        })
    });
    let mut new_hook = view::draft_of(&HookConfig::new(engine.new_hook_id()));
    if let Some(fields) = new_hook.as_object_mut() {
        fields.remove("id");
    }
    let answer = json!({
        "topics": topics,
        "variables": variables::ALL,
        "new_hook": new_hook,
        "known_events": sample::KNOWN_EVENTS,
    });
    pages::packed(&asked, &answer)
}
