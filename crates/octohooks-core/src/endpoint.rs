//! One endpoint (scheme, host and port): whether it may be called now, and if not, why and until when.
//!
//! Comes in: what became of attempts, what the endpoint asked for, what time it is. Goes out: a [`Gate`]. Retrying belongs
//! here and not to the delivery: while an endpoint is known not to answer, deliveries wait and use up nothing. Trouble of
//! this machine's own network never counts against it.

mod delays;
mod explain;
mod gate;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::etiquette::{Pause, Source, Wait};
use crate::moment::{Deadline, Now, Stamp};

pub use delays::{AFTER_OPENING_STEADY, backoff};
pub use gate::{Downtime, Gate, Probe, Setback};

/// So many failures in a row, and the endpoint is called by single probes only.
pub const FAILURES_TO_OPEN: u32 = 3;
/// Nobody means more than this; a larger number is a mistake of the receiver's.
pub const LONGEST_PAUSE: Duration = Duration::from_hours(24);
/// For this long a receiver is left alone that gives a date while no clock is right.
pub const PAUSE_WITHOUT_A_CLOCK: Duration = Duration::from_mins(1);
/// A receiver in trouble that asks for less than this, again and again, is called as seldom as one that asks for nothing.
pub const SHORTEST_EXACT_PAUSE: Duration = Duration::from_secs(30);
/// The gap between deliveries right after trouble; it shrinks with every success, so that a small receiver is not run over
/// and a large backlog is not held up.
pub const FIRST_CATCH_UP_GAP: Duration = Duration::from_secs(1);

/// All that is known of an endpoint. Serde-able: it survives a restart.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Endpoint {
    breaker: Breaker,
    /// The next probe waits for this.
    retry: Option<Deadline>,
    /// What the endpoint itself asked for.
    pause: Option<Asked>,
    /// Failures in a row, those of this machine's own network left out.
    failures: u32,
    /// Waits in a row: which of the delays comes next.
    step: u32,
    /// 429 in a row, without a word how long.
    unexplained: u32,
    open: Option<Open>,
    /// Set while what piled up is being sent: how many have gone since.
    catching_up: Option<CatchingUp>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Breaker {
    #[default]
    Closed,
    Open,
    /// A probe is under way. After a restart nobody knows what became of it: read back as open.
    #[serde(rename(serialize = "open"))]
    HalfOpen,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Asked {
    until: Deadline,
    source: Source,
}

/// Since when an endpoint has not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Open {
    since: Stamp,
    /// The last failure, where nothing of this machine's own trouble came after it.
    last_failure: Option<Stamp>,
    /// How long it has been down while this side was up.
    down: Duration,
    failed_probes: u32,
    /// Whether its last failure was an answer: then it may be about the delivery alone.
    answered: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct CatchingUp {
    sent: u32,
    last: Stamp,
}

impl Endpoint {
    /// Whether deliveries go now.
    pub fn gate(&self, now: &Now) -> Gate {
        let held = self.held(now);
        if !held.is_zero() {
            return Gate::Wait(held);
        }
        match self.breaker {
            Breaker::Closed => Gate::Go,
            Breaker::Open => Gate::Probe(self.probe()),
            Breaker::HalfOpen => Gate::Probing,
        }
    }

    /// Whether what waits is sent by importance rather than as it came: after trouble, until nothing waits any more.
    pub const fn is_catching_up(&self) -> bool {
        self.catching_up.is_some() || !matches!(self.breaker, Breaker::Closed)
    }

    /// Whether it is called by single probes only.
    pub const fn is_open(&self) -> bool {
        !matches!(self.breaker, Breaker::Closed)
    }

    /// The probe sets out.
    pub fn begin_probe(&mut self) {
        if self.breaker == Breaker::Open {
            self.breaker = Breaker::HalfOpen;
        }
    }

    /// The endpoint did its part: a delivery arrived, or was refused for what it is. Returns how long it had been down, if
    /// it had.
    pub fn answered(&mut self, now: &Now) -> Option<Duration> {
        let was_down = self.open.take().filter(|_| self.is_open()).map(|open| open.since.elapsed(now));
        self.breaker = Breaker::Closed;
        (self.retry, self.failures, self.step, self.unexplained) = (None, 0, 0, 0);
        let sent = match (was_down, self.catching_up) {
            (Some(_), _) => Some(0),
            (None, Some(earlier)) => Some(earlier.sent.saturating_add(1)),
            (None, None) => None,
        };
        self.catching_up = sent.map(|sent| CatchingUp { sent, last: now.stamp() });
        was_down
    }

    /// Nothing waits for it any more: what comes next is sent as it comes.
    pub fn caught_up(&mut self) {
        if self.breaker == Breaker::Closed {
            self.catching_up = None;
        }
    }

    /// Nobody could take it. `answered` tells an answer (5xx) from none; `jitter` is a random number from 0 to 1.
    pub fn failed(&mut self, now: &Now, answered: bool, jitter: f64) -> Setback {
        self.failures = self.failures.saturating_add(1);
        let was_open = self.is_open();
        let open = self.open.get_or_insert(Open {
            since: now.stamp(),
            last_failure: None,
            down: Duration::ZERO,
            failed_probes: 0,
            answered,
        });
        if let Some(last) = open.last_failure.replace(now.stamp()) {
            // Longer than this it never waits: the rest of the time this machine was off.
            open.down += last.elapsed(now).min(LONGEST_BETWEEN_PROBES);
        }
        open.answered = answered;
        open.failed_probes = open.failed_probes.saturating_add(u32::from(was_open));
        if self.failures >= FAILURES_TO_OPEN || was_open {
            self.breaker = Breaker::Open;
        }
        Setback { wait: self.wait_again(now, jitter), opened: !was_open && self.is_open() }
    }

    /// It did not arrive because of this side's own network. Waits, and counts against nobody.
    pub fn failed_on_this_side(&mut self, now: &Now, jitter: f64) -> Setback {
        if self.breaker == Breaker::HalfOpen {
            self.breaker = Breaker::Open;
        }
        if let Some(open) = &mut self.open {
            open.last_failure = None;
        }
        let wait = self.wait_again(now, jitter);
        self.retry = Some(now.deadline(wait));
        self.catching_up = Some(CatchingUp { sent: 0, last: now.stamp() });
        Setback { wait, opened: false }
    }

    /// The probe ended without saying anything about the endpoint (it was interrupted): another one may go.
    pub fn abandon_probe(&mut self) {
        if self.breaker == Breaker::HalfOpen {
            self.breaker = Breaker::Open;
        }
    }

    /// The endpoint asks to be left alone.
    pub fn asked(&mut self, now: &Now, pause: &Pause) {
        let length = match pause.wait {
            Wait::For(span) => span,
            Wait::Until(moment) if now.synchronised => moment.since(now.wall),
            // A date, and nobody knows what time it is, here or there.
            Wait::Until(_) => PAUSE_WITHOUT_A_CLOCK,
        };
        let until = now.deadline(length.min(LONGEST_PAUSE));
        let longer = self.pause.is_none_or(|asked| asked.until.remaining(now) < until.length);
        if longer && !until.length.is_zero() {
            self.pause = Some(Asked { until, source: pause.source });
        }
        if length >= SHORTEST_EXACT_PAUSE {
            // Exactly then, and not later because of delays of our own.
            self.retry = None;
        }
    }

    /// Too many requests (429). With a pause beside it that is obeyed; without one it is left alone for a while that
    /// grows. Says nothing against the endpoint: it answers. Returns how long is waited.
    pub fn too_many(&mut self, now: &Now, pause: Option<&Pause>) -> Duration {
        self.abandon_probe();
        self.catching_up = Some(CatchingUp { sent: 0, last: now.stamp() });
        if let Some(pause) = pause {
            self.unexplained = 0;
            self.asked(now, pause);
        } else {
            let wait = delays::unexplained(self.unexplained);
            self.unexplained = self.unexplained.saturating_add(1);
            self.retry = Some(now.deadline(wait));
        }
        self.held(now)
    }

    /// The user asks for it, or the network has returned: the next probe goes at once, and the delays begin anew. What the
    /// endpoint itself asked for stays.
    pub fn at_once(&mut self) {
        if self.unexplained == 0 {
            self.retry = None;
        }
        self.step = 0;
    }

    /// Lifts what the endpoint asked for, against its wish. For a user who knows better.
    pub fn forget_pause(&mut self) {
        self.pause = None;
    }

    /// An outage turns out to have been on this side since `since` ago: failures from then on are forgiven.
    pub fn pardon(&mut self, now: &Now, since: Duration) {
        if self.open.is_some_and(|open| open.since.elapsed(now) <= since) {
            self.open = None;
            self.failures = 0;
            if self.breaker != Breaker::HalfOpen {
                self.breaker = Breaker::Closed;
            }
        }
    }

    /// How long it has been down while this side was up: what a hook is stopped for in the end.
    pub fn downtime(&self) -> Downtime {
        match &self.open {
            Some(open) if self.is_open() => Downtime { lasted: open.down, failed_probes: open.failed_probes },
            _ => Downtime::default(),
        }
    }

    /// Puts remembered moments right once the clock is. True when something changed.
    pub fn settle(&mut self, now: &Now) -> bool {
        let deadlines = self.retry.iter_mut().chain(self.pause.iter_mut().map(|asked| &mut asked.until));
        let mut changed = deadlines.fold(false, |changed, deadline| deadline.set.settle(now) | changed);
        if let Some(open) = &mut self.open {
            changed |= open.since.settle(now);
            changed |= open.last_failure.as_mut().is_some_and(|last| last.settle(now));
        }
        changed
    }

    fn wait_again(&mut self, now: &Now, jitter: f64) -> Duration {
        let since_open = self.open.map_or(Duration::ZERO, |open| open.since.elapsed(now));
        let wait = backoff(self.step, since_open, jitter);
        self.step = self.step.saturating_add(1);
        self.retry = self.is_open().then(|| now.deadline(wait));
        wait
    }

    fn held(&self, now: &Now) -> Duration {
        let retry = self.retry.map_or(Duration::ZERO, |retry| retry.remaining(now));
        let pause = self.pause.map_or(Duration::ZERO, |asked| asked.until.remaining(now));
        retry.max(pause).max(self.pacing(now))
    }

    fn pacing(&self, now: &Now) -> Duration {
        match self.catching_up {
            Some(CatchingUp { sent, last }) if self.breaker == Breaker::Closed => {
                delays::catch_up_gap(sent).saturating_sub(last.elapsed(now))
            }
            _ => Duration::ZERO,
        }
    }

    fn probe(&self) -> Probe {
        let doubtful = self.open.is_some_and(|open| open.answered && open.failed_probes % 3 == 2);
        if doubtful { Probe::SecondOpinion } else { Probe::Oldest }
    }
}

/// The longest delay with its jitter, and the longest attempt.
const LONGEST_BETWEEN_PROBES: Duration = Duration::from_mins(20);

#[cfg(test)]
mod tests;
