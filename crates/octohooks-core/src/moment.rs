//! Moments that survive a restart and a clock that jumps: many small machines start in 1970 or in last week, and are
//! put right by the network a while later.
//!
//! Comes in: readings of the machine's clocks ([`Now`]). Goes out: how long ago something was, and how long something
//! still takes. Within a boot the monotonic clock alone counts. Across boots the wall clock does, but only where it was
//! known to be right on both ends; else the least that certainly passed. Nothing here ever believes a jump.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::time::UnixMillis;

/// Names one run of the machine, from switching on to switching off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BootId(Uuid);

/// One reading of this machine's clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// The wall clock, right or wrong.
    pub wall: UnixMillis,
    /// Which run of the machine.
    pub boot: BootId,
    /// Time since the boot, by the clock that is never set.
    pub uptime: Duration,
    /// Whether something vouches for the wall clock.
    pub synchronised: bool,
}

/// A moment as it was noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// The wall clock then; put right by [`Stamp::settle`] once it is known better.
    pub wall: UnixMillis,
    /// Which run of the machine.
    pub boot: BootId,
    /// Time since that boot.
    pub uptime: Duration,
    /// Whether `wall` can be believed.
    pub synchronised: bool,
}

/// A span that began at a noted moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// When it began.
    pub set: Stamp,
    /// How long it takes.
    pub length: Duration,
}

impl BootId {
    /// From the 16 bytes of the system's own name of this boot, or random ones where it has none.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// The bytes it is made of, to store.
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.into_bytes()
    }

    /// Reads the hyphenated form in which Linux names a boot; `None` when it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::parse_str(text.trim()).ok().map(Self)
    }
}

impl Now {
    /// Notes this moment.
    pub const fn stamp(&self) -> Stamp {
        Stamp { wall: self.wall, boot: self.boot, uptime: self.uptime, synchronised: self.synchronised }
    }

    /// A span that begins now.
    pub const fn deadline(&self, length: Duration) -> Deadline {
        Deadline { set: self.stamp(), length }
    }

    /// What the wall clock showed at the boot, had it been as right as now. A stamp of this boot that is not
    /// synchronised settles to this plus its uptime.
    pub fn boot_wall(&self) -> UnixMillis {
        UnixMillis(self.wall.0.saturating_sub(i64::try_from(self.uptime.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl Stamp {
    /// How long ago this was, as far as that is certain: never more than really passed because of a clock that was set.
    pub fn elapsed(&self, now: &Now) -> Duration {
        if self.boot == now.boot {
            return now.uptime.saturating_sub(self.uptime);
        }
        let by_wall = if self.synchronised && now.synchronised { now.wall.since(self.wall) } else { Duration::ZERO };
        by_wall.max(now.uptime)
    }

    /// Puts the wall time right once the clock is synchronised in the same boot. True when something changed, so that
    /// it has to be stored.
    pub fn settle(&mut self, now: &Now) -> bool {
        if self.synchronised || !now.synchronised || self.boot != now.boot {
            return false;
        }
        self.wall = now.boot_wall().plus(self.uptime);
        self.synchronised = true;
        true
    }
}

impl Deadline {
    /// What is left of it; zero when it has passed.
    pub fn remaining(&self, now: &Now) -> Duration {
        self.length.saturating_sub(self.set.elapsed(now))
    }

    /// Whether it has passed.
    pub fn has_passed(&self, now: &Now) -> bool {
        self.remaining(now).is_zero()
    }
}

/// Watches the clock of one boot: notices when it first becomes right, and how long signed deliveries wait for that.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClockWatch {
    synchronised: bool,
    waiting_since: Option<Duration>,
}

/// A signature with a wrong time on it is refused, so it is worth this long a wait; once in a boot, not for each.
pub const WAIT_FOR_CLOCK: Duration = Duration::from_mins(1);

impl ClockWatch {
    /// True at the first reading that is synchronised: stamps of this boot settle now, and what waits may have to be
    /// scheduled anew.
    pub fn observe(&mut self, now: &Now) -> bool {
        let first = now.synchronised && !self.synchronised;
        self.synchronised |= now.synchronised;
        first
    }

    /// How long a delivery with a signature still waits for the clock; `None` when it goes. Where the clock has not come
    /// within a minute since the first asked, nobody waits any more in this boot.
    pub fn hold_signed(&mut self, now: &Now) -> Option<Duration> {
        if now.synchronised {
            return None;
        }
        let since = *self.waiting_since.get_or_insert(now.uptime);
        WAIT_FOR_CLOCK.checked_sub(now.uptime.saturating_sub(since)).filter(|left| !left.is_zero())
    }
}

/// A span for people, in the largest unit that fits: `45 s`, `12 min`, `3 h`, `2 days`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InWords(pub Duration);

impl fmt::Display for InWords {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_millis().div_ceil(1000);
        match seconds {
            0..=89 => write!(formatter, "{seconds} s"),
            90..=5_399 => write!(formatter, "{} min", (seconds + 30) / 60),
            5_400..=129_599 => write!(formatter, "{} h", (seconds + 1_800) / 3_600),
            _ => write!(formatter, "{} days", (seconds + 43_200) / 86_400),
        }
    }
}

/// When a span ends, for people: `until 12:03` where the clock is right, with the date where it is far; else
/// `for another 2 min`.
pub fn until_in_words(remaining: Duration, now: &Now, utc_offset_seconds: i32) -> String {
    let text = now.wall.plus(remaining).rfc3339_at_offset(utc_offset_seconds);
    match (text.get(..10), text.get(11..16)) {
        (Some(_), Some(time)) if now.synchronised && remaining < Duration::from_hours(20) => format!("until {time}"),
        (Some(date), Some(time)) if now.synchronised => format!("until {date} {time}"),
        _ => format!("for another {}", InWords(remaining)),
    }
}

#[cfg(test)]
pub(crate) mod tests;
