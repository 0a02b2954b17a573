//! The standing of one hook: whether it sends, and what has to happen until it does again.
//!
//! Comes in: what became of its deliveries, how long its endpoint has been down, what the user does. Goes out: a [`Gate`],
//! and an [`Announcement`] whenever something changes that the user should know. A hook that does not send keeps what
//! waits, until that expires. It heals by itself: one probe a day, and a success resumes it.

mod announce;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::endpoint::Downtime;
use crate::etiquette::StopAsked;
use crate::ids::EventId;
use crate::moment::{Deadline, Now, Stamp};

pub use announce::{Announcement, Audience, Change};

/// So many different events refused in a row, and the hook is taken to be misconfigured.
pub const REFUSALS_TO_PARK: usize = 5;
/// A refusal is believed when it comes twice, this far apart: receivers answer 404 while they start.
pub const SECOND_TRY: Duration = Duration::from_secs(30);
/// A hook that does not send is tried this often.
pub const PROBE_EVERY: Duration = Duration::from_hours(24);
/// An endpoint that has been down for so long, while this side was up …
pub const DOWN_TO_STOP: Duration = Duration::from_hours(72);
/// … and did not answer so many probes is given up.
pub const FAILED_PROBES_TO_STOP: u32 = 20;
/// More events with one refusal are not remembered.
const MOST_ONCE_REFUSED: usize = 64;

/// All that is known of how a hook does. Serde-able: it survives a restart.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    /// The user paused it then.
    paused: Option<Stamp>,
    health: Health,
    /// Events refused once, whose second try is still to come.
    once: Vec<EventId>,
    /// Events refused for good since the last success.
    refused: Vec<EventId>,
}

/// How a hook does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// It sends.
    #[default]
    Fine,
    /// It does not: it has to be mended.
    Parked(Halt),
    /// It does not: the receiver wants no more, or is gone.
    Stopped(Halt),
}

/// Since when and why a hook does not send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Halt {
    /// Since when.
    pub since: Stamp,
    /// Why.
    pub why: Why,
    /// When the next probe goes.
    pub probe: Deadline,
}

/// Why a hook does not send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Several events were refused; the status of the last.
    Refused(u16),
    /// Several events could not even be sent, or came back in a way that only the user can mend.
    Unsendable,
    /// The receiver asked for it.
    Asked(StopAsked),
    /// The endpoint has not answered for days.
    Down(Duration),
}

/// Whether a hook's deliveries go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// They do.
    Go,
    /// One does, to see whether it works again.
    Probe,
    /// None does for this long: the next probe.
    Wait(Duration),
    /// None does until the user resumes the hook.
    Paused,
}

/// What follows for a delivery that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// When to try it again; `None` when it is given up.
    pub again_after: Option<Duration>,
    /// What became of the hook by it.
    pub change: Option<Change>,
}

impl Standing {
    /// Whether deliveries of this hook go now.
    pub fn gate(&self, now: &Now) -> Gate {
        match (&self.paused, &self.health) {
            (Some(_), _) => Gate::Paused,
            (None, Health::Fine) => Gate::Go,
            (None, Health::Parked(halt) | Health::Stopped(halt)) => match halt.probe.remaining(now) {
                Duration::ZERO => Gate::Probe,
                remaining => Gate::Wait(remaining),
            },
        }
    }

    /// How it does.
    pub const fn health(&self) -> &Health {
        &self.health
    }

    /// Whether the user paused it.
    pub const fn is_paused(&self) -> bool {
        self.paused.is_some()
    }

    /// A delivery arrived.
    pub fn delivered(&mut self, now: &Now, event: EventId) -> Option<Change> {
        self.once.retain(|refused| *refused != event);
        self.refused.clear();
        match std::mem::take(&mut self.health) {
            Health::Fine => None,
            Health::Parked(halt) | Health::Stopped(halt) => Some(Change::Healed { after: halt.since.elapsed(now) }),
        }
    }

    /// A delivery was refused with a 4xx. Each gets two tries; five different ones in a row, and the hook is parked.
    pub fn refused(&mut self, now: &Now, event: EventId, status: u16) -> Refusal {
        if !matches!(self.health, Health::Fine) {
            self.probe_later(now);
            return Refusal { again_after: Some(SECOND_TRY), change: None };
        }
        let Some(index) = self.once.iter().position(|refused| *refused == event) else {
            if self.once.len() >= MOST_ONCE_REFUSED {
                self.once.remove(0);
            }
            self.once.push(event);
            return Refusal { again_after: Some(SECOND_TRY), change: None };
        };
        self.once.remove(index);
        let change = self.refused_for_good(now, event, Why::Refused(status));
        Refusal { again_after: None, change }
    }

    /// A delivery could not be sent because of how the hook is set up: it is given up, and counts like one that was refused.
    pub fn unsendable(&mut self, now: &Now, event: EventId) -> Option<Change> {
        if !matches!(self.health, Health::Fine) {
            self.probe_later(now);
            return None;
        }
        self.once.retain(|refused| *refused != event);
        self.refused_for_good(now, event, Why::Unsendable)
    }

    /// The receiver wants nothing more from this hook.
    pub fn asked_to_stop(&mut self, now: &Now, how: StopAsked) -> Option<Change> {
        if matches!(self.health, Health::Stopped(_)) {
            self.probe_later(now);
            return None;
        }
        self.health = Health::Stopped(halt(now, Why::Asked(how)));
        Some(Change::Stopped(Why::Asked(how)))
    }

    /// Its endpoint could not take a delivery, once more. Stops the hook when that has lasted for days; `downtime` leaves
    /// out the time in which this side was down.
    pub fn endpoint_is_down(&mut self, now: &Now, downtime: Downtime) -> Option<Change> {
        if !matches!(self.health, Health::Fine) {
            self.probe_later(now);
            return None;
        }
        let enough = downtime.lasted >= DOWN_TO_STOP && downtime.failed_probes >= FAILED_PROBES_TO_STOP;
        enough.then(|| {
            self.health = Health::Stopped(halt(now, Why::Down(downtime.lasted)));
            Change::Stopped(Why::Down(downtime.lasted))
        })
    }

    /// The user changed the hook, or asks to try at once: the next delivery is a probe; a hook that was changed has a new
    /// beginning.
    pub fn try_now(&mut self, now: &Now, changed: bool) {
        if changed {
            (self.once, self.refused) = (Vec::new(), Vec::new());
        }
        if let Health::Parked(halt) | Health::Stopped(halt) = &mut self.health {
            halt.probe = now.deadline(Duration::ZERO);
        }
    }

    /// The user pauses it.
    pub fn pause(&mut self, now: &Now) -> Option<Change> {
        if self.paused.is_some() {
            return None;
        }
        self.paused = Some(now.stamp());
        Some(Change::Paused)
    }

    /// The user resumes it; one that was parked or stopped is tried at once.
    pub fn resume(&mut self, now: &Now) -> Option<Change> {
        self.try_now(now, false);
        self.paused.take().map(|since| Change::Resumed { after: since.elapsed(now) })
    }

    /// Puts remembered moments right once the clock is. True when something changed.
    pub fn settle(&mut self, now: &Now) -> bool {
        let mut changed = self.paused.as_mut().is_some_and(|paused| paused.settle(now));
        if let Health::Parked(halt) | Health::Stopped(halt) = &mut self.health {
            changed |= halt.since.settle(now);
            changed |= halt.probe.set.settle(now);
        }
        changed
    }

    fn refused_for_good(&mut self, now: &Now, event: EventId, why: Why) -> Option<Change> {
        if !self.refused.contains(&event) {
            self.refused.push(event);
        }
        (self.refused.len() >= REFUSALS_TO_PARK).then(|| {
            self.refused.clear();
            self.health = Health::Parked(halt(now, why.clone()));
            Change::Parked(why)
        })
    }

    /// A probe has gone and nothing came of it.
    fn probe_later(&mut self, now: &Now) {
        if let Health::Parked(halt) | Health::Stopped(halt) = &mut self.health {
            halt.probe = now.deadline(PROBE_EVERY);
        }
    }
}

fn halt(now: &Now, why: Why) -> Halt {
    Halt { since: now.stamp(), why, probe: now.deadline(PROBE_EVERY) }
}

#[cfg(test)]
mod tests;
