//! The spans between attempts at an endpoint, as functions of how often and how long.

use std::time::Duration;

/// What most failures of a home network need is short; these are spread over their whole length (full jitter).
const QUICK: [Duration; 7] = [
    Duration::from_secs(1),
    Duration::from_secs(1),
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(10),
    Duration::from_secs(30),
    Duration::from_mins(1),
];

/// After the quick ones: until so long after the first failure, so often. The last one has no end.
pub const AFTER_OPENING_STEADY: [(Duration, Duration); 3] = [
    (Duration::from_mins(15), Duration::from_mins(1)),
    (Duration::from_mins(6 * 60 + 15), Duration::from_mins(5)),
    (Duration::MAX, Duration::from_mins(15)),
];

/// How long to wait: `step` counts the waits in a row from 0, `down_for` is the time since the first failure, `jitter` a random
/// number from 0 to 1 that spreads many printers over time.
pub fn backoff(step: u32, down_for: Duration, jitter: f64) -> Duration {
    let jitter = jitter.clamp(0.0, 1.0);
    if let Some(quick) = QUICK.get(step as usize) {
        return quick.mul_f64(jitter);
    }
    let steady = AFTER_OPENING_STEADY.iter().find(|(until, _)| down_for < *until).map_or(QUICK[6], |(_, every)| *every);
    steady.mul_f64(1.0 + 0.1 * jitter)
}

/// After 429 without a word how long: 5 s, 10 s, … up to 60 s.
pub(super) fn unexplained(times: u32) -> Duration {
    Duration::from_secs(5 << times.min(4)).min(Duration::from_mins(1))
}

/// The gap after the `sent`-th delivery since the trouble ended: a tenth shorter each time, nothing in the end.
pub(super) fn catch_up_gap(sent: u32) -> Duration {
    if sent >= 60 { Duration::ZERO } else { super::FIRST_CATCH_UP_GAP.mul_f64(0.9_f64.powi(sent.cast_signed())) }
}
