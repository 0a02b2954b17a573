//! The order of one lane: everything that waits for one endpoint, and which of it goes next.
//!
//! Comes in: deliveries, and what became of those that were taken. Goes out: the next one, and whatever leaves without
//! being sent, each with its reason. Kept here, whatever happens: within a class, a hook is told of a printer in the order
//! of events; of one hook and printer at most one delivery is under way; of progress only the newest waits; nothing leaves
//! without a reason; nobody waits for ever behind others. It never decides whether the endpoint or the hook may be called:
//! that is [`crate::endpoint`] and [`crate::standing`].
//!
//! It lives in memory, within one boot, so that its waits count by the monotonic clock.

mod fold;
mod index;
mod item;
mod row;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use crate::ids::{DeliveryId, HookId};
use crate::moment::Now;
use crate::schedule::Class;

use fold::Said;
use row::{Candidate, Row};

pub use item::{Kind, Left, Place, Waiting, Why};

/// After so many deliveries that overtook an older one, the oldest goes.
pub const MOST_OVERTAKING: u32 = 20;

/// How much may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// So many deliveries.
    pub deliveries: usize,
    /// So many bytes, as the deliveries say of themselves.
    pub bytes: usize,
}

/// By what the next delivery is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As events came, hooks and printers in turn.
    AsItCame,
    /// The most important first: while the endpoint catches up after trouble.
    ByImportance,
    /// The oldest of the highest class: to find out whether the endpoint works again.
    Probe,
}

/// What waits for one endpoint. `T` is whatever the engine needs to send it.
#[derive(Debug)]
pub struct Queue<T> {
    bounds: Bounds,
    entries: HashMap<u64, Entry<T>>,
    by_id: HashMap<DeliveryId, u64>,
    /// Those taken and not yet given back or finished.
    flying: HashMap<DeliveryId, Flying>,
    rows: BTreeMap<Place, Row>,
    latest: HashMap<(Place, Kind), u64>,
    /// When, by the uptime, each expires at the earliest.
    expiries: BTreeSet<(Duration, u64)>,
    bytes: usize,
    next_number: u64,
    turn: u64,
    overtaking: u32,
}

#[derive(Debug)]
struct Entry<T> {
    item: Waiting<T>,
    /// By the uptime.
    not_before: Duration,
    expires: Duration,
}

#[derive(Debug)]
struct Flying {
    number: u64,
    bytes: usize,
    /// Whether an older one waited when it was taken.
    overtook: bool,
}

impl<T> Queue<T> {
    /// An empty one.
    pub fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            entries: HashMap::new(),
            by_id: HashMap::new(),
            flying: HashMap::new(),
            rows: BTreeMap::new(),
            latest: HashMap::new(),
            expiries: BTreeSet::new(),
            bytes: 0,
            next_number: 0,
            turn: 0,
            overtaking: 0,
        }
    }

    /// How many wait or are under way.
    pub fn len(&self) -> usize {
        self.entries.len() + self.flying.len()
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Those that wait, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Waiting<T>> {
        let mut numbers: Vec<u64> = self.entries.keys().copied().collect();
        numbers.sort_unstable();
        numbers.into_iter().filter_map(|number| self.entries.get(&number)).map(|entry| &entry.item)
    }

    /// One that waits.
    pub fn get(&self, id: DeliveryId) -> Option<&Waiting<T>> {
        self.by_id.get(&id).and_then(|number| self.entries.get(number)).map(|entry| &entry.item)
    }

    /// One that waits, to change what it carries.
    pub fn get_mut(&mut self, id: DeliveryId) -> Option<&mut Waiting<T>> {
        let number = self.by_id.get(&id).copied()?;
        self.entries.get_mut(&number).map(|entry| &mut entry.item)
    }

    /// Takes in a new delivery. What leaves for its sake, which may be itself, comes back.
    pub fn push(&mut self, mut item: Waiting<T>, now: &Now) -> Vec<Left<T>> {
        let mut left = Vec::new();
        let mut held_until = None;
        match self.fold(&item, now) {
            Said::IntoWaiting(into) => {
                let entry = self.by_id.get(&into).and_then(|number| self.entries.get_mut(number));
                if let Some(entry) = entry {
                    entry.item.repeats = entry.item.repeats.saturating_add(1).saturating_add(item.repeats);
                    return vec![Left { item, why: Why::Folded { into } }];
                }
            }
            Said::JustNow { until } => held_until = Some(until),
            Said::Anew => {}
        }
        if item.class.is_latest_wins() {
            left.extend(self.replace_older(&item));
        } else {
            item.kind = None;
        }
        self.insert(item, held_until, now);
        left.extend(self.shed());
        left
    }

    /// Takes in a delivery that waited before a restart: nothing is folded, its place is behind all that came before.
    pub fn restore(&mut self, item: Waiting<T>, now: &Now) -> Vec<Left<T>> {
        let mut left: Vec<_> =
            if item.class.is_latest_wins() { self.replace_older(&item) } else { None }.into_iter().collect();
        self.insert(item, None, now);
        left.extend(self.shed());
        left
    }

    /// What is no longer worth sending. Ask this before [`Queue::take`].
    pub fn expire(&mut self, now: &Now) -> Vec<Left<T>> {
        let mut left = Vec::new();
        while let Some(&(expires, number)) = self.expiries.first().filter(|(expires, _)| *expires <= now.uptime) {
            self.expiries.remove(&(expires, number));
            let Some(entry) = self.entries.get_mut(&number) else { continue };
            entry.expires = now.uptime + entry.item.remaining(now);
            if entry.expires > now.uptime {
                self.expiries.insert((entry.expires, number));
            } else if let Some(item) = self.remove_number(number) {
                let why = Why::Expired { class: item.class, after: item.lifetime };
                left.push(Left { item, why });
            }
        }
        left
    }

    /// The next one to send now, if any is due. `may` says which hooks may send; `avoid` is passed over, for a second
    /// opinion. The delivery is out of the queue until [`Queue::give_back`] or [`Queue::finish`].
    pub fn take(
        &mut self,
        now: &Now,
        order: Order,
        mut may: impl FnMut(HookId) -> bool,
        avoid: Option<DeliveryId>,
    ) -> Option<Waiting<T>> {
        let avoid = avoid.and_then(|id| self.by_id.get(&id).copied());
        let due = |number: u64| self.entries.get(&number).is_some_and(|entry| entry.not_before <= now.uptime);
        let class = |number: u64| self.entries.get(&number).map_or(Class::Telemetry, |entry| entry.item.class);
        let rows: Vec<&Row> = self.rows.iter().filter(|(place, _)| may(place.hook)).map(|(_, row)| row).collect();
        let candidates = |order| rows.iter().filter_map(move |row| row.candidate(order, avoid, due, class));
        let oldest = candidates(Order::AsItCame).min_by_key(|candidate| candidate.number);
        let turn_of_the_oldest = order == Order::ByImportance && self.overtaking >= MOST_OVERTAKING;
        let chosen = oldest.filter(|_| turn_of_the_oldest).or_else(|| {
            candidates(order).min_by_key(|candidate| {
                let Candidate { class, served, number } = *candidate;
                match order {
                    Order::AsItCame => (None, served, number),
                    Order::ByImportance => (Some(Reverse(class)), served, number),
                    Order::Probe => (Some(Reverse(class)), 0, number),
                }
            })
        })?;
        let overtook = order == Order::ByImportance && oldest.is_some_and(|oldest| chosen.number > oldest.number);
        let item = self.remove_number(chosen.number)?;
        self.bytes += item.bytes;
        self.flying.insert(item.id, Flying { number: chosen.number, bytes: item.bytes, overtook });
        self.turn += 1;
        let row = self.rows.entry(item.place.clone()).or_default();
        row.flying += 1;
        row.served = self.turn;
        Some(item)
    }

    /// One that was taken did not arrive: it takes its old place again, to be tried after `wait` at the earliest. With
    /// what leaves now: itself, where it is too late or newer progress came; or a repeat of it that it takes in.
    pub fn give_back(&mut self, mut item: Waiting<T>, wait: Duration, now: &Now) -> Vec<Left<T>> {
        let Some(Flying { number, .. }) = self.land(&item) else { return Vec::new() };
        if item.remaining(now).is_zero() {
            let why = Why::Expired { class: item.class, after: item.lifetime };
            return vec![Left { item, why }];
        }
        let newer = item.kind.as_ref().and_then(|kind| self.latest.get(&(item.place.clone(), kind.clone())));
        if newer.is_some() {
            return vec![Left { item, why: Why::Replaced }];
        }
        let repeat = self.take_in_repeat(&mut item);
        self.insert_at(number, item, now.uptime + wait, false, now);
        repeat.into_iter().collect()
    }

    /// One that was taken is done with, whichever way.
    pub fn finish(&mut self, item: &Waiting<T>) {
        if let Some(flying) = self.land(item) {
            self.overtaking = if flying.overtook { self.overtaking.saturating_add(1) } else { 0 };
        }
    }

    /// The endpoint takes others and not this one: it holds up nobody any more, and loses its place in the order.
    pub fn set_aside(&mut self, id: DeliveryId) {
        let Some(number) = self.by_id.get(&id).copied() else { return };
        let Some(entry) = self.entries.get(&number) else { return };
        if let Some(row) = self.rows.get_mut(&entry.item.place) {
            row.set_aside(number, entry.item.class);
        }
    }

    /// Makes all of a hook's deliveries due, or everybody's: the user asks, or something was mended.
    pub fn at_once(&mut self, hook: Option<HookId>, now: &Now) {
        for entry in self.entries.values_mut().filter(|entry| hook.is_none_or(|hook| hook == entry.item.place.hook)) {
            entry.not_before = entry.not_before.min(now.uptime);
        }
    }

    /// Drops one that waits, because the user says so.
    pub fn remove(&mut self, id: DeliveryId) -> Option<Left<T>> {
        let number = self.by_id.get(&id).copied()?;
        self.remove_number(number).map(|item| Left { item, why: Why::Dropped })
    }

    /// Drops all that waits for a hook that is gone.
    pub fn remove_hook(&mut self, hook: HookId) -> Vec<Left<T>> {
        let mut numbers: Vec<u64> =
            self.entries.iter().filter(|(_, entry)| entry.item.place.hook == hook).map(|(number, _)| *number).collect();
        numbers.sort_unstable();
        let left = numbers.into_iter().filter_map(|number| self.remove_number(number));
        let left = left.map(|item| Left { item, why: Why::HookGone }).collect();
        self.rows.retain(|place, row| place.hook != hook || row.flying > 0);
        left
    }

    /// When something is due or expires next, as a span from now; what is due already, and waits for the endpoint or its
    /// hook, does not count. `None` when time alone changes nothing.
    pub fn next_change(&self, now: &Now) -> Option<Duration> {
        let waits = self.rows.values().flat_map(Row::waiting_first).filter_map(|number| self.entries.get(&number));
        let due = waits.map(|entry| entry.not_before).filter(|not_before| *not_before > now.uptime);
        let expires = self.expiries.first().map(|(expires, _)| *expires);
        due.chain(expires).min().map(|moment| moment.saturating_sub(now.uptime))
    }

    /// Puts remembered moments right once the clock is: what was carried over from an earlier boot may expire now.
    pub fn settle(&mut self, now: &Now) {
        self.expiries.clear();
        for (number, entry) in &mut self.entries {
            entry.item.happened.settle(now);
            entry.expires = now.uptime + entry.item.remaining(now);
            self.expiries.insert((entry.expires, *number));
        }
    }
}

#[cfg(test)]
mod tests;
