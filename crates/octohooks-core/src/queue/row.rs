//! What waits of one hook and printer, and which of it may go: within a class the oldest alone.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Order;
use super::fold::LastSaid;
use crate::moment::Now;
use crate::schedule::Class;

/// The deliveries of one hook and printer, by their numbers, which grow as they come.
#[derive(Debug, Default)]
pub(super) struct Row {
    by_class: [BTreeSet<u64>; 4],
    /// Out of the order: they hold up nobody.
    aside: BTreeSet<u64>,
    /// A repeat of what was just sent: until it is due, as if it were not there.
    pub(super) held: Option<u64>,
    pub(super) flying: usize,
    /// The turn in which it was served last.
    pub(super) served: u64,
    pub(super) last_said: Option<LastSaid>,
}

/// The one of a row that may go next.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) class: Class,
    pub(super) served: u64,
    pub(super) number: u64,
}

impl Row {
    /// An empty one that was served in that turn.
    pub(super) fn new(served: u64) -> Self {
        Self { served, ..Self::default() }
    }

    /// The one that may go next, if any is due.
    pub(super) fn candidate(
        &self,
        order: Order,
        avoid: Option<u64>,
        due: impl Fn(u64) -> bool,
        class_of: impl Fn(u64) -> Class,
    ) -> Option<Candidate> {
        if self.flying > 0 {
            return None;
        }
        let counts = |number: u64| Some(number) != avoid && (self.held != Some(number) || due(number));
        let heads = Class::ALL.into_iter().filter_map(|class| {
            let first = self.by_class[class as usize].iter().copied().find(|number| counts(*number))?;
            Some((class, first))
        });
        let heads: Vec<(Class, u64)> = heads.collect();
        let in_order = if order == Order::AsItCame { first_come(heads, &due) } else { most_important(&heads, &due) };
        let aside = self.aside.iter().filter(|number| Some(**number) != avoid && due(**number));
        let aside = aside.map(|number| (class_of(*number), *number));
        let chosen = in_order.into_iter().chain(aside).min_by_key(|(class, number)| {
            let class = std::cmp::Reverse(*class);
            (if order == Order::AsItCame { None } else { Some(class) }, *number)
        });
        chosen.map(|(class, number)| Candidate { class, served: self.served, number })
    }

    pub(super) fn add(&mut self, number: u64, class: Class, held: bool) {
        self.by_class[class as usize].insert(number);
        if held {
            self.held = Some(number);
        }
    }

    pub(super) fn remove(&mut self, number: u64, class: Class) {
        self.by_class[class as usize].remove(&number);
        self.aside.remove(&number);
        self.release(number);
    }

    pub(super) fn set_aside(&mut self, number: u64, class: Class) {
        if self.by_class[class as usize].remove(&number) {
            self.aside.insert(number);
        }
    }

    /// Lets go of the one that is held back. False when it is not.
    pub(super) fn release(&mut self, number: u64) -> bool {
        self.held.take_if(|held| *held == number).is_some()
    }

    /// Those whose time to come matters: the first of each class, the one held back, and all that stand aside.
    pub(super) fn waiting_first(&self) -> impl Iterator<Item = u64> {
        let first =
            self.by_class.iter().filter_map(|numbers| numbers.iter().find(|number| self.held != Some(**number)));
        first.copied().chain(self.held).chain(self.aside.iter().copied())
    }

    /// How many of a class wait, those that stand aside included.
    pub(super) fn count(&self, class: Class, class_of: impl Fn(u64) -> Option<Class>) -> usize {
        let aside = self.aside.iter().filter(|number| class_of(**number) == Some(class)).count();
        self.by_class[class as usize].len() + aside
    }

    /// The oldest of a class, one that stands aside included.
    pub(super) fn oldest(&self, class: Class, class_of: impl Fn(u64) -> Option<Class>) -> Option<u64> {
        let aside = self.aside.iter().find(|number| class_of(**number) == Some(class));
        aside.into_iter().chain(self.by_class[class as usize].first()).min().copied()
    }

    /// Whether it may be forgotten.
    pub(super) fn is_idle(&self, now: &Now) -> bool {
        let long_ago = |said: &LastSaid| now.uptime.saturating_sub(said.at) > Duration::from_mins(10);
        self.flying == 0
            && self.aside.is_empty()
            && self.by_class.iter().all(BTreeSet::is_empty)
            && self.last_said.as_ref().is_none_or(long_ago)
    }
}

/// The oldest; where that one is not due yet, what matters more need not wait for it.
fn first_come(mut heads: Vec<(Class, u64)>, due: impl Fn(u64) -> bool) -> Option<(Class, u64)> {
    loop {
        let (class, number) = heads.iter().copied().min_by_key(|(_, number)| *number)?;
        if due(number) {
            return Some((class, number));
        }
        heads.retain(|(other, _)| *other > class);
    }
}

/// The first of the highest class; where that one is not due yet, what matters less waits for it.
fn most_important(heads: &[(Class, u64)], due: impl Fn(u64) -> bool) -> Option<(Class, u64)> {
    heads.first().copied().filter(|(_, number)| due(*number))
}
