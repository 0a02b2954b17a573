//! The names of things that travel: UUID version 7, so that they sort by time of birth.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::time::UnixMillis;

/// Ten random bytes for an id, drawn by the caller.
pub type Randomness = [u8; 10];

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id, born at `at`.
            pub fn new(at: UnixMillis, randomness: &Randomness) -> Self {
                let millis = u64::try_from(at.0).unwrap_or(0);
                Self(uuid::Builder::from_unix_timestamp_millis(millis, randomness).into_uuid())
            }

            /// Reads the hyphenated form.
            ///
            /// # Errors
            /// When `text` is not a UUID.
            pub fn parse(text: &str) -> Result<Self, NotAnId> {
                Uuid::parse_str(text).map(Self).map_err(|_| NotAnId)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(formatter)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, concat!(stringify!($name), "({})"), self.0.hyphenated())
            }
        }
    };
}

/// A text that should be an id and is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("parse an id: not a UUID")]
pub struct NotAnId;

id! {
    /// One hook, for as long as it lives.
    HookId
}
id! {
    /// One event on one printer: `@eventId`, the same for every hook that is told of it.
    EventId
}
id! {
    /// One event for one hook: `@deliveryId`, the same for every attempt.
    DeliveryId
}
id! {
    /// One print: `@jobId`, the same for all of its events.
    JobId
}
