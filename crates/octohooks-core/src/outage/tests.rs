//! Whose trouble it is: each case a short story of sights.

use std::time::Duration;

use proptest::prelude::*;

use super::{Cause, News, OutageWatch, Reach, Side, Sight};
use crate::attempt::{Attempt, Failure, FailureKind, Phases};
use crate::moment::tests::{NOON, at, seconds};

const DISCORD: &str = "https://discord.com";
const TELEGRAM: &str = "https://api.telegram.org";
const HOME_ASSISTANT: &str = "http://192.168.1.5:8123";
const NODE_RED: &str = "http://nodered.local:1880";
const HERE: &str = "http://127.0.0.1:1880";

#[track_caller]
fn check(story: &[(&str, Sight, Side)]) -> OutageWatch {
    let mut watch = OutageWatch::default();
    for (index, (origin, sight, side)) in story.iter().enumerate() {
        let judgement = watch.observe(&at(seconds(1000 + index as u64)), origin, *sight);
        assert_eq!(judgement.side, *side, "step {index}");
    }
    watch
}

#[test]
fn one_receiver_that_fails_has_trouble_of_its_own() {
    use Sight::{NoConnection, NoName, Reached};
    check(&[(DISCORD, NoConnection, Side::That), (DISCORD, NoConnection, Side::That)]);
    check(&[(DISCORD, NoName, Side::That)]);
    check(&[
        (TELEGRAM, Reached, Side::That),
        (DISCORD, NoConnection, Side::That),
        (DISCORD, Sight::NoRoute, Side::That),
    ]);
}

#[test]
fn no_route_and_no_lookups_are_of_this_side() {
    check(&[(DISCORD, Sight::NoRoute, Side::This)]);
    check(&[(DISCORD, Sight::NoLookup, Side::This)]);
    check(&[(DISCORD, Sight::NoName, Side::That), (TELEGRAM, Sight::NoName, Side::This)]);
}

#[test]
fn everything_failing_is_of_this_side() {
    use Sight::NoConnection;
    check(&[
        (DISCORD, NoConnection, Side::That),
        (TELEGRAM, NoConnection, Side::This),
        (DISCORD, NoConnection, Side::This),
    ]);
    check(&[(HOME_ASSISTANT, NoConnection, Side::That), (NODE_RED, Sight::NoName, Side::This)]);
}

#[test]
fn the_home_network_and_the_internet_are_told_apart() {
    let watch = check(&[(HOME_ASSISTANT, Sight::Reached, Side::That), (DISCORD, Sight::NoLookup, Side::This)]);
    assert!(watch.is_out(TELEGRAM) && !watch.is_out(HOME_ASSISTANT) && !watch.is_out(HERE));
}

#[test]
fn a_machine_at_home_that_is_off_is_its_own_trouble() {
    check(&[(HOME_ASSISTANT, Sight::NoRoute, Side::That), (HOME_ASSISTANT, Sight::NoRoute, Side::That)]);
    check(&[(NODE_RED, Sight::NoLookup, Side::That)]);
}

#[test]
fn this_machine_itself_says_nothing() {
    check(&[
        (HERE, Sight::Reached, Side::That),
        (DISCORD, Sight::NoRoute, Side::This),
        (HERE, Sight::NoConnection, Side::That),
    ]);
}

#[test]
fn it_is_told_once_and_its_end_once() {
    let mut watch = OutageWatch::default();
    let mut told = Vec::new();
    for second in 0..50 {
        told.extend(watch.observe(&at(seconds(second)), DISCORD, Sight::NoRoute).news);
    }
    told.extend(watch.observe(&at(seconds(720)), TELEGRAM, Sight::Reached).news);
    told.extend(watch.observe(&at(seconds(721)), DISCORD, Sight::Reached).news);
    assert_eq!(told, [News::Began(Reach::Internet, Cause::NoRoute), News::Ended(Reach::Internet, seconds(720))]);
    let sentences = told.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        sentences,
        [
            "This machine has no way into the internet. Webhooks wait, and are sent when it works again.",
            "The internet can be reached again, after 12 min. Sending what waited.",
        ]
    );
}

#[test]
fn what_the_system_says_of_routes_decides() {
    let mut watch = OutageWatch::default();
    assert!(!watch.observe_route(false));
    let judgement = watch.observe(&at(seconds(1)), HOME_ASSISTANT, Sight::NoConnection);
    assert_eq!((judgement.side, judgement.news), (Side::This, Some(News::Began(Reach::Home, Cause::NoRoute))));
    assert!(watch.observe_route(true));
    assert!(!watch.observe_route(true));
}

#[test]
fn what_was_long_ago_says_nothing() {
    let mut watch = OutageWatch::default();
    watch.observe(&at(seconds(0)), TELEGRAM, Sight::Reached);
    assert_eq!(watch.observe(&at(seconds(119)), DISCORD, Sight::NoRoute).side, Side::That);
    assert_eq!(watch.observe(&at(seconds(121)), DISCORD, Sight::NoRoute).side, Side::This);
}

#[test]
fn sights_of_attempts() {
    let sight = |kind, connected: bool| {
        let phases = Phases { connect: connected.then_some(Duration::ZERO), ..Phases::default() };
        Sight::of(&Attempt { started: NOON, phases, outcome: Err(Failure { kind, message: String::new() }) })
    };
    assert_eq!(sight(FailureKind::TimedOut, false), Sight::NoConnection);
    assert_eq!(sight(FailureKind::TimedOut, true), Sight::Reached);
    assert_eq!(sight(FailureKind::Unreachable, false), Sight::NoRoute);
    assert_eq!(sight(FailureKind::CannotCompose, false), Sight::Nothing);
    assert_eq!(sight(FailureKind::TlsFailed, true), Sight::Reached);
}

#[test]
fn reaches() {
    let rows = [
        ("http://localhost:5000", Reach::Loopback),
        ("http://[::1]", Reach::Loopback),
        ("http://10.0.0.4", Reach::Home),
        ("http://[fd12::5]", Reach::Home),
        ("http://[fe80::5]", Reach::Home),
        ("http://[::ffff:192.168.1.1]", Reach::Home),
        ("http://homeassistant:8123", Reach::Home),
        ("http://pi.fritz.box", Reach::Home),
        ("https://example.com.", Reach::Internet),
        ("http://8.8.8.8", Reach::Internet),
        ("(not a URL)", Reach::Internet),
    ];
    for (origin, reach) in rows {
        assert_eq!(Reach::of(origin), reach, "{origin}");
    }
}

proptest! {
    /// Beginnings and ends alternate for each network, an end comes only of something reached, and while anybody there was
    /// reached of late nothing is blamed on this side.
    #[test]
    fn beginnings_and_ends_alternate(steps in proptest::collection::vec((0_usize..4, 0_u8..5, 0_u64..100), 1..100)) {
        let origins = [DISCORD, TELEGRAM, HOME_ASSISTANT, NODE_RED];
        let sights = [Sight::Reached, Sight::NoRoute, Sight::NoLookup, Sight::NoName, Sight::NoConnection];
        let mut watch = OutageWatch::default();
        let mut uptime = Duration::ZERO;
        let mut out = [false; 2];
        let mut reached = [None::<Duration>; 4];
        for (origin, sight, pass) in steps {
            uptime += seconds(pass);
            let network = origin / 2;
            let sight = sights[usize::from(sight)];
            let judgement = watch.observe(&at(uptime), origins[origin], sight);
            reached[origin] = (sight == Sight::Reached).then_some(uptime);
            match judgement.news {
                Some(News::Began(..)) => { prop_assert!(!out[network]); out[network] = true; }
                Some(News::Ended(..)) => { prop_assert!(out[network] && sight == Sight::Reached); out[network] = false; }
                None => {}
            }
            prop_assert_eq!(watch.is_out(origins[origin]), out[network]);
            let recently = reached[network * 2..network * 2 + 2].iter().flatten().any(|at| uptime <= *at + super::MEMORY);
            prop_assert!(!recently || judgement.side == Side::That);
        }
    }
}
