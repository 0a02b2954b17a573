//! What was stored before is read and handed to the lanes, the oldest first, as much as has room in memory.
//!
//! Comes in: pages of the outbox. Goes out: deliveries, to lanes. Which of them have their turn is [`crate::backlog`]'s; a disk
//! that hangs is not waited for.

use std::sync::Arc;
use std::time::Duration;

use octohooks_core::event::Printer;
use octohooks_core::ids::HookId;
use octohooks_store::error::StoreError;
use octohooks_store::event::{PendingEvent, Row};
use octohooks_store::outbox::Loaded;
use octohooks_store::reply::Reply;
use octohooks_store::store::{Most, Select};
use tokio_util::task::TaskTracker;

use super::lanes::Lanes;
use crate::backlog::{Backlog, Found, InMemory};
use crate::cargo;
use crate::lane::EndpointKey;
use crate::leftovers;
use crate::surroundings::Surroundings;

/// A page is waited for as long: a disk may hang, and events go on.
const LONGEST_READ: Duration = Duration::from_secs(2);

/// As much is read from the outbox at once.
const PAGE: Most = Most { events: 1000, bytes: 4 << 20 };

/// How far the reading has come.
pub(super) struct Reading {
    backlog: Backlog,
    /// A page that was asked for and has not come in time.
    asked: Option<Reply<Result<Loaded, StoreError>>>,
    surroundings: Arc<Surroundings>,
    tasks: TaskTracker,
}

impl Reading {
    /// Nothing was read yet.
    pub(super) fn new(surroundings: Arc<Surroundings>, tasks: TaskTracker) -> Self {
        Self { backlog: Backlog::new(), asked: None, surroundings, tasks }
    }

    /// Whether there is something unread, as far as is known.
    pub(super) fn goes_on(&self) -> bool {
        self.backlog.is_there()
    }

    /// Whether a hook has to wait for what lies before: then what is new for it stays in the outbox.
    pub(super) fn is_behind(&self, hook: HookId) -> bool {
        self.backlog.is_behind(hook)
    }

    /// Takes up what was stored before, as much as fits: `at_hand` was read at the opening, and may be all of it.
    pub(super) async fn begin(&mut self, at_hand: Loaded, lanes: &mut Lanes, printer: &Arc<Printer>) {
        if at_hand.more {
            self.read_on(lanes, printer).await;
            return;
        }
        let mut in_memory = self.in_memory();
        self.restore(at_hand, &mut in_memory, lanes, printer).await;
        self.backlog.read_to_the_end();
        self.surroundings.journal.set_behind(self.backlog.who_is_behind());
        self.close_history(lanes);
    }

    /// Reads what lies in the outbox and has room in memory. Nothing new is looked at meanwhile: it comes behind.
    pub(super) async fn read_on(&mut self, lanes: &mut Lanes, printer: &Arc<Printer>) {
        self.read_pages(lanes, printer).await;
        self.surroundings.journal.set_behind(self.backlog.who_is_behind());
    }

    async fn read_pages(&mut self, lanes: &mut Lanes, printer: &Arc<Printer>) {
        let mut in_memory = self.in_memory();
        let Some(mut after) = self.backlog.begin(&in_memory) else { return };
        loop {
            let Some(page) = self.next_page(after).await else { return };
            let next = page.last.filter(|_| page.more);
            self.restore(page, &mut in_memory, lanes, printer).await;
            let Some(last) = next else { break };
            if !self.backlog.goes_on_behind(last) {
                return;
            }
            after = last;
        }
        self.backlog.read_to_the_end();
        if !self.goes_on() {
            self.close_history(lanes);
        }
    }

    /// Forgets hooks that are gone; true when that was all that was unread.
    pub(super) fn retain(&mut self, is_there: impl Fn(HookId) -> bool) -> bool {
        let went_on = self.goes_on();
        self.backlog.retain(is_there);
        self.surroundings.journal.set_behind(self.backlog.who_is_behind());
        went_on && !self.goes_on()
    }

    /// In a task of its own: the log's disk may take its time, and the road does not wait for it.
    pub(super) fn close_history(&self, lanes: &mut Lanes) {
        lanes.forget_what_ended();
        self.tasks.spawn(close_history(Arc::clone(&self.surroundings)));
    }

    fn in_memory(&self) -> InMemory {
        let roster = self.surroundings.shelf.roster();
        let endpoints: Vec<_> =
            roster.hooks.iter().map(|(config, _)| (config.id, EndpointKey::of(&config.url))).collect();
        InMemory::new(self.surroundings.journal.live_by_hook(), &endpoints)
    }

    /// The page behind a row; `None` where the disk hangs or cannot be read: then the next time.
    async fn next_page(&mut self, after: Row) -> Option<Loaded> {
        if let Some(mut asked) = self.asked.take()
            && tokio::time::timeout(LONGEST_READ, &mut asked).await.is_err()
        {
            // It is not asked again before it has answered; what it says then may be old news.
            self.asked = Some(asked);
            return None;
        }
        let select = Select::Oldest { after: Some(after) };
        let mut asked = self.surroundings.outbox.load_without(select, PAGE, self.backlog.full());
        let Ok(answered) = tokio::time::timeout(LONGEST_READ, &mut asked).await else {
            self.asked = Some(asked);
            return None;
        };
        answered.ok()?.ok()
    }

    /// Hands a page of stored events to the lanes, the oldest first.
    async fn restore(&mut self, page: Loaded, in_memory: &mut InMemory, lanes: &mut Lanes, printer: &Arc<Printer>) {
        let described = |stored: PendingEvent| PendingEvent {
            event: Arc::new(Arc::unwrap_or_clone(stored.event).described_by(printer)),
            ..stored
        };
        let mut events: Vec<_> = page.events.into_iter().map(described).collect();
        events.sort_by_key(|event| event.row);
        let now = self.surroundings.clock.moment();
        let roster = self.surroundings.shelf.roster();
        for event in &events {
            let journal = &self.surroundings.journal;
            let backlog = &mut self.backlog;
            let items =
                cargo::restored(event, &roster, &now, &self.surroundings.outbox, &mut |hook, delivery, bytes| {
                    // Whatever is in memory is not taken, whichever way it came there.
                    !journal.is_live(delivery)
                        && !lanes.was_dropped(delivery)
                        && backlog.takes(Found { hook, row: event.row, bytes }, in_memory)
                });
            for item in items {
                self.surroundings.journal.write(item.payload.entry.clone());
                self.surroundings.journal.weigh(item.id, item.bytes);
                lanes.restore(item).await;
            }
        }
    }
}

/// Nothing is unread any more: what the log still shows as waiting, and nobody has, has ended.
pub(super) async fn close_history(surroundings: Arc<Surroundings>) {
    if surroundings.outbox.figures().failing {
        // What is stored is not known, so nothing can be said to be lost.
        surroundings.journal.history_is_closed();
    } else {
        leftovers::close(surroundings).await;
    }
}
