//! How long a delivery is worth sending, and from when on it says that it is late.
//!
//! Comes in: what an event is, and what the user set. Goes out: spans. When something is due or expired is asked of
//! [`crate::moment`], so that no clock that jumps ever decides.

use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::moment::InWords;
use crate::topic::{self, Topic};

/// How much a delivery matters, least first: what may be left out, and what goes first when there is much to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Positions, layers, temperatures: stale within a minute.
    Telemetry,
    /// Only the latest is worth anything, and not for long.
    Progress,
    /// The course of a print.
    Lifecycle,
    /// Somebody has to do something.
    Critical,
}

/// Events of OctoPrint's bus that come by the hundred and tell where things are, not what happened.
const TELEMETRY: [&str; 2] = ["ZChange", "PositionUpdate"];

impl Class {
    /// All of them, the most important first.
    pub const ALL: [Self; 4] = [Self::Critical, Self::Lifecycle, Self::Progress, Self::Telemetry];

    /// What an event is.
    pub fn of(event: &Event) -> Self {
        Self::of_name(event.topic, &event.name)
    }

    /// What an event of this name is.
    pub fn of_name(topic: Option<Topic>, name: &str) -> Self {
        match topic {
            None if TELEMETRY.iter().any(|telemetry| name.eq_ignore_ascii_case(telemetry)) => Self::Telemetry,
            None => Self::Lifecycle,
            Some(topic) => topic.class().into(),
        }
    }

    /// Whether only the newest waits, and nothing of it is stored.
    pub const fn is_latest_wins(self) -> bool {
        matches!(self, Self::Telemetry | Self::Progress)
    }
}

impl From<topic::Class> for Class {
    fn from(class: topic::Class) -> Self {
        match class {
            topic::Class::Critical => Self::Critical,
            topic::Class::Lifecycle => Self::Lifecycle,
            topic::Class::Progress => Self::Progress,
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Critical => "critical",
            Self::Lifecycle => "lifecycle",
            Self::Progress => "progress",
            Self::Telemetry => "telemetry",
        })
    }
}

/// What a user can set for one hook. Nothing set is the policy as it is recommended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Patience {
    /// A delivery that does not arrive is tried for this many minutes; missing means 24 hours for what is critical and
    /// for a finished print, 6 hours for anything else. Progress is never worth more than 5 minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_minutes: Option<u32>,
    /// The same critical event within this many seconds is told once, with a count; 0 is off.
    pub fold_seconds: u32,
    /// A message that is this many seconds old says that it is late; 0 is off.
    pub late_after_seconds: u32,
    /// Whether a request that may have arrived although no answer came is sent again: better twice than never. Progress
    /// never is.
    pub repeat_when_unsure: bool,
}

impl Default for Patience {
    fn default() -> Self {
        Self { keep_minutes: None, fold_seconds: 60, late_after_seconds: 120, repeat_when_unsure: true }
    }
}

/// Progress that is older than this does not interest anybody.
const LONGEST_PROGRESS: Duration = Duration::from_mins(5);
/// Even where progress comes every second, it gets this long to arrive: newer news takes its place anyway.
const SHORTEST_PROGRESS: Duration = Duration::from_secs(10);

impl Patience {
    /// Whether nothing is set.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// How long a delivery is worth sending, from the event on. `gap` is the time between this hook's last two messages
    /// of progress, where there were two.
    pub fn lifetime(&self, class: Class, topic: Option<Topic>, gap: Option<Duration>) -> Duration {
        let kept = self.keep_minutes.map(|minutes| Duration::from_mins(u64::from(minutes)));
        match class {
            Class::Critical => kept.unwrap_or(Duration::from_hours(24)),
            Class::Lifecycle if matches!(topic, Some(Topic::PrintDone | Topic::PrintEnded)) => {
                kept.unwrap_or(Duration::from_hours(24))
            }
            Class::Lifecycle => kept.unwrap_or(Duration::from_hours(6)),
            Class::Progress => {
                gap.map_or(LONGEST_PROGRESS, |gap| gap.saturating_mul(2).clamp(SHORTEST_PROGRESS, LONGEST_PROGRESS))
            }
            Class::Telemetry => Duration::from_mins(1),
        }
    }

    /// Within which span the same event again is folded into one that waits; `None` where that is not done.
    pub fn folds_within(&self, class: Class) -> Option<Duration> {
        (class == Class::Critical && self.fold_seconds > 0).then(|| Duration::from_secs(u64::from(self.fold_seconds)))
    }

    /// Whether a request that may have arrived is sent again.
    pub const fn repeats_when_unsure(&self, class: Class) -> bool {
        self.repeat_when_unsure && !class.is_latest_wins()
    }

    /// How late a message of this age is, where that is worth saying.
    pub fn lateness(&self, age: Duration) -> Option<Late> {
        let threshold = Duration::from_secs(u64::from(self.late_after_seconds));
        (!threshold.is_zero() && age >= threshold).then_some(Late(age))
    }
}

/// A message that comes late, and by how much: `12 min late`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Late(pub Duration);

impl fmt::Display for Late {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} late", InWords(self.0))
    }
}

#[cfg(test)]
mod tests;
