//! What temperatures mean to those who wait for one: readings in, what was reached, held, or left behind out.
//!
//! A reading wavers, so that a rule that was told is told again only after the temperature has been somewhere else. It must
//! never decide who wants an event.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use crate::event::Context;
use crate::heat::{Rule, When};
use crate::time::UnixMillis;

/// A heater is at its target when it is this close, in °C.
const AT_TARGET: f64 = 2.0;

/// While it is held it may stray this far, in °C.
const STRAYS: f64 = 5.0;

/// Below a limit counts again after it was this much above, in °C.
const ABOVE: f64 = 3.0;

/// More heaters than this no printer has.
const MOST_HEATERS: usize = 32;

/// What is remembered of one heater for one rule.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Watch {
    /// Reached: the target that was told. Held: the target since `since`.
    target: Option<f64>,
    since: Option<UnixMillis>,
    /// Held: told. Below: it was above.
    is_set: bool,
}

/// What is remembered of all heaters.
#[derive(Debug, Default)]
pub(super) struct Heaters {
    rules: Vec<Rule>,
    watches: HashMap<(String, String), Watch>,
}

/// One reading of one heater.
#[derive(Debug, Clone, Copy)]
struct Reading {
    at: UnixMillis,
    actual: f64,
    target: f64,
    is_first: bool,
}

impl Heaters {
    /// The moments that are remembered.
    pub(super) fn moments(&mut self) -> impl Iterator<Item = &mut UnixMillis> {
        self.watches.values_mut().filter_map(|watch| watch.since.as_mut())
    }

    /// Waits for these from now on; what is known of those that stay is kept.
    pub(super) fn watch(&mut self, rules: Vec<Rule>) {
        let names: Vec<String> = rules.iter().map(ToString::to_string).collect();
        self.watches.retain(|(rule, _), _| names.contains(rule));
        self.rules = rules;
    }

    /// Reads all temperatures; the payload of each event that comes of it.
    pub(super) fn read(&mut self, at: UnixMillis, context: &Context) -> Vec<Value> {
        let mut told = Vec::new();
        let readings: BTreeMap<&String, (f64, f64)> = context
            .get("temperatures")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .filter_map(|(name, values)| {
                let actual = values.get("actual")?.as_f64()?;
                Some((name, (actual, values.get("target").and_then(Value::as_f64).unwrap_or(0.0))))
            })
            .take(MOST_HEATERS)
            .collect();
        for rule in &self.rules {
            let wanted = |name: &str| rule.heater.as_ref().is_none_or(|heater| heater.eq_ignore_ascii_case(name));
            for (name, (actual, target)) in readings.iter().filter(|(name, _)| wanted(name)) {
                let key = (rule.to_string(), (*name).clone());
                let is_first = !self.watches.contains_key(&key);
                let watch = self.watches.entry(key).or_default();
                let reading = Reading { at, actual: *actual, target: *target, is_first };
                if watch.tells(rule.when, reading) {
                    told.push(payload(rule, name, reading));
                }
            }
        }
        told
    }
}

impl Watch {
    /// Whether this reading is worth telling.
    fn tells(&mut self, when: When, reading: Reading) -> bool {
        let Reading { at, actual, target, is_first } = reading;
        let is_at_target = |distance: f64| target > 0.0 && (actual - target).abs() <= distance;
        match when {
            When::Reached => {
                if target <= 0.0 {
                    self.target = None;
                    return false;
                }
                let is_news = is_at_target(AT_TARGET) && self.target != Some(target);
                if is_news {
                    self.target = Some(target);
                }
                // What was so before anybody looked has not happened now.
                is_news && !is_first
            }
            When::Held(wanted) => {
                if !is_at_target(STRAYS) || self.target.is_some_and(|held| held.total_cmp(&target).is_ne()) {
                    *self = Self { target: (target > 0.0).then_some(target), ..Self::default() };
                }
                if is_at_target(AT_TARGET) && self.since.is_none() {
                    (self.since, self.target) = (Some(at), Some(target));
                }
                let is_news = !self.is_set && self.since.is_some_and(|since| at.since(since) >= wanted);
                self.is_set |= is_news;
                is_news
            }
            When::Below(limit) => {
                let is_news = self.is_set && actual < limit && target < limit;
                if actual >= limit + ABOVE {
                    self.is_set = true;
                } else if is_news {
                    self.is_set = false;
                }
                is_news
            }
        }
    }
}

fn payload(rule: &Rule, heater: &str, reading: Reading) -> Value {
    let (actual, target) = (reading.actual, reading.target);
    let mut payload = json!({"rule": rule.to_string(), "heater": heater, "actual": actual, "target": target});
    let (what, text) = match rule.when {
        When::Reached => ("reached", format!("{heater} has reached {target} °C.")),
        When::Held(length) => {
            let seconds = length.as_secs();
            let (minutes, spoken) = if seconds.is_multiple_of(60) {
                (Value::from(seconds / 60), format!("{} min", seconds / 60))
            } else {
                (Value::from(length.as_secs_f64() / 60.0), format!("{seconds} s"))
            };
            payload["minutes"] = minutes;
            ("held", format!("{heater} has been at {target} °C for {spoken}."))
        }
        When::Below(limit) => {
            payload["limit"] = limit.into();
            ("below", format!("{heater} has cooled below {limit} °C."))
        }
    };
    (payload["what"], payload["text"]) = (what.into(), text.into());
    payload
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::Heaters;
    use crate::event::Context;
    use crate::heat;
    use crate::time::UnixMillis;

    fn context(heater: &str, actual: f64, target: f64) -> Context {
        let Value::Object(context) = json!({"temperatures": {heater: {"actual": actual, "target": target}}}) else {
            unreachable!()
        };
        Context(context)
    }

    /// Readings, one a minute, and which of them are told.
    #[track_caller]
    fn check(rule: &str, readings: &[(f64, f64)], told: &[usize]) {
        let mut heaters = Heaters::default();
        heaters.watch(heat::read(rule).0);
        let found: Vec<usize> = (0_i64..)
            .zip(readings)
            .filter(|(minute, (actual, target))| {
                !heaters.read(UnixMillis(minute * 60_000), &context("bed", *actual, *target)).is_empty()
            })
            .filter_map(|(minute, _)| usize::try_from(minute).ok())
            .collect();
        assert_eq!(found, told, "{rule}");
    }

    #[test]
    fn reached_once_per_target() {
        let heating = [
            (20.0, 0.0),
            (21.0, 60.0),
            (59.0, 60.0),
            (57.0, 60.0),
            (60.1, 60.0),
            (60.0, 80.0),
            (79.0, 80.0),
            (78.0, 0.0),
        ];
        check("bed reached", &heating, &[2, 6]);
        check("any reached", &heating, &[2, 6]);
        check("tool0 reached", &heating, &[]);
        check("bed reached", &[(60.0, 60.0), (60.0, 60.0)], &[]);
        check("bed reached", &[(60.0, 60.0), (60.0, 0.0), (59.0, 60.0)], &[2]);
    }

    #[test]
    fn held_for_so_long() {
        let held = [(20.0, 60.0), (59.0, 60.0), (60.0, 60.0), (57.0, 60.0), (60.0, 60.0), (60.0, 60.0)];
        check("bed held 3", &held, &[4]);
        let strays = [(59.0, 60.0), (60.0, 60.0), (40.0, 60.0), (59.0, 60.0), (60.0, 60.0), (60.0, 60.0)];
        check("bed held 2", &strays, &[5]);
        let changed = [(59.0, 60.0), (60.0, 60.0), (60.0, 62.0), (60.5, 62.0), (61.0, 62.0)];
        check("bed held 2", &changed, &[4]);
        check("bed held 90 s", &changed, &[4]);
        check("bed held 61 s", &[(60.0, 60.0), (60.0, 60.0), (60.0, 60.0), (60.0, 60.0)], &[2]);
    }

    #[test]
    fn cooled_below_with_hysteresis() {
        let cooling = [(60.0, 60.0), (45.0, 0.0), (39.9, 0.0), (40.1, 0.0), (39.0, 0.0), (44.0, 0.0), (38.0, 0.0)];
        check("bed below 40", &cooling, &[2, 6]);
        check("bed below 40", &[(20.0, 60.0), (30.0, 60.0), (41.0, 60.0), (39.0, 60.0)], &[]);
    }

    #[test]
    fn what_is_told() {
        let mut heaters = Heaters::default();
        heaters.watch(heat::read("bed below 40").0);
        assert!(heaters.read(UnixMillis(0), &context("bed", 60.0, 0.0)).is_empty());
        let told = heaters.read(UnixMillis(1), &context("bed", 39.5, 0.0));
        let expected = json!({"rule": "bed below 40", "heater": "bed", "actual": 39.5, "target": 0.0, "limit": 40.0,
            "what": "below", "text": "bed has cooled below 40 °C."});
        assert_eq!(told, [expected]);

        for (rule, minutes, spoken) in [("bed held 2", json!(2), "2 min"), ("bed held 90 s", json!(1.5), "90 s")] {
            let mut heaters = Heaters::default();
            heaters.watch(heat::read(rule).0);
            assert!(heaters.read(UnixMillis(0), &context("bed", 60.0, 60.0)).is_empty());
            let told = heaters.read(UnixMillis(120_000), &context("bed", 59.0, 60.0));
            let text = format!("bed has been at 60 °C for {spoken}.");
            let expected = json!({"rule": rule, "heater": "bed", "actual": 59.0, "target": 60.0, "minutes": minutes,
                "what": "held", "text": text});
            assert_eq!(told, [expected]);
        }
    }

    proptest! {
        #[test]
        fn a_reading_that_wavers_is_told_at_most_once(noise in prop::collection::vec(-1.9_f64..1.9, 1..200)) {
            let mut heaters = Heaters::default();
            heaters.watch(heat::read("bed reached\nbed below 40").0);
            let mut told = 0;
            for (index, noise) in (0_i64..).zip(&noise) {
                told += heaters.read(UnixMillis(index * 1000), &context("bed", 60.0 + noise, 60.0)).len();
            }
            for (index, noise) in (0_i64..).zip(&noise) {
                told += heaters.read(UnixMillis(1_000_000 + index * 1000), &context("bed", 40.0 + noise, 0.0)).len();
            }
            prop_assert!(told <= 1, "{told}");
        }
    }
}
