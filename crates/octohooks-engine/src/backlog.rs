//! Which of the stored deliveries are still to be read. Pure.
//!
//! At the start all that waits is read once, the oldest first. A hook gets so many into memory and no more, so that years of
//! unread news for a dead receiver neither fill the memory nor keep another hook's from being read. What such a hook has
//! beyond that lies in the outbox, behind what was read, and everything new for it goes there as well, until there is room
//! again: its order is kept. Hooks that are not behind never wait for the disk.

use std::collections::HashMap;

use octohooks_core::ids::HookId;
use octohooks_store::event::Row;

/// As many deliveries of one hook are in memory because they were stored before.
pub(crate) const MOST_PER_HOOK: usize = 1000;

/// With fewer than this, more are read.
const FEW: usize = 500;

/// What is known of the unread rest.
#[derive(Debug)]
pub(crate) struct Backlog {
    /// How far the first reading has come; `None` once it is through.
    first: Option<Row>,
    behind: HashMap<HookId, Behind>,
}

/// A hook that has more in the outbox than in memory.
#[derive(Debug, Clone, Copy)]
struct Behind {
    /// Up to here all of it was read.
    read_to: Row,
    /// Whether something was left out since the reading began.
    left_out: bool,
}

/// A stored delivery that was read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub(crate) hook: HookId,
    pub(crate) row: Row,
    /// As many deliveries of its hook are in memory.
    pub(crate) in_memory: usize,
}

impl Backlog {
    /// Nothing was read yet.
    pub(crate) fn new() -> Self {
        Self { first: Some(Row(i64::MIN)), behind: HashMap::new() }
    }

    /// Whether a hook has to wait for what lies before: then what is new for it stays in the outbox.
    pub(crate) fn is_behind(&self, hook: HookId) -> bool {
        self.first.is_some() || self.behind.contains_key(&hook)
    }

    /// Whether there is an unread rest, as far as is known.
    pub(crate) fn is_there(&self) -> bool {
        self.first.is_some() || !self.behind.is_empty()
    }

    /// Begins to read: behind which row. `None` when there is nothing to read, or no room for it.
    pub(crate) fn begin(&mut self, in_memory: &HashMap<HookId, usize>) -> Option<Row> {
        let room = |hook: &HookId| in_memory.get(hook).copied().unwrap_or(0) < FEW;
        let has_room = self.behind.keys().any(room);
        if self.first.is_none() && has_room {
            self.behind.values_mut().for_each(|behind| behind.left_out = false);
        }
        self.first.or_else(|| self.behind.values().map(|behind| behind.read_to).min().filter(|_| has_room))
    }

    /// Hooks of whom nothing more is taken for now: what only they wait for need not be read.
    pub(crate) fn full(&self) -> Vec<HookId> {
        self.behind.iter().filter(|(_, behind)| behind.left_out).map(|(hook, _)| *hook).collect()
    }

    /// Whether a delivery that was read goes into memory now.
    pub(crate) fn takes(&mut self, found: Found) -> bool {
        let Found { hook, row, in_memory } = found;
        let is_full = in_memory >= MOST_PER_HOOK;
        match self.behind.get_mut(&hook) {
            Some(behind) if row <= behind.read_to => false,
            Some(behind) if is_full || behind.left_out => {
                behind.left_out = true;
                false
            }
            Some(behind) => {
                behind.read_to = row;
                true
            }
            // Those who are not behind have all that they are to have.
            None if self.first.is_none() => false,
            None if is_full => {
                self.behind.insert(hook, Behind { read_to: Row(row.0 - 1), left_out: true });
                false
            }
            None => true,
        }
    }

    /// A page was read up to this row. Whether reading on is of use: not when everybody who is behind has all that fits. The
    /// first time all is read, since nobody knows yet who is behind.
    pub(crate) fn goes_on_behind(&mut self, row: Row) -> bool {
        if let Some(first) = &mut self.first {
            *first = row;
            return true;
        }
        !self.behind.values().all(|behind| behind.left_out)
    }

    /// All was read: who was left nothing out of is not behind any more.
    pub(crate) fn read_to_the_end(&mut self) {
        self.first = None;
        self.behind.retain(|_, behind| behind.left_out);
    }

    /// Forgets hooks that are gone.
    pub(crate) fn retain(&mut self, is_there: impl Fn(HookId) -> bool) {
        self.behind.retain(|hook, _| is_there(*hook));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use octohooks_core::ids::HookId;
    use octohooks_core::time::UnixMillis;
    use octohooks_store::event::Row;

    use super::{Backlog, Found, MOST_PER_HOOK};

    /// The most as a row.
    const MOST: i64 = 1000;

    fn hook(number: u8) -> HookId {
        HookId::new(UnixMillis(i64::from(number)), &[number; 10])
    }

    type Outbox = [(i64, HookId)];

    /// Reads pages of 100 as the road does; what was taken, in order. Of `pages` more than one, the disk fails.
    fn read(backlog: &mut Backlog, outbox: &Outbox, memory: &mut HashMap<HookId, usize>, pages: usize) -> Vec<i64> {
        let mut taken = Vec::new();
        let Some(after) = backlog.begin(memory) else { return taken };
        let rest: Vec<_> = outbox.iter().filter(|(row, _)| *row > after.0).collect();
        for (number, page) in rest.chunks(100).enumerate() {
            if number == pages {
                return taken;
            }
            for (row, hook) in page {
                let in_memory = memory.get(hook).copied().unwrap_or(0);
                if backlog.takes(Found { hook: *hook, row: Row(*row), in_memory }) {
                    *memory.entry(*hook).or_default() += 1;
                    taken.push(*row);
                }
            }
            if !backlog.goes_on_behind(Row(page.last().unwrap().0)) {
                return taken;
            }
        }
        backlog.read_to_the_end();
        taken
    }

    #[test]
    fn few_are_read_at_once_and_nobody_is_behind() {
        let mut backlog = Backlog::new();
        let outbox: Vec<_> = (0..10).map(|row| (row, hook(u8::try_from(row % 2).unwrap()))).collect();
        assert!(backlog.is_there());
        assert_eq!(read(&mut backlog, &outbox, &mut HashMap::new(), 9).len(), 10);
        assert!(!backlog.is_there() && !backlog.is_behind(hook(0)));
    }

    #[test]
    fn a_dead_receivers_pile_keeps_nobody_elses_from_being_read_and_comes_in_its_order() {
        let (dead, other) = (hook(1), hook(2));
        let mut outbox: Vec<_> = (0..3 * MOST).map(|row| (row, dead)).collect();
        outbox.push((3 * MOST, other));
        let (mut backlog, mut memory) = (Backlog::new(), HashMap::new());
        let taken = read(&mut backlog, &outbox, &mut memory, 99);
        assert_eq!(taken.len(), MOST_PER_HOOK + 1);
        assert_eq!(taken.last(), Some(&(3 * MOST)));
        assert!(backlog.is_behind(dead) && !backlog.is_behind(other));

        // Something new for it comes behind the rest, and there is no room yet.
        outbox.push((3 * MOST + 1, dead));
        assert_eq!(read(&mut backlog, &outbox, &mut memory, 99), [] as [i64; 0]);

        let mut all = taken;
        while backlog.is_there() {
            memory.insert(dead, 0);
            all.extend(read(&mut backlog, &outbox, &mut memory, 99));
        }
        let expected = (0..MOST).chain([3 * MOST]).chain(MOST..3 * MOST).chain([3 * MOST + 1]);
        assert_eq!(all, expected.collect::<Vec<_>>());
    }

    #[test]
    fn a_reading_that_was_broken_off_goes_on_where_it_stopped() {
        let outbox: Vec<_> = (0..350).map(|row| (row, hook(1))).collect();
        let (mut backlog, mut memory) = (Backlog::new(), HashMap::new());
        let mut all = read(&mut backlog, &outbox, &mut memory, 2);
        assert_eq!(all.len(), 200);
        assert!(backlog.is_behind(hook(2)), "as long as it is not known who is, everybody is");
        all.extend(read(&mut backlog, &outbox, &mut memory, 99));
        assert_eq!(all, (0..350).collect::<Vec<_>>());
        assert!(!backlog.is_there());
    }

    #[test]
    fn a_hook_that_is_gone_is_not_waited_for() {
        let outbox: Vec<_> = (0..2 * MOST).map(|row| (row, hook(1))).collect();
        let mut backlog = Backlog::new();
        read(&mut backlog, &outbox, &mut HashMap::new(), 99);
        assert!(backlog.is_there());
        backlog.retain(|_| false);
        assert!(!backlog.is_there());
    }
}
