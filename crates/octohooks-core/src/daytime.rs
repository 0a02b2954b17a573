//! Spans of the day, `22:00` to `07:00` on some days of the week: whether a moment is in one, and when it ends.
//!
//! A moment is local by an offset from UTC that is an argument: that of the machine at the printer. Where a span reaches
//! over midnight, the day on which it begins counts. When clocks are put forward or back within a span, its end is off by
//! that hour until the new offset is known.

use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::time::UnixMillis;

const MINUTES_OF_DAY: i64 = 24 * 60;

/// A span of the day as the user typed it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SpanConfig {
    /// When it begins, `22:00`.
    pub from: String,
    /// When it ends, `07:00`; the same as `from` is a whole day.
    pub until: String,
    /// The days on which it begins; none listed means all.
    pub days: Vec<Day>,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "they are what they are called")]
pub enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// A span of the day that makes sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    from: Clock,
    until: Clock,
    days: Vec<Day>,
}

/// A time of day in minutes from midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Clock(u16);

/// A moment as a clock on the wall beside the printer shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Local {
    /// Days since 1970-01-01.
    day: i64,
    /// The time of that day.
    pub clock: Clock,
}

impl Day {
    const ALL: [Self; 7] =
        [Self::Monday, Self::Tuesday, Self::Wednesday, Self::Thursday, Self::Friday, Self::Saturday, Self::Sunday];

    /// 1970-01-01 was a Thursday.
    fn of(day: i64) -> Self {
        let index = usize::try_from((day + 3).rem_euclid(7)).unwrap_or(0);
        Self::ALL[index]
    }
}

impl Clock {
    /// Reads `7:05` or `07:05`; `24:00` is the end of the day.
    pub fn parse(text: &str) -> Option<Self> {
        let (hours, minutes) = text.trim().split_once(':')?;
        let digits = |text: &str, most: usize| {
            let fits = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<u16>().ok().filter(|_| fits)
        };
        let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
        ((hours < 24 && minutes < 60) || (hours == 24 && minutes == 0)).then_some(Self(hours % 24 * 60 + minutes))
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Local {
    /// A moment at an offset from UTC, in seconds east of it.
    pub fn new(at: UnixMillis, utc_offset: i32) -> Self {
        let minutes = at.seconds().saturating_add(i64::from(utc_offset)).div_euclid(60);
        let clock = u16::try_from(minutes.rem_euclid(MINUTES_OF_DAY)).unwrap_or(0);
        Self { day: minutes.div_euclid(MINUTES_OF_DAY), clock: Clock(clock) }
    }

    /// Its day of the week.
    pub fn day(self) -> Day {
        Day::of(self.day)
    }
}

impl Span {
    /// Reads a span.
    ///
    /// # Errors
    /// The name of the field that is no time of day.
    pub fn new(config: &SpanConfig) -> Result<Self, &'static str> {
        Ok(Self {
            from: Clock::parse(&config.from).ok_or("from")?,
            until: Clock::parse(&config.until).ok_or("until")?,
            days: config.days.clone(),
        })
    }

    /// Whether a moment is within it.
    pub fn contains(&self, local: Local) -> bool {
        self.begun_on(local).is_some()
    }

    /// When the span that a moment is in ends; `None` where it is in none.
    pub fn end_of(&self, at: UnixMillis, utc_offset: i32) -> Option<UnixMillis> {
        let begun = self.begun_on(Local::new(at, utc_offset))?;
        let days = if self.until > self.from { begun } else { begun + 1 };
        let minutes = days * MINUTES_OF_DAY + i64::from(self.until.0);
        Some(UnixMillis((minutes * 60 - i64::from(utc_offset)) * 1000))
    }

    /// How long it is.
    pub fn longest(&self) -> Duration {
        let minutes = (i64::from(self.until.0) - i64::from(self.from.0)).rem_euclid(MINUTES_OF_DAY);
        let minutes = if minutes == 0 { MINUTES_OF_DAY } else { minutes };
        Duration::from_mins(u64::try_from(minutes).unwrap_or(0))
    }

    /// When it begins, by the clock on the wall.
    pub fn from(&self) -> Clock {
        self.from
    }

    /// When it ends, by the clock on the wall.
    pub fn until(&self) -> Clock {
        self.until
    }

    /// The day on which the span began that a moment is in.
    fn begun_on(&self, local: Local) -> Option<i64> {
        let on = |day: i64| self.days.is_empty() || self.days.contains(&Day::of(day));
        let clock = local.clock;
        if self.from < self.until {
            return (self.from <= clock && clock < self.until && on(local.day)).then_some(local.day);
        }
        if clock >= self.from && on(local.day) {
            return Some(local.day);
        }
        (clock < self.until && on(local.day - 1)).then_some(local.day - 1)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} to {}", self.from, self.until)
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, Day, Local, Span, SpanConfig};
    use crate::time::UnixMillis;

    fn span(from: &str, until: &str, days: &[Day]) -> Span {
        Span::new(&SpanConfig { from: from.into(), until: until.into(), days: days.to_vec() }).unwrap()
    }

    /// Minutes after midnight on Tuesday, 2026-11-24, in UTC.
    fn tuesday(hours: i64, minutes: i64) -> UnixMillis {
        UnixMillis((1_795_478_400 + hours * 3600 + minutes * 60) * 1000)
    }

    #[test]
    fn times_of_day_are_read_as_people_write_them() {
        let read = |text: &str| Clock::parse(text).map(|clock| clock.to_string());
        assert_eq!(read("7:05").as_deref(), Some("07:05"));
        assert_eq!(read(" 23:59 ").as_deref(), Some("23:59"));
        assert_eq!(read("24:00").as_deref(), Some("00:00"));
        for wrong in ["", "7", "24:01", "12:60", "a:b", "-1:00", "+7:00", "1:2:3", "007:00"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_moment_is_local_by_its_offset() {
        let local = Local::new(tuesday(23, 30), 3600);
        assert_eq!((local.day(), local.clock.to_string().as_str()), (Day::Wednesday, "00:30"));
        assert_eq!(Local::new(tuesday(0, 0), -60).day(), Day::Monday);
        assert_eq!(Local::new(UnixMillis(-1), 0).clock.to_string(), "23:59");
    }

    #[test]
    fn a_span_over_midnight_belongs_to_the_day_on_which_it_begins() {
        let night = span("22:00", "07:00", &[Day::Tuesday]);
        let within = |at| night.contains(Local::new(at, 0));
        assert!(!within(tuesday(6, 0)) && !within(tuesday(21, 59)));
        assert!(within(tuesday(22, 0)) && within(tuesday(30, 59)));
        assert!(!within(tuesday(31, 0)) && !within(tuesday(46, 0)));
        assert_eq!(night.end_of(tuesday(23, 0), 0), Some(tuesday(31, 0)));
        assert_eq!(night.end_of(tuesday(30, 0), 0), Some(tuesday(31, 0)));
        assert_eq!(night.end_of(tuesday(21, 0), 0), None);
        // 21:30 UTC is 22:30 one hour east; it ends at 07:00 there.
        assert_eq!(night.end_of(tuesday(21, 30), 3600), Some(tuesday(30, 0)));
    }

    #[test]
    fn a_span_within_a_day_and_a_whole_day() {
        let noon = span("12:00", "13:30", &[]);
        assert_eq!(noon.end_of(tuesday(12, 30), 0), Some(tuesday(13, 30)));
        assert!(!noon.contains(Local::new(tuesday(13, 30), 0)));
        let day = span("06:00", "06:00", &[Day::Monday, Day::Tuesday]);
        assert_eq!(day.end_of(tuesday(5, 0), 0), Some(tuesday(6, 0)));
        assert_eq!(day.end_of(tuesday(6, 0), 0), Some(tuesday(30, 0)));
        assert_eq!(day.end_of(tuesday(30, 0), 0), None);
        assert!(Span::new(&SpanConfig { from: "x".into(), ..SpanConfig::default() }) == Err("from"));
    }
}
