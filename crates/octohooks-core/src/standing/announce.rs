//! What a user is told when the standing of a hook changes, and by which ways.

use std::time::Duration;

use super::{Gate, Health, Standing, Why};
use crate::etiquette::StopAsked;
use crate::ids::HookId;
use crate::moment::{InWords, Now, until_in_words};
use crate::status::name_of;

/// A change of a hook's standing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It is taken to be misconfigured.
    Parked(Why),
    /// It sends no more.
    Stopped(Why),
    /// It works again.
    Healed {
        /// How long it did not.
        after: Duration,
    },
    /// The user paused it.
    Paused,
    /// The user resumed it.
    Resumed {
        /// How long it was paused.
        after: Duration,
    },
}

/// A way to tell people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// A popup to whoever has the page open.
    Popup,
    /// OctoPrint's health check, for as long as it lasts.
    HealthCheck,
    /// Other hooks that ask for such news. Never the hook that it is about.
    OtherHooks,
    /// The log alone.
    Log,
}

/// Something to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// About which hook.
    pub hook: HookId,
    /// What the user calls it.
    pub name: String,
    /// What it is now: `parked`, `stopped`, `sending`, `paused`.
    pub state: &'static str,
    /// To whom.
    pub audiences: &'static [Audience],
    /// What.
    pub sentence: String,
}

impl Change {
    /// Makes it something to tell. `name` is what the user calls the hook.
    pub fn announce(&self, hook: HookId, name: &str) -> Announcement {
        use Audience::{HealthCheck, Log, OtherHooks, Popup};
        let audiences: &[Audience] = match self {
            Self::Parked(_) | Self::Stopped(_) => &[Popup, HealthCheck, OtherHooks, Log],
            Self::Healed { .. } => &[Popup, OtherHooks, Log],
            Self::Paused | Self::Resumed { .. } => &[Log],
        };
        let state = match self {
            Self::Parked(_) => "parked",
            Self::Stopped(_) => "stopped",
            Self::Healed { .. } | Self::Resumed { .. } => "sending",
            Self::Paused => "paused",
        };
        Announcement { hook, name: name.to_owned(), state, audiences, sentence: self.sentence(name) }
    }

    fn sentence(&self, name: &str) -> String {
        match self {
            Self::Parked(why) => format!(
                "The webhook \"{name}\" is not sent any more: {why}. Check its settings; it is tried again once a day."
            ),
            Self::Stopped(why) => {
                format!("The webhook \"{name}\" is not sent any more: {why}. It is tried again once a day.")
            }
            Self::Healed { after } => {
                format!("The webhook \"{name}\" works again, after {}. It is sent as before.", InWords(*after))
            }
            Self::Paused => format!("The webhook \"{name}\" is paused."),
            Self::Resumed { after } => format!("The webhook \"{name}\" is resumed, after {}.", InWords(*after)),
        }
    }
}

impl Health {
    /// Why the hook does not send, a sentence for as long as that lasts; `None` when it does.
    pub fn trouble(&self, name: &str) -> Option<String> {
        match self {
            Self::Fine => None,
            Self::Parked(halt) => Some(Change::Parked(halt.why.clone()).sentence(name)),
            Self::Stopped(halt) => Some(Change::Stopped(halt.why.clone()).sentence(name)),
        }
    }

    /// In a word: `sending`, `parked`, or `stopped`.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Fine => "sending",
            Self::Parked(_) => "parked",
            Self::Stopped(_) => "stopped",
        }
    }
}

impl std::fmt::Display for Why {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(status) => {
                write!(formatter, "the receiver refused several events in a row, the last with {}", name_of(*status))
            }
            Self::Unsendable => formatter.write_str("several events in a row could not be sent as it is set up"),
            Self::Asked(StopAsked::Gone) => {
                formatter.write_str("the receiver says that its address is gone for good (410)")
            }
            Self::Asked(StopAsked::Disable) => {
                formatter.write_str("the receiver asked for it (webhook-delivery: disable)")
            }
            Self::Down(lasted) => write!(formatter, "the receiver has not answered for {}", InWords(*lasted)),
        }
    }
}

impl Standing {
    /// Why the hook's deliveries wait, for people; `None` when they do not.
    pub fn explain(&self, now: &Now, utc_offset_seconds: i32) -> Option<String> {
        let (Health::Parked(halt) | Health::Stopped(halt)) = &self.health else {
            return self.is_paused().then(|| "Waiting: the webhook is paused.".to_owned());
        };
        Some(match self.gate(now) {
            Gate::Paused => "Waiting: the webhook is paused.".to_owned(),
            Gate::Wait(remaining) => {
                let until = until_in_words(remaining, now, utc_offset_seconds);
                format!("Waiting {until}, for the daily try: {}.", halt.why)
            }
            Gate::Go | Gate::Probe => format!("About to be tried again: {}.", halt.why),
        })
    }
}
