//! A delivery as the queue sees it, and why one leaves without being sent.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::ids::{DeliveryId, HookId, JobId};
use crate::moment::{InWords, Now, Stamp};
use crate::schedule::Class;

/// Within one of these, order is kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The hook.
    pub hook: HookId,
    /// The printer's id.
    pub printer: Arc<str>,
}

/// Of these only the newest waits: one thing about one print.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Kind {
    /// The print.
    pub job: Option<JobId>,
    /// The event's name.
    pub event: Arc<str>,
}

/// A delivery that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting<T> {
    /// Names it.
    pub id: DeliveryId,
    /// Whose order it keeps.
    pub place: Place,
    /// How much it matters.
    pub class: Class,
    /// What it is news of. Only looked at where the newest alone waits.
    pub kind: Option<Kind>,
    /// When the event happened.
    pub happened: Stamp,
    /// How long from then on it is worth sending.
    pub lifetime: Duration,
    /// The same number for the same event with the same contents; `None` is like nothing else.
    pub sameness: Option<u64>,
    /// Within which span the same event is folded into this one; `None` where it is not.
    pub folds_within: Option<Duration>,
    /// How many more of the same it stands for.
    pub repeats: u32,
    /// What it takes of the memory or the disk.
    pub bytes: usize,
    /// What the engine needs to send it.
    pub payload: T,
}

impl<T> Waiting<T> {
    /// How long it is still worth sending; zero when it is not.
    pub fn remaining(&self, now: &Now) -> Duration {
        self.lifetime.saturating_sub(self.happened.elapsed(now))
    }
}

/// A delivery that leaves without being sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left<T> {
    /// Which.
    pub item: Waiting<T>,
    /// Why.
    pub why: Why,
}

/// Why a delivery leaves without being sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// Newer news of the same took its place.
    Replaced,
    /// Another one that waits stands for it, too, and has its count raised.
    Folded {
        /// Which.
        into: DeliveryId,
    },
    /// It is too late for it to matter.
    Expired {
        /// How much it mattered.
        class: Class,
        /// After how long it does not.
        after: Duration,
    },
    /// More waits than there is room for.
    Shed {
        /// How much it mattered.
        class: Class,
        /// For so many there is room.
        most: usize,
    },
    /// The hook was deleted.
    HookGone,
    /// The user dropped it.
    Dropped,
}

impl Why {
    /// Whether this is the normal course of things, and no loss to tell of.
    pub const fn is_harmless(self) -> bool {
        match self {
            Self::Replaced | Self::Folded { .. } | Self::Dropped | Self::HookGone => true,
            Self::Expired { class, .. } | Self::Shed { class, .. } => class.is_latest_wins(),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Replaced => formatter.write_str("Not sent: newer news of the same took its place while it waited."),
            Self::Folded { .. } => {
                formatter.write_str("Not sent by itself: the same event already waits, and says how often it happened.")
            }
            Self::Expired { after, .. } => {
                write!(formatter, "Given up: it did not arrive within {}, and is too late to matter.", InWords(*after))
            }
            Self::Shed { most, .. } => {
                write!(formatter, "Given up: more waits for this receiver than there is room for ({most} deliveries).")
            }
            Self::HookGone => formatter.write_str("Given up: the webhook was deleted."),
            Self::Dropped => formatter.write_str("Dropped by a user before it was sent."),
        }
    }
}
