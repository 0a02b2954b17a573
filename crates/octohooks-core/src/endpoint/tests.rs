//! The breaker: what opens it, how long it waits, what closes it, and what never counts against an endpoint.

use std::time::Duration;

use proptest::prelude::*;

use super::{Endpoint, FAILURES_TO_OPEN, Gate, Probe, backoff};
use crate::etiquette::{Pause, Source, Wait};
use crate::moment::Now;
use crate::moment::tests::{NOON, at, boot, seconds};
use crate::time::UnixMillis;

fn opened(now: Now) -> Endpoint {
    let mut endpoint = Endpoint::default();
    for _ in 0..FAILURES_TO_OPEN {
        endpoint.failed(&now, false, 1.0);
    }
    endpoint
}

fn retry_after(span: u64) -> Pause {
    Pause { wait: Wait::For(seconds(span)), source: Source::RetryAfter }
}

#[test]
fn three_failures_in_a_row_open_it() {
    let now = at(seconds(10));
    let mut endpoint = Endpoint::default();
    assert_eq!(endpoint.gate(&now), Gate::Go);
    assert!(!endpoint.failed(&now, false, 0.5).opened);
    assert!(!endpoint.failed(&now, true, 0.5).opened);
    assert_eq!(endpoint.gate(&now), Gate::Go);
    endpoint.answered(&now);
    endpoint.failed(&now, false, 0.5);
    endpoint.failed(&now, false, 0.5);
    assert!(endpoint.failed(&now, false, 0.5).opened);
    assert_eq!(endpoint.gate(&now), Gate::Wait(Duration::from_millis(500)));
}

#[test]
fn one_probe_at_a_time() {
    let mut endpoint = opened(at(seconds(10)));
    let later = at(seconds(11));
    assert_eq!(endpoint.gate(&later), Gate::Probe(Probe::Oldest));
    endpoint.begin_probe();
    assert_eq!(endpoint.gate(&later), Gate::Probing);
    endpoint.abandon_probe();
    assert_eq!(endpoint.gate(&later), Gate::Probe(Probe::Oldest));
    endpoint.begin_probe();
    assert_eq!(endpoint.answered(&later), Some(seconds(1)));
    assert!(!endpoint.is_open() && endpoint.is_catching_up());
}

#[test]
fn delays_grow_as_written() {
    let waits: Vec<u64> = (0..7).map(|step| backoff(step, Duration::ZERO, 1.0).as_secs()).collect();
    assert_eq!(waits, [1, 1, 1, 3, 10, 30, 60]);
    assert_eq!(backoff(4, Duration::ZERO, 0.0), Duration::ZERO);
    let hours = |hours: u64| seconds(hours * 3600);
    let rows = [
        (seconds(120), 60),
        (seconds(899), 60),
        (seconds(900), 300),
        (hours(6), 300),
        (hours(7), 900),
        (hours(900), 900),
    ];
    for (down_for, wait) in rows {
        assert_eq!(backoff(7, down_for, 0.0), seconds(wait), "{down_for:?}");
        assert_eq!(backoff(7, down_for, 1.0), seconds(wait + wait / 10), "{down_for:?}");
    }
}

#[test]
fn a_day_offline_costs_few_probes() {
    let mut endpoint = opened(at(seconds(10)));
    let (mut uptime, mut probes) = (seconds(10), 0);
    while uptime < seconds(86_400) {
        match endpoint.gate(&at(uptime)) {
            Gate::Wait(wait) => uptime += wait,
            Gate::Probe(_) => {
                probes += 1;
                endpoint.begin_probe();
                endpoint.failed(&at(uptime), false, 0.5);
            }
            gate => panic!("{gate:?}"),
        }
    }
    assert!((140..=180).contains(&probes), "{probes}");
    let downtime = endpoint.downtime();
    assert_eq!(downtime.failed_probes, probes);
    assert!(downtime.lasted > seconds(84_000), "{downtime:?}");
}

#[test]
fn what_the_receiver_asks_holds_up_all_and_is_explained() {
    let now = at(Duration::ZERO);
    let mut endpoint = Endpoint::default();
    assert_eq!(endpoint.too_many(&now, Some(&retry_after(120))), seconds(120));
    assert_eq!(endpoint.gate(&at(seconds(100))), Gate::Wait(seconds(20)));
    let why = "Waiting until 12:02: the receiver asked for it (Retry-After, 2 min).";
    assert_eq!(endpoint.explain(&now, 0).as_deref(), Some(why));
    endpoint.at_once();
    assert_eq!(endpoint.gate(&at(seconds(100))), Gate::Wait(seconds(20)));
    assert_eq!(endpoint.gate(&at(seconds(120))), Gate::Go);
    assert!(!endpoint.is_open());
    endpoint.forget_pause();
    assert_eq!(endpoint.gate(&at(seconds(1))), Gate::Go);
}

#[test]
fn a_shorter_wish_does_not_undo_a_longer_one() {
    let mut endpoint = Endpoint::default();
    endpoint.asked(&at(seconds(0)), &retry_after(120));
    endpoint.asked(&at(seconds(10)), &retry_after(5));
    assert_eq!(endpoint.gate(&at(seconds(20))), Gate::Wait(seconds(100)));
}

#[test]
fn a_wish_for_a_year_is_a_mistake() {
    let mut endpoint = Endpoint::default();
    endpoint.asked(&at(seconds(0)), &retry_after(365 * 86_400));
    assert_eq!(endpoint.gate(&at(seconds(0))), Gate::Wait(seconds(86_400)));
    let until = Pause { wait: Wait::Until(NOON.plus(seconds(300))), source: Source::RetryAfter };
    let mut endpoint = Endpoint::default();
    endpoint.asked(&at(seconds(60)), &until);
    assert_eq!(endpoint.gate(&at(seconds(60))), Gate::Wait(seconds(240)));
}

#[test]
fn a_date_without_any_clock_means_a_minute() {
    let unsynchronised = Now { wall: UnixMillis(0), boot: boot(1), uptime: seconds(5), synchronised: false };
    let mut endpoint = Endpoint::default();
    endpoint.asked(&unsynchronised, &Pause { wait: Wait::Until(NOON), source: Source::RetryAfter });
    assert_eq!(endpoint.gate(&unsynchronised), Gate::Wait(seconds(60)));
}

#[test]
fn a_receiver_in_trouble_that_says_when_is_called_exactly_then() {
    let hour = at(seconds(3600));
    let mut endpoint = opened(at(seconds(0)));
    for _ in 0..8 {
        endpoint.failed(&hour, true, 0.0);
    }
    assert_eq!(endpoint.gate(&hour), Gate::Wait(seconds(300)));
    endpoint.asked(&hour, &retry_after(1));
    assert_eq!(endpoint.gate(&hour), Gate::Wait(seconds(300)));
    endpoint.asked(&hour, &retry_after(120));
    assert_eq!(endpoint.gate(&hour), Gate::Wait(seconds(120)));
}

#[test]
fn too_many_without_a_word_waits_longer_each_time() {
    let mut endpoint = Endpoint::default();
    let waits: Vec<u64> = (0..6).map(|_| endpoint.too_many(&at(seconds(0)), None).as_secs()).collect();
    assert_eq!(waits, [5, 10, 20, 40, 60, 60]);
    assert_eq!(
        endpoint.explain(&at(seconds(0)), 0).as_deref(),
        Some("Waiting until 12:01: the receiver asked to slow down.")
    );
}

#[test]
fn trouble_of_this_side_counts_against_nobody() {
    let mut endpoint = Endpoint::default();
    for second in 0..1000 {
        endpoint.failed_on_this_side(&at(seconds(second * 100)), 0.5);
    }
    assert!(!endpoint.is_open());
    assert_eq!(endpoint.downtime().failed_probes, 0);
    let now = at(seconds(99_910));
    assert!(matches!(endpoint.gate(&now), Gate::Wait(_)));
    let why = endpoint.explain(&now, 0).unwrap();
    assert!(why.ends_with("the network of this machine is down."), "{why}");
    endpoint.at_once();
    assert_eq!(endpoint.gate(&now), Gate::Go);
}

#[test]
fn time_in_which_this_side_was_down_is_not_downtime() {
    let mut endpoint = opened(at(seconds(0)));
    endpoint.failed(&at(seconds(600)), false, 0.0);
    assert_eq!(endpoint.downtime().lasted, seconds(600));
    endpoint.failed_on_this_side(&at(seconds(700)), 0.0);
    endpoint.failed(&at(seconds(9000)), false, 0.0);
    assert_eq!(endpoint.downtime().lasted, seconds(600));
    endpoint.failed(&at(seconds(9600)), false, 0.0);
    assert_eq!(endpoint.downtime().lasted, seconds(1200));
    // A machine that was switched off for a month was not waiting for anybody.
    let switched_on = Now { boot: boot(2), wall: NOON.plus(seconds(30 * 86_400)), ..at(seconds(5)) };
    endpoint.failed(&switched_on, false, 0.0);
    assert_eq!(endpoint.downtime().lasted, seconds(2400));
}

#[test]
fn an_outage_that_turns_out_to_be_of_this_side_is_pardoned() {
    let mut endpoint = opened(at(seconds(100)));
    endpoint.pardon(&at(seconds(110)), seconds(120));
    assert!(!endpoint.is_open());
    let mut long_open = opened(at(seconds(100)));
    long_open.pardon(&at(seconds(1000)), seconds(120));
    assert!(long_open.is_open());
}

#[test]
fn an_endpoint_that_answers_with_errors_is_asked_about_another_delivery() {
    let mut endpoint = Endpoint::default();
    let mut probes = Vec::new();
    for second in 0..9 {
        let now = at(seconds(second * 1000));
        if let Gate::Probe(probe) = endpoint.gate(&now) {
            probes.push(probe);
        }
        endpoint.failed(&now, true, 0.0);
    }
    let three = [Probe::Oldest, Probe::Oldest, Probe::SecondOpinion];
    assert_eq!(probes, [three, three].concat());
}

#[test]
fn after_trouble_it_is_not_run_over() {
    let mut endpoint = opened(at(seconds(0)));
    endpoint.answered(&at(seconds(10)));
    assert_eq!(endpoint.gate(&at(seconds(10))), Gate::Wait(seconds(1)));
    let (mut now, mut sent) = (seconds(10), 0);
    while sent < 10_000 {
        if let Gate::Wait(wait) = endpoint.gate(&at(now)) {
            now += wait;
        } else {
            endpoint.answered(&at(now));
            sent += 1;
        }
    }
    assert!((seconds(18)..seconds(22)).contains(&now), "{now:?}");
    endpoint.caught_up();
    assert!(!endpoint.is_catching_up());
}

#[test]
fn it_survives_a_restart() {
    let mut endpoint = opened(at(seconds(10)));
    endpoint.asked(&at(seconds(10)), &retry_after(3600));
    endpoint.begin_probe();
    let stored = serde_json::to_string(&endpoint).unwrap();
    let restored: Endpoint = serde_json::from_str(&stored).unwrap();
    // The probe that was under way is lost, and another one goes in its turn.
    let unsynchronised = Now { wall: UnixMillis(0), boot: boot(2), uptime: seconds(60), synchronised: false };
    assert_eq!(restored.gate(&unsynchronised), Gate::Wait(seconds(3540)));
    let synchronised = Now { wall: NOON.plus(seconds(3000)), synchronised: true, ..unsynchronised };
    assert_eq!(restored.gate(&synchronised), Gate::Wait(seconds(610)));
    let later = Now { wall: NOON.plus(seconds(4000)), ..synchronised };
    assert_eq!(restored.gate(&later), Gate::Probe(Probe::Oldest));
    assert_eq!(serde_json::from_str::<Endpoint>("{}").unwrap(), Endpoint::default());
}

#[derive(Debug, Clone)]
enum Step {
    Pass(u64),
    Send { outcome: u8, jitter: f64 },
    AtOnce,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0_u64..2000).prop_map(Step::Pass),
        (0_u8..6, 0.0..=1.0_f64).prop_map(|(outcome, jitter)| Step::Send { outcome, jitter }),
        Just(Step::AtOnce),
        Just(Step::Restart),
    ]
}

proptest! {
    /// Whatever happens: while open one probe at a time, a pause is kept to the millisecond, a wait ends, a success closes.
    #[test]
    fn the_breaker_keeps_its_word(steps in proptest::collection::vec(step(), 1..80)) {
        let mut endpoint = Endpoint::default();
        let mut uptime = Duration::ZERO;
        let mut asked_until = Duration::ZERO;
        for step in steps {
            let now = at(uptime);
            match step {
                Step::Pass(span) => uptime += seconds(span),
                Step::AtOnce => endpoint.at_once(),
                Step::Restart => endpoint = serde_json::from_str(&serde_json::to_string(&endpoint).unwrap()).unwrap(),
                Step::Send { outcome, jitter } => {
                    match endpoint.gate(&now) {
                        Gate::Wait(wait) => {
                            prop_assert!(endpoint.explain(&now, 0).is_some());
                            prop_assert!(wait <= super::LONGEST_PAUSE);
                            prop_assert!(!matches!(endpoint.gate(&at(uptime + wait)), Gate::Wait(_)));
                            continue;
                        }
                        Gate::Probing => prop_assert!(false, "no probe is under way"),
                        Gate::Probe(_) => {
                            endpoint.begin_probe();
                            prop_assert_eq!(endpoint.gate(&now), Gate::Probing);
                        }
                        Gate::Go => prop_assert!(!endpoint.is_open()),
                    }
                    prop_assert!(uptime >= asked_until, "called too early");
                    match outcome {
                        0 => { endpoint.answered(&now); prop_assert!(!endpoint.is_open()); }
                        1 | 2 => { let was_open = endpoint.is_open(); endpoint.failed(&now, outcome == 1, jitter); prop_assert!(!was_open || endpoint.is_open()); }
                        3 => { let before = endpoint.downtime(); endpoint.failed_on_this_side(&now, jitter); prop_assert_eq!(endpoint.downtime(), before); }
                        4 => { endpoint.too_many(&now, None); }
                        _ => {
                            endpoint.too_many(&now, Some(&retry_after(77)));
                            asked_until = uptime + seconds(77);
                        }
                    }
                }
            }
        }
    }
}
