//! One event for one hook, on its way: what the outbox holds.

use serde_json::Value;

use bytes::Bytes;

use crate::ids::DeliveryId;
use crate::matching::Match;
use crate::picture::Picture;
use crate::schedule::Late;
use crate::topic::Class;

/// A delivery. Its request is composed when it is sent, with the hook as it is then.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// Names it: the same for every attempt.
    pub id: DeliveryId,
    /// What is delivered to which hook.
    pub matched: Match,
    /// How many attempts were made.
    pub attempts: u32,
    /// How late this attempt is, where that is worth saying: `@late`.
    pub late: Option<Late>,
    /// How many more of the same event it stands for: `@repeats`.
    pub repeats: u32,
    /// Whether it should make no noise: `@silent`.
    pub silent: bool,
    /// The receiver's message that it changes or goes with: `@messageId`.
    pub message: Option<Value>,
    /// What was held with it in quiet hours, a line each: `@digest`, or before its own message.
    pub digest: Vec<String>,
}

impl Parcel {
    /// How much it matters.
    pub fn class(&self) -> Class {
        self.matched.event.class()
    }
}

/// What was found out about an event after it happened, as one of the hooks that want it has it. What is missing is missing:
/// it never holds back the text.
#[derive(Debug, Clone, Default)]
pub struct Enrichment {
    /// What the source knows of the printed file: `@meta`.
    pub metadata: Option<Value>,
    /// Pictures, made ready; the first one goes where there is room for one only.
    pub pictures: Vec<Picture>,
    /// Why there is no picture although one was asked for, or why not the one that was asked for: a sentence.
    pub picture_missing: Option<String>,
}

impl Enrichment {
    /// The same without its pictures, and why, a sentence.
    #[must_use]
    pub fn without_picture(&self, because: String) -> Self {
        Self { metadata: self.metadata.clone(), pictures: Vec::new(), picture_missing: Some(because) }
    }
}

/// The same as it is kept beside its event, for all of its hooks.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// What the source knows of the printed file.
    pub metadata: Option<Value>,
    /// All pictures, packed ([`crate::picture::pack`]).
    pub picture: Option<Bytes>,
    /// Why there is no picture although one was asked for, a sentence.
    pub picture_missing: Option<String>,
}
