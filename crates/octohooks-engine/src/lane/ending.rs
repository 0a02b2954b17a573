//! How a delivery leaves its lane, sent or not, and how each change of it is written down: the outbox, the journal, the log.

use octohooks_core::queue::{self, Left};

use super::Lane;
use crate::cargo::{Cargo, Item};
use crate::journal::{AttemptRecord, State};
use crate::notice::Level;

impl Lane {
    /// It leaves without having been sent.
    pub(super) fn leave(&self, left: Left<Cargo>) {
        let Left { item, why } = left;
        if let queue::Why::Folded { into } = why
            && let Some(standing_for_it) = self.queue.get(into)
            && let Some(token) = standing_for_it.payload.token
        {
            self.surroundings.outbox.postpone(token, standing_for_it.payload.standing(standing_for_it.repeats));
        }
        let state = if why.is_harmless() && why != queue::Why::HookGone { State::Skipped } else { State::GivenUp };
        if state == State::GivenUp && why != queue::Why::HookGone {
            self.tell_failure(&item, &why.to_string());
        }
        self.end(item, state, why.to_string());
    }

    pub(super) fn end(&self, mut item: Item, state: State, message: String) {
        if let Some(token) = item.payload.token {
            self.surroundings.outbox.complete(token);
        }
        item.payload.entry.next_at = None;
        for other in std::mem::take(&mut item.payload.also) {
            let told = match state {
                State::Delivered => {
                    (State::Skipped, "Told together with others when the quiet hours were over.".to_owned())
                }
                state => (state, message.clone()),
            };
            self.end(other, told.0, told.1);
        }
        self.note(&mut item, state, message);
    }

    pub(super) fn note(&self, item: &mut Item, state: State, message: String) {
        item.payload.entry.state = state;
        if let Some(tried) = item.payload.tried.take() {
            let tried = AttemptRecord { message: message.clone(), ..tried };
            self.surroundings.journal.write_attempt(item.id, tried);
        }
        item.payload.entry.message = message;
        self.surroundings.journal.write(item.payload.entry.clone());
    }

    pub(super) fn tell_failure(&self, item: &Item, because: &str) {
        let entry = &item.payload.entry;
        let message = format!("{} to \"{}\" was not delivered: {because}", entry.topic, entry.hook_name);
        self.surroundings.notices.log(Level::Info, message);
    }
}
