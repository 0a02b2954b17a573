//! Points in time as numbers. Nothing here reads a clock: every reading is an argument.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z on the wall clock of the machine that saw something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct UnixMillis(pub i64);

impl UnixMillis {
    /// Whole seconds since the epoch, rounded down: the value of `@currentTime`.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The time from `earlier` until `self`; zero when the clock was set back in between.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// This moment plus a span, saturating.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    /// The same moment on a clock that was set by so many milliseconds.
    #[must_use]
    pub const fn on_clock_set_by(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// RFC 3339 in UTC with seconds (`2026-11-24T12:54:17Z`), for people and file names.
    pub fn rfc3339(self) -> String {
        self.rfc3339_at_offset(0)
    }

    /// RFC 3339 with the given offset from UTC in seconds (`2026-11-24T13:54:17+01:00`).
    /// A moment or an offset outside of what a calendar can hold gives an empty text.
    pub fn rfc3339_at_offset(self, offset_seconds: i32) -> String {
        let (Ok(timestamp), Ok(offset)) =
            (jiff::Timestamp::from_second(self.seconds()), jiff::tz::Offset::from_seconds(offset_seconds))
        else {
            return String::new();
        };
        if offset_seconds == 0 { timestamp.to_string() } else { timestamp.display_with_offset(offset).to_string() }
    }

    /// A moment as RFC 3339 has it; `None` for any other text.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|moment| Self(moment.as_millisecond()))
    }

    /// In a form like strftime's, at the given offset from UTC in seconds; `None` where the form is wrong, or no calendar
    /// holds the moment.
    pub fn formatted(self, form: &str, offset_seconds: i32) -> Option<String> {
        let moment = jiff::Timestamp::from_millisecond(self.0).ok()?;
        let offset = jiff::tz::Offset::from_seconds(offset_seconds).ok()?;
        let zoned = moment.to_zoned_datetime(offset.to_time_zone());
        jiff::fmt::strtime::format(form, &zoned).ok()
    }
}
