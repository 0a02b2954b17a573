//! Where in a print a hook wants to hear of progress: every so many percent, minutes, layers or millimetres, at chosen layers
//! and heights, so many minutes before the end.
//!
//! What the user typed goes in as [`MilestonesConfig`], [`Milestones`] and sentences about what is wrong come out. [`Passed`]
//! is what one hook remembers of one print: only the newest milestone counts, so that a restart or a jump gives one message.

use std::str::FromStr;

use crate::event::Context;
use crate::ids::JobId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// More places than this are no list that a person wrote.
const MOST_PLACES: usize = 100;

/// A print that is seen earlier than this has just begun, in seconds.
const JUST_BEGUN: f64 = 60.0;

/// Progress beyond percent. Nothing set: percent alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MilestonesConfig {
    /// Every so many minutes of printing; 0 is off.
    pub every_minutes: u32,
    /// Every so many layers; 0 is off.
    pub every_layers: u32,
    /// Every so many millimetres of height; 0 is off.
    pub every_millimetres: u32,
    /// When these layers begin: numbers with commas between them, the first layer is 1.
    pub at_layers: String,
    /// When these heights are reached, in millimetres: numbers with commas between them.
    pub at_heights: String,
    /// So many minutes before the end: numbers with commas between them.
    pub minutes_before_end: String,
    /// Only for prints that take longer than so many minutes; 0 is any print.
    pub only_longer_than_minutes: u32,
}

impl MilestonesConfig {
    /// Whether nothing is set.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// The milestones of a hook, ready.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Milestones {
    /// Every so many percent.
    pub percent: Option<u8>,
    minutes: u32,
    layers: u32,
    millimetres: u32,
    at_layers: Vec<u32>,
    at_heights: Vec<f64>,
    before_end: Vec<u32>,
    longer_than: u32,
}

/// What one hook has heard of one print.
#[derive(Debug, Clone, Default)]
pub struct Passed {
    job: Option<JobId>,
    is_begun: bool,
    percent: u8,
    counts: [usize; 6],
}

impl Milestones {
    /// Makes them ready; what is no number is left out.
    pub fn new(config: &MilestonesConfig, percent: Option<u8>) -> Self {
        let mut ready = Self {
            percent,
            minutes: config.every_minutes,
            layers: config.every_layers,
            millimetres: config.every_millimetres,
            at_layers: list(&config.at_layers).unwrap_or_default(),
            at_heights: list(&config.at_heights).unwrap_or_default(),
            before_end: list(&config.minutes_before_end).unwrap_or_default(),
            longer_than: config.only_longer_than_minutes,
        };
        ready.at_layers.sort_unstable();
        ready.at_heights.sort_by(f64::total_cmp);
        ready
    }

    /// Whether there are any beside percent.
    pub fn has_others(&self) -> bool {
        self.minutes > 0 || self.wants_layers() || !self.before_end.is_empty()
    }

    /// Whether the layers of the file have to be known.
    pub fn wants_layers(&self) -> bool {
        self.layers > 0 || self.millimetres > 0 || !self.at_layers.is_empty() || !self.at_heights.is_empty()
    }

    /// Whether progress has passed a milestone that was not told yet.
    pub fn passes(&self, heard: &mut Passed, job: Option<JobId>, context: &Context) -> bool {
        if heard.job != job {
            *heard = Passed { job, ..Passed::default() };
        }
        let progress = |key: &str| context.get("progress").and_then(|progress| progress.get(key)?.as_f64());
        let (time, left) = (progress("printTime"), progress("printTimeLeft"));
        if self.longer_than > 0 {
            let estimated = context.get("job").and_then(|job| job.get("estimatedPrintTime")?.as_f64());
            let takes = time.zip(left).map(|(time, left)| time + left).or(estimated).or(time).unwrap_or(0.0);
            if takes <= f64::from(self.longer_than) * 60.0 {
                return false;
            }
        }
        let mut passes = self.passes_percent(heard, context);
        let now = self.counts(context, time, left);
        for ((index, told), now) in heard.counts.iter_mut().enumerate().zip(now) {
            // A print that is shorter than that has not come to it: it began behind it.
            let begins_behind = index == BEFORE_END && !heard.is_begun && time.is_none_or(|time| time < JUST_BEGUN);
            passes |= now > *told && !begins_behind;
            *told = now.max(*told);
        }
        heard.is_begun |= left.is_some();
        passes
    }

    fn passes_percent(&self, heard: &mut Passed, context: &Context) -> bool {
        let (Some(interval), Some(completion)) = (self.percent, context.completion()) else { return false };
        // 0 and 100 are never told: a start and an end have events of their own.
        let newest = completion.min(99) / interval * interval;
        let passes = newest > heard.percent;
        heard.percent = newest.max(heard.percent);
        passes
    }

    /// How many milestones of each kind lie behind this moment.
    fn counts(&self, context: &Context, time: Option<f64>, left: Option<f64>) -> [usize; 6] {
        let layer = |key: &str| context.get("layer").and_then(|layer| layer.get(key)?.as_f64());
        let (number, height) = (layer("number"), layer("height"));
        let every = |value: Option<f64>, interval: u32| match value {
            Some(value) if interval > 0 => whole(value / f64::from(interval)),
            _ => 0,
        };
        let reached = |is_reached: &dyn Fn(f64) -> bool, places: &mut dyn Iterator<Item = f64>| {
            places.filter(|place| is_reached(*place)).count()
        };
        [
            every(time.map(|time| time / 60.0), self.minutes),
            every(number, self.layers),
            every(height.map(|height| height + ALMOST), self.millimetres),
            reached(
                &|place| number.is_some_and(|number| number >= place),
                &mut self.at_layers.iter().map(|n| f64::from(*n)),
            ),
            reached(
                &|place| height.is_some_and(|height| height + ALMOST >= place),
                &mut self.at_heights.iter().copied(),
            ),
            reached(
                &|place| left.is_some_and(|left| left <= place * 60.0),
                &mut self.before_end.iter().map(|minutes| f64::from(*minutes)),
            ),
        ]
    }
}

/// Which of the counts is that of minutes before the end.
const BEFORE_END: usize = 5;

/// Heights that are written in steps of 0.2 do not add up to whole ones.
const ALMOST: f64 = 0.001;

impl Passed {
    /// The last percentage that was told of this print; 0 before the first.
    pub fn percent(&self, job: Option<JobId>) -> u8 {
        if self.job == job { self.percent } else { 0 }
    }
}

/// Reads numbers with commas between them.
///
/// # Errors
/// A sentence about the first that is none.
pub fn list<T: FromStr + Into<f64> + Copy>(text: &str) -> Result<Vec<T>, String> {
    let words = text.split([',', ' ', ';']).map(str::trim).filter(|word| !word.is_empty());
    let mut numbers = Vec::new();
    for word in words {
        let number = word.parse::<T>().ok().filter(|number| (*number).into() > 0.0 && (*number).into() < 1e9);
        let Some(number) = number else {
            return Err(format!("\"{word}\" is no number above 0. Write numbers with commas between them: 1, 5, 20."));
        };
        if numbers.len() >= MOST_PLACES {
            return Err(format!("No more than {MOST_PLACES} numbers."));
        }
        numbers.push(number);
    }
    Ok(numbers)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 on, and far below the largest")]
fn whole(value: f64) -> usize {
    if value.is_finite() { value.clamp(0.0, 1e9) as usize } else { 0 }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Milestones, MilestonesConfig, Passed, list};
    use crate::event::Context;

    /// Which of these moments (minutes, minutes left, layer, height) are told.
    #[track_caller]
    fn check(config: &MilestonesConfig, moments: &[(f64, f64, u32, f64)], told: &[usize]) {
        let milestones = Milestones::new(config, None);
        let mut passed = Passed::default();
        let found: Vec<usize> = (0..moments.len())
            .filter(|index| {
                let (time, left, number, height) = moments[*index];
                let context = json!({"progress": {"completion": 1.0, "printTime": time * 60.0, "printTimeLeft": left * 60.0},
                    "layer": {"number": number, "height": height}});
                let Value::Object(context) = context else { unreachable!() };
                milestones.passes(&mut passed, None, &Context(context))
            })
            .collect();
        assert_eq!(found, told);
    }

    const PRINT: [(f64, f64, u32, f64); 7] = [
        (0.1, 60.0, 1, 0.2),
        (9.0, 51.0, 4, 0.8),
        (10.5, 45.0, 5, 1.0),
        (11.0, 44.0, 5, 1.0),
        (30.0, 29.0, 20, 4.0),
        (31.0, 33.0, 19, 3.8),
        (59.0, 1.0, 50, 10.0),
    ];

    #[test]
    fn each_kind_is_told_once_and_a_jump_only_once() {
        let none = MilestonesConfig::default();
        check(&none, &PRINT, &[]);
        check(&MilestonesConfig { every_minutes: 10, ..none.clone() }, &PRINT, &[2, 4, 6]);
        check(&MilestonesConfig { every_layers: 5, ..none.clone() }, &PRINT, &[2, 4, 6]);
        check(&MilestonesConfig { every_millimetres: 1, ..none.clone() }, &PRINT, &[2, 4, 6]);
        check(&MilestonesConfig { at_layers: "20, 4".into(), ..none.clone() }, &PRINT, &[1, 4]);
        check(&MilestonesConfig { at_heights: "0.2 10".into(), ..none.clone() }, &PRINT, &[0, 6]);
        check(&MilestonesConfig { minutes_before_end: "30, 2".into(), ..none.clone() }, &PRINT, &[4, 6]);
        check(&MilestonesConfig { minutes_before_end: "90".into(), ..none.clone() }, &PRINT, &[]);
        let longer = MilestonesConfig { every_layers: 5, only_longer_than_minutes: 62, ..none };
        check(&longer, &PRINT, &[5]);
    }

    #[test]
    fn lists_of_numbers() {
        assert_eq!(list::<u32>(" 1, 5;20 "), Ok(vec![1, 5, 20]));
        assert_eq!(list::<f64>("0.2,10"), Ok(vec![0.2, 10.0]));
        for wrong in ["a", "1, 0", "-1", "1.5.2", "1e99"] {
            assert!(list::<f64>(wrong).is_err(), "{wrong}");
        }
        assert!(list::<u32>("1.5").is_err());
        assert!(list::<u32>(&"1,".repeat(101)).is_err());
    }
}
