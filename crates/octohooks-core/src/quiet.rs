//! Quiet hours: a span of the day in which a hook keeps still, but for what matters enough.
//!
//! Comes in: what the user set, how much a delivery matters, a moment, and the offset from UTC at the printer. Goes out: that it
//! may go, waits until a moment, goes silently, or is dropped. Nothing is remembered: asked again after a restart, the answer is
//! the same.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::daytime::{Clock, Span, SpanConfig};
use crate::problem::Problem;
use crate::schedule::Class;
use crate::time::UnixMillis;

/// Quiet hours as the user set them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct QuietConfig {
    /// Whether there are any.
    pub enabled: bool,
    /// When they are, by the clock at the printer.
    pub span: SpanConfig,
    /// What becomes of events meanwhile.
    pub what: What,
    /// What is sent all the same.
    pub bypass: Bypass,
    /// Whether what was held is told in one message when they end, the newest, with the others in its message.
    pub digest: bool,
}

/// What becomes of events in quiet hours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// They wait until the quiet hours end. Progress is dropped: it would be stale.
    #[default]
    Hold,
    /// They are sent, and `@silent` is true.
    Silence,
    /// They are not sent.
    Drop,
}

/// What is sent in quiet hours all the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Bypass {
    /// What somebody has to do something about.
    #[default]
    Critical,
    /// That, and the course of a print: progress alone is kept still.
    Lifecycle,
    /// Nothing.
    Nothing,
}

/// Quiet hours made ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quiet {
    span: Span,
    what: What,
    bypass: Bypass,
    /// Whether what was held is told in one message.
    pub digest: bool,
}

/// What quiet hours say of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Go,
    /// It waits until then.
    Hold {
        /// Until then.
        until: UnixMillis,
    },
    /// It goes, and says that it should make no noise.
    Silent,
    /// It is not sent.
    Drop,
}

impl QuietConfig {
    /// Whether nothing is set.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Quiet {
    /// Makes quiet hours ready; `None` where there are none.
    ///
    /// # Errors
    /// What is no time of day.
    pub fn new(config: &QuietConfig) -> Result<Option<Self>, Problem> {
        if !config.enabled {
            return Ok(None);
        }
        let span = Span::new(&config.span).map_err(|field| {
            Problem::error(format!("quiet.span.{field}"), "Write a time of day like 22:00 and 07:00.")
        })?;
        Ok(Some(Self { span, what: config.what, bypass: config.bypass, digest: config.digest }))
    }

    /// What they say of a delivery at a moment.
    pub fn verdict(&self, class: Class, at: UnixMillis, utc_offset: i32) -> Verdict {
        match self.span.end_of(at, utc_offset).zip(self.treatment(class)) {
            None => Verdict::Go,
            Some((_, What::Silence)) => Verdict::Silent,
            Some((until, What::Hold)) => Verdict::Hold { until },
            Some((_, What::Drop)) => Verdict::Drop,
        }
    }

    /// What becomes of deliveries of a class in quiet hours; `None`: they go all the same.
    fn treatment(&self, class: Class) -> Option<What> {
        let bypasses = match self.bypass {
            Bypass::Critical => class >= Class::Critical,
            Bypass::Lifecycle => class >= Class::Lifecycle,
            Bypass::Nothing => false,
        };
        let held = self.what == What::Hold && class.is_latest_wins();
        (!bypasses).then_some(if held { What::Drop } else { self.what })
    }

    /// What they would do with a delivery that is sent as a test, which goes at once; `None`: nothing.
    pub fn foretell(&self, class: Class, at: UnixMillis, utc_offset: i32) -> Option<String> {
        let treatment = self.treatment(class)?;
        let (from, until) = (self.span.from(), self.span.until());
        Some(match (self.span.end_of(at, utc_offset), treatment) {
            (Some(_), What::Hold) => format!("Now are quiet hours: it would wait until {until}. A test goes at once."),
            (Some(_), What::Silence) => {
                format!("Now are quiet hours, until {until}: @silent is true, in this test as well.")
            }
            (Some(_), What::Drop) => format!("Now are quiet hours, until {until}: it would not be sent. A test is."),
            (None, What::Hold) => format!("In quiet hours, from {from} to {until}, it would wait for their end."),
            (None, What::Silence) => format!("In quiet hours, from {from} to {until}, @silent would be true."),
            (None, What::Drop) => format!("In quiet hours, from {from} to {until}, it would not be sent."),
        })
    }

    /// When they end, by the clock at the printer.
    pub fn until(&self) -> Clock {
        self.span.until()
    }

    /// How much longer a delivery is worth sending because it may have to wait.
    pub fn longer(&self, class: Class) -> Duration {
        if self.what == What::Hold && !class.is_latest_wins() { self.span.longest() } else { Duration::ZERO }
    }
}

#[cfg(test)]
mod tests {
    use super::{Bypass, Quiet, QuietConfig, Verdict, What};
    use crate::daytime::SpanConfig;
    use crate::schedule::Class;
    use crate::time::UnixMillis;

    fn quiet(what: What, bypass: Bypass) -> Quiet {
        let span = SpanConfig { from: "22:00".into(), until: "07:00".into(), days: vec![] };
        Quiet::new(&QuietConfig { enabled: true, span, what, bypass, digest: false }).unwrap().unwrap()
    }

    /// Hours after midnight on 2026-11-24 in UTC.
    fn at(hours: i64) -> UnixMillis {
        UnixMillis((1_795_478_400 + hours * 3600) * 1000)
    }

    #[test]
    fn what_waits_waits_until_the_end_by_the_clock_at_the_printer() {
        let quiet = quiet(What::Hold, Bypass::Critical);
        assert_eq!(quiet.verdict(Class::Lifecycle, at(23), 0), Verdict::Hold { until: at(31) });
        assert_eq!(quiet.verdict(Class::Lifecycle, at(6), 0), Verdict::Hold { until: at(7) });
        assert_eq!(quiet.verdict(Class::Lifecycle, at(21), 3600), Verdict::Hold { until: at(30) });
        assert_eq!(quiet.verdict(Class::Lifecycle, at(7), 0), Verdict::Go);
        assert_eq!(quiet.verdict(Class::Critical, at(23), 0), Verdict::Go);
        assert_eq!(quiet.verdict(Class::Progress, at(23), 0), Verdict::Drop);
        assert_eq!(quiet.longer(Class::Lifecycle).as_secs(), 9 * 3600);
        assert!(quiet.longer(Class::Progress).is_zero());
    }

    #[test]
    fn silence_drop_and_what_goes_all_the_same() {
        assert_eq!(quiet(What::Silence, Bypass::Critical).verdict(Class::Progress, at(23), 0), Verdict::Silent);
        assert_eq!(quiet(What::Drop, Bypass::Critical).verdict(Class::Lifecycle, at(23), 0), Verdict::Drop);
        assert_eq!(quiet(What::Drop, Bypass::Lifecycle).verdict(Class::Lifecycle, at(23), 0), Verdict::Go);
        assert_eq!(quiet(What::Drop, Bypass::Lifecycle).verdict(Class::Progress, at(23), 0), Verdict::Drop);
        assert_eq!(quiet(What::Drop, Bypass::Nothing).verdict(Class::Critical, at(23), 0), Verdict::Drop);
        assert_eq!(quiet(What::Drop, Bypass::Nothing).verdict(Class::Critical, at(12), 0), Verdict::Go);
    }

    #[test]
    fn a_test_says_what_they_would_do_now_or_when_they_come() {
        let said = |what, class, hours| quiet(what, Bypass::Critical).foretell(class, at(hours), 0);
        let texts = [
            said(What::Hold, Class::Lifecycle, 23),
            said(What::Hold, Class::Progress, 23),
            said(What::Silence, Class::Lifecycle, 23),
            said(What::Hold, Class::Lifecycle, 12),
            said(What::Silence, Class::Lifecycle, 12),
            said(What::Drop, Class::Lifecycle, 12),
        ];
        assert_eq!(
            texts.map(Option::unwrap_or_default),
            [
                "Now are quiet hours: it would wait until 07:00. A test goes at once.",
                "Now are quiet hours, until 07:00: it would not be sent. A test is.",
                "Now are quiet hours, until 07:00: @silent is true, in this test as well.",
                "In quiet hours, from 22:00 to 07:00, it would wait for their end.",
                "In quiet hours, from 22:00 to 07:00, @silent would be true.",
                "In quiet hours, from 22:00 to 07:00, it would not be sent.",
            ]
        );
        assert_eq!(said(What::Drop, Class::Critical, 23), None);
    }

    #[test]
    fn without_a_time_of_day_there_is_a_problem_and_switched_off_there_is_none() {
        let mut config = QuietConfig { enabled: true, ..QuietConfig::default() };
        assert_eq!(Quiet::new(&config).unwrap_err().field, "quiet.span.from");
        config.enabled = false;
        assert_eq!(Quiet::new(&config), Ok(None));
        assert!(!config.is_default() || config == QuietConfig::default());
    }
}
