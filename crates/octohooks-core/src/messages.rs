//! Which message of a receiver's tells of which print: what follows changes it, or goes with it.
//!
//! Comes in: what a receiver named, and what has ended. Goes out: the name, for as long as it is of use. Bounded in number and in
//! age; one that is forgotten costs one more message, and nothing else.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::{HookId, JobId};
use crate::time::UnixMillis;

/// More prints than these are not under way for one hook.
const MOST_PER_HOOK: usize = 16;

/// No print takes longer.
const LONGEST: Duration = Duration::from_hours(60 * 24);

/// All that are known.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Messages(BTreeMap<HookId, Vec<Known>>);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Known {
    printer: String,
    job: JobId,
    id: Value,
    fingerprint: String,
    at: UnixMillis,
    /// Its print has ended, and that was told.
    #[serde(default)]
    is_over: bool,
}

/// A message that a receiver has just named.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// On which printer.
    pub printer: &'a str,
    /// Of which print.
    pub job: JobId,
    /// Its name.
    pub id: &'a Value,
    /// What it was sent by: see [`crate::hook::follow_up::FollowUp::fingerprint`].
    pub fingerprint: &'a str,
}

impl Messages {
    /// The message of a print, if it was sent by the same address and data.
    pub fn of(&self, hook: HookId, job: JobId, fingerprint: &str) -> Option<&Value> {
        let known = self.0.get(&hook)?.iter().find(|known| known.job == job)?;
        (known.fingerprint == fingerprint).then_some(&known.id)
    }

    /// Keeps one, in the place of another of the same print. Messages of prints on the same printer that are over go.
    pub fn remember(&mut self, hook: HookId, new: New<'_>, now: UnixMillis) {
        let of_hook = self.0.entry(hook).or_default();
        let is_of_use = |known: &Known| {
            let is_past = known.is_over && known.printer == new.printer;
            known.job != new.job && !is_past && now.since(known.at) < LONGEST
        };
        of_hook.retain(is_of_use);
        let surplus = (of_hook.len() + 1).saturating_sub(MOST_PER_HOOK);
        of_hook.drain(..surplus);
        of_hook.push(Known {
            printer: new.printer.to_owned(),
            job: new.job,
            id: new.id.clone(),
            fingerprint: new.fingerprint.to_owned(),
            at: now,
            is_over: false,
        });
    }

    /// A print has ended, and the hook has told it. What else tells of the same end still finds the message, until the next
    /// print has one. True when that is news.
    pub fn is_over(&mut self, hook: HookId, job: JobId) -> bool {
        let known = self.0.get_mut(&hook).and_then(|known| known.iter_mut().find(|known| known.job == job));
        known.is_some_and(|known| !std::mem::replace(&mut known.is_over, true))
    }

    /// The message is gone. True when that is news.
    pub fn forget(&mut self, hook: HookId, job: JobId) -> bool {
        let Some(known) = self.0.get_mut(&hook) else { return false };
        let before = known.len();
        known.retain(|known| known.job != job);
        known.len() != before
    }

    /// Forgets those of hooks that are gone. True when there were any.
    pub fn retain(&mut self, is_there: impl Fn(HookId) -> bool) -> bool {
        let before = self.0.len();
        self.0.retain(|hook, known| is_there(*hook) && !known.is_empty());
        self.0.len() != before
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{LONGEST, MOST_PER_HOOK, Messages, New};
    use crate::ids::{HookId, JobId};
    use crate::time::UnixMillis;

    const NOW: UnixMillis = UnixMillis(1_795_525_200_000);

    fn hook(number: u8) -> HookId {
        HookId::new(NOW, &[number; 10])
    }

    fn job(number: u8) -> JobId {
        JobId::new(NOW, &[number; 10])
    }

    fn remember(messages: &mut Messages, printer: &str, number: u8, now: UnixMillis) {
        let id = json!(number);
        messages.remember(hook(1), New { printer, job: job(number), id: &id, fingerprint: "f" }, now);
    }

    #[test]
    fn a_message_is_of_one_hook_one_print_and_one_address() {
        let mut messages = Messages::default();
        remember(&mut messages, "left", 1, NOW);
        assert_eq!(messages.of(hook(1), job(1), "f"), Some(&json!(1)));
        assert_eq!(messages.of(hook(1), job(1), "other"), None);
        assert_eq!(messages.of(hook(1), job(2), "f"), None);
        assert_eq!(messages.of(hook(2), job(1), "f"), None);
        let stored = serde_json::to_string(&messages).unwrap();
        assert_eq!(serde_json::from_str::<Messages>(&stored).unwrap(), messages);
        assert!(messages.forget(hook(1), job(1)) && !messages.forget(hook(1), job(1)));
        assert_eq!(messages.of(hook(1), job(1), "f"), None);
    }

    #[test]
    fn the_end_is_told_by_several_events_and_the_next_print_forgets_it() {
        let mut messages = Messages::default();
        remember(&mut messages, "left", 1, NOW);
        remember(&mut messages, "right", 2, NOW);
        assert!(messages.is_over(hook(1), job(1)) && !messages.is_over(hook(1), job(1)));
        assert!(messages.is_over(hook(1), job(2)));
        assert_eq!(messages.of(hook(1), job(1), "f"), Some(&json!(1)));
        remember(&mut messages, "left", 3, NOW);
        assert_eq!(messages.of(hook(1), job(1), "f"), None);
        assert_eq!(messages.of(hook(1), job(2), "f"), Some(&json!(2)), "that is another printer's");
    }

    #[test]
    fn there_are_never_many_and_none_is_old() {
        let mut messages = Messages::default();
        for number in 0..40 {
            remember(&mut messages, "left", number, NOW);
        }
        let known = |messages: &Messages| (0..40).filter(|n| messages.of(hook(1), job(*n), "f").is_some()).count();
        assert_eq!(known(&messages), MOST_PER_HOOK);
        assert!(messages.of(hook(1), job(39), "f").is_some());
        remember(&mut messages, "left", 50, NOW.plus(LONGEST));
        assert_eq!(known(&messages), 0);
        assert!(messages.retain(|id| id != hook(1)) && !messages.retain(|_| true));
    }
}
