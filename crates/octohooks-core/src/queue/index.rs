//! Putting deliveries into the queue and taking them out again, with all the ways to find them kept in step; and what goes
//! when there is no room.

use std::time::Duration;

use super::item::{Left, Waiting, Why};
use super::row::Row;
use super::{Entry, Flying, Queue};
use crate::moment::Now;
use crate::schedule::Class;

impl<T> Queue<T> {
    pub(super) fn insert(&mut self, item: Waiting<T>, held_until: Option<Duration>, now: &Now) {
        let number = self.next_number;
        self.next_number += 1;
        if !self.rows.contains_key(&item.place) {
            self.rows.retain(|_, row| !row.is_idle(now));
        }
        self.insert_at(number, item, held_until.unwrap_or(now.uptime), held_until.is_some(), now);
    }

    pub(super) fn insert_at(&mut self, number: u64, item: Waiting<T>, not_before: Duration, held: bool, now: &Now) {
        let expires = now.uptime + item.remaining(now);
        // A row begins behind all that were served, so that one that is often empty gains nothing by it.
        let turn = self.turn;
        let row = self.rows.entry(item.place.clone()).or_insert_with(|| Row::new(turn));
        row.add(number, item.class, held);
        if let Some(kind) = &item.kind {
            self.latest.insert((item.place.clone(), kind.clone()), number);
        }
        self.by_id.insert(item.id, number);
        self.expiries.insert((expires, number));
        self.bytes += item.bytes;
        self.entries.insert(number, Entry { item, not_before, expires });
    }

    /// Takes one out of all indices.
    pub(super) fn remove_number(&mut self, number: u64) -> Option<Waiting<T>> {
        let Entry { item, expires, .. } = self.entries.remove(&number)?;
        self.by_id.remove(&item.id);
        self.expiries.remove(&(expires, number));
        self.bytes -= item.bytes;
        if let Some(row) = self.rows.get_mut(&item.place) {
            row.remove(number, item.class);
        }
        if let Some(kind) = &item.kind {
            self.latest.remove(&(item.place.clone(), kind.clone()));
        }
        Some(item)
    }

    /// One that was taken is back; `None` when it was never taken.
    pub(super) fn land(&mut self, item: &Waiting<T>) -> Option<Flying> {
        let flying = self.flying.remove(&item.id)?;
        self.bytes -= flying.bytes;
        if let Some(row) = self.rows.get_mut(&item.place) {
            row.flying = row.flying.saturating_sub(1);
        }
        Some(flying)
    }

    pub(super) fn replace_older(&mut self, newer: &Waiting<T>) -> Option<Left<T>> {
        let kind = newer.kind.clone()?;
        let number = self.latest.get(&(newer.place.clone(), kind)).copied()?;
        self.remove_number(number).map(|item| Left { item, why: Why::Replaced })
    }

    /// What matters least goes, from where most of it waits, the oldest first.
    pub(super) fn shed(&mut self) -> Vec<Left<T>> {
        let mut left = Vec::new();
        while self.len() > self.bounds.deliveries || self.bytes > self.bounds.bytes {
            let class_of = |number: u64| self.entries.get(&number).map(|entry| entry.item.class);
            let least = Class::ALL.iter().rev().find_map(|class| {
                let fullest = self.rows.values().max_by_key(|row| row.count(*class, class_of))?;
                fullest.oldest(*class, class_of)
            });
            let Some(item) = least.and_then(|number| self.remove_number(number)) else { break };
            let why = Why::Shed { class: item.class, most: self.bounds.deliveries };
            left.push(Left { item, why });
        }
        left
    }
}
