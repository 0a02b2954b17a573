//! Deliveries that have ended, to be sent again because a user wants it: one, some, or all that a filter finds. And those that wait,
//! to be dropped the same way.
//!
//! Such a delivery goes on under its own id, so that a receiver that had it already can tell, and its attempts are counted on.
//! What happened is read from the journal; what the request looks like is today's hook's business.

use std::sync::Arc;

use octohooks_core::event::Event;
use octohooks_core::ids::{DeliveryId, HookId};

use crate::journal::{Cursor, Entry, Filter, Journal, State};
use crate::roster::Roster;

/// More than this are not sent again at once.
pub const MOST_AT_ONCE: usize = 500;

/// As many deliveries are read at once.
const PAGE: usize = 100;

/// Why a delivery is not sent again. A sentence for the user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResendError {
    /// Not in the journal.
    #[error("This delivery is not kept any more.")]
    Unknown,
    /// It has not ended.
    #[error("This delivery is on its way.")]
    OnItsWay,
    /// The event is not in the journal.
    #[error("What happened then is not kept, so it cannot be sent again. Progress never is.")]
    EventGone,
    /// Its hook was deleted.
    #[error("Its webhook was deleted.")]
    HookGone,
    /// Its hook is off.
    #[error("Its webhook is switched off. Switch it on first.")]
    HookOff,
    /// The journal cannot be read, or the engine stops.
    #[error("The delivery log cannot be read just now. {0}")]
    Unreadable(String),
}

/// What became of a wish to send many again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Resent {
    /// As many are sent again.
    pub resent: usize,
    /// As many cannot be: their event is not kept, or their hook is gone or off.
    pub refused: usize,
    /// Whether there are more, older ones.
    pub more: bool,
}

/// A delivery that has ended, with what happened.
#[derive(Debug)]
pub(crate) struct Again {
    pub(crate) entry: Entry,
    pub(crate) event: Arc<Event>,
}

/// Finds what is needed to send a delivery again.
pub(crate) async fn find(journal: &Journal, roster: &Roster, delivery: DeliveryId) -> Result<Again, ResendError> {
    let found = read(journal, delivery).await?;
    complete(journal, roster, found.ok_or(ResendError::Unknown)?).await
}

async fn read(journal: &Journal, delivery: DeliveryId) -> Result<Option<Entry>, ResendError> {
    let found = journal.history().one(delivery).await.map_err(|_| ResendError::Unreadable(String::new()))?;
    let found = found.map_err(|error| ResendError::Unreadable(error.to_string()))?;
    Ok(found.map(|whole| whole.entry))
}

/// Finds what is needed to send again whatever a filter finds, the oldest first; the newest where there are too many.
pub(crate) async fn find_all(
    journal: &Journal,
    roster: &Roster,
    filter: &Filter,
) -> Result<(Vec<Again>, Resent), ResendError> {
    let mut found = Vec::new();
    let mut outcome = Resent::default();
    let mut before: Option<Cursor> = None;
    loop {
        let page = journal.history().list(filter.clone(), before, PAGE).await;
        let page = page.map_err(|_| ResendError::Unreadable(String::new()))?;
        let page = page.map_err(|error| ResendError::Unreadable(error.to_string()))?;
        for entry in page.entries.into_iter().filter(|entry| has_ended(entry.state)) {
            if found.len() == MOST_AT_ONCE {
                outcome.more = true;
                break;
            }
            match complete(journal, roster, entry).await {
                Ok(again) => found.push(again),
                Err(error @ ResendError::Unreadable(_)) => return Err(error),
                Err(_) => outcome.refused += 1,
            }
        }
        before = page.next;
        if before.is_none() || outcome.more {
            break;
        }
    }
    found.reverse();
    outcome.resent = found.len();
    Ok((found, outcome))
}

/// Finds what is needed to send these again, the oldest first.
pub(crate) async fn find_these(
    journal: &Journal,
    roster: &Roster,
    deliveries: &[DeliveryId],
) -> Result<(Vec<Again>, Resent), ResendError> {
    let mut found = Vec::new();
    let mut outcome = Resent::default();
    for delivery in each_once(deliveries) {
        match find(journal, roster, delivery).await {
            Ok(again) => found.push(again),
            Err(error @ ResendError::Unreadable(_)) => return Err(error),
            Err(_) => outcome.refused += 1,
        }
    }
    outcome.resent = found.len();
    Ok((found, outcome))
}

/// In the order in which they were born, which their ids tell.
fn each_once(deliveries: &[DeliveryId]) -> Vec<DeliveryId> {
    let mut deliveries = deliveries.to_vec();
    deliveries.sort_unstable();
    deliveries.dedup();
    deliveries
}

/// What waits for its turn or another try, and is found by a filter: the newest [`MOST_AT_ONCE`], and whether there are more.
pub(crate) async fn find_waiting(journal: &Journal, filter: &Filter) -> Result<(Vec<DeliveryId>, bool), ResendError> {
    let mut found = Vec::new();
    for state in [State::Waiting, State::Retrying] {
        if filter.state.is_some_and(|wanted| wanted != state) {
            continue;
        }
        let mut before: Option<Cursor> = None;
        loop {
            let page = journal.history().list(Filter { state: Some(state), ..filter.clone() }, before, PAGE).await;
            let page = page.map_err(|_| ResendError::Unreadable(String::new()))?;
            let page = page.map_err(|error| ResendError::Unreadable(error.to_string()))?;
            found.extend(page.entries.iter().map(|entry| entry.id).filter(|id| journal.may_be_dropped(*id)));
            before = page.next;
            if found.len() > MOST_AT_ONCE {
                found.truncate(MOST_AT_ONCE);
                return Ok((found, true));
            }
            if before.is_none() {
                break;
            }
        }
    }
    Ok((found, false))
}

/// Those of these that wait for their turn or another try.
pub(crate) async fn find_these_waiting(
    journal: &Journal,
    deliveries: &[DeliveryId],
) -> Result<Vec<DeliveryId>, ResendError> {
    let mut found = each_once(deliveries);
    found.retain(|delivery| journal.may_be_dropped(*delivery));
    let mut waiting = Vec::with_capacity(found.len());
    for delivery in found {
        // What is in memory waits; of what an earlier engine left only the log knows.
        let waits = journal.is_live(delivery)
            || journal.is_unread(delivery)
            || read(journal, delivery).await?.is_some_and(|entry| !has_ended(entry.state));
        if waits {
            waiting.push(delivery);
        }
    }
    Ok(waiting)
}

/// The hooks of some deliveries, each once.
pub(crate) fn hooks_of(found: &[Again]) -> Vec<HookId> {
    let mut hooks: Vec<HookId> = found.iter().map(|again| again.entry.hook_id).collect();
    hooks.sort_unstable();
    hooks.dedup();
    hooks
}

/// Whether nothing more becomes of a delivery that stands like this.
pub(crate) const fn has_ended(state: State) -> bool {
    matches!(state, State::Delivered | State::GivenUp | State::Skipped)
}

async fn complete(journal: &Journal, roster: &Roster, entry: Entry) -> Result<Again, ResendError> {
    if !has_ended(entry.state) || journal.is_live(entry.id) {
        return Err(ResendError::OnItsWay);
    }
    let (_, hook) = roster.get(entry.hook_id).ok_or(ResendError::HookGone)?;
    if !hook.enabled {
        return Err(ResendError::HookOff);
    }
    let event = journal.history().event(entry.event_id).await;
    let event = event.map_err(|_| ResendError::Unreadable(String::new()))?;
    let event = event.map_err(|error| ResendError::Unreadable(error.to_string()))?;
    Ok(Again { entry, event: Arc::new(event.ok_or(ResendError::EventGone)?) })
}
