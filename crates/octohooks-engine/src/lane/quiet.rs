//! Quiet hours in a lane: what waits for their end, what goes silently, and the digest when they are over.
//!
//! Nothing is remembered of a delivery: whether it waits is asked of its hook and the clock each time it comes up, so that a
//! restart or an edit changes nothing but the answer. What a digest stands for ends when the digest does, and not before.

use std::time::Duration;

use octohooks_core::compose::message;
use octohooks_core::daytime::Local;
use octohooks_core::hook::ready::Hook;
use octohooks_core::ids::DeliveryId;
use octohooks_core::moment::Now;
use octohooks_core::quiet::Verdict;

use super::Lane;
use crate::cargo::Item;
use crate::journal::State;

/// While clocks may be put forward or back, the end of quiet hours is looked at again this often.
const LOOK_AGAIN: Duration = Duration::from_mins(15);

impl Lane {
    /// How long a delivery has to wait for the end of its hook's quiet hours.
    pub(super) fn wait_for_quiet_hours(&self, item: &Item, now: &Now) -> Option<Duration> {
        let roster = self.surroundings.shelf.roster();
        let (_, hook) = roster.get(item.place.hook)?;
        let quiet = hook.quiet.as_ref()?;
        match quiet.verdict(item.class, now.wall, self.surroundings.utc_offset()) {
            Verdict::Hold { until } => Some(until.since(now.wall).clamp(Duration::from_millis(1), LOOK_AGAIN)),
            Verdict::Go | Verdict::Silent | Verdict::Drop => None,
        }
    }

    /// That it waits for the end of quiet hours, in words.
    pub(super) fn explain_quiet_hours(&self, item: &Item, now: &Now) -> Option<String> {
        self.wait_for_quiet_hours(item, now)?;
        let roster = self.surroundings.shelf.roster();
        let until = roster.get(item.place.hook)?.1.quiet.as_ref()?.until();
        Some(format!("Held until {until}: quiet hours."))
    }

    pub(super) fn hold_for_quiet_hours(&mut self, mut item: Item, wait: Duration, now: &Now) {
        if let Some(message) = self.explain_quiet_hours(&item, now)
            && item.payload.entry.message != message
        {
            self.note(&mut item, State::Waiting, message);
        }
        for left in self.queue.give_back(item, wait, now) {
            self.leave(left);
        }
    }

    /// Whether a delivery that goes now should make no noise.
    pub(super) fn goes_silently(&self, hook: &Hook, item: &Item, now: &Now) -> bool {
        let offset = self.surroundings.utc_offset();
        hook.quiet.as_ref().is_some_and(|quiet| quiet.verdict(item.class, now.wall, offset) == Verdict::Silent)
    }

    /// What else was held of the same hook and printer goes with the newest of it. Gives back what is to be sent now; nothing
    /// where that is a later one.
    pub(super) fn gather_digest(&mut self, item: Item) -> Option<Item> {
        let roster = self.surroundings.shelf.roster();
        let Some((_, hook)) = roster.get(item.place.hook) else { return Some(item) };
        let Some(quiet) = hook.quiet.as_ref().filter(|quiet| quiet.digest) else { return Some(item) };
        let offset = self.surroundings.utc_offset();
        let was_held = |other: &Item| {
            let happened = other.payload.parcel.matched.event.at;
            matches!(quiet.verdict(other.class, happened, offset), Verdict::Hold { .. })
        };
        if !was_held(&item) || item.payload.parcel.attempts > 0 || !item.payload.also.is_empty() {
            return Some(item);
        }
        let others: Vec<DeliveryId> = self
            .queue
            .iter()
            .filter(|other| other.place == item.place && was_held(other))
            .map(|other| other.id)
            .collect();
        let Some(newest) = others.last().copied() else { return Some(item) };
        let line = line_of(hook, &item, offset);
        let mut also = vec![item];
        let mut lines = vec![line];
        for id in others.iter().filter(|id| **id != newest) {
            if let Some(left) = self.queue.remove(*id) {
                lines.push(line_of(hook, &left.item, offset));
                also.push(left.item);
            }
        }
        self.queue.finish(&also[0]);
        match self.queue.get_mut(newest) {
            Some(carrier) => {
                carrier.payload.parcel.digest = lines;
                carrier.payload.also = also;
            }
            // It cannot be gone: nothing was awaited. Were it so, all go by themselves.
            None => {
                for item in also {
                    self.surroundings.reroute(item);
                }
            }
        }
        None
    }
}

/// `22:14 Print Done`.
fn line_of(hook: &Hook, item: &Item, offset: i32) -> String {
    let event = &item.payload.parcel.matched.event;
    let clock = Local::new(event.at, offset).clock;
    let more = if item.repeats > 0 { format!(" ({} times)", item.repeats + 1) } else { String::new() };
    let matched = &item.payload.parcel.matched;
    let template = hook.listens.message(matched.subscription, &matched.event.name);
    let recipe = hook.recipe.as_ref().ok();
    let message = recipe.zip(template).map(|(recipe, template)| message(recipe, template, &item.payload.parcel));
    let message = message.unwrap_or_default();
    let what = if message.is_empty() { item.payload.entry.topic.clone() } else { message };
    format!("{clock} {what}{more}")
}
