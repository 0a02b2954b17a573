//! Routes that only look: how the engine is, what there is to choose from, and what became of the latest deliveries.

use std::sync::Arc;

use axum::extract::{Path, Query, State as AxumState};
use axum::{Extension, Json};
use http::StatusCode;
use octohooks_core::hook::HookConfig;
use octohooks_core::ids::DeliveryId;
use octohooks_core::time::UnixMillis;
use octohooks_core::topic::Topic;
use octohooks_core::{sample, starting_points, variables};
use octohooks_engine::Engine;
use octohooks_engine::engine::VERSION;
use octohooks_engine::journal::{Cursor, Filter, State, without_answer};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::error::ApiError;
use crate::{draft, view};

/// As many deliveries are answered at once.
const DELIVERIES: usize = 200;

pub(crate) async fn status(AxumState(engine): AxumState<Arc<Engine>>) -> Json<Value> {
    let roster = engine.roster();
    let message = engine.shelf().message();
    let outbox = engine.outbox_figures();
    let enabled = roster.hooks.iter().filter(|(_, hook)| hook.enabled).count();
    Json(json!({
        "version": VERSION,
        "hooks_file": {"ok": message.is_none(), "message": message},
        "problems": [],
        "counts": {"hooks": roster.hooks.len(), "enabled": enabled, "waiting": engine.journal().on_their_way()},
        "outbox": {"durable": !outbox.failing, "events": outbox.durable, "commits": outbox.commits, "bytes": outbox.used_bytes},
    }))
}

pub(crate) async fn catalogue(AxumState(engine): AxumState<Arc<Engine>>) -> Json<Value> {
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

pub(crate) async fn drop_delivery(
    AxumState(engine): AxumState<Arc<Engine>>,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    engine.drop_delivery(delivery_id(&id)?);
    Ok(StatusCode::ACCEPTED)
}

/// What to look for. `before` is the `next` of the answer before.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Search {
    hook: Option<String>,
    event: Option<String>,
    state: Option<State>,
    since: Option<i64>,
    until: Option<i64>,
    text: Option<String>,
    before: Option<String>,
    limit: Option<usize>,
}

pub(crate) async fn deliveries(
    AxumState(engine): AxumState<Arc<Engine>>,
    Extension(caller): Extension<Caller>,
    Query(search): Query<Search>,
) -> Result<Json<Value>, ApiError> {
    let before = search.before.as_deref().map(cursor_of).transpose()?;
    let filter = Filter {
        hook: search.hook.as_deref().map(draft::hook_id).transpose()?,
        event: search.event,
        state: search.state,
        since: search.since.map(UnixMillis),
        until: search.until.map(UnixMillis),
        text: search.text,
        in_answers: caller.sees_answers(),
    };
    let limit = search.limit.unwrap_or(DELIVERIES).clamp(1, DELIVERIES);
    let listed = engine.journal().history().list(filter, before, limit).await;
    let listed = listed.map_err(|_| unreadable(""))?.map_err(|error| unreadable(&error.to_string()))?;
    let entries =
        listed.entries.into_iter().map(|entry| if caller.sees_answers() { entry } else { without_answer(entry) });
    Ok(Json(json!({"deliveries": entries.collect::<Vec<_>>(), "next": listed.next.map(|next| next.to_string())})))
}

pub(crate) async fn delivery(
    AxumState(engine): AxumState<Arc<Engine>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let found = engine.journal().history().one(delivery_id(&id)?).await;
    let found = found.map_err(|_| unreadable(""))?.map_err(|error| unreadable(&error.to_string()))?;
    let whole = found.ok_or_else(|| ApiError::not_found("This delivery is not kept any more."))?;
    Ok(Json(json!({"delivery": whole.entry, "attempts": whole.tried})))
}

fn delivery_id(text: &str) -> Result<DeliveryId, ApiError> {
    DeliveryId::parse(text).map_err(|_| ApiError::not_found("There is no such delivery."))
}

fn unreadable(why: &str) -> ApiError {
    ApiError::busy(format!("The delivery log cannot be read just now. {why}"))
}

fn cursor_of(text: &str) -> Result<Cursor, ApiError> {
    text.parse().map_err(|_| ApiError::bad_request("`before` is the `next` of an earlier answer."))
}
