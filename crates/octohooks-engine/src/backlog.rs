//! Which of the stored deliveries are still to be read. Pure.
//!
//! At the start all that waits is read once, the oldest first. A hook gets so many into memory and no more, fewer where several
//! send to one endpoint, so that years of unread news for a dead receiver neither fill the memory, nor flow over its lane, nor
//! keep another hook's from being read. What such a hook has
//! beyond that lies in the outbox, behind what was read, and everything new for it goes there as well, until there is room
//! again: its order is kept. Hooks that are not behind never wait for the disk.

use std::collections::{HashMap, HashSet};

use octohooks_core::ids::HookId;
use octohooks_store::event::Row;

/// As many deliveries of one hook are in memory because they were stored before.
const MOST_PER_HOOK: usize = 1000;

/// As many of all hooks that send to one endpoint: a lane holds more than that, so there is room for what is new.
const MOST_PER_ENDPOINT: usize = 1500;

/// As many bytes of them, for the same reason.
const MOST_BYTES_PER_ENDPOINT: usize = 6 << 20;

/// An amount of deliveries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) deliveries: usize,
    pub(crate) bytes: usize,
}

/// How much of each hook is in memory, and how much may be.
#[derive(Debug, Clone, Default)]
pub(crate) struct InMemory(HashMap<HookId, Room>);

#[derive(Debug, Clone, Copy)]
struct Room {
    used: Amount,
    most: Amount,
}

impl Room {
    /// An empty one, of a hook that shares its receiver with so many, itself included.
    fn shared_by(hooks: usize) -> Self {
        let most = Amount {
            deliveries: (MOST_PER_ENDPOINT / hooks).clamp(1, MOST_PER_HOOK),
            bytes: MOST_BYTES_PER_ENDPOINT / hooks,
        };
        Self { used: Amount::default(), most }
    }
}

impl Default for Room {
    /// Of a hook that is not known.
    fn default() -> Self {
        Self::shared_by(1)
    }
}

impl InMemory {
    /// `used` by each hook; `endpoints` are the hooks with where they send.
    pub(crate) fn new<E: Eq + std::hash::Hash>(used: HashMap<HookId, Amount>, endpoints: &[(HookId, E)]) -> Self {
        let mut sharing: HashMap<&E, usize> = HashMap::new();
        for (_, endpoint) in endpoints {
            *sharing.entry(endpoint).or_default() += 1;
        }
        let room = |endpoint| Room::shared_by(sharing.get(endpoint).copied().unwrap_or(1));
        let mut rooms: HashMap<_, _> = endpoints.iter().map(|(hook, endpoint)| (*hook, room(endpoint))).collect();
        for (hook, used) in used {
            rooms.entry(hook).or_default().used = used;
        }
        Self(rooms)
    }

    /// One more.
    fn add(&mut self, hook: HookId, bytes: usize) {
        let room = self.0.entry(hook).or_default();
        room.used.deliveries += 1;
        room.used.bytes += bytes;
    }

    fn is_full(&self, hook: HookId) -> bool {
        let Room { used, most } = self.0.get(&hook).copied().unwrap_or_default();
        used.deliveries >= most.deliveries || used.bytes >= most.bytes
    }

    /// Whether there is so much room that reading is worth it.
    fn is_half_empty(&self, hook: HookId) -> bool {
        let Room { used, most } = self.0.get(&hook).copied().unwrap_or_default();
        used.deliveries * 2 < most.deliveries.max(2) && used.bytes * 2 < most.bytes.max(2)
    }
}

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
    /// About as many as it takes in memory.
    pub(crate) bytes: usize,
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

    /// The hooks that are known to have more in the outbox than in memory.
    pub(crate) fn who_is_behind(&self) -> HashSet<HookId> {
        self.behind.keys().copied().collect()
    }

    /// Whether there is an unread rest, as far as is known.
    pub(crate) fn is_there(&self) -> bool {
        self.first.is_some() || !self.behind.is_empty()
    }

    /// Begins to read: behind which row. `None` when there is nothing to read, or no room for it.
    pub(crate) fn begin(&mut self, in_memory: &InMemory) -> Option<Row> {
        let has_room = self.behind.keys().any(|hook| in_memory.is_half_empty(*hook));
        if self.first.is_none() && has_room {
            self.behind.values_mut().for_each(|behind| behind.left_out = false);
        }
        self.first.or_else(|| self.behind.values().map(|behind| behind.read_to).min().filter(|_| has_room))
    }

    /// Hooks of whom nothing more is taken for now: what only they wait for need not be read.
    pub(crate) fn full(&self) -> Vec<HookId> {
        self.behind.iter().filter(|(_, behind)| behind.left_out).map(|(hook, _)| *hook).collect()
    }

    /// Whether a delivery that was read goes into memory now; then it counts.
    pub(crate) fn takes(&mut self, found: Found, in_memory: &mut InMemory) -> bool {
        let takes = self.has_place_for(found, in_memory.is_full(found.hook));
        if takes {
            in_memory.add(found.hook, found.bytes);
        }
        takes
    }

    fn has_place_for(&mut self, Found { hook, row, .. }: Found, is_full: bool) -> bool {
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

    use super::{Amount, Backlog, Found, InMemory, MOST_BYTES_PER_ENDPOINT, MOST_PER_ENDPOINT, MOST_PER_HOOK};

    /// The most as a row.
    const MOST: i64 = 1000;

    fn hook(number: u8) -> HookId {
        HookId::new(UnixMillis(i64::from(number)), &[number; 10])
    }

    type Outbox = [(i64, HookId)];

    /// Reads pages of 100 as the road does; what was taken, in order. Of `pages` more than one, the disk fails.
    fn read(backlog: &mut Backlog, outbox: &Outbox, memory: &mut InMemory, pages: usize) -> Vec<i64> {
        read_of(2000, backlog, outbox, memory, pages)
    }

    /// The same, each of them of so many bytes.
    fn read_of(bytes: usize, backlog: &mut Backlog, outbox: &Outbox, memory: &mut InMemory, pages: usize) -> Vec<i64> {
        let mut taken = Vec::new();
        let Some(after) = backlog.begin(memory) else { return taken };
        let rest: Vec<_> = outbox.iter().filter(|(row, _)| *row > after.0).collect();
        for (number, page) in rest.chunks(100).enumerate() {
            if number == pages {
                return taken;
            }
            for (row, hook) in page {
                if backlog.takes(Found { hook: *hook, row: Row(*row), bytes }, memory) {
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
        assert_eq!(read(&mut backlog, &outbox, &mut InMemory::default(), 9).len(), 10);
        assert!(!backlog.is_there() && !backlog.is_behind(hook(0)));
    }

    #[test]
    fn a_dead_receivers_pile_keeps_nobody_elses_from_being_read_and_comes_in_its_order() {
        let (dead, other) = (hook(1), hook(2));
        let mut outbox: Vec<_> = (0..3 * MOST).map(|row| (row, dead)).collect();
        outbox.push((3 * MOST, other));
        let (mut backlog, mut memory) = (Backlog::new(), InMemory::default());
        let taken = read(&mut backlog, &outbox, &mut memory, 99);
        assert_eq!(taken.len(), MOST_PER_HOOK + 1);
        assert_eq!(taken.last(), Some(&(3 * MOST)));
        assert!(backlog.is_behind(dead) && !backlog.is_behind(other));

        // Something new for it comes behind the rest, and there is no room yet.
        outbox.push((3 * MOST + 1, dead));
        assert_eq!(read(&mut backlog, &outbox, &mut memory, 99), [] as [i64; 0]);

        let mut all = taken;
        while backlog.is_there() {
            memory = InMemory::default();
            all.extend(read(&mut backlog, &outbox, &mut memory, 99));
        }
        let expected = (0..MOST).chain([3 * MOST]).chain(MOST..3 * MOST).chain([3 * MOST + 1]);
        assert_eq!(all, expected.collect::<Vec<_>>());
    }

    #[test]
    fn a_reading_that_was_broken_off_goes_on_where_it_stopped() {
        let outbox: Vec<_> = (0..350).map(|row| (row, hook(1))).collect();
        let (mut backlog, mut memory) = (Backlog::new(), InMemory::default());
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
        read(&mut backlog, &outbox, &mut InMemory::default(), 99);
        assert!(backlog.is_there());
        backlog.retain(|_| false);
        assert!(!backlog.is_there());
    }

    #[test]
    fn large_ones_fill_the_room_sooner_and_one_larger_than_the_room_is_sent_as_well() {
        let outbox: Vec<_> = (0..30).map(|row| (row, hook(1))).collect();
        let (mut backlog, mut memory) = (Backlog::new(), InMemory::default());
        let tenth = MOST_BYTES_PER_ENDPOINT / 10;
        let mut all = read_of(tenth, &mut backlog, &outbox, &mut memory, 99);
        assert_eq!(all.len(), 11);
        assert!(backlog.is_behind(hook(1)));
        // Half of it has to be gone before more is read.
        let left = |deliveries| HashMap::from([(hook(1), Amount { deliveries, bytes: deliveries * tenth })]);
        memory = InMemory::new(left(6), &[(hook(1), "http://dead/")]);
        assert_eq!(read_of(tenth, &mut backlog, &outbox, &mut memory, 99), [] as [i64; 0]);
        memory = InMemory::new(left(4), &[(hook(1), "http://dead/")]);
        all.extend(read_of(tenth, &mut backlog, &outbox, &mut memory, 99));
        assert_eq!(all, (0..18).collect::<Vec<_>>());

        let (mut backlog, mut memory) = (Backlog::new(), InMemory::default());
        assert_eq!(read_of(MOST_BYTES_PER_ENDPOINT * 2, &mut backlog, &outbox, &mut memory, 99), [0]);
    }

    #[test]
    fn several_with_one_receiver_share_what_its_lane_holds() {
        let hooks: Vec<_> = (0..5).map(hook).collect();
        let endpoints = hooks.iter().map(|hook| (*hook, "http://dead/")).chain([(hook(9), "http://other/")]);
        let endpoints: Vec<_> = endpoints.collect();
        let outbox: Vec<_> = (0..5 * MOST).map(|row| (row, hooks[usize::try_from(row % 5).unwrap()])).collect();
        let outbox = [outbox, (5 * MOST..7 * MOST).map(|row| (row, hook(9))).collect()].concat();
        let mut backlog = Backlog::new();
        let mut memory = InMemory::new(HashMap::new(), &endpoints);
        let taken = read(&mut backlog, &outbox, &mut memory, 99);
        assert_eq!(taken.len(), MOST_PER_ENDPOINT + MOST_PER_HOOK);
        // Nothing more, until one of them has room; then the rest of that one, in its order.
        assert_eq!(read(&mut backlog, &outbox, &mut memory, 99), [] as [i64; 0]);
        let used = hooks[1..].iter().map(|hook| (*hook, MOST_PER_ENDPOINT / 5)).chain([(hook(9), MOST_PER_HOOK)]);
        let used = used.map(|(hook, deliveries)| (hook, Amount { deliveries, bytes: 0 }));
        let mut memory = InMemory::new(used.collect(), &endpoints);
        let more = read(&mut backlog, &outbox, &mut memory, 99);
        assert_eq!(more, (300..600).map(|number| number * 5).collect::<Vec<_>>());
    }
}
