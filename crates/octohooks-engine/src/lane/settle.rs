//! What an attempt means: for its delivery, its endpoint, its hook, and for what is known of the network.

use std::time::Duration;

use octohooks_core::attempt::{Answer, Attempt, FailureKind};
use octohooks_core::compose::Composed;
use octohooks_core::endpoint::{self, backoff};
use octohooks_core::etiquette::{self, Circumstances, Meaning, Pause, Trouble};
use octohooks_core::hook::ready::Hook;
use octohooks_core::ids::HookId;
use octohooks_core::moment::{InWords, Now};
use octohooks_core::outage::{News, Side, Sight};
use octohooks_core::shown::{Cover, show};
use octohooks_core::standing::{self, Change};
use octohooks_core::status::name_of;
use octohooks_store::event::Standing as Stored;
use tokio::time::Instant;

use super::{EndpointKey, Lane};
use crate::cargo::Item;
use crate::dispatch::{Refused, Sent, What};
use crate::journal::{AttemptRecord, PhaseMillis, State};
use crate::notice::Level;

/// A receiver that refused it while the clock may have been wrong gets it again after this long.
const UNTIL_CLOCK_IS_RIGHT: Duration = Duration::from_mins(1);

/// Even the first try of an OAuth server again is not made at once.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);

/// As much of an answer is kept.
const KEPT_ANSWER: usize = 2000;

impl Lane {
    pub(super) fn settle(&mut self, mut item: Item, sent: &Sent) {
        let now = self.surroundings.clock.moment();
        for refused in &sent.before {
            self.note_refused(&mut item, refused, sent);
        }
        let answer = sent.attempt.outcome.as_ref().ok();
        item.payload.entry.status = answer.map(|answer| answer.status);
        let number = item.payload.parcel.attempts;
        let tried = record_of(number, &sent.attempt, sent.composed.as_ref(), &sent.cover, sent.waited);
        item.payload.entry.answer.clone_from(&tried.answer);
        item.payload.tried = Some(tried);
        self.surroundings.journal.metrics().attempted(&item.payload.entry, &sent.attempt);
        let of_hook = self.hook_of(&item);
        let recipe = of_hook.as_ref().and_then(|hook| hook.recipe.as_ref().ok());
        let success = recipe.and_then(|recipe| recipe.success.as_ref());
        let is_unchanged = recipe.is_some_and(|recipe| sent.is_unchanged(recipe));
        let clock_was_doubtful = item.payload.clock_doubtful;
        let circumstances = Circumstances { clock_was_doubtful, success, is_unchanged, ..Circumstances::default() };
        let reading = etiquette::read(&sent.attempt, circumstances);
        if let Some(trouble) = oauth_trouble(sent) {
            self.oauth_failed(item, &now, trouble, reading.meaning.because());
            return;
        }
        let side = self.judge_side(&now, sent);
        let hook = item.place.hook;
        let hook_name = item.payload.entry.hook_name.clone();
        self.act_on(item, &now, side, reading.meaning, reading.pause.as_ref(), sent);
        if let Some(how) = reading.stop {
            let change = self.surroundings.standings.of(hook, |standing| standing.asked_to_stop(&now, how));
            self.announce(hook, &hook_name, change);
        }
    }

    /// One attempt with what was refused, which the log has in full, and one without it, which goes on as any other. Where the
    /// rest would have been taken, later tries spare the receiver the picture; a message that is gone is not looked for again.
    fn note_refused(&self, item: &mut Item, refused: &Refused, sent: &Sent) {
        let answer = refused.attempt.outcome.as_ref().ok();
        let payload = &mut item.payload;
        payload.entry.status = answer.map(|answer| answer.status);
        let record = AttemptRecord {
            message: [refused.because.as_str(), refused.then()].join(" "),
            ..record_of(
                payload.parcel.attempts,
                &refused.attempt,
                refused.composed.as_ref(),
                &refused.cover,
                sent.waited,
            )
        };
        self.surroundings.journal.metrics().attempted(&payload.entry, &refused.attempt);
        self.surroundings.journal.write_attempt(item.id, record);
        payload.parcel.attempts += 1;
        payload.entry.attempts = payload.parcel.attempts;
        let refuses_the_rest = |answer: &Answer| (400..500).contains(&answer.status) && answer.status != 429;
        match refused.what {
            // A new message may have its picture all the same.
            What::Message => {
                payload.without_picture = None;
                self.forget_message(item);
            }
            What::Picture if sent.attempt.outcome.as_ref().is_ok_and(refuses_the_rest) => {}
            What::Picture => payload.without_picture = Some(refused.because.clone()),
        }
    }

    /// The webhook's own endpoint was not called at all, so nothing of it counts for that.
    fn oauth_failed(&mut self, item: Item, now: &Now, kind: FailureKind, because: &str) {
        self.endpoint.abandon_probe();
        if kind == FailureKind::OauthUnavailable {
            let wait = backoff(item.payload.parcel.attempts, Duration::ZERO, self.surroundings.clock.fraction());
            self.again(item, wait.max(SHORTEST_WAIT), because, now);
            return;
        }
        let (hook, event) = (item.place.hook, item.payload.parcel.matched.event.id);
        let change = self.surroundings.standings.of(hook, |standing| standing.unsendable(now, event));
        self.announce(hook, &item.payload.entry.hook_name, change);
        self.give_up(item, because.to_owned());
    }

    fn act_on(&mut self, item: Item, now: &Now, side: Side, meaning: Meaning, pause: Option<&Pause>, sent: &Sent) {
        let (hook, hook_name) = (item.place.hook, item.payload.entry.hook_name.clone());
        let event = item.payload.parcel.matched.event.id;
        let standings = &self.surroundings.standings;
        let asks = |lane: &mut Self| {
            if let Some(pause) = pause {
                lane.endpoint.asked(now, pause);
            }
        };
        match meaning {
            Meaning::Delivered { warning } => {
                self.endpoint.answered(now);
                asks(self);
                if let Some(doubtful) = self.second_opinion_on.take() {
                    self.queue.set_aside(doubtful);
                }
                let change = self.surroundings.standings.of(hook, |standing| standing.delivered(now, event));
                self.announce(hook, &hook_name, change);
                self.queue.finish(&item);
                let delay = item.happened.elapsed(now) + item.payload.age_when_asked.unwrap_or_default();
                self.surroundings.journal.metrics().delivered(&item.payload.entry, delay);
                let of_message = self.keep_message(&item, sent);
                let message = delivered(sent, of_message.into_iter().chain(warning));
                self.end(item, State::Delivered, message);
            }
            Meaning::NotNow { trouble, unsure, because } => {
                let wait = self.not_now(&item, now, side, trouble);
                asks(self);
                if unsure && !self.hook_of(&item).is_some_and(|hook| hook.patience.repeats_when_unsure(item.class)) {
                    self.give_up(item, format!("{because} It may have arrived all the same, and is not sent twice."));
                } else {
                    self.again(item, wait, &because, now);
                }
            }
            Meaning::TooMany { because } => {
                self.endpoint.too_many(now, pause);
                self.again(item, Duration::ZERO, &because, now);
            }
            Meaning::Refused { status, because } => {
                self.endpoint.answered(now);
                asks(self);
                let standings = &self.surroundings.standings;
                let refusal = standings.of(hook, |standing| standing.refused(now, event, status));
                self.announce(hook, &hook_name, refusal.change);
                match refusal.again_after {
                    Some(wait) => self.again(item, wait, &because, now),
                    None => self.give_up(item, because),
                }
            }
            Meaning::TokenRefused { because } => {
                self.endpoint.answered(now);
                self.give_up(item, because);
            }
            Meaning::ClockDoubtful { because } => {
                self.endpoint.answered(now);
                self.again(item, UNTIL_CLOCK_IS_RIGHT, &because, now);
            }
            Meaning::Abandoned { because } => {
                self.endpoint.answered(now);
                asks(self);
                self.give_up(item, because);
            }
            Meaning::Unsendable { because } => {
                if Sight::of(&sent.attempt) == Sight::Reached {
                    self.endpoint.answered(now);
                } else {
                    self.endpoint.abandon_probe();
                }
                let change = standings.of(hook, |standing| standing.unsendable(now, event));
                self.announce(hook, &hook_name, change);
                self.give_up(item, because);
            }
            Meaning::Interrupted { fault: true, because } => {
                self.endpoint.abandon_probe();
                self.give_up(item, because);
            }
            Meaning::Interrupted { fault: false, because } => {
                self.endpoint.abandon_probe();
                self.again(item, Duration::ZERO, &because, now);
            }
        }
    }

    /// Nobody could take it just now. Says how long it waits.
    fn not_now(&mut self, item: &Item, now: &Now, side: Side, trouble: Trouble) -> Duration {
        let fraction = self.surroundings.clock.fraction();
        match side {
            Side::This => self.endpoint.failed_on_this_side(now, fraction).wait,
            Side::That => {
                let setback = self.endpoint.failed(now, matches!(trouble, Trouble::Answered(_)), fraction);
                let downtime = self.endpoint.downtime();
                let (hook, hook_name) = (item.place.hook, item.payload.entry.hook_name.as_str());
                let change = self.surroundings.standings.of(hook, |standing| standing.endpoint_is_down(now, downtime));
                self.announce(hook, hook_name, change);
                setback.wait
            }
        }
    }

    /// It is tried again after a while, unless its hook has changed meanwhile.
    fn again(&mut self, mut item: Item, wait: Duration, because: &str, now: &Now) {
        if item.payload.attempts_before == 0 {
            self.tell_failure(&item, because);
        }
        let roster = self.surroundings.shelf.roster();
        let moved = match roster.get(item.place.hook) {
            Some((config, hook)) if hook.enabled => EndpointKey::of(&config.url) != self.key,
            _ => {
                self.queue.finish(&item);
                self.end(item, State::GivenUp, "Given up: the webhook was deleted or switched off.".to_owned());
                return;
            }
        };
        let (next, words) = self.next_try(&item, wait, now);
        if let Some(token) = item.payload.token {
            let retry_at = next.map(|next| now.wall.plus(next));
            let error = Some(because.to_owned());
            let standing = Stored { retry_at, error, ..item.payload.standing(item.repeats) };
            self.surroundings.outbox.postpone(token, standing);
        }
        item.payload.entry.next_at = next.map(|next| now.wall.plus(next));
        item.payload.due = Instant::now() + next.unwrap_or_default();
        self.note(&mut item, State::Retrying, format!("{because} {words}"));
        if moved {
            self.queue.finish(&item);
            self.surroundings.reroute(item);
            return;
        }
        for left in self.queue.give_back(item, wait, now) {
            self.leave(left);
        }
    }

    /// When it is tried again, by itself, its endpoint, and its hook; `None` while the hook is paused. And why.
    fn next_try(&self, item: &Item, wait: Duration, now: &Now) -> (Option<Duration>, String) {
        let offset = self.surroundings.utc_offset();
        let held = match self.endpoint.gate(now) {
            endpoint::Gate::Wait(span) => span,
            endpoint::Gate::Go | endpoint::Gate::Probe(_) | endpoint::Gate::Probing => Duration::ZERO,
        };
        let (gate, halted) = self
            .surroundings
            .standings
            .of(item.place.hook, |standing| (standing.gate(now), standing.explain(now, offset)));
        let halt = match gate {
            standing::Gate::Go | standing::Gate::Probe => Duration::ZERO,
            standing::Gate::Wait(span) => span,
            standing::Gate::Paused => return (None, halted.unwrap_or_default()),
        };
        let next = wait.max(held).max(halt);
        let words = halted
            .filter(|_| !halt.is_zero())
            .or_else(|| self.endpoint.explain(now, offset).filter(|_| held >= wait && !held.is_zero()))
            .unwrap_or_else(|| format!("Next try in {}.", InWords(next)));
        (Some(next), words)
    }

    fn give_up(&mut self, item: Item, because: String) {
        self.queue.finish(&item);
        self.tell_failure(&item, &because);
        self.end(item, State::GivenUp, because);
    }

    /// Whether trouble is this side's, and what follows for everybody when that has become known or has ended.
    fn judge_side(&self, now: &Now, sent: &Sent) -> Side {
        let judgement = self.surroundings.observe_network(now, &self.origin, Sight::of(&sent.attempt));
        if let Some(news) = judgement.news {
            self.surroundings.notices.log(Level::Info, news.to_string());
            self.surroundings.tell_lanes(match news {
                News::Began(..) => crate::surroundings::ToLanes::Pardon(octohooks_core::outage::MEMORY),
                News::Ended(..) => crate::surroundings::ToLanes::TryNow,
            });
        }
        judgement.side
    }

    fn announce(&self, hook: HookId, name: &str, change: Option<Change>) {
        if let Some(change) = change {
            self.surroundings.announce(&change.announce(hook, name));
        }
    }

    pub(super) fn hook_of(&self, item: &Item) -> Option<std::sync::Arc<Hook>> {
        self.surroundings.shelf.roster().get(item.place.hook).map(|(_, hook)| std::sync::Arc::clone(hook))
    }
}

/// The attempt as it is written down; what happens next, and why, comes in with the state that follows.
fn record_of(
    number: u32,
    attempt: &Attempt,
    composed: Option<&Composed>,
    cover: &Cover,
    waited: Duration,
) -> AttemptRecord {
    let request = composed.map(|composed| show(composed, cover));
    let answer = attempt.outcome.as_ref().ok();
    AttemptRecord {
        number,
        started: attempt.started,
        phases: PhaseMillis {
            queue: Some(u64::try_from(waited.as_millis()).unwrap_or(u64::MAX)),
            ..attempt.phases.into()
        },
        status: answer.map(|answer| answer.status),
        failure: attempt.outcome.as_ref().err().map(|failure| failure.kind.to_string()),
        answer: answer.map(|answer| shown_answer(answer, cover)),
        message: String::new(),
        request: request.and_then(|request| serde_json::to_value(request).ok()),
    }
}

/// As much of it as is kept, secrets covered.
fn shown_answer(answer: &Answer, cover: &Cover) -> String {
    cover.apply_cut(&String::from_utf8_lossy(&answer.body), KEPT_ANSWER, answer.truncated)
}

/// Whether it was the OAuth request that failed.
fn oauth_trouble(sent: &Sent) -> Option<FailureKind> {
    let kind = sent.attempt.outcome.as_ref().err().map(|failure| failure.kind);
    kind.filter(|kind| matches!(kind, FailureKind::OauthUnavailable | FailureKind::OauthRefused))
}

fn delivered(sent: &Sent, warnings: impl Iterator<Item = String>) -> String {
    let status = sent.attempt.outcome.as_ref().map_or(0, |answer| answer.status);
    let problems = sent.composed.iter().flat_map(|composed| &composed.problems).map(|problem| problem.message.clone());
    let mut sentences =
        vec![format!("Delivered: {} in {} ms.", name_of(status), sent.attempt.phases.total.as_millis())];
    sentences.extend(problems);
    sentences.extend(warnings);
    sentences.join(" ")
}
