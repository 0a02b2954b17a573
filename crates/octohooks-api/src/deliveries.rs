//! Routes over what became of deliveries: lists, one of them with its attempts, and what a person does about them.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use http::StatusCode;
use octohooks_core::ids::DeliveryId;
use octohooks_core::time::UnixMillis;
use octohooks_engine::Engine;
use octohooks_engine::journal::{Cursor, Filter, State as DeliveryState, without_answer};
use octohooks_engine::resend::{MOST_AT_ONCE, ResendError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::draft;
use crate::error::ApiError;
use crate::hooks::parsed;

/// As many deliveries are answered at once.
const PAGE: usize = 200;

/// As many ways of saying a text are looked for.
const MOST_MEANT: usize = 64;

/// As long one of them may be, in bytes.
const LONGEST_MEANT: usize = 200;

/// Which deliveries. Nothing set is all of them. `ids` are single ones, and nothing else counts then. `meant` has other ways of
/// saying `text`, one a line.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Which {
    hook: Option<String>,
    event: Option<String>,
    state: Option<DeliveryState>,
    since: Option<i64>,
    until: Option<i64>,
    text: Option<String>,
    meant: Option<String>,
    ids: Option<Vec<String>>,
}

/// A page of a list. `before` is the `next` of the answer before.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Search {
    hook: Option<String>,
    event: Option<String>,
    state: Option<DeliveryState>,
    since: Option<i64>,
    until: Option<i64>,
    text: Option<String>,
    meant: Option<String>,
    before: Option<String>,
    limit: Option<usize>,
}

impl Which {
    fn filter(self, caller: Caller) -> Result<Filter, ApiError> {
        Ok(Filter {
            hook: self.hook.as_deref().map(draft::hook_id).transpose()?,
            event: self.event,
            state: self.state,
            since: self.since.map(UnixMillis),
            until: self.until.map(UnixMillis),
            text: self.text,
            meant: self.meant.as_deref().map(meant_by).transpose()?.unwrap_or_default(),
            in_answers: caller.sees_answers(),
        })
    }

    /// The single ones that are named.
    fn these(&self) -> Result<Option<Vec<DeliveryId>>, ApiError> {
        let Some(ids) = &self.ids else { return Ok(None) };
        if ids.len() > MOST_AT_ONCE {
            return Err(ApiError::bad_request(format!("No more than {MOST_AT_ONCE} at once.")));
        }
        ids.iter().map(|id| delivery_id(id)).collect::<Result<_, _>>().map(Some)
    }
}

fn meant_by(lines: &str) -> Result<Vec<String>, ApiError> {
    let texts: Vec<_> = lines.lines().filter(|text| !text.is_empty()).map(str::to_owned).collect();
    if texts.len() > MOST_MEANT || texts.iter().any(|text| text.len() > LONGEST_MEANT) {
        return Err(ApiError::bad_request("`meant` holds too much."));
    }
    Ok(texts)
}

pub(crate) async fn list(
    State(engine): State<Arc<Engine>>,
    Extension(caller): Extension<Caller>,
    Query(search): Query<Search>,
) -> Result<Json<Value>, ApiError> {
    let Search { hook, event, state, since, until, text, meant, before, limit } = search;
    let before = before.as_deref().map(cursor_of).transpose()?;
    let filter = Which { hook, event, state, since, until, text, meant, ids: None }.filter(caller)?;
    let listed = engine.journal().history().list(filter, before, limit.unwrap_or(PAGE).clamp(1, PAGE)).await;
    let listed = listed.map_err(|_| unreadable(""))?.map_err(|error| unreadable(&error.to_string()))?;
    let entries =
        listed.entries.into_iter().map(|entry| if caller.sees_answers() { entry } else { without_answer(entry) });
    Ok(Json(json!({"deliveries": entries.collect::<Vec<_>>(), "next": listed.next.map(|next| next.to_string())})))
}

/// `cannot_resend` says why it cannot be sent again, and is null where it can.
pub(crate) async fn read(State(engine): State<Arc<Engine>>, Path(id): Path<String>) -> Result<Json<Value>, ApiError> {
    let id = delivery_id(&id)?;
    let found = engine.journal().history().one(id).await;
    let found = found.map_err(|_| unreadable(""))?.map_err(|error| unreadable(&error.to_string()))?;
    let whole = found.ok_or_else(|| ApiError::not_found(ResendError::Unknown.to_string()))?;
    let cannot_resend = engine.why_not_resend(id).await.map(|error| error.to_string());
    Ok(Json(json!({"delivery": whole.entry, "attempts": whole.tried, "cannot_resend": cannot_resend})))
}

/// Drops one that waits.
pub(crate) async fn remove(State(engine): State<Arc<Engine>>, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    engine.drop_delivery(delivery_id(&id)?);
    Ok(StatusCode::ACCEPTED)
}

/// Drops all that wait and are named or found.
pub(crate) async fn drop_all(
    State(engine): State<Arc<Engine>>,
    Extension(caller): Extension<Caller>,
    body: Bytes,
) -> Result<Json<Value>, ApiError> {
    let which = parsed::<Which>(&body)?;
    if let Some(these) = which.these()? {
        let dropped = engine.drop_these(&these).await?;
        return Ok(Json(json!({"dropped": dropped, "more": false})));
    }
    let filter = which.filter(caller)?;
    let (dropped, more) = engine.drop_all(&filter).await?;
    Ok(Json(json!({"dropped": dropped, "more": more})))
}

pub(crate) async fn resend(State(engine): State<Arc<Engine>>, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    engine.resend(delivery_id(&id)?).await?;
    Ok(StatusCode::ACCEPTED)
}

pub(crate) async fn resend_all(
    State(engine): State<Arc<Engine>>,
    Extension(caller): Extension<Caller>,
    body: Bytes,
) -> Result<Json<Value>, ApiError> {
    let which = parsed::<Which>(&body)?;
    let outcome = if let Some(these) = which.these()? {
        engine.resend_these(&these).await?
    } else {
        let mut filter = which.filter(caller)?;
        // Nothing said means what failed, and not everything all over again.
        filter.state.get_or_insert(DeliveryState::GivenUp);
        engine.resend_all(&filter).await?
    };
    Ok(Json(json!({"resent": outcome.resent, "refused": outcome.refused, "more": outcome.more})))
}

impl From<ResendError> for ApiError {
    fn from(error: ResendError) -> Self {
        let message = error.to_string();
        match error {
            ResendError::Unknown => Self::not_found(message),
            ResendError::Unreadable(_) => Self::busy(message),
            _ => Self::conflict("cannot_resend", message),
        }
    }
}

fn delivery_id(text: &str) -> Result<DeliveryId, ApiError> {
    DeliveryId::parse(text).map_err(|_| ApiError::not_found("There is no such delivery."))
}

pub(crate) fn unreadable(why: &str) -> ApiError {
    ApiError::busy(format!("The delivery log cannot be read just now. {why}"))
}

fn cursor_of(text: &str) -> Result<Cursor, ApiError> {
    text.parse().map_err(|_| ApiError::bad_request("`before` is the `next` of an earlier answer."))
}
