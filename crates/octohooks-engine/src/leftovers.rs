//! What an earlier engine left in the log. What it still shows as on its way, although the engine that sent it has ended and it
//! is not stored, has ended, too: progress, as a rule; anything else was lost, and the log says so. And what became of each
//! hook's latest delivery is still so.

use std::sync::Arc;

use octohooks_core::schedule::Class;
use octohooks_core::topic::Topic;

use crate::journal::{Entry, Filter, State};
use crate::surroundings::Surroundings;

/// As many of each state are closed.
const MOST_CLOSED: usize = 500;

/// Of each hook as many are looked at to find one that was sent, or was to be.
const LOOKED_AT: usize = 20;

/// Closes them, once all that is stored has been taken up.
pub(crate) async fn close(surroundings: Arc<Surroundings>) {
    let journal = &surroundings.journal;
    for state in [State::Waiting, State::Sending, State::Retrying] {
        let filter = Filter { state: Some(state), ..Filter::default() };
        // The log is for people: what cannot be read now shows as it was.
        let Ok(Ok(listed)) = journal.history().list(filter, None, MOST_CLOSED).await else { break };
        for entry in listed.entries.into_iter().filter(|entry| !journal.is_of_this_run(entry.id)) {
            journal.write(closed(entry));
        }
    }
    journal.history_is_closed();
    let roster = surroundings.shelf.roster();
    for (config, _) in &roster.hooks {
        let filter = Filter { hook: Some(config.id), ..Filter::default() };
        let Ok(Ok(listed)) = journal.history().list(filter, None, LOOKED_AT).await else { return };
        if let Some(latest) =
            listed.entries.iter().find(|entry| !matches!(entry.state, State::Skipped | State::Waiting))
        {
            journal.recall(latest);
        }
    }
}

fn closed(entry: Entry) -> Entry {
    let topic = Topic::ALL.into_iter().find(|topic| topic.title() == entry.topic);
    let (state, message) = if Class::of_name(topic, &entry.event).is_latest_wins() {
        (State::Skipped, "Not sent: OctoPrint was stopped while it waited, and it was worth no write.")
    } else {
        // It was worth one: then it can only be missing because of the disk.
        (
            State::GivenUp,
            "Lost: it waited to be sent, and is not among the stored events any more. The disk failed, or its file was damaged.",
        )
    };
    Entry { state, message: message.to_owned(), next_at: None, ..entry }
}
