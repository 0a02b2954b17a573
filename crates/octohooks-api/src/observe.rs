//! Routes that only look: how the engine is, what there is to choose from, and what became of the latest deliveries.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use octohooks_core::hook::HookConfig;
use octohooks_core::topic::Topic;
use octohooks_core::{sample, starting_points, variables};
use octohooks_engine::Engine;
use octohooks_engine::engine::VERSION;
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::view;

/// As many deliveries are answered at once.
const DELIVERIES: usize = 200;

pub(crate) async fn status(State(engine): State<Arc<Engine>>) -> Json<Value> {
    let roster = engine.roster();
    let message = engine.shelf().message();
    let enabled = roster.hooks.iter().filter(|(_, hook)| hook.enabled).count();
    Json(json!({
        "version": VERSION,
        "hooks_file": {"ok": message.is_none(), "message": message},
        "problems": [],
        "counts": {"hooks": roster.hooks.len(), "enabled": enabled, "waiting": engine.journal().on_their_way()},
    }))
}

pub(crate) async fn catalogue(State(engine): State<Arc<Engine>>) -> Json<Value> {
    let topics = Topic::ALL.map(|topic| {
        json!({
            "key": topic.key(),
            "title": topic.title(),
            "event": topic.event_name(),
            "default_message": topic.default_message(),
        })
    });
    let starting_points: Vec<_> = starting_points::all()
        .into_iter()
        .map(
            |point| json!({"key": point.key, "name": point.name, "description": point.description, "hook": point.hook}),
        )
        .collect();
    let mut new_hook = view::draft_of(&HookConfig::new(engine.new_hook_id()));
    if let Some(fields) = new_hook.as_object_mut() {
        fields.remove("id");
    }
    Json(json!({
        "topics": topics,
        "variables": variables::ALL,
        "starting_points": starting_points,
        "new_hook": new_hook,
        "known_events": sample::KNOWN_EVENTS,
    }))
}

pub(crate) async fn deliveries(State(engine): State<Arc<Engine>>, Extension(caller): Extension<Caller>) -> Json<Value> {
    let latest = engine.journal().latest(DELIVERIES).into_iter();
    let latest = latest.map(|entry| if caller.manage { entry } else { entry.without_answer() });
    Json(json!({"deliveries": latest.collect::<Vec<_>>()}))
}
