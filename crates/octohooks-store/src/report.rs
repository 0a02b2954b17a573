//! What the store has to tell a person. It tells each thing once, when it begins and when it ends.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::error::StoreError;
use crate::event::PendingDelivery;

/// Something to be told.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Report {
    /// The last one to use the outbox was stopped in the middle; what it held was looked through and is fine.
    Unclean {
        /// As many events wait.
        events: u64,
    },
    /// The outbox was damaged.
    Replaced {
        /// Where the damaged file lies now.
        moved_to: PathBuf,
        /// As many events were taken over.
        salvaged: usize,
        /// What was wrong with it.
        because: String,
    },
    /// The journal was damaged, and an empty one took its place.
    JournalReplaced {
        /// What was wrong with it.
        because: String,
    },
    /// The journal cannot be written: it goes on in memory until it can.
    JournalInMemory {
        /// Why.
        because: StoreError,
    },
    /// The journal can be written again.
    JournalRecovered,
    /// Nothing can be written for now: events are held in memory.
    Failing {
        /// Why.
        because: StoreError,
    },
    /// Writing works again.
    Recovered {
        /// As many events went from memory to disk.
        events: usize,
    },
    /// The disk does not keep up: events go on without having been written.
    Behind,
    /// These deliveries are not held any more, because there was no space for them. Who has them in memory may go on.
    Shed {
        /// Which.
        deliveries: Vec<PendingDelivery>,
    },
    /// Stored events that cannot be read, removed so that they do not lie there for ever.
    Unreadable {
        /// Their deliveries.
        deliveries: Vec<PendingDelivery>,
        /// What is wrong with the first of them.
        because: String,
    },
}

/// Who is told. Called on the store's threads: it must not block, and must not call back.
pub type Tell = Arc<dyn Fn(Report) + Send + Sync>;

/// A sentence for the user.
impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unclean { events } => write!(
                formatter,
                "The machine or OctoPrint stopped in the middle of something. The stored events were checked and are fine; \
                 waiting to be sent: {events}."
            ),
            Self::Replaced { moved_to, salvaged, because } => write!(
                formatter,
                "The file with the events that wait to be sent was damaged ({because}). Events that could be saved: \
                 {salvaged}. The damaged file lies at {}; this often means that the SD card is about to fail.",
                moved_to.display()
            ),
            Self::JournalReplaced { because } => write!(
                formatter,
                "The file with the delivery log was damaged ({because}), so the log starts empty. No event was lost by that."
            ),
            Self::JournalInMemory { because } => write!(
                formatter,
                "The delivery log cannot be saved: {because}. Until that works again it is kept in memory."
            ),
            Self::JournalRecovered => formatter.write_str("The delivery log is saved again."),
            Self::Failing { because } => write!(
                formatter,
                "Events cannot be saved: {because}. They are kept in memory and still sent, but a restart would lose those \
                 that wait. Make space or check the SD card."
            ),
            Self::Recovered { events } => {
                write!(formatter, "Events can be saved again; moved from memory to disk: {events}.")
            }
            Self::Behind => formatter.write_str(
                "The disk is too slow for the events that come. They are still sent, but a restart would lose those that wait.",
            ),
            Self::Shed { deliveries } => write!(
                formatter,
                "There is no space for all events that wait to be sent. Deliveries given up, the least important ones first: \
                 {}.",
                deliveries.len()
            ),
            Self::Unreadable { deliveries, because } => write!(
                formatter,
                "Stored events could not be read ({because}). Deliveries given up: {}.",
                deliveries.len()
            ),
        }
    }
}
