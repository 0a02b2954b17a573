//! Deliveries that lie in the outbox, were not read, and are not wanted any more: their hook was deleted, or a user dropped
//! them. No lane has them, so they end here: first in the outbox, then in the log.

use std::sync::Arc;

use octohooks_core::ids::{DeliveryId, HookId};
use octohooks_core::queue::Why;
use octohooks_store::store::Unwanted;

use crate::journal::{Entry, Filter, State};
use crate::resend::has_ended;
use crate::surroundings::Surroundings;

/// As many entries of the log are read at once.
const PAGE: usize = 500;

/// Ends what waits for a hook that is gone. What its lanes hold ends there as well, which does no harm.
pub(crate) async fn end_all_of(surroundings: &Surroundings, hook: HookId) {
    let Ok(Ok(_)) = surroundings.outbox.forget(Unwanted::OfHook(hook)).await else { return };
    let journal = &surroundings.journal;
    for state in [State::Waiting, State::Retrying] {
        let filter = Filter { hook: Some(hook), state: Some(state), ..Filter::default() };
        let mut before = None;
        loop {
            // The log is for people: what cannot be read now shows as it was, until the next start.
            let Ok(Ok(listed)) = journal.history().list(filter.clone(), before, PAGE).await else { return };
            for entry in listed.entries.into_iter().filter(|entry| !journal.is_live(entry.id)) {
                journal.write(ended(entry, State::GivenUp, Why::HookGone));
            }
            before = listed.next;
            if before.is_none() {
                break;
            }
        }
    }
}

/// Ends one.
pub(crate) async fn end(surroundings: Arc<Surroundings>, delivery: DeliveryId) {
    let Ok(Ok(gone)) = surroundings.outbox.forget(Unwanted::One(delivery)).await else { return };
    let journal = &surroundings.journal;
    if journal.is_live(delivery) {
        return;
    }
    if let Ok(Ok(Some(whole))) = journal.history().one(delivery).await
        && !(gone.is_empty() && has_ended(whole.entry.state))
    {
        journal.write(ended(whole.entry, State::Skipped, Why::Dropped));
    }
}

fn ended(entry: Entry, state: State, why: Why) -> Entry {
    Entry { state, message: why.to_string(), next_at: None, ..entry }
}
