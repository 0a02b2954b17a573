//! The only reader of wall time and the only source of random numbers: everything else is told.

use octohooks_core::ids::Randomness;
use octohooks_core::time::UnixMillis;

/// The clock and the dice of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clock;

impl Clock {
    /// The time now.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the wall clock")]
    pub fn now(self) -> UnixMillis {
        let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        UnixMillis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }

    /// Ten random bytes for an id. Where the system has none to give, which no supported system does, they come from
    /// the hasher's own seed.
    pub fn randomness(self) -> Randomness {
        let mut bytes = Randomness::default();
        if getrandom::fill(&mut bytes).is_err() {
            use std::hash::{BuildHasher, Hasher};
            let seeded = std::hash::RandomState::new().build_hasher().finish().to_ne_bytes();
            bytes[..seeded.len()].copy_from_slice(&seeded);
        }
        bytes
    }

    /// A random number from 0 to 1.
    pub fn fraction(self) -> f64 {
        let [a, b, c, d, ..] = self.randomness();
        f64::from(u32::from_ne_bytes([a, b, c, d])) / f64::from(u32::MAX)
    }
}
