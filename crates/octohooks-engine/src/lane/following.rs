//! One message per print: which message of the receiver's a delivery changes or goes with, and what its answer names.

use octohooks_core::hook::follow_up::FollowUp;
use octohooks_core::hook::ready::Hook;
use octohooks_core::ids::JobId;
use octohooks_core::messages::New;
use octohooks_core::template::text_of;
use octohooks_core::topic::Topic;
use serde_json::Value;

use super::Lane;
use crate::cargo::Item;
use crate::dispatch::Sent;

impl Lane {
    /// The message of its print, for a delivery that belongs to it.
    pub(super) fn message_to_follow(&self, hook: &Hook, item: &Item) -> Option<Value> {
        let follow_up = follow_up_of(hook, item)?;
        let job = item.payload.parcel.matched.event.job?;
        self.surroundings.messages.look(|messages| messages.of(hook.id, job, &follow_up.fingerprint).cloned())
    }

    /// Takes in what the answer to a delivery names, and that a print is over. Gives a sentence for the log.
    pub(super) fn keep_message(&self, item: &Item, sent: &Sent) -> Option<String> {
        let hook = self.hook_of(item)?;
        let event = &item.payload.parcel.matched.event;
        let (job, messages) = (event.job?, &self.surroundings.messages);
        // A hook that has changed meanwhile has no message yet.
        let is_as_sent = |follow_up: &&FollowUp| sent.fingerprint.as_ref() == Some(&follow_up.fingerprint);
        let sentence = follow_up_of(&hook, item).filter(is_as_sent).map(|follow_up| match &sent.follows {
            Some(message) => format!("It went to message {} of this print.", sent.cover.apply(&text_of(message))),
            None => self.keep_new_message(item, job, follow_up, sent),
        });
        if event.topic.is_some_and(Topic::ends_print) {
            messages.change(|messages| messages.is_over(hook.id, job));
        }
        self.save_messages();
        sentence
    }

    /// Remembers what the answer names.
    fn keep_new_message(&self, item: &Item, job: JobId, follow_up: &FollowUp, sent: &Sent) -> String {
        let answer = sent.attempt.outcome.as_ref().ok();
        let Some(id) = answer.and_then(|answer| follow_up.name_in(answer)) else {
            return "The answer does not name the message, so the next one is a new one as well.".to_owned();
        };
        let new = New { printer: &item.place.printer, job, id: &id, fingerprint: &follow_up.fingerprint };
        let now = self.surroundings.clock.now();
        self.surroundings.messages.change(|messages| {
            messages.remember(item.place.hook, new, now);
            true
        });
        format!("It is message {}, where the rest of this print goes.", sent.cover.apply(&text_of(&id)))
    }

    /// The receiver does not have the message of this print any more.
    pub(super) fn forget_message(&self, item: &Item) {
        if let Some(job) = item.payload.parcel.matched.event.job {
            self.surroundings.messages.change(|messages| messages.forget(item.place.hook, job));
            self.save_messages();
        }
    }

    /// On a thread that may wait for the disk; does nothing where nothing has changed.
    fn save_messages(&self) {
        let surroundings = std::sync::Arc::clone(&self.surroundings);
        if surroundings.messages.is_changed() {
            drop(tokio::task::spawn_blocking(move || surroundings.messages.save()));
        }
    }
}

/// How a delivery goes with the message of its print; `None` where it is one by itself, as one that is sent again is.
fn follow_up_of<'a>(hook: &'a Hook, item: &Item) -> Option<&'a FollowUp> {
    let follow_up = hook.recipe.as_ref().ok()?.follow_up.as_ref()?;
    let belongs = item.payload.age_when_asked.is_none() && follow_up.takes(&item.payload.parcel.matched.event);
    belongs.then_some(follow_up)
}
