//! A delivery with all that it takes along its way, and how it is made ready for a lane and for the outbox: fresh, sent again, or
//! waiting since before a restart.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use octohooks_core::event::Event;
use octohooks_core::hook::ready::{Hook, Subscription};
use octohooks_core::ids::{DeliveryId, HookId};
use octohooks_core::matching::Match;
use octohooks_core::moment::{BootId, Now, Stamp};
use octohooks_core::parcel::Parcel;
use octohooks_core::queue::{self, Kind, Place, Waiting};
use octohooks_core::schedule::Class;
use octohooks_store::event::{NewDelivery, NewEvent, PendingEvent, Stamp as StoredStamp, Standing, Token};
use octohooks_store::outbox::{Committed, Outbox};
use octohooks_store::reply::Reply;
use tokio::time::Instant;

use crate::enrich::Asked;
use crate::journal::{AttemptRecord, Entry, State, WAITS_FOR_ITS_TURN};
use crate::roster::Roster;

/// A delivery on its way through a lane.
pub(crate) type Item = queue::Waiting<Cargo>;

/// What is needed to send a delivery and to settle what became of it.
#[derive(Debug, Clone)]
pub(crate) struct Cargo {
    pub(crate) parcel: Parcel,
    pub(crate) asked: Asked,
    /// The right to finish it in the outbox; `None` for what is not stored.
    pub(crate) token: Option<Token>,
    /// Whether the attempt under way was signed while nothing vouched for the clock.
    pub(crate) clock_doubtful: bool,
    /// How old the event was when a user asked for it to be sent again.
    pub(crate) age_when_asked: Option<Duration>,
    /// Whether the clock that it was stamped by was right is not known.
    pub(crate) stamped_in_doubt: bool,
    /// Older ones of its hook come first: it is read from the outbox in its turn, if the outbox has it.
    pub(crate) read_later: bool,
    /// Why it goes without its picture from now on: the receiver has refused that, and would have taken the rest.
    pub(crate) without_picture: Option<String>,
    /// How many attempts there were before this try, of which a refused picture is the first half.
    pub(crate) attempts_before: u32,
    /// When it could have gone, had nothing else been in its way.
    pub(crate) due: Instant,
    /// What ends with it, because it tells of that as well.
    pub(crate) also: Vec<Item>,
    /// The attempt that has just ended, until it is known what follows.
    pub(crate) tried: Option<AttemptRecord>,
    pub(crate) entry: Entry,
}

impl Cargo {
    /// What can go at once.
    pub(crate) fn new(entry: Entry, parcel: Parcel, asked: Asked, stamped_in_doubt: bool) -> Self {
        Self {
            parcel,
            asked,
            token: None,
            clock_doubtful: false,
            age_when_asked: None,
            stamped_in_doubt,
            read_later: false,
            without_picture: None,
            attempts_before: 0,
            due: Instant::now(),
            also: Vec::new(),
            tried: None,
            entry,
        }
    }

    /// How it stands for the outbox, as long as nothing failed.
    pub(crate) fn standing(&self, repeats: u32) -> Standing {
        let (attempts, age_when_asked) = (self.parcel.attempts, self.age_when_asked);
        Standing { attempts, repeats, age_when_asked, ..Standing::default() }
    }
}

/// Deliveries of one event, and the ticket that comes once it is stored; none for what is not stored.
pub(crate) struct Fresh {
    pub(crate) items: Vec<Item>,
    pub(crate) ticket: Option<Reply<Committed>>,
}

/// Makes a delivery of a new event ready for its lane.
pub(crate) fn item(hook: &Hook, parcel: Parcel, asked: Asked, now: &Now) -> Item {
    let event = Arc::clone(&parcel.matched.event);
    let class = Class::of(&event);
    Waiting {
        id: parcel.id,
        place: Place { hook: hook.id, printer: Arc::from(event.printer.id.as_str()) },
        class,
        kind: class.is_latest_wins().then(|| Kind { job: event.job, event: Arc::from(event.name.as_str()) }),
        happened: now.stamp(),
        lifetime: hook.lifetime(class, event.topic),
        sameness: Some(sameness(&event)),
        folds_within: hook.patience.folds_within(class),
        repeats: 0,
        bytes: weight(&event),
        payload: Cargo::new(entry_of(&parcel, hook), parcel, asked, !now.synchronised),
    }
}

/// Gives an event to the outbox, unless it is worth no write.
pub(crate) fn store(event: &Arc<Event>, mut items: Vec<Item>, now: &Now, outbox: &Outbox, asked: &Asked) -> Fresh {
    if Class::of(event).is_latest_wins() {
        return Fresh { items, ticket: None };
    }
    let longest = items.iter().map(|item| item.lifetime).max().unwrap_or_default();
    let deliveries = items.iter().map(|item| NewDelivery {
        id: item.id,
        hook: item.place.hook,
        subscription: item.payload.parcel.matched.subscription,
        milestone: item.payload.parcel.matched.milestone,
        standing: item.payload.standing(item.repeats),
    });
    let new = NewEvent {
        event: Arc::clone(event),
        stamp: stored_stamp(&now.stamp()),
        expires: now.wall.plus(longest),
        deliveries: deliveries.collect(),
    };
    let appended = outbox.append(&new);
    for (item, token) in items.iter_mut().zip(&appended.tokens) {
        item.payload.token = Some(*token);
    }
    asked.keep(outbox.clone(), appended.row);
    Fresh { items, ticket: Some(appended.ticket) }
}

/// Makes a delivery ready that a user wants to have sent again: under its own id, like nothing else that waits, and with a
/// lifetime of its own, since it is wanted now.
pub(crate) fn again(hook: &Hook, event: &Arc<Event>, earlier: &Entry, asked: Asked, now: &Now) -> Item {
    let subscription = hook.listens.to(event.topic, &event.name).unwrap_or_else(|| match event.topic {
        Some(topic) if topic.title() == earlier.topic => Subscription::Topic(topic),
        _ => Subscription::CustomEvent,
    });
    let matched = Match { hook: hook.id, event: Arc::clone(event), subscription, milestone: 0 };
    let mut parcel = matched.into_parcel(earlier.id);
    parcel.attempts = earlier.attempts;
    let mut again = item(hook, parcel, asked, now);
    (again.sameness, again.folds_within) = (None, None);
    let age = u64::try_from(now.wall.0.saturating_sub(event.at.0)).unwrap_or(0);
    again.payload.age_when_asked = Some(Duration::from_millis(age));
    again
}

/// Deliveries that waited before a restart. Those of hooks that are gone are left to the lanes, which say so.
/// Of each other one `takes` says whether it has its turn; it is told how many bytes it takes.
pub(crate) fn restored(
    pending: &PendingEvent,
    roster: &Roster,
    now: &Now,
    outbox: &Outbox,
    takes: &mut dyn FnMut(HookId, DeliveryId, usize) -> bool,
) -> Vec<Item> {
    let asked = Asked::known(pending, outbox.clone());
    let bytes = weight(&pending.event);
    let mut items = Vec::with_capacity(pending.deliveries.len());
    for delivery in &pending.deliveries {
        let Some((_, hook)) = roster.get(delivery.hook) else {
            outbox.complete(delivery.token);
            continue;
        };
        if !takes(delivery.hook, delivery.token.delivery, bytes) {
            continue;
        }
        let matched = Match {
            hook: delivery.hook,
            event: Arc::clone(&pending.event),
            subscription: delivery.subscription,
            milestone: delivery.milestone,
        };
        let mut parcel = matched.into_parcel(delivery.token.delivery);
        parcel.attempts = delivery.standing.attempts;
        let mut restored = item(hook, parcel, asked.clone(), now);
        restored.happened = stamp_of(&pending.stamp, now);
        restored.repeats = delivery.standing.repeats;
        restored.payload.stamped_in_doubt = !stamp_of(&pending.stamp, now).synchronised;
        restored.payload.age_when_asked = delivery.standing.age_when_asked;
        restored.payload.token = Some(delivery.token);
        if let Some(error) = &delivery.standing.error {
            restored.payload.entry.message.clone_from(error);
        }
        items.push(restored);
    }
    items
}

/// A new entry of the journal.
pub(crate) fn entry_of(parcel: &Parcel, hook: &Hook) -> Entry {
    let matched = &parcel.matched;
    Entry {
        id: parcel.id,
        event_id: matched.event.id,
        hook_id: matched.hook,
        hook_name: hook.name.clone(),
        topic: match matched.subscription {
            Subscription::Topic(topic) => topic.title().to_owned(),
            Subscription::CustomEvent => "Custom Event".to_owned(),
        },
        event: matched.event.name.clone(),
        at: matched.event.at,
        state: State::Waiting,
        status: None,
        attempts: parcel.attempts,
        message: WAITS_FOR_ITS_TURN.to_owned(),
        next_at: None,
        answer: None,
    }
}

/// A moment as the outbox notes it. A wall clock that nothing vouched for shows by a negative monotonic time.
fn stored_stamp(stamp: &Stamp) -> StoredStamp {
    let monotonic = i64::try_from(stamp.uptime.as_millis()).unwrap_or(i64::MAX);
    let monotonic = if stamp.synchronised { monotonic } else { -1 - monotonic };
    StoredStamp { wall: stamp.wall, boot: boot_number(stamp.boot), monotonic }
}

fn stamp_of(stored: &StoredStamp, now: &Now) -> Stamp {
    let synchronised = stored.monotonic >= 0;
    let millis = if synchronised { stored.monotonic } else { -1 - stored.monotonic };
    let mut other = [0; 16];
    other[..8].copy_from_slice(&stored.boot.to_be_bytes());
    let boot = if stored.boot == boot_number(now.boot) { now.boot } else { BootId::from_bytes(other) };
    Stamp { wall: stored.wall, boot, uptime: Duration::from_millis(u64::try_from(millis).unwrap_or(0)), synchronised }
}

fn boot_number(boot: BootId) -> i64 {
    let mut first = [0; 8];
    first.copy_from_slice(&boot.to_bytes()[..8]);
    i64::from_be_bytes(first)
}

/// The same number for the same event with the same contents, whenever it happened.
fn sameness(event: &Event) -> u64 {
    let mut hasher = DefaultHasher::new();
    event.name.hash(&mut hasher);
    event.payload.to_string().hash(&mut hasher);
    hasher.finish()
}

/// About as many bytes as it takes.
fn weight(event: &Event) -> usize {
    const EVERYTHING_ELSE: usize = 1024;
    let context: usize = event.context.0.iter().map(|(key, value)| key.len() + value.to_string().len()).sum();
    EVERYTHING_ELSE + event.payload.to_string().len() + context
}
