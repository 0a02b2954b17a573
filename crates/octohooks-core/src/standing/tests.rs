//! How a hook is parked and stopped, and how it heals.

use std::time::Duration;

use proptest::prelude::*;

use super::{Audience, Change, Gate, Health, PROBE_EVERY, SECOND_TRY, Standing, Why};
use crate::endpoint::Downtime;
use crate::etiquette::StopAsked;
use crate::ids::{EventId, HookId};
use crate::moment::Now;
use crate::moment::tests::{NOON, at, boot, seconds};
use crate::time::UnixMillis;

fn event(number: u8) -> EventId {
    EventId::new(NOON, &[number; 10])
}

fn parked(now: &Now) -> Standing {
    let mut standing = Standing::default();
    for number in 0..5 {
        standing.refused(now, event(number), 404);
        standing.refused(now, event(number), 404);
    }
    standing
}

#[test]
fn each_event_gets_two_tries_and_five_park_the_hook() {
    let now = at(seconds(10));
    let mut standing = Standing::default();
    for number in 0..5 {
        let first = standing.refused(&now, event(number), 404);
        assert_eq!((first.again_after, first.change), (Some(SECOND_TRY), None));
        let second = standing.refused(&now, event(number), 404);
        assert_eq!(second.again_after, None);
        assert_eq!(second.change.is_some(), number == 4, "{number}");
    }
    assert_eq!(standing.gate(&now), Gate::Wait(PROBE_EVERY));
    assert!(matches!(standing.health(), Health::Parked(_)));
    let why = "Waiting until 2026-11-25 12:00, for the daily try: the receiver refused several events in a row, the last with 404 Not Found.";
    assert_eq!(standing.explain(&at(seconds(10)), 0).as_deref(), Some(why));
}

#[test]
fn what_cannot_be_sent_parks_it_as_well() {
    let now = at(seconds(10));
    let mut standing = Standing::default();
    let changes: Vec<_> = (0..5).filter_map(|number| standing.unsendable(&now, event(number))).collect();
    assert_eq!(changes, [Change::Parked(Why::Unsendable)]);
}

#[test]
fn the_same_event_again_does_not_park_a_hook() {
    let mut standing = Standing::default();
    for _ in 0..100 {
        standing.refused(&at(seconds(0)), event(1), 400);
    }
    assert_eq!(standing.health(), &Health::Fine);
}

#[test]
fn a_success_in_between_begins_the_count_anew() {
    let now = at(seconds(10));
    let mut standing = Standing::default();
    for number in 0..20 {
        standing.refused(&now, event(number), 400);
        standing.refused(&now, event(number), 400);
        if number % 4 == 3 {
            assert_eq!(standing.delivered(&now, event(200)), None);
        }
    }
    assert_eq!(standing.health(), &Health::Fine);
}

#[test]
fn it_heals_with_one_probe_a_day() {
    let mut standing = parked(&at(seconds(0)));
    let day = seconds(86_400);
    assert_eq!(standing.gate(&at(seconds(86_399))), Gate::Wait(seconds(1)));
    assert_eq!(standing.gate(&at(day)), Gate::Probe);
    let again = standing.refused(&at(day), event(9), 404);
    assert_eq!(again.change, None);
    assert_eq!(standing.gate(&at(day)), Gate::Wait(PROBE_EVERY));
    assert_eq!(standing.gate(&at(2 * day)), Gate::Probe);
    assert_eq!(standing.delivered(&at(2 * day), event(9)), Some(Change::Healed { after: 2 * day }));
    assert_eq!(standing.gate(&at(2 * day)), Gate::Go);
}

#[test]
fn a_receiver_that_asks_is_obeyed() {
    let now = at(seconds(10));
    let mut standing = Standing::default();
    let stopped = Some(Change::Stopped(Why::Asked(StopAsked::Gone)));
    assert_eq!(standing.asked_to_stop(&now, StopAsked::Gone), stopped);
    assert_eq!(standing.asked_to_stop(&now, StopAsked::Gone), None);
    assert_eq!(standing.gate(&now), Gate::Wait(PROBE_EVERY));
}

#[test]
fn an_endpoint_down_for_days_stops_its_hooks() {
    let hours = |hours: u64| seconds(hours * 3600);
    let rows = [(hours(71), 500, false), (hours(72), 19, false), (hours(72), 20, true), (hours(500), 3, false)];
    for (lasted, failed_probes, stops) in rows {
        let mut standing = Standing::default();
        let change = standing.endpoint_is_down(&at(seconds(10)), Downtime { lasted, failed_probes });
        assert_eq!(change.is_some(), stops, "{lasted:?} {failed_probes}");
        assert_eq!(matches!(standing.health(), Health::Stopped(_)), stops);
    }
}

#[test]
fn the_user_pauses_and_resumes() {
    let mut standing = Standing::default();
    assert_eq!(standing.pause(&at(seconds(0))), Some(Change::Paused));
    assert_eq!(standing.pause(&at(seconds(1))), None);
    assert_eq!(standing.gate(&at(seconds(9_999_999))), Gate::Paused);
    assert_eq!(standing.explain(&at(seconds(5)), 0).as_deref(), Some("Waiting: the webhook is paused."));
    assert_eq!(standing.resume(&at(seconds(60))), Some(Change::Resumed { after: seconds(60) }));
    assert_eq!(standing.resume(&at(seconds(60))), None);
    assert_eq!(standing.gate(&at(seconds(60))), Gate::Go);
}

#[test]
fn a_hook_that_was_mended_is_tried_at_once() {
    let mut standing = parked(&at(seconds(0)));
    standing.try_now(&at(seconds(60)), true);
    assert_eq!(standing.gate(&at(seconds(60))), Gate::Probe);
}

#[test]
fn it_survives_a_restart_without_a_clock() {
    let standing = parked(&at(seconds(0)));
    let restored: Standing = serde_json::from_str(&serde_json::to_string(&standing).unwrap()).unwrap();
    let unsynchronised = Now { wall: UnixMillis(0), boot: boot(2), uptime: seconds(400), synchronised: false };
    assert_eq!(restored.gate(&unsynchronised), Gate::Wait(seconds(86_000)));
    let synchronised = Now { wall: NOON.plus(seconds(90_000)), synchronised: true, ..unsynchronised };
    assert_eq!(restored.gate(&synchronised), Gate::Probe);
}

#[test]
fn what_people_are_told() {
    let hook = HookId::new(NOON, &[1; 10]);
    let rows = [
        (
            Change::Parked(Why::Refused(404)),
            "The webhook \"Discord\" is not sent any more: the receiver refused several events in a row, the last with 404 Not \
             Found. Check its settings; it is tried again once a day.",
        ),
        (
            Change::Stopped(Why::Asked(StopAsked::Disable)),
            "The webhook \"Discord\" is not sent any more: the receiver asked for it (webhook-delivery: disable). It is tried \
             again once a day.",
        ),
        (
            Change::Stopped(Why::Down(seconds(73 * 3600))),
            "The webhook \"Discord\" is not sent any more: the receiver has not answered for 3 days. It is tried again once a day.",
        ),
        (
            Change::Healed { after: seconds(86_400) },
            "The webhook \"Discord\" works again, after 24 h. It is sent as before.",
        ),
    ];
    for (change, sentence) in rows {
        let announcement = change.announce(hook, "Discord");
        assert_eq!(announcement.sentence, sentence);
        assert!(announcement.audiences.contains(&Audience::OtherHooks));
    }
}

proptest! {
    /// Whatever happens: parked only after five different refusals without a success, announced exactly when it changes, and
    /// a success always heals.
    #[test]
    fn announcements_and_states_agree(steps in proptest::collection::vec((0_u8..6, 0_u8..12, 0_u64..100_000), 1..100)) {
        let mut standing = Standing::default();
        let mut uptime = Duration::ZERO;
        for (what, number, pass) in steps {
            uptime += seconds(pass);
            let now = at(uptime);
            let fine_before = standing.health() == &Health::Fine;
            let change = match what {
                0 => standing.delivered(&now, event(number)),
                1..=3 => standing.refused(&now, event(number), 400).change,
                4 => standing.asked_to_stop(&now, StopAsked::Disable).filter(|_| fine_before),
                _ => standing.endpoint_is_down(&now, Downtime { lasted: seconds(pass * 10), failed_probes: u32::from(number) * 4 }),
            };
            let fine = standing.health() == &Health::Fine;
            prop_assert_eq!(fine_before != fine, change.is_some());
            prop_assert!(what != 0 || fine);
            prop_assert_eq!(standing.explain(&now, 0).is_none(), fine);
            prop_assert_eq!(standing.gate(&now) == Gate::Go, fine);
        }
    }
}
