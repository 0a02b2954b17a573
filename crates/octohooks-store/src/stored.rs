//! The stored form of an event: what lies on disk, apart from the types of the road, so that those may change.
//!
//! `body` is the event as JSON, packed, `todo` its deliveries as JSON. Readers take what they know and leave the rest: a field may
//! be added without a new form. A form that is not known is not guessed at.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use octohooks_core::event::{Context, Event, Printer};
use octohooks_core::hook::ready::Subscription;
use octohooks_core::ids::{DeliveryId, EventId, HookId, JobId};
use octohooks_core::time::UnixMillis;
use octohooks_core::topic::{Class, Topic};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::event::{NewEvent, PendingDelivery, PendingEvent, Row, Stamp, Standing, Token};
use crate::packed::{pack, unpack};

/// The form in which bodies are written now.
pub const FORM: i64 = 2;

/// As [`FORM`], but not packed.
const PLAIN: i64 = 1;

/// An event as it lies in the store.
#[derive(Clone, PartialEq)]
pub struct StoredEvent {
    /// Where.
    pub row: Row,
    /// How much it matters.
    pub class: Class,
    /// When, by every clock there is.
    pub stamp: Stamp,
    /// When the last of its deliveries stops to matter.
    pub expires: UnixMillis,
    /// The form of the body.
    pub form: i64,
    /// The event, as [`Self::form`] says.
    pub body: Vec<u8>,
    /// What is not delivered yet.
    pub todo: Vec<Todo>,
    /// What is known of the printed file, as JSON.
    pub metadata: Option<String>,
    /// Why there is no picture although one was asked for.
    pub picture_missing: Option<String>,
    /// The size of its picture.
    pub picture_bytes: Option<usize>,
}

/// A delivery as it lies in the store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Todo {
    /// Names it.
    pub id: DeliveryId,
    /// The hook.
    pub hook: HookId,
    /// The key of the topic it is subscribed by; none for a custom event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// The last progress milestone passed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub milestone: u8,
    /// How many attempts were made.
    #[serde(default, skip_serializing_if = "is_default")]
    pub attempts: u32,
    /// Not before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<i64>,
    /// How many identical events were folded into it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub repeats: u32,
    /// Why the last attempt failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How old the event was, in milliseconds, when a user asked for it to be sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_when_asked: Option<u64>,
    /// How often it was leased.
    #[serde(default, skip_serializing_if = "is_default")]
    pub fence: u32,
    /// Until when it is leased to somebody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leased_until: Option<i64>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Form 1 of a body. Its names are those of today's types; they may part ways.
#[derive(Serialize, Deserialize)]
struct BodyOne {
    id: EventId,
    at: UnixMillis,
    printer: Arc<Printer>,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    topic: Option<String>,
    #[serde(default)]
    payload: Value,
    #[serde(default)]
    context: Arc<Context>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    job: Option<JobId>,
}

/// Why a stored event cannot be read. A sentence for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// Written by a later version.
    #[error("it has form {0}, which this version does not know")]
    Form(i64),
    /// Not what a body looks like.
    #[error("it makes no sense: {0}")]
    Nonsense(String),
}

/// Without the body: it is long, and what is in it is nobody's business.
impl fmt::Debug for StoredEvent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("StoredEvent")
            .field("row", &self.row.0)
            .field("class", &self.class)
            .field("stamp", &self.stamp)
            .field("expires", &self.expires.0)
            .field("body_bytes", &self.body.len())
            .field("todo", &self.todo)
            .field("picture_bytes", &self.picture_bytes)
            .finish_non_exhaustive()
    }
}

impl StoredEvent {
    /// A new event, not packed yet.
    pub fn new(row: Row, new: &NewEvent) -> Self {
        let todo = new.deliveries.iter().map(|delivery| Todo {
            id: delivery.id,
            hook: delivery.hook,
            topic: match delivery.subscription {
                Subscription::Topic(topic) => Some(topic.key().to_owned()),
                Subscription::CustomEvent => None,
            },
            milestone: delivery.milestone,
            attempts: delivery.standing.attempts,
            retry_at: delivery.standing.retry_at.map(|at| at.0),
            repeats: delivery.standing.repeats,
            error: delivery.standing.error.clone(),
            age_when_asked: millis(delivery.standing.age_when_asked),
            fence: 0,
            leased_until: None,
        });
        Self {
            row,
            class: new.event.class(),
            stamp: new.stamp,
            expires: new.expires,
            form: PLAIN,
            body: plain_body_of(&new.event),
            todo: todo.collect(),
            metadata: None,
            picture_missing: None,
            picture_bytes: None,
        }
    }

    /// In the form in which it is written. Takes a while, so it is done by who writes.
    #[must_use]
    pub fn packed(self) -> Self {
        match self.form {
            PLAIN => match pack(&self.body) {
                body if body.is_empty() => self,
                body => Self { form: FORM, body, ..self },
            },
            _ => self,
        }
    }

    /// About as many bytes as it takes up.
    pub fn bytes(&self) -> usize {
        self.body.len()
            + self.metadata.as_ref().map_or(0, String::len)
            + self.todo.iter().map(Todo::bytes).sum::<usize>()
            + 64
    }

    /// The least moment that one of its deliveries waits for; `None` when none waits.
    pub fn waits_until(&self) -> Option<i64> {
        waits_until(&self.todo)
    }

    /// The tokens of its deliveries.
    pub fn tokens(&self) -> Vec<Token> {
        self.todo.iter().map(|todo| Token { row: self.row, delivery: todo.id, fence: todo.fence }).collect()
    }

    /// The delivery that a token holds.
    pub(crate) fn held_by(&mut self, token: Token) -> Option<&mut Todo> {
        self.todo.iter_mut().find(|todo| todo.is_held_by(token))
    }

    /// Leases up to `limit` of its deliveries that are due; gives a copy with just these, if there are any.
    pub(crate) fn lease(&mut self, now: UnixMillis, limit: usize, lease: Duration) -> Option<Self> {
        let mut leased = Vec::new();
        for todo in self.todo.iter_mut().filter(|todo| todo.is_due(now)).take(limit) {
            todo.fence += 1;
            todo.leased_until = Some(now.plus(lease).0);
            leased.push(todo.clone());
        }
        (!leased.is_empty()).then(|| Self { todo: leased, ..self.clone() })
    }

    /// The wall clock was moved: so is what was written by it.
    pub(crate) fn shift(&mut self, by: i64) {
        self.stamp.wall.0 = self.stamp.wall.0.saturating_add(by);
        self.expires.0 = self.expires.0.saturating_add(by);
        for todo in &mut self.todo {
            todo.shift(by);
        }
    }

    /// Reads it.
    ///
    /// # Errors
    /// When it was written by a later version or makes no sense.
    pub fn pending(&self) -> Result<PendingEvent, Unreadable> {
        let event = event_of(self.form, &self.body)?;
        Ok(PendingEvent {
            row: self.row,
            event: Arc::new(event),
            class: self.class,
            stamp: self.stamp,
            expires: self.expires,
            metadata: self.metadata.as_deref().and_then(|text| serde_json::from_str(text).ok()),
            picture_missing: self.picture_missing.clone(),
            picture_bytes: self.picture_bytes,
            deliveries: self.deliveries(),
        })
    }

    /// Its deliveries, which can be read even when its body cannot.
    pub fn deliveries(&self) -> Vec<PendingDelivery> {
        self.todo.iter().map(|todo| todo.pending(self.row)).collect()
    }
}

impl Todo {
    /// Not before; `None` when at once.
    pub(crate) fn due_at(&self) -> Option<i64> {
        self.retry_at.max(self.leased_until)
    }

    /// Whether it may be given to somebody at `now`.
    pub(crate) fn is_due(&self, now: UnixMillis) -> bool {
        self.due_at().is_none_or(|at| at <= now.0)
    }

    /// Whether a token gives the right to finish it.
    pub(crate) fn is_held_by(&self, token: Token) -> bool {
        self.id == token.delivery && self.fence == token.fence
    }

    /// Makes its lease last; false when there is none.
    pub(crate) fn renew(&mut self, until: i64) -> bool {
        let leased = self.leased_until.is_some();
        if leased {
            self.leased_until = Some(until);
        }
        leased
    }

    /// Moves its times.
    pub(crate) fn shift(&mut self, by: i64) {
        self.retry_at = self.retry_at.map(|at| at.saturating_add(by));
        self.leased_until = self.leased_until.map(|at| at.saturating_add(by));
    }

    /// Takes on how it stands now; a lease ends with it.
    pub(crate) fn stand(&mut self, standing: &Standing) {
        self.attempts = standing.attempts;
        self.retry_at = standing.retry_at.map(|at| at.0);
        self.repeats = standing.repeats;
        self.error.clone_from(&standing.error);
        self.age_when_asked = millis(standing.age_when_asked);
        self.leased_until = None;
    }

    fn bytes(&self) -> usize {
        160 + self.error.as_ref().map_or(0, String::len)
    }

    fn pending(&self, row: Row) -> PendingDelivery {
        let topic = self.topic.as_ref().and_then(|key| Topic::try_from(key.clone()).ok());
        PendingDelivery {
            token: Token { row, delivery: self.id, fence: self.fence },
            hook: self.hook,
            subscription: topic.map_or(Subscription::CustomEvent, Subscription::Topic),
            milestone: self.milestone,
            standing: Standing {
                attempts: self.attempts,
                retry_at: self.retry_at.map(UnixMillis),
                repeats: self.repeats,
                error: self.error.clone(),
                age_when_asked: self.age_when_asked.map(Duration::from_millis),
            },
        }
    }
}

fn millis(span: Option<Duration>) -> Option<u64> {
    span.map(|span| u64::try_from(span.as_millis()).unwrap_or(u64::MAX))
}

/// The least moment that one of these waits for.
pub(crate) fn waits_until(todo: &[Todo]) -> Option<i64> {
    todo.iter().filter_map(Todo::due_at).min()
}

/// The class as a number: the greater, the more it matters.
pub(crate) const fn class_number(class: Class) -> i64 {
    match class {
        Class::Progress => 0,
        Class::Lifecycle => 1,
        Class::Critical => 2,
    }
}

/// The class of a number; what is not known matters most.
pub(crate) const fn class_of(number: i64) -> Class {
    match number {
        0 => Class::Progress,
        1 => Class::Lifecycle,
        _ => Class::Critical,
    }
}

/// Borrows the event, so that nothing is copied but into the text.
#[derive(Serialize)]
struct BodyOneRef<'a> {
    id: EventId,
    at: UnixMillis,
    printer: &'a Printer,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<&'static str>,
    payload: &'a Value,
    context: &'a Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<JobId>,
}

/// Reads a body.
pub(crate) fn event_of(form: i64, body: &[u8]) -> Result<Event, Unreadable> {
    let body = match form {
        PLAIN => Cow::Borrowed(body),
        FORM => Cow::Owned(unpack(body).ok_or_else(|| Unreadable::Nonsense("it cannot be unpacked".to_owned()))?),
        _ => return Err(Unreadable::Form(form)),
    };
    let body: BodyOne = serde_json::from_slice(&body).map_err(|error| Unreadable::Nonsense(error.to_string()))?;
    Ok(Event {
        id: body.id,
        at: body.at,
        printer: body.printer,
        name: body.name,
        topic: body.topic.and_then(|key| Topic::try_from(key).ok()),
        payload: body.payload,
        context: body.context,
        job: body.job,
    })
}

/// The form in which an event is written now.
pub(crate) fn body_of(event: &Event) -> Vec<u8> {
    pack(&plain_body_of(event))
}

fn plain_body_of(event: &Event) -> Vec<u8> {
    // A few hundred bytes that are the same in all of them: an event would not fit its page.
    let printer = event.printer.without_description();
    let body = BodyOneRef {
        id: event.id,
        at: event.at,
        printer: &printer,
        name: &event.name,
        topic: event.topic.map(Topic::key),
        payload: &event.payload,
        context: &event.context.0,
        job: event.job,
    };
    serde_json::to_vec(&body).expect("texts, numbers, and maps with texts as keys always have a JSON form")
}

#[cfg(test)]
#[path = "stored_tests.rs"]
mod tests;
