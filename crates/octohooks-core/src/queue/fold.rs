//! The same thing said again and again: one delivery with a count instead of hundreds.
//!
//! Only what comes right after the same, with nothing but progress in between, is a repeat: after something else it is
//! news. Where the first one still waits, it stands for the repeats. Where it is gone already, the first repeat waits
//! until the span is over and stands for those that follow, unless something else comes: then it goes before that.

use std::time::Duration;

use super::Queue;
use super::item::{Left, Waiting, Why};
use super::row::Row;
use crate::ids::DeliveryId;
use crate::moment::Now;

/// What a row said last.
#[derive(Debug)]
pub(super) struct LastSaid {
    sameness: u64,
    /// By the uptime.
    pub(super) at: Duration,
    /// The one that stands for it.
    id: DeliveryId,
}

/// How a new delivery relates to what was said before.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// It is something else, or long ago.
    Anew,
    /// The same waits.
    IntoWaiting(DeliveryId),
    /// The same has just been sent: wait until then, by the uptime.
    JustNow { until: Duration },
}

impl<T> Queue<T> {
    pub(super) fn fold(&mut self, item: &Waiting<T>, now: &Now) -> Said {
        if item.class.is_latest_wins() {
            return Said::Anew;
        }
        let Some(row) = self.rows.get_mut(&item.place) else {
            if let Some(sameness) = item.sameness.filter(|_| item.folds_within.is_some()) {
                let turn = self.turn;
                let row = self.rows.entry(item.place.clone()).or_insert_with(|| Row::new(turn));
                row.last_said = Some(LastSaid { sameness, at: now.uptime, id: item.id });
            }
            return Said::Anew;
        };
        let said = row.last_said.take();
        let Some((sameness, within)) = item.sameness.zip(item.folds_within) else {
            self.release(said);
            return Said::Anew;
        };
        match said {
            Some(said) if said.sameness == sameness && now.uptime.saturating_sub(said.at) < within => {
                if self.by_id.contains_key(&said.id) {
                    let id = said.id;
                    row.last_said = Some(LastSaid { at: now.uptime, ..said });
                    return Said::IntoWaiting(id);
                }
                row.last_said = Some(LastSaid { sameness, at: now.uptime, id: item.id });
                Said::JustNow { until: said.at + within }
            }
            said => {
                row.last_said = Some(LastSaid { sameness, at: now.uptime, id: item.id });
                self.release(said);
                Said::Anew
            }
        }
    }

    /// A repeat that was held back goes now, in its order: something else has come.
    fn release(&mut self, said: Option<LastSaid>) {
        let Some(number) = said.and_then(|said| self.by_id.get(&said.id).copied()) else { return };
        let Some(entry) = self.entries.get_mut(&number) else { return };
        if let Some(row) = self.rows.get_mut(&entry.item.place)
            && row.release(number)
        {
            entry.not_before = Duration::ZERO;
        }
    }

    /// One that was sent in vain takes in a repeat of it that was held back.
    pub(super) fn take_in_repeat(&mut self, item: &mut Waiting<T>) -> Option<Left<T>> {
        let row = self.rows.get_mut(&item.place)?;
        let said = row.last_said.as_mut()?;
        let number = self.by_id.get(&said.id).copied()?;
        // The same news after other news is news again: only what was held back as a repeat is one.
        let is_repeat = Some(said.sameness) == item.sameness && said.id != item.id && row.held == Some(number);
        if !is_repeat {
            return None;
        }
        said.id = item.id;
        let repeat = self.remove_number(number)?;
        item.repeats = item.repeats.saturating_add(1).saturating_add(repeat.repeats);
        Some(Left { item: repeat, why: Why::Folded { into: item.id } })
    }
}
