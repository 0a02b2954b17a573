//! What the outbox is given and gives back: events, their deliveries, and the tokens by which they are finished.
//!
//! Plain values. How they look on disk is another matter, see `stored`.

use std::sync::Arc;
use std::time::Duration;

use octohooks_core::event::Event;
use octohooks_core::hook::ready::Subscription;
use octohooks_core::ids::{DeliveryId, HookId};
use octohooks_core::parcel::Findings;
use octohooks_core::time::UnixMillis;
use octohooks_core::topic::Class;
use serde_json::Value;

/// An event that at least one hook wants.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// What happened.
    pub event: Arc<Event>,
    /// When, by every clock there is.
    pub stamp: Stamp,
    /// When the last of its deliveries stops to matter. The outbox itself ends nothing: that needs a sentence for the user.
    pub expires: UnixMillis,
    /// Who wants it.
    pub deliveries: Vec<NewDelivery>,
}

/// An event for one hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// Names it: the same for every attempt.
    pub id: DeliveryId,
    /// The hook.
    pub hook: HookId,
    /// By which of its subscriptions.
    pub subscription: Subscription,
    /// The last progress milestone that the hook passed in this print.
    pub milestone: u8,
    /// How it stands.
    pub standing: Standing,
}

/// How a delivery stands, between attempts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// How many attempts were made.
    pub attempts: u32,
    /// Not before; at once when `None`.
    pub retry_at: Option<UnixMillis>,
    /// How many identical events were folded into it.
    pub repeats: u32,
    /// Why the last attempt failed: a sentence without secrets.
    pub error: Option<String>,
    /// How old the event was when a user asked for it to be sent again.
    pub age_when_asked: Option<Duration>,
}

/// A moment by every clock there is, so that schedules survive a wall clock that jumps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stamp {
    /// The wall clock.
    pub wall: UnixMillis,
    /// Which run of the machine: any number that is another one after each boot.
    pub boot: i64,
    /// Milliseconds of the monotonic clock within that boot.
    pub monotonic: i64,
}

/// Where an event lies in the store. Grows in the order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row(pub i64);

/// The right to finish a delivery. A later lease of the same delivery takes it away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token {
    /// Where its event lies.
    pub row: Row,
    /// Which.
    pub delivery: DeliveryId,
    /// How often it had been leased when this token was given.
    pub fence: u32,
}

/// An event with what is not delivered of it yet.
#[derive(Debug, Clone)]
pub struct PendingEvent {
    /// Where it lies.
    pub row: Row,
    /// What happened.
    pub event: Arc<Event>,
    /// How much it matters.
    pub class: Class,
    /// When, by every clock there is; moved when the wall clock was put right.
    pub stamp: Stamp,
    /// When the last of its deliveries stops to matter.
    pub expires: UnixMillis,
    /// What is known of the printed file, if it was asked for and came in time.
    pub metadata: Option<Value>,
    /// Why there is no picture although one was asked for.
    pub picture_missing: Option<String>,
    /// The size of its picture; the picture itself is asked for when it is needed.
    pub picture_bytes: Option<usize>,
    /// Its deliveries.
    pub deliveries: Vec<PendingDelivery>,
}

/// A delivery that has not come to an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingDelivery {
    /// The right to finish it.
    pub token: Token,
    /// The hook.
    pub hook: HookId,
    /// By which of its subscriptions.
    pub subscription: Subscription,
    /// The last progress milestone that the hook passed in this print.
    pub milestone: u8,
    /// How it stands.
    pub standing: Standing,
}

impl PendingEvent {
    /// What was found out about it, with `picture` as its picture.
    pub fn findings(&self, picture: Option<bytes::Bytes>) -> Findings {
        Findings { metadata: self.metadata.clone(), picture, picture_missing: self.picture_missing.clone() }
    }
}
