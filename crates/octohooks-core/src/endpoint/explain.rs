//! Why an endpoint is not called now, as a sentence.

use super::{Breaker, Endpoint};
use crate::moment::{InWords, Now, until_in_words};

impl Endpoint {
    /// Why deliveries wait, for people; `None` when they do not. Times of day are shown at this offset from UTC.
    pub fn explain(&self, now: &Now, utc_offset_seconds: i32) -> Option<String> {
        let pause = self.pause.filter(|asked| !asked.until.has_passed(now));
        let retry = self.retry.filter(|retry| !retry.has_passed(now));
        if let Some(asked) =
            pause.filter(|asked| retry.is_none_or(|retry| retry.remaining(now) <= asked.until.remaining(now)))
        {
            let until = until_in_words(asked.until.remaining(now), now, utc_offset_seconds);
            let (source, length) = (asked.source, InWords(asked.until.length));
            return Some(format!("Waiting {until}: the receiver asked for it ({source}, {length})."));
        }
        let failures = match self.failures {
            0 => "the network of this machine is down".to_owned(),
            1 => "the last attempt failed".to_owned(),
            failures => format!("the last {failures} attempts failed"),
        };
        if let Some(retry) = retry {
            let until = until_in_words(retry.remaining(now), now, utc_offset_seconds);
            let because = if self.unexplained > 0 { "the receiver asked to slow down" } else { &failures };
            return Some(format!("Waiting {until}: {because}."));
        }
        match self.breaker {
            Breaker::HalfOpen => {
                Some(format!("Waiting for one delivery that finds out whether it works again: {failures}."))
            }
            Breaker::Open => Some(format!("About to be tried again: {failures}.")),
            Breaker::Closed if !self.held(now).is_zero() => {
                Some("Sending one after another what has piled up.".to_owned())
            }
            Breaker::Closed => None,
        }
    }
}
