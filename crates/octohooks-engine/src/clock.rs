//! The only reader of clocks and the only source of random numbers: everything else is told.
//!
//! A simulation brings a clock of its own and moves it as it likes, by hours or backwards; the dice stay real.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use octohooks_core::ids::{DeliveryId, Randomness};
use octohooks_core::moment::{BootId, Now};
use octohooks_core::time::UnixMillis;

/// No machine with a right clock shows an earlier time: 2026-11-01 00:00:00 UTC.
const NOT_BEFORE: UnixMillis = UnixMillis(1_793_491_200_000);

/// The clocks and the dice of this machine; or a simulation's clocks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clock {
    simulated: Option<&'static Simulated>,
}

/// Clocks that stand still unless they are moved.
#[derive(Debug)]
pub struct Simulated {
    wall: AtomicI64,
    uptime_ms: AtomicU64,
    synchronised: AtomicBool,
    boot: BootId,
}

impl Simulated {
    /// A machine that was started just now, with a wall clock that may be trusted or not.
    pub const fn new(wall: UnixMillis, synchronised: bool, boot: BootId) -> Self {
        Self {
            wall: AtomicI64::new(wall.0),
            uptime_ms: AtomicU64::new(0),
            synchronised: AtomicBool::new(synchronised),
            boot,
        }
    }

    /// Time passes, on all clocks.
    pub fn pass(&self, span: Duration) {
        let millis = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        self.uptime_ms.fetch_add(millis, Ordering::Relaxed);
        self.wall.fetch_add(i64::try_from(millis).unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    /// Somebody sets the wall clock.
    pub fn set_wall(&self, wall: UnixMillis, synchronised: bool) {
        self.wall.store(wall.0, Ordering::Relaxed);
        self.synchronised.store(synchronised, Ordering::Relaxed);
    }

    fn moment(&self) -> Now {
        Now {
            wall: UnixMillis(self.wall.load(Ordering::Relaxed)),
            boot: self.boot,
            uptime: Duration::from_millis(self.uptime_ms.load(Ordering::Relaxed)),
            synchronised: self.synchronised.load(Ordering::Relaxed),
        }
    }
}

/// Read once in the life of the process: which run of the machine this is, and the uptime at one instant.
static BOOT: OnceLock<(BootId, Duration, Instant)> = OnceLock::new();

/// The moment of the latest delivery's name, and its count within that millisecond.
static LAST_DELIVERY: Mutex<(UnixMillis, u16)> = Mutex::new((UnixMillis(0), 0));

impl Clock {
    /// A simulation's.
    pub const fn simulated(clock: &'static Simulated) -> Self {
        Self { simulated: Some(clock) }
    }

    /// The wall clock.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the wall clock")]
    pub fn now(self) -> UnixMillis {
        if let Some(simulated) = self.simulated {
            return simulated.moment().wall;
        }
        let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        UnixMillis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }

    /// All clocks at once.
    pub fn moment(self) -> Now {
        if let Some(simulated) = self.simulated {
            return simulated.moment();
        }
        let wall = self.now();
        let (boot, uptime, at) = *BOOT.get_or_init(|| (self.boot(), uptime(), Instant::now()));
        let uptime = uptime + at.elapsed();
        Now { wall, boot, uptime, synchronised: wall >= NOT_BEFORE && is_synchronised(uptime) }
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

    /// A name for a delivery. Those of one millisecond are in order, too: the 12 bits behind the time count (RFC 9562, 6.2,
    /// method 1), so that the log shows what happened in the order in which it did.
    pub fn delivery_id(self) -> DeliveryId {
        let now = self.now();
        let mut randomness = self.randomness();
        let mut last = LAST_DELIVERY.lock().unwrap_or_else(PoisonError::into_inner);
        let begin = u16::from_be_bytes([randomness[0], randomness[1]]) & 0x07ff;
        let count = if last.0 == now { last.1.saturating_add(1).min(0x0fff) } else { begin };
        *last = (now, count);
        randomness[..2].copy_from_slice(&count.to_be_bytes());
        DeliveryId::new(now, &randomness)
    }

    /// Bytes for a key, which nobody may be able to guess: where the system has none to give, there is no key.
    pub fn key_material(self) -> Option<[u8; 32]> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).ok().map(|()| bytes)
    }

    /// A random number from 0 to 1.
    pub fn fraction(self) -> f64 {
        let [a, b, c, d, ..] = self.randomness();
        f64::from(u32::from_ne_bytes([a, b, c, d])) / f64::from(u32::MAX)
    }

    /// Linux names each boot; elsewhere every start of the process counts as one, which is careful: waits begin anew.
    fn boot(self) -> BootId {
        let named = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok();
        named.as_deref().and_then(BootId::parse).unwrap_or_else(|| {
            let mut bytes = [0; 16];
            bytes[..10].copy_from_slice(&self.randomness());
            BootId::from_bytes(bytes)
        })
    }
}

/// Time since the boot, where the system tells it.
fn uptime() -> Duration {
    let text = std::fs::read_to_string("/proc/uptime").unwrap_or_default();
    let seconds = text.split_whitespace().next().and_then(|first| first.parse().ok()).unwrap_or(0.0);
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

/// Whether something vouches for the wall clock. Where systemd-timesyncd runs, which is so on most small machines, it
/// says so in a file; elsewhere a clock that is not in the past is believed.
/// Looked up once a second.
fn is_synchronised(uptime: Duration) -> bool {
    static LOOKED_UP: Mutex<Option<(u64, bool)>> = Mutex::new(None);
    let mut looked_up = LOOKED_UP.lock().unwrap_or_else(PoisonError::into_inner);
    match *looked_up {
        Some((second, synchronised)) if second == uptime.as_secs() => synchronised,
        _ => {
            let folder = std::path::Path::new("/run/systemd/timesync");
            let synchronised = !folder.exists() || folder.join("synchronized").exists();
            *looked_up = Some((uptime.as_secs(), synchronised));
            synchronised
        }
    }
}
