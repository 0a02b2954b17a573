//! What the writer thread has to do, and its one place to wait.
//!
//! Whoever puts something in holds the lock for a few instructions and never waits for the disk. What must be durable wakes
//! the writer; what may be late waits for company, for at most [`Lateness::patience`]. Everything is done in the order in
//! which it was said. With nothing to do the writer sleeps without a timer.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use octohooks_core::ids::{DeliveryId, HookId};
use octohooks_core::parcel::Findings;
use octohooks_core::topic::Class;

use crate::error::StoreError;
use crate::event::{PendingEvent, Row, Standing, Token};
use crate::outbox::Committed;
use crate::reply::Asker;
use crate::store::{Most, Select, Unwanted};
use crate::stored::StoredEvent;

/// As many events are committed at once.
pub(crate) const BATCH: usize = 256;

/// What waits for the disk at most, in events and in bytes; half as much again for what is critical.
const MOST_EVENTS: usize = 4096;
const MOST_BYTES: usize = 8 << 20;

/// More late things than this are not held for a disk that does not keep up. One that is lost costs a repeat.
const MOST_LATE: usize = 16_384;

/// What the writer is told.
#[derive(Debug)]
pub(crate) enum Told {
    Urgent(Urgent),
    Late(Late),
}

/// Something that is done at once.
#[derive(Debug)]
pub(crate) enum Urgent {
    Append(StoredEvent, Asker<Committed>),
    Load(Select, Most, Vec<HookId>, Asker<Result<Loaded, StoreError>>),
    Picture(Row, Asker<Result<Option<Bytes>, StoreError>>),
    Forget(Unwanted, Asker<Result<Vec<DeliveryId>, StoreError>>),
    Shift {
        boot: i64,
        by: i64,
    },
    /// Everything that came before, late things included, is done when this is answered.
    Flush(Asker<()>),
    Close,
}

/// Something that may be late: losing it costs a repeat.
#[derive(Debug)]
pub(crate) enum Late {
    Complete(Token),
    Postpone(Token, Standing),
    Enrich(Row, Findings),
}

/// Events that were read, and whether there are more.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The events.
    pub events: Vec<PendingEvent>,
    /// Whether there are more.
    pub more: bool,
    /// The last that was looked at, left out or not.
    pub last: Option<Row>,
}

/// When late things are written all the same.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lateness {
    pub(crate) patience: Duration,
    pub(crate) most: usize,
}

/// The inbox.
#[derive(Debug)]
pub(crate) struct Inbox {
    queue: Mutex<Queue>,
    changed: Condvar,
    lateness: Lateness,
}

#[derive(Debug, Default)]
struct Queue {
    told: VecDeque<Told>,
    late: usize,
    late_since: Option<Instant>,
    events: usize,
    bytes: usize,
    closed: bool,
}

/// Why something was not taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    Closed,
    Behind,
}

impl Inbox {
    pub(crate) fn new(lateness: Lateness) -> Self {
        Self { queue: Mutex::default(), changed: Condvar::new(), lateness }
    }

    /// Takes in an event, and says whether there is plenty of room; gives its asker back where it cannot.
    pub(crate) fn append(
        &self,
        event: StoredEvent,
        asker: Asker<Committed>,
    ) -> Result<bool, (Refused, Asker<Committed>)> {
        let mut queue = self.lock();
        if queue.closed {
            return Err((Refused::Closed, asker));
        }
        let half = usize::from(event.class == Class::Critical);
        let is_full =
            queue.events >= MOST_EVENTS + half * MOST_EVENTS / 2 || queue.bytes >= MOST_BYTES + half * MOST_BYTES / 2;
        if is_full {
            return Err((Refused::Behind, asker));
        }
        queue.events += 1;
        queue.bytes += event.bytes();
        let plenty = queue.events < MOST_EVENTS / 2 && queue.bytes < MOST_BYTES / 2;
        queue.told.push_back(Told::Urgent(Urgent::Append(event, asker)));
        drop(queue);
        self.changed.notify_one();
        Ok(plenty)
    }

    /// Takes in something else; what asks is dropped, and with it its asker, when the inbox is closed.
    pub(crate) fn urgent(&self, urgent: Urgent) {
        let mut queue = self.lock();
        if queue.closed {
            return;
        }
        queue.closed = matches!(urgent, Urgent::Close);
        queue.told.push_back(Told::Urgent(urgent));
        drop(queue);
        self.changed.notify_one();
    }

    pub(crate) fn late(&self, late: Late) {
        let mut queue = self.lock();
        if queue.closed || queue.late >= MOST_LATE {
            return;
        }
        queue.told.push_back(Told::Late(late));
        queue.late += 1;
        let is_first = queue.late_since.is_none();
        queue.late_since.get_or_insert_with(Instant::now);
        // The first one starts the writer's timer, the last one ends it.
        let wake = is_first || queue.late >= self.lateness.most;
        drop(queue);
        if wake {
            self.changed.notify_one();
        }
    }

    /// Waits until there is something to do, or `until`. What is late comes along with what is urgent.
    pub(crate) fn take(&self, until: Option<Instant>) -> Vec<Told> {
        let mut queue = self.lock();
        loop {
            let now = Instant::now();
            let late_at = queue.late_since.map(|since| since + self.lateness.patience);
            let late_is_due = late_at.is_some_and(|at| at <= now) || queue.late >= self.lateness.most;
            if queue.told.len() > queue.late || late_is_due {
                return queue.take();
            }
            let wake_at = [late_at, until].into_iter().flatten().min();
            queue = match wake_at {
                None => self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner),
                Some(at) if at <= now => return Vec::new(),
                Some(at) => {
                    let waited = self.changed.wait_timeout(queue, at - now);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn take(&mut self) -> Vec<Told> {
        let taken: Vec<Told> = self.told.drain(..self.told.len().min(BATCH)).collect();
        for told in &taken {
            match told {
                Told::Urgent(Urgent::Append(event, _)) => {
                    self.events -= 1;
                    self.bytes -= event.bytes();
                }
                Told::Urgent(_) => {}
                Told::Late(_) => self.late -= 1,
            }
        }
        if self.late == 0 {
            self.late_since = None;
        }
        taken
    }
}
