//! One attempt: a delivery whose turn it is goes out, in a task of its own, and what came of it comes back. What that means is
//! `settle`'s. Here nothing is waited for.

use std::sync::Arc;
use std::time::Duration;

use octohooks_core::attempt::{Attempt, Failure, FailureKind, Phases};
use octohooks_core::moment::Now;
use octohooks_core::shown::Cover;
use octohooks_net::Kept;
use tokio::task::Id;
use tokio::time::Instant;

use super::{EndpointKey, Lane};
use crate::cargo::Item;
use crate::dispatch::Sent;
use crate::journal::State;
use crate::notice::Level;

impl Lane {
    /// A signature with a wrong time on it is refused: such a delivery waits a while for the clock.
    pub(super) fn wait_for_clock(&self, item: &Item, now: &Now) -> Option<Duration> {
        let roster = self.surroundings.shelf.roster();
        let (_, hook) = roster.get(item.place.hook)?;
        let needs_the_time = hook.recipe.as_ref().is_ok_and(|recipe| recipe.signer.needs_the_time());
        if needs_the_time { self.surroundings.hold_signed(now) } else { None }
    }

    pub(super) fn hold_for_clock(&mut self, mut item: Item, wait: Duration, now: &Now) {
        item.payload.entry.next_at = Some(now.wall.plus(wait));
        let message = "Waiting for the clock of this machine to be set: a signature with a wrong time is refused.";
        self.note(&mut item, State::Waiting, message.to_owned());
        for left in self.queue.give_back(item, wait, now) {
            self.leave(left);
        }
    }

    /// Makes one attempt, in a task of its own, so that a fault in it costs this attempt and nothing else.
    pub(super) fn start(&mut self, mut item: Item, now: &Now) {
        let roster = self.surroundings.shelf.roster();
        let Some((config, hook)) = roster.get(item.place.hook).filter(|(_, hook)| hook.enabled) else {
            self.queue.finish(&item);
            self.endpoint.abandon_probe();
            self.end(item, State::GivenUp, "Given up: the webhook was deleted or switched off.".to_owned());
            return;
        };
        if EndpointKey::of(&config.url) != self.key {
            // Its hook moved while it was under way, or waited to be taken back.
            self.queue.finish(&item);
            self.endpoint.abandon_probe();
            self.surroundings.reroute(item);
            return;
        }
        let hook = Arc::clone(hook);
        let needs_the_time = hook.recipe.as_ref().is_ok_and(|recipe| recipe.signer.needs_the_time());
        item.payload.clock_doubtful = needs_the_time && !now.synchronised;
        item.payload.attempts_before = item.payload.parcel.attempts;
        item.payload.parcel.attempts += 1;
        tell_the_time_as_it_is_known_now(&mut item, now);
        let age = item.happened.elapsed(now) + item.payload.age_when_asked.unwrap_or_default();
        item.payload.parcel.late = hook.patience.lateness(age);
        item.payload.parcel.repeats = item.repeats;
        item.payload.parcel.silent = self.goes_silently(&hook, &item, now);
        item.payload.parcel.message = self.message_to_follow(&hook, &item);
        item.payload.entry.attempts = item.payload.parcel.attempts;
        self.note(&mut item, State::Sending, "It is being sent.".to_owned());
        let waited = Instant::now().saturating_duration_since(item.payload.due);
        let dispatcher = Arc::clone(&self.surroundings.dispatcher);
        let (parcel, mut asked) = (item.payload.parcel.clone(), item.payload.asked.clone());
        // A connection that was kept may end just then, and nobody can tell whether the request was heard.
        let may_come_twice = hook.patience.repeats_when_unsure(item.class);
        let kept = if may_come_twice { self.kept.pop().unwrap_or_default() } else { Kept::default() };
        let without_picture = item.payload.without_picture.clone();
        let task = self.attempts.spawn(async move {
            let wishes = hook.picture_wishes(&parcel.matched.event).filter(|_| without_picture.is_none());
            let mut enrichment = asked.wait(hook.needs_metadata(), wishes.as_ref()).await;
            if let Some(because) = without_picture {
                enrichment = enrichment.without_picture(because);
            }
            Sent { waited, ..dispatcher.send(&hook, &parcel, &enrichment, kept).await }
        });
        self.flying.insert(task.id(), item);
    }

    pub(super) fn ended(&mut self, ended: Result<(Id, Sent), tokio::task::JoinError>) {
        let id = match &ended {
            Ok((id, _)) => *id,
            Err(error) => error.id(),
        };
        let Some(item) = self.flying.remove(&id) else { return };
        let mut sent = ended.map_or_else(|_| self.fault(), |(_, sent)| sent);
        self.kept.extend(Some(std::mem::take(&mut sent.kept)).filter(Kept::is_some));
        let hook = item.place.hook;
        self.settle(item, &sent);
        // Its others waited for it, so that all of them go elsewhere in their order.
        self.look_at_hook(hook);
        self.surroundings.standings.keep_endpoint(&self.key, &self.endpoint);
    }

    fn fault(&self) -> Sent {
        let message = "A fault of this plugin kept it from being sent; please report it.".to_owned();
        self.surroundings.notices.log(Level::Error, "An attempt ended in a fault of this plugin; see the log above.");
        let outcome = Err(Failure { kind: FailureKind::Internal, message });
        let started = self.surroundings.clock.now();
        let attempt = Attempt { started, phases: Phases::default(), outcome };
        Sent {
            attempt,
            waited: Duration::ZERO,
            composed: None,
            cover: Cover::default(),
            kept: Kept::default(),
            oauth: None,
            before: Vec::new(),
            follows: None,
            fingerprint: None,
        }
    }
}

/// An event that happened before the clock was right carries a time that nobody can use. Once it is known better, that is what
/// is sent.
fn tell_the_time_as_it_is_known_now(item: &mut Item, now: &Now) {
    const PUT_RIGHT: u64 = 60_000;
    item.happened.settle(now);
    let event = &mut item.payload.parcel.matched.event;
    // One that is sent again counts from when it was asked for; its event was long ago.
    let is_of_then = item.payload.age_when_asked.is_none();
    if item.payload.stamped_in_doubt
        && is_of_then
        && item.happened.synchronised
        && item.happened.wall.0.abs_diff(event.at.0) > PUT_RIGHT
    {
        Arc::make_mut(event).at = item.happened.wall;
        item.payload.entry.at = item.happened.wall;
    }
}
