//! What counts as passed, within a boot and across boots, with clocks right and wrong.

use std::time::Duration;

use proptest::prelude::*;

use super::{BootId, ClockWatch, Deadline, InWords, Now, Stamp, WAIT_FOR_CLOCK, until_in_words};
use crate::time::UnixMillis;

/// 2026-11-24T12:00:00Z.
pub(crate) const NOON: UnixMillis = UnixMillis(1_795_521_600_000);

pub(crate) const fn boot(number: u8) -> BootId {
    BootId::from_bytes([number; 16])
}

/// A right clock in the first boot, which was at noon.
pub(crate) fn at(uptime: Duration) -> Now {
    Now { wall: NOON.plus(uptime), boot: boot(1), uptime, synchronised: true }
}

pub(crate) const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn unsynchronised(number: u8, uptime: Duration) -> Now {
    Now { wall: UnixMillis(0).plus(uptime), boot: boot(number), uptime, synchronised: false }
}

#[test]
fn within_a_boot_the_wall_clock_does_not_matter() {
    let stamp = unsynchronised(1, seconds(20)).stamp();
    assert_eq!(stamp.elapsed(&at(seconds(60))), seconds(40));
    let set_back = Now { wall: UnixMillis(0), ..at(seconds(60)) };
    assert_eq!(at(seconds(20)).stamp().elapsed(&set_back), seconds(40));
}

#[test]
fn across_boots_a_right_wall_clock_counts() {
    let stamp = at(seconds(100)).stamp();
    let later = Now { wall: NOON.plus(seconds(4000)), boot: boot(2), uptime: seconds(30), synchronised: true };
    assert_eq!(stamp.elapsed(&later), seconds(3900));
}

#[test]
fn across_boots_a_wrong_wall_clock_counts_for_nothing_but_the_time_since_the_boot() {
    let right = at(seconds(100)).stamp();
    assert_eq!(right.elapsed(&unsynchronised(2, seconds(30))), seconds(30));
    let wrong = unsynchronised(1, seconds(100)).stamp();
    assert_eq!(wrong.elapsed(&Now { boot: boot(2), ..at(seconds(30)) }), seconds(30));
}

#[test]
fn a_stamp_settles_once_the_clock_is_right() {
    let mut stamp = unsynchronised(1, seconds(20)).stamp();
    assert!(!stamp.settle(&unsynchronised(1, seconds(50))));
    assert!(stamp.settle(&at(seconds(60))));
    assert_eq!((stamp.wall, stamp.synchronised), (NOON.plus(seconds(20)), true));
    assert!(!stamp.settle(&at(seconds(70))));
    let mut of_another_boot = unsynchronised(2, seconds(20)).stamp();
    assert!(!of_another_boot.settle(&at(seconds(60))));
}

#[test]
fn a_deadline_is_never_earlier_than_asked_because_of_a_restart() {
    let deadline = at(seconds(10)).deadline(seconds(3600));
    assert_eq!(deadline.remaining(&at(seconds(70))), seconds(3540));
    assert_eq!(deadline.remaining(&unsynchronised(2, seconds(20))), seconds(3580));
    assert!(deadline.has_passed(&unsynchronised(2, seconds(3600))));
}

#[test]
fn signed_deliveries_wait_for_the_clock_once_in_a_boot() {
    let mut watch = ClockWatch::default();
    assert_eq!(watch.hold_signed(&unsynchronised(1, seconds(5))), Some(WAIT_FOR_CLOCK));
    assert_eq!(watch.hold_signed(&unsynchronised(1, seconds(45))), Some(seconds(20)));
    assert_eq!(watch.hold_signed(&at(seconds(45))), None);
    assert_eq!(watch.hold_signed(&unsynchronised(1, seconds(65))), None);
    assert_eq!(watch.hold_signed(&unsynchronised(1, seconds(500))), None);
}

#[test]
fn the_first_right_reading_is_noticed_once() {
    let mut watch = ClockWatch::default();
    assert!(!watch.observe(&unsynchronised(1, seconds(5))));
    assert!(watch.observe(&at(seconds(40))));
    assert!(!watch.observe(&at(seconds(50))));
}

#[test]
fn spans_in_words() {
    let rows = [
        (Duration::ZERO, "0 s"),
        (Duration::from_millis(1), "1 s"),
        (seconds(89), "89 s"),
        (seconds(90), "2 min"),
        (seconds(12 * 60), "12 min"),
        (seconds(5399), "90 min"),
        (seconds(5400), "2 h"),
        (seconds(24 * 3600), "24 h"),
        (seconds(72 * 3600), "3 days"),
    ];
    for (span, words) in rows {
        assert_eq!(InWords(span).to_string(), words);
    }
}

#[test]
fn ends_of_spans_in_words() {
    assert_eq!(until_in_words(seconds(180), &at(Duration::ZERO), 0), "until 12:03");
    assert_eq!(until_in_words(seconds(180), &at(Duration::ZERO), 3600), "until 13:03");
    assert_eq!(until_in_words(seconds(86_400), &at(Duration::ZERO), 0), "until 2026-11-25 12:00");
    assert_eq!(until_in_words(seconds(180), &unsynchronised(1, seconds(1)), 0), "for another 3 min");
}

#[test]
fn it_reads_the_name_that_linux_gives_a_boot() {
    let text = "0b4e8f5c-2f5e-4c53-8a38-3fd0a1b1f2aa\n";
    assert_eq!(BootId::parse(text).map(|boot| BootId::from_bytes(boot.to_bytes())), BootId::parse(text.trim()));
    assert!(BootId::parse("no").is_none());
}

proptest! {
    /// A machine that is switched off and on, with a clock that starts anywhere and is put right at some time: what
    /// counts as passed is never more than what passed.
    #[test]
    fn nothing_ages_faster_than_time(
        lived in 0_u64..100_000, off in 0_u64..1_000_000, up in 0_u64..100_000, first_right in any::<bool>(), second_right in any::<bool>(),
        wrong_first in 0_i64..4_000_000_000_000, wrong_second in 0_i64..4_000_000_000_000, settled in any::<bool>(),
    ) {
        let truth = |uptime: u64| NOON.plus(seconds(uptime));
        let wall = if first_right { truth(0) } else { UnixMillis(wrong_first) };
        let mut stamp = Stamp { wall, boot: boot(1), uptime: seconds(5), synchronised: first_right };
        if settled {
            stamp.settle(&Now { wall: truth(lived), boot: boot(1), uptime: seconds(5 + lived), synchronised: true });
        }
        let wall = if second_right { truth(lived + off + up) } else { UnixMillis(wrong_second) };
        let now = Now { wall, boot: boot(2), uptime: seconds(up), synchronised: second_right };
        let really = seconds(lived + off + up);
        prop_assert!(stamp.elapsed(&now) <= really);
        if (first_right || settled) && second_right {
            prop_assert_eq!(stamp.elapsed(&now), really);
        }
        let deadline = Deadline { set: stamp, length: seconds(500_000) };
        prop_assert!(deadline.remaining(&now) >= seconds(500_000).saturating_sub(really));
    }
}
