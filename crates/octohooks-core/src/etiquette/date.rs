//! A date as HTTP has it in, a moment out: all three forms that RFC 9110 (5.6.7) asks to be read.
//!
//! The day's name is not compared with the date: a server that errs there still means what it says.

use jiff::civil;

use crate::time::UnixMillis;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`, or `Sun Nov  6 08:49:37 1994`; `None` when it is
/// none of them. `near` is a moment that settles the century of a year with two digits.
pub fn parse_http_date(text: &str, near: UnixMillis) -> Option<UnixMillis> {
    let separated = text.trim().replace([',', '-'], " ");
    let words: Vec<&str> = separated.split_ascii_whitespace().collect();
    let (day, month, year, time) = match words[..] {
        [_, day, month, year, time, zone] if zone.eq_ignore_ascii_case("GMT") || zone.eq_ignore_ascii_case("UTC") => {
            (day, month, year, time)
        }
        [_, month, day, time, year] => (day, month, year, time),
        _ => return None,
    };
    let month = MONTHS.iter().position(|name| month.get(..3).is_some_and(|start| start.eq_ignore_ascii_case(name)))?;
    let month = i8::try_from(month).ok()? + 1;
    let day: i8 = number(day)?;
    let (hour, minute, second) = clock(time)?;
    let at = |year: i16| {
        let date_time = civil::DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
        let timestamp = jiff::tz::TimeZone::UTC.to_timestamp(date_time).ok()?;
        Some(UnixMillis(timestamp.as_millisecond()))
    };
    match year.len() {
        4 => at(number(year)?),
        2 => nearest_century(number(year)?, near, at),
        _ => None,
    }
}

/// RFC 9110: a year with two digits that seems to be more than 50 years ahead is in the past.
fn nearest_century(year: i16, near: UnixMillis, at: impl Fn(i16) -> Option<UnixMillis>) -> Option<UnixMillis> {
    const FIFTY_YEARS: i64 = 50 * 31_556_952_000;
    [2000 + year, 1900 + year]
        .into_iter()
        .filter_map(at)
        .find(|moment| moment.0.saturating_sub(near.0.max(0)) <= FIFTY_YEARS)
}

fn clock(time: &str) -> Option<(i8, i8, i8)> {
    let mut parts = time.split(':');
    let (hour, minute, second) = (number(parts.next()?)?, number(parts.next()?)?, number::<i8>(parts.next()?)?);
    // A leap second is the second before it, for all that waits.
    parts.next().is_none().then_some((hour, minute, second.min(59)))
}

/// Digits alone: no sign.
fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}
