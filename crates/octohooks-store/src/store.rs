//! The contract of a store: append → claim → complete, each change durable when the call returns, but for those that may be
//! lost and are committed late, see [`Store::commit_late`].
//!
//! Synchronous on purpose: whoever needs it otherwise puts a thread in front, as [`crate::outbox`] does. One suite of tests
//! runs on every implementation. Several nodes may share one store: a claim leases deliveries to one of them, and the fence
//! in a token keeps one whose lease has ended and was given to another from finishing what is not its own any more.

use std::time::Duration;

use bytes::Bytes;
use octohooks_core::ids::{DeliveryId, HookId};
use octohooks_core::parcel::Findings;
use octohooks_core::time::UnixMillis;

use crate::error::StoreError;
use crate::event::{Row, Standing, Token};
use crate::stored::{StoredEvent, Todo};

/// One change. A list of them is made as a whole or not at all.
#[derive(Debug, Clone)]
pub enum Change {
    /// A new event. Where its row is taken already, it gets the next free one.
    Append(StoredEvent),
    /// A delivery has come to its end, whichever.
    Complete(Token),
    /// A delivery waits; its lease ends.
    Postpone(Token, Standing),
    /// Something was found out about an event.
    Enrich(Row, Findings),
    /// Nobody wants these deliveries any more.
    Forget(Unwanted),
    /// The wall clock was put right: what was written by it in this boot is moved.
    Shift {
        /// Which run of the machine.
        boot: i64,
        /// How far the clock was moved, in milliseconds.
        by: i64,
    },
}

impl Change {
    /// Whether losing it in a power cut costs no more than a repeat: then nobody waits for the disk because of it alone.
    pub fn may_be_lost(&self) -> bool {
        matches!(self, Self::Complete(_) | Self::Postpone(..))
    }
}

/// Which deliveries are not wanted any more, whether anybody holds a token of them or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unwanted {
    /// All that wait for a hook that is gone.
    OfHook(HookId),
    /// This one.
    One(DeliveryId),
}

impl Unwanted {
    /// Whether a delivery is one of them.
    pub(crate) fn has(self, todo: &Todo) -> bool {
        match self {
            Self::OfHook(hook) => todo.hook == hook,
            Self::One(delivery) => todo.id == delivery,
        }
    }
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// It was made.
    Made,
    /// It was made, and it was the last delivery of its event, which is gone with it.
    Ended,
    /// Nothing was there to be changed: the delivery has ended, or the token holds no more.
    Nothing,
    /// These deliveries were forgotten.
    Forgotten(Vec<DeliveryId>),
}

/// What to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Select {
    /// From the oldest on.
    Oldest {
        /// Behind this one.
        after: Option<Row>,
    },
    /// From the newest back.
    Newest {
        /// Before this one.
        before: Option<Row>,
    },
    /// What waits for a hook, from the oldest on.
    OfHook {
        /// Which.
        hook: HookId,
        /// Behind this one.
        after: Option<Row>,
    },
    /// What waits for a time that has come, the longest due first.
    Due {
        /// Which time.
        by: UnixMillis,
    },
}

/// How much to read at once. At least one event is read if there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Most {
    /// As many events.
    pub events: usize,
    /// As many bytes.
    pub bytes: usize,
}

impl Default for Most {
    fn default() -> Self {
        Self { events: 256, bytes: 1 << 20 }
    }
}

/// What was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// The events.
    pub events: Vec<StoredEvent>,
    /// Whether there are more.
    pub more: bool,
}

/// Who claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Node(pub u32);

/// A store.
pub trait Store {
    /// Makes changes, all or none. They are durable when this returns.
    fn commit(&mut self, changes: &[Change]) -> Result<Vec<Done>, StoreError>;

    /// Makes changes that may be lost in a power cut ([`Change::may_be_lost`]), all or none. They are seen when this
    /// returns, and durable at the latest with the next [`commit`](Self::commit), whose flush they share.
    fn commit_late(&mut self, changes: &[Change]) -> Result<Vec<Done>, StoreError> {
        self.commit(changes)
    }

    /// Leases up to `limit` deliveries that are due, the oldest first; each comes as an event with just what was claimed.
    fn claim(
        &mut self,
        node: Node,
        now: UnixMillis,
        limit: usize,
        lease: Duration,
    ) -> Result<Vec<StoredEvent>, StoreError>;

    /// Makes a lease last longer. False where the token holds no more.
    fn renew(&mut self, token: Token, now: UnixMillis, lease: Duration) -> Result<bool, StoreError>;

    /// Reads.
    fn load(&mut self, select: Select, most: Most) -> Result<Page, StoreError>;

    /// The picture of an event.
    fn picture(&mut self, row: Row) -> Result<Option<Bytes>, StoreError>;

    /// How many events are held.
    fn held(&mut self) -> Result<u64, StoreError>;

    /// Gives up events until about `bytes` are free: what matters least first, of that the oldest. What was given up.
    fn shed(&mut self, bytes: u64) -> Result<Vec<StoredEvent>, StoreError>;

    /// Appends one event.
    fn append(&mut self, event: StoredEvent) -> Result<(), StoreError> {
        self.commit(&[Change::Append(event)]).map(drop)
    }

    /// Ends a delivery; false where the token holds no more.
    fn complete(&mut self, token: Token) -> Result<bool, StoreError> {
        Ok(self.commit(&[Change::Complete(token)])? != [Done::Nothing])
    }

    /// Makes a delivery wait; false where the token holds no more.
    fn postpone(&mut self, token: Token, standing: Standing) -> Result<bool, StoreError> {
        Ok(self.commit(&[Change::Postpone(token, standing)])? == [Done::Made])
    }
}
