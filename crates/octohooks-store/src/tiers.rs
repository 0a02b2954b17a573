//! Storage that goes on: the disk while it works, memory while it does not, and back.
//!
//! Comes in: changes. Goes out: what they did and whether that is durable. Each turn of things is told once. Nothing is lost
//! silently: what memory has no space for is told by name.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use bytes::Bytes;
use octohooks_core::ids::HookId;

use crate::error::StoreError;
use crate::event::Token;
use crate::inbox::Loaded;
use crate::memory::Memory;
use crate::outbox::Options;
use crate::report::Report;
use crate::sqlite::{Opening, PICTURE_GIVEN_UP, Size, Sqlite};
use crate::store::{Change, Done, Most, Page, Select, Store};
use crate::stored::{StoredEvent, Unreadable};

/// As many changes of what lies on a disk that does not work are remembered. One that is forgotten costs a repeat.
const MOST_OWED: usize = 10_000;

/// A disk that does not work is tried at least this often.
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// The two places.
pub(crate) struct Tiers {
    opening: Option<Opening>,
    options: Options,
    disk: Option<Sqlite>,
    memory: Memory,
    failing: Option<Failing>,
    /// Whether the disk may hold events that memory does not.
    unseen: bool,
}

#[derive(Debug)]
pub(crate) struct Failing {
    next_try: Instant,
    wait: Duration,
    /// Changes of what lies on the disk.
    owed: Vec<Change>,
    /// What is in memory and perhaps on the disk as well: it could be read there, or a commit failed at its very end. It is
    /// taken away there before it is written again.
    perhaps_there: Vec<Token>,
}

impl Failing {
    fn new(wait: Duration, perhaps_there: Vec<Token>) -> Self {
        Self { next_try: Instant::now() + wait, wait, owed: Vec::new(), perhaps_there }
    }
}

impl Tiers {
    pub(crate) fn on_disk(opening: Opening, disk: Sqlite, options: Options) -> Self {
        Self {
            opening: Some(opening),
            options,
            disk: Some(disk),
            memory: Memory::default(),
            failing: None,
            unseen: true,
        }
    }

    /// With what could be read of a disk that cannot be written.
    pub(crate) fn in_memory(opening: Option<Opening>, memory: Memory, peeked: Vec<Token>, options: Options) -> Self {
        let failing = Some(Failing::new(options.retry_disk_after, peeked));
        Self { opening, options, disk: None, memory, failing, unseen: false }
    }

    /// Whether the disk does not work.
    pub(crate) fn is_failing(&self) -> bool {
        self.failing.is_some()
    }

    /// When the disk is tried again, if that makes sense.
    pub(crate) fn next_try(&self) -> Option<Instant> {
        self.opening.as_ref().and(self.failing.as_ref()).map(|failing| failing.next_try)
    }

    /// Events and bytes in memory.
    pub(crate) fn in_memory_now(&mut self) -> (u64, usize) {
        (self.memory.held().unwrap_or(0), self.memory.bytes())
    }

    pub(crate) fn size(&self) -> Size {
        self.disk.as_ref().and_then(|disk| disk.size().ok()).unwrap_or_default()
    }

    pub(crate) fn wal_pages(&self) -> u32 {
        self.disk.as_ref().filter(|_| self.failing.is_none()).map_or(0, Sqlite::wal_pages)
    }

    /// Makes changes; whether they are durable.
    pub(crate) fn commit(&mut self, mut changes: Vec<Change>) -> (Vec<Done>, bool) {
        if changes.is_empty() {
            return (Vec::new(), !self.is_failing());
        }
        if self.failing.is_none() {
            match self.commit_to_disk(&mut changes) {
                Ok(done) => return (done, true),
                Err(because) => {
                    self.fail(because);
                    self.may_be_there(changes.iter().flat_map(|change| match change {
                        Change::Append(event) => event.tokens(),
                        _ => Vec::new(),
                    }));
                }
            }
        }
        let done = changes.into_iter().map(|change| self.commit_to_memory(change)).collect();
        self.keep_memory_small();
        (done, false)
    }

    fn commit_to_disk(&mut self, changes: &mut [Change]) -> Result<Vec<Done>, StoreError> {
        let disk = self.disk.as_mut().ok_or_else(|| StoreError::Disk("it is not open".to_owned()))?;
        // A disk that is tried again, in contrast, has to show that it flushes.
        let late = changes.iter().all(Change::may_be_lost);
        match if late { disk.commit_late(changes) } else { disk.commit(changes) } {
            Err(StoreError::Full) => {
                // The log may be what fills the disk, and pictures can be done without.
                disk.checkpoint()?;
                changes.iter_mut().for_each(without_picture);
                disk.commit(changes)
            }
            Err(StoreError::Damaged(because)) => {
                self.replace(because)?;
                let disk = self.disk.as_mut().ok_or_else(|| StoreError::Disk("it is not open".to_owned()))?;
                disk.commit(changes)
            }
            other => other,
        }
    }

    /// The file turned out to be damaged while it was used.
    fn replace(&mut self, because: String) -> Result<(), StoreError> {
        self.disk = None;
        let Some(opening) = &self.opening else { return Err(StoreError::Damaged(because)) };
        let (disk, leftover) = opening.replace((self.options.clock)(), because)?;
        self.disk = Some(disk);
        self.tell(Report::Replaced {
            moved_to: leftover.moved_to,
            salvaged: leftover.salvaged,
            because: leftover.because,
        });
        Ok(())
    }

    /// From now on in memory.
    pub(crate) fn fail(&mut self, because: StoreError) {
        // A full disk can still be read. Of any other, nothing that is in the library's memory can be relied on.
        if because != StoreError::Full {
            self.disk = None;
        }
        if self.failing.is_none() {
            self.failing = Some(Failing::new(self.options.retry_disk_after, Vec::new()));
            let because = self.opening.as_ref().map_or(because.clone(), |opening| opening.explain(because));
            self.tell(Report::Failing { because });
        }
    }

    fn may_be_there(&mut self, tokens: impl IntoIterator<Item = Token>) {
        if let Some(failing) = &mut self.failing {
            let known: HashSet<Token> = failing.perhaps_there.iter().copied().collect();
            failing.perhaps_there.extend(tokens.into_iter().filter(|token| !known.contains(token)));
        }
    }

    fn commit_to_memory(&mut self, change: Change) -> Done {
        let row = match &change {
            Change::Append(_) => None,
            Change::Complete(token) | Change::Postpone(token, _) => Some(token.row),
            Change::Enrich(row, _) => Some(*row),
            // Both places may have what these are about.
            Change::Forget(_) | Change::Shift { .. } => {
                self.owe(change.clone());
                None
            }
        };
        if row.is_some_and(|row| !self.memory.holds(row)) {
            self.owe(change);
            return Done::Made;
        }
        self.memory.commit(&[change]).ok().and_then(|mut done| done.pop()).unwrap_or(Done::Nothing)
    }

    fn owe(&mut self, change: Change) {
        if let Some(failing) = &mut self.failing
            && failing.owed.len() < MOST_OWED
        {
            failing.owed.push(change);
        }
    }

    fn keep_memory_small(&mut self) {
        let budget = self.options.memory_budget;
        if self.memory.bytes() <= budget {
            return;
        }
        self.memory.drop_pictures(PICTURE_GIVEN_UP);
        let over = self.memory.bytes().saturating_sub(budget) as u64;
        let shed = if over > 0 { self.memory.shed(over).unwrap_or_default() } else { Vec::new() };
        if let Some(failing) = &mut self.failing {
            // What memory has no room for may still lie on the disk, and stays there.
            let gone: HashSet<Token> = shed.iter().flat_map(StoredEvent::tokens).collect();
            failing.perhaps_there.retain(|token| !gone.contains(token));
        }
        self.tell_shed(&shed);
    }

    /// Keeps the file within its budget, with some room so that this is not done at every commit.
    pub(crate) fn keep_disk_small(&mut self) {
        let budget = self.options.disk_budget;
        let Some(disk) = self.disk.as_mut().filter(|_| self.failing.is_none()) else { return };
        let used = disk.size().map_or(0, |size| size.used);
        if used <= budget {
            return;
        }
        match disk.shed(used - budget / 20 * 19) {
            Ok(shed) => self.tell_shed(&shed),
            Err(because) => self.fail(because),
        }
    }

    /// Copies the log back into the file.
    pub(crate) fn checkpoint(&mut self) {
        let Some(disk) = self.disk.as_mut().filter(|_| self.failing.is_none()) else { return };
        match disk.checkpoint() {
            // Then the log just grows until there is space, or a commit says the same.
            Ok(()) | Err(StoreError::Full) => {}
            Err(because) => self.fail(because),
        }
    }

    /// Tries whether the disk works again, when that is due, and takes there what is in memory.
    pub(crate) fn try_disk(&mut self) {
        let due = self.next_try().is_some_and(|at| at <= Instant::now());
        if due && let Err(because) = self.return_to_disk() {
            if because != StoreError::Full {
                self.disk = None;
            }
            let tokens = self.memory.tokens();
            self.may_be_there(tokens);
            if let Some(failing) = &mut self.failing {
                failing.wait = (failing.wait * 2).min(LONGEST_WAIT);
                failing.next_try = Instant::now() + failing.wait;
            }
        }
    }

    fn return_to_disk(&mut self) -> Result<(), StoreError> {
        let Some((opening, failing)) = self.opening.as_ref().zip(self.failing.as_ref()) else { return Ok(()) };
        let mut leftover = None;
        if self.disk.is_none() {
            let found = opening.open_or_replace((self.options.clock)())?;
            self.disk = Some(found.sqlite);
            leftover = found.leftover;
        }
        let (appends, events) = self.memory.as_changes();
        let mut changes: Vec<Change> = failing.perhaps_there.iter().copied().map(Change::Complete).collect();
        changes.extend(failing.owed.iter().cloned());
        changes.extend(appends);
        if let Some(disk) = &mut self.disk {
            disk.commit(&changes)?;
        }
        self.memory = Memory::default();
        self.failing = None;
        self.unseen = true;
        if let Some(leftover) = leftover {
            let crate::sqlite::Leftover { moved_to, salvaged, because } = leftover;
            self.tell(Report::Replaced { moved_to, salvaged, because });
        }
        self.tell(Report::Recovered { events });
        Ok(())
    }

    /// Reads from both places, in the order asked for.
    /// Reads events, without those that only these hooks wait for.
    ///
    /// # Errors
    /// Also when the disk, which holds what memory does not know, cannot be asked: that is not the same as nothing.
    pub(crate) fn load(&mut self, select: Select, most: Most, without: &[HookId]) -> Result<Loaded, StoreError> {
        if self.disk.is_none() && self.unseen {
            return Err(StoreError::Disk("it cannot be read just now".to_owned()));
        }
        let mut page = match (&mut self.disk, &self.failing) {
            (Some(disk), None) => disk.load(select, most),
            (disk, failing) => {
                let on_disk = disk.as_mut().map_or_else(|| Ok(Page::default()), |disk| disk.load(select, most))?;
                let on_disk = without_ended(on_disk, failing.as_ref().map_or(&[], |failing| &failing.owed));
                let in_memory = self.memory.load(select, most)?;
                Ok(joined(select, on_disk, in_memory))
            }
        };
        if let Err(StoreError::Damaged(because)) = page {
            self.replace(because)?;
            page = self.disk.as_mut().map_or_else(|| Ok(Page::default()), |disk| disk.load(select, most));
        }
        Ok(self.read(page?, without))
    }

    /// What cannot be read goes, and is told.
    fn read(&mut self, page: Page, without: &[HookId]) -> Loaded {
        let last = page.events.last().map(|event| event.row);
        let mut loaded = Loaded { events: Vec::new(), more: page.more, last };
        let mut unreadable = Vec::new();
        let mut because = String::new();
        let is_wanted = |event: &StoredEvent| !event.todo.iter().all(|todo| without.contains(&todo.hook));
        for event in page.events.into_iter().filter(is_wanted) {
            match event.pending() {
                Ok(pending) => loaded.events.push(pending),
                // It will be read by the version that wrote it.
                Err(Unreadable::Form(_)) => {}
                Err(error) => {
                    because = error.to_string();
                    unreadable.extend(event.deliveries());
                }
            }
        }
        if !unreadable.is_empty() {
            let tokens = unreadable.iter().map(|delivery| Change::Complete(delivery.token));
            self.commit(tokens.collect());
            self.tell(Report::Unreadable { deliveries: unreadable, because });
        }
        loaded
    }

    pub(crate) fn picture(&mut self, row: crate::event::Row) -> Result<Option<Bytes>, StoreError> {
        if self.memory.holds(row) {
            return self.memory.picture(row);
        }
        self.disk.as_mut().map_or(Ok(None), |disk| disk.picture(row))
    }

    /// How many events wait.
    pub(crate) fn held(&mut self) -> u64 {
        let on_disk = self.disk.as_mut().map_or(0, |disk| disk.held().unwrap_or(0));
        on_disk + self.memory.held().unwrap_or(0)
    }

    /// Closes the file, after a last try to take there what is in memory.
    pub(crate) fn close(mut self) {
        if let Some(failing) = &mut self.failing {
            failing.next_try = Instant::now();
            self.try_disk();
        }
        if let Some(Err(because)) = self.disk.take().map(Sqlite::close) {
            self.fail(because);
        }
    }

    fn tell_shed(&self, shed: &[StoredEvent]) {
        if !shed.is_empty() {
            self.tell(Report::Shed { deliveries: shed.iter().flat_map(StoredEvent::deliveries).collect() });
        }
    }

    fn tell(&self, report: Report) {
        (self.options.tell)(report);
    }
}

fn without_picture(change: &mut Change) {
    if let Change::Enrich(_, enrichment) = change
        && enrichment.picture.take().is_some()
    {
        enrichment.picture_missing = Some(PICTURE_GIVEN_UP.to_owned());
    }
}

/// Without the deliveries that have ended since the disk stopped to take that in.
fn without_ended(mut page: Page, owed: &[Change]) -> Page {
    for event in &mut page.events {
        let row = event.row;
        event.todo.retain(|todo| {
            !owed.iter().any(|change| match change {
                Change::Complete(token) => token.row == row && todo.is_held_by(*token),
                Change::Forget(unwanted) => unwanted.has(todo),
                _ => false,
            })
        });
    }
    page.events.retain(|event| !event.todo.is_empty());
    page
}

/// What is in memory is newer than what is on the disk.
fn joined(select: Select, on_disk: Page, in_memory: Page) -> Page {
    let (first, second) = match select {
        Select::Newest { .. } => (in_memory, on_disk),
        _ => (on_disk, in_memory),
    };
    if first.more {
        return first;
    }
    let mut joined = first;
    joined.events.extend(second.events);
    joined.more = second.more;
    joined
}
