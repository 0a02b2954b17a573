//! What an attempt means: for its delivery, its endpoint, its hook, and for what is known of the network.

use std::time::Duration;

use octohooks_core::etiquette::{self, Circumstances, Meaning, Pause, Trouble};
use octohooks_core::hook::ready::Hook;
use octohooks_core::ids::HookId;
use octohooks_core::moment::{InWords, Now};
use octohooks_core::outage::{News, Side, Sight};
use octohooks_core::standing::Change;
use octohooks_core::status::name_of;
use octohooks_store::event::Standing as Stored;

use super::{Item, Lane};
use crate::dispatch::Sent;
use crate::journal::{AttemptRecord, State};
use crate::notice::Level;

/// A receiver that refused it while the clock may have been wrong gets it again after this long.
const UNTIL_CLOCK_IS_RIGHT: Duration = Duration::from_mins(1);

/// As much of an answer is kept.
const KEPT_ANSWER: usize = 2000;

impl Lane {
    pub(super) fn settle(&mut self, mut item: Item, sent: &Sent) {
        let now = self.surroundings.clock.moment();
        let answer = sent.attempt.outcome.as_ref().ok();
        item.payload.entry.status = answer.map(|answer| answer.status);
        item.payload.entry.answer = answer.map(|answer| {
            sent.cover.apply(&String::from_utf8_lossy(&answer.body).chars().take(KEPT_ANSWER).collect::<String>())
        });
        self.journal_attempt(&item, sent);
        let side = self.judge_side(&now, sent);
        let reading = etiquette::read(&sent.attempt, Circumstances::default());
        let hook = item.place.hook;
        let (hook_name, pause) = (item.payload.entry.hook_name.clone(), reading.pause);
        let too_many = matches!(reading.meaning, Meaning::TooMany { .. });
        self.act_on(item, &now, side, reading.meaning, pause.as_ref(), sent);
        if let Some(pause) = pause.filter(|_| !too_many) {
            self.endpoint.asked(&now, &pause);
        }
        if let Some(how) = reading.stop {
            let change = self.surroundings.standings.of(hook, |standing| standing.asked_to_stop(&now, how));
            self.announce(hook, &hook_name, change);
        }
    }

    fn act_on(&mut self, item: Item, now: &Now, side: Side, meaning: Meaning, pause: Option<&Pause>, sent: &Sent) {
        let (hook, hook_name) = (item.place.hook, item.payload.entry.hook_name.clone());
        let event = item.payload.parcel.matched.event.id;
        let standings = &self.surroundings.standings;
        match meaning {
            Meaning::Delivered { warning } => {
                self.endpoint.answered(now);
                if let Some(doubtful) = self.second_opinion_on.take() {
                    self.queue.set_aside(doubtful);
                }
                let change = standings.of(hook, |standing| standing.delivered(now, event));
                self.announce(hook, &hook_name, change);
                self.queue.finish(&item);
                let message = delivered(sent, warning);
                self.end(item, State::Delivered, message);
            }
            Meaning::NotNow { trouble, unsure, because } => self.not_now(item, now, side, trouble, unsure, &because),
            Meaning::TooMany { because } => {
                self.endpoint.too_many(now, pause);
                self.again(item, Duration::ZERO, &because, now);
            }
            Meaning::Refused { status, because } => {
                self.endpoint.answered(now);
                let refusal = standings.of(hook, |standing| standing.refused(now, event, status));
                self.announce(hook, &hook_name, refusal.change);
                match refusal.again_after {
                    Some(wait) => self.again(item, wait, &because, now),
                    None => self.give_up(item, because),
                }
            }
            Meaning::TokenRefused { because } => self.give_up(item, because),
            Meaning::ClockDoubtful { because } => {
                self.endpoint.answered(now);
                self.again(item, UNTIL_CLOCK_IS_RIGHT, &because, now);
            }
            Meaning::Abandoned { because } => {
                self.endpoint.answered(now);
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

    /// Nobody could take it just now.
    fn not_now(&mut self, item: Item, now: &Now, side: Side, trouble: Trouble, unsure: bool, because: &str) {
        let fraction = self.surroundings.clock.fraction();
        let setback = match side {
            Side::This => self.endpoint.failed_on_this_side(now, fraction),
            Side::That => {
                let setback = self.endpoint.failed(now, matches!(trouble, Trouble::Answered(_)), fraction);
                let downtime = self.endpoint.downtime();
                let standings = &self.surroundings.standings;
                let (hook, hook_name) = (item.place.hook, item.payload.entry.hook_name.clone());
                let change = standings.of(hook, |standing| standing.endpoint_is_down(now, downtime));
                self.announce(hook, &hook_name, change);
                setback
            }
        };
        if unsure && !self.hook_of(&item).is_some_and(|hook| hook.patience.repeats_when_unsure(item.class)) {
            let because = format!("{because} It may have arrived all the same, and is not sent twice.");
            self.give_up(item, because);
            return;
        }
        self.again(item, setback.wait, because, now);
    }

    /// It is tried again after a while.
    fn again(&mut self, mut item: Item, wait: Duration, because: &str, now: &Now) {
        if item.payload.parcel.attempts == 1 {
            self.tell_failure(&item, because);
        }
        if let Some(token) = item.payload.token {
            let standing = Stored {
                attempts: item.payload.parcel.attempts,
                retry_at: Some(now.wall.plus(wait)),
                repeats: item.repeats,
                error: Some(because.to_owned()),
            };
            self.surroundings.outbox.postpone(token, standing);
        }
        item.payload.entry.next_at = Some(now.wall.plus(wait));
        let next = self
            .endpoint
            .explain(now, self.surroundings.utc_offset())
            .unwrap_or_else(|| format!("Next try in {}.", InWords(wait)));
        self.note(&mut item, State::Retrying, format!("{because} {next}"));
        for left in self.queue.give_back(item, wait, now) {
            self.leave(left);
        }
    }

    fn give_up(&mut self, item: Item, because: String) {
        self.queue.finish(&item);
        self.tell_failure(&item, &because);
        self.end(item, State::GivenUp, because);
    }

    fn journal_attempt(&self, item: &Item, sent: &Sent) {
        let attempt = &sent.attempt;
        let failure = attempt.outcome.as_ref().err();
        let kind = failure.and_then(|failure| serde_json::to_value(failure.kind).ok());
        let record = AttemptRecord {
            number: item.payload.parcel.attempts,
            started: attempt.started,
            phases: attempt.phases.into(),
            status: item.payload.entry.status,
            failure: kind.and_then(|kind| kind.as_str().map(str::to_owned)),
            answer: item.payload.entry.answer.clone(),
            message: failure.map(|failure| failure.message.clone()).unwrap_or_default(),
        };
        self.surroundings.journal.write_attempt(item.id, record);
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

    fn hook_of(&self, item: &Item) -> Option<std::sync::Arc<Hook>> {
        self.surroundings.shelf.roster().get(item.place.hook).map(|(_, hook)| std::sync::Arc::clone(hook))
    }
}

fn delivered(sent: &Sent, warning: Option<String>) -> String {
    let status = sent.attempt.outcome.as_ref().map_or(0, |answer| answer.status);
    let problems = sent.composed.iter().flat_map(|composed| &composed.problems).map(|problem| problem.message.clone());
    let mut sentences =
        vec![format!("Delivered: {} in {} ms.", name_of(status), sent.attempt.phases.total.as_millis())];
    sentences.extend(problems);
    sentences.extend(warning);
    sentences.join(" ")
}
