//! What is written down. Nothing in it holds a secret: whoever writes has covered them.

use octohooks_core::attempt::Phases;
use octohooks_core::ids::{DeliveryId, EventId, HookId};
use octohooks_core::time::UnixMillis;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One delivery as a person sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Names the delivery.
    pub id: DeliveryId,
    /// Names the event.
    pub event_id: EventId,
    /// Names the hook.
    pub hook_id: HookId,
    /// What the hook was called then.
    pub hook_name: String,
    /// The value of `@topic`.
    pub topic: String,
    /// OctoPrint's name of the event.
    pub event: String,
    /// When it happened.
    pub at: UnixMillis,
    /// How it stands.
    pub state: State,
    /// The status of the last answer.
    pub status: Option<u16>,
    /// How many attempts were made.
    pub attempts: u32,
    /// What happened and why, a sentence.
    pub message: String,
    /// When it is tried again.
    pub next_at: Option<UnixMillis>,
    /// The beginning of the last answer.
    pub answer: Option<String>,
}

/// How a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It waits for its turn.
    Waiting,
    /// It is being sent.
    Sending,
    /// The receiver has it.
    Delivered,
    /// It failed and will be tried again.
    Retrying,
    /// It failed and will not be tried again.
    GivenUp,
    /// It was not sent on purpose.
    Skipped,
}

impl State {
    /// All of them, by number.
    pub const ALL: [Self; 6] =
        [Self::Waiting, Self::Sending, Self::Delivered, Self::Retrying, Self::GivenUp, Self::Skipped];

    /// Its number on disk.
    pub(crate) fn number(self) -> i64 {
        self as i64
    }

    /// Whether it is worth an index: most deliveries arrive.
    pub(crate) fn is_unusual(self) -> bool {
        self.number() >= Self::Retrying.number()
    }

    pub(crate) fn of(number: i64) -> Option<Self> {
        usize::try_from(number).ok().and_then(|number| Self::ALL.get(number).copied())
    }
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttemptRecord {
    /// Which, from 1.
    pub number: u32,
    /// When it began.
    pub started: UnixMillis,
    /// How long each phase took.
    pub phases: PhaseMillis,
    /// The status of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The kind of failure, where there was no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// The beginning of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// What happens next and why, a sentence.
    pub message: String,
    /// The request as it was sent, secrets covered; kept of the latest attempt alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Value>,
}

/// How long each phase took, in milliseconds; none where it was not reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseMillis {
    /// Waiting for its turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<u64>,
    /// Looking up the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns: Option<u64>,
    /// Until the connection stood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect: Option<u64>,
    /// Until TLS stood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<u64>,
    /// Until the answer's head had arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_byte: Option<u64>,
    /// Reading the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<u64>,
    /// All of it but the queue.
    #[serde(default)]
    pub total: u64,
}

impl From<Phases> for PhaseMillis {
    fn from(phases: Phases) -> Self {
        let millis = |span: std::time::Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        Self {
            queue: None,
            dns: phases.dns.map(millis),
            connect: phases.connect.map(millis),
            tls: phases.tls.map(millis),
            first_byte: phases.first_byte.map(millis),
            body: phases.body.map(millis),
            total: millis(phases.total),
        }
    }
}
