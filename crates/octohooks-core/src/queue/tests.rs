//! What goes next, what leaves and why: cases here, the model in [`model`], an evening without internet in [`evening`].

mod evening;
mod model;

use std::sync::Arc;
use std::time::Duration;

use super::{Bounds, Kind, Left, Order, Place, Queue, Waiting, Why};
use crate::ids::{DeliveryId, HookId};
use crate::moment::Now;
use crate::moment::tests::{NOON, at, boot, seconds};
use crate::schedule::{Class, Patience};
use crate::time::UnixMillis;

const ROOMY: Bounds = Bounds { deliveries: 1000, bytes: usize::MAX };

fn id(number: u32) -> DeliveryId {
    let mut bytes = [0; 10];
    bytes[6..].copy_from_slice(&number.to_be_bytes());
    DeliveryId::new(NOON, &bytes)
}

fn hook(number: u8) -> HookId {
    HookId::new(NOON, &[number; 10])
}

/// A delivery whose payload is its number.
fn delivery(number: u32, of_hook: u8, class: Class, now: &Now) -> Waiting<u32> {
    let patience = Patience::default();
    Waiting {
        id: id(number),
        place: Place { hook: hook(of_hook), printer: "p".into() },
        class,
        kind: class.is_latest_wins().then(|| Kind { job: None, event: Arc::from("progress") }),
        happened: now.stamp(),
        lifetime: patience.lifetime(class, None, None),
        sameness: None,
        folds_within: patience.folds_within(class),
        repeats: 0,
        bytes: 100,
        payload: number,
    }
}

fn same(number: u32, sameness: u64, now: &Now) -> Waiting<u32> {
    Waiting { sameness: Some(sameness), ..delivery(number, 1, Class::Critical, now) }
}

fn next(queue: &mut Queue<u32>, order: Order, now: &Now) -> Option<u32> {
    let item = queue.take(now, order, |_| true, None)?;
    queue.finish(&item);
    Some(item.payload)
}

fn rest(queue: &mut Queue<u32>, order: Order, now: &Now) -> Vec<u32> {
    std::iter::from_fn(|| next(queue, order, now)).collect()
}

fn whys(left: &[Left<u32>]) -> Vec<(u32, Why)> {
    left.iter().map(|left| (left.item.payload, left.why)).collect()
}

/// Three lifecycle, two critical, and progress, as they came.
fn mixed(now: &Now) -> Queue<u32> {
    let mut queue = Queue::new(ROOMY);
    let classes = [
        Class::Lifecycle,
        Class::Progress,
        Class::Critical,
        Class::Lifecycle,
        Class::Critical,
        Class::Progress,
        Class::Lifecycle,
    ];
    for (number, class) in (0..).zip(classes) {
        queue.push(delivery(number, 1, class, now), now);
    }
    queue
}

#[test]
fn normally_things_go_as_they_came_and_of_progress_the_newest() {
    let now = at(seconds(10));
    assert_eq!(rest(&mut mixed(&now), Order::AsItCame, &now), [0, 2, 3, 4, 5, 6]);
}

#[test]
fn after_trouble_the_most_important_goes_first() {
    let now = at(seconds(10));
    assert_eq!(rest(&mut mixed(&now), Order::ByImportance, &now), [2, 4, 0, 3, 6, 5]);
    assert_eq!(rest(&mut mixed(&now), Order::Probe, &now), [2, 4, 0, 3, 6, 5]);
}

#[test]
fn hooks_take_turns() {
    let now = at(seconds(10));
    let mut queue = Queue::new(ROOMY);
    for number in 0..4 {
        queue.push(delivery(number, 1, Class::Lifecycle, &now), &now);
    }
    queue.push(delivery(4, 2, Class::Lifecycle, &now), &now);
    queue.push(delivery(5, 3, Class::Lifecycle, &now), &now);
    assert_eq!(rest(&mut queue, Order::AsItCame, &now), [0, 4, 5, 1, 2, 3]);
}

#[test]
fn one_at_a_time_per_hook_and_printer() {
    let now = at(seconds(10));
    let mut queue = mixed(&now);
    let taken = queue.take(&now, Order::AsItCame, |_| true, None).unwrap();
    assert!(queue.take(&now, Order::AsItCame, |_| true, None).is_none());
    queue.push(delivery(9, 2, Class::Lifecycle, &now), &now);
    assert_eq!(next(&mut queue, Order::AsItCame, &now), Some(9));
    assert!(queue.give_back(taken, Duration::ZERO, &now).is_empty());
    assert_eq!(next(&mut queue, Order::AsItCame, &now), Some(0));
}

#[test]
fn one_that_waits_for_its_second_try_holds_up_its_like_but_nothing_more_important() {
    let now = at(seconds(10));
    let mut queue = Queue::new(ROOMY);
    queue.push(delivery(0, 1, Class::Lifecycle, &now), &now);
    let taken = queue.take(&now, Order::AsItCame, |_| true, None).unwrap();
    queue.give_back(taken, seconds(30), &now);
    queue.push(delivery(1, 1, Class::Lifecycle, &now), &now);
    assert_eq!(next(&mut queue, Order::AsItCame, &now), None);
    assert_eq!(queue.next_change(&now), Some(seconds(30)));
    queue.push(delivery(2, 1, Class::Critical, &now), &now);
    assert_eq!(rest(&mut queue, Order::AsItCame, &now), [2]);
    queue.at_once(Some(hook(2)), &now);
    assert_eq!(next(&mut queue, Order::AsItCame, &now), None);
    queue.at_once(Some(hook(1)), &now);
    assert_eq!(rest(&mut queue, Order::AsItCame, &now), [0, 1]);
}

#[test]
fn one_that_is_set_aside_holds_up_nobody() {
    let now = at(seconds(10));
    let mut queue = Queue::new(ROOMY);
    queue.push(delivery(0, 1, Class::Critical, &now), &now);
    queue.push(delivery(1, 1, Class::Critical, &now), &now);
    let second_opinion = queue.take(&now, Order::Probe, |_| true, Some(id(0))).unwrap();
    assert_eq!(second_opinion.payload, 1);
    queue.finish(&second_opinion);
    queue.set_aside(id(0));
    let poison = queue.take(&now, Order::AsItCame, |_| true, None).unwrap();
    queue.give_back(poison, seconds(3600), &now);
    queue.set_aside(id(0));
    queue.push(delivery(2, 1, Class::Critical, &now), &now);
    assert_eq!(rest(&mut queue, Order::AsItCame, &now), [2]);
    assert_eq!(rest(&mut queue, Order::AsItCame, &at(seconds(3610))), [0]);
}

#[test]
fn hooks_that_may_not_send_are_passed_over() {
    let now = at(seconds(10));
    let mut queue = mixed(&now);
    queue.push(delivery(9, 2, Class::Progress, &now), &now);
    assert_eq!(queue.take(&now, Order::ByImportance, |of| of != hook(1), None).unwrap().payload, 9);
}

#[test]
fn newer_progress_takes_the_place_of_what_failed() {
    let now = at(seconds(10));
    let mut queue = Queue::new(ROOMY);
    queue.push(delivery(0, 1, Class::Progress, &now), &now);
    let taken = queue.take(&now, Order::AsItCame, |_| true, None).unwrap();
    assert!(queue.push(delivery(1, 1, Class::Progress, &now), &now).is_empty());
    assert_eq!(whys(&queue.give_back(taken, seconds(1), &now)), [(0, Why::Replaced)]);
    assert_eq!(whys(&queue.push(delivery(2, 1, Class::Progress, &now), &now)), [(1, Why::Replaced)]);
    assert_eq!(rest(&mut queue, Order::AsItCame, &now), [2]);
}

#[test]
fn repeats_fold_into_the_one_that_waits() {
    let mut queue = Queue::new(ROOMY);
    assert!(queue.push(same(0, 7, &at(seconds(10))), &at(seconds(10))).is_empty());
    for number in 1..=284 {
        let now = at(seconds(10 + u64::from(number)));
        let left = queue.push(same(number, 7, &now), &now);
        assert_eq!(whys(&left), [(number, Why::Folded { into: id(0) })]);
        // Progress in between changes nothing.
        queue.push(delivery(1000 + number, 1, Class::Progress, &now), &now);
    }
    let taken = queue.take(&at(seconds(300)), Order::ByImportance, |_| true, None).unwrap();
    assert_eq!((taken.payload, taken.repeats), (0, 284));
}

#[test]
fn repeats_of_what_was_sent_gather_until_the_minute_is_over() {
    let mut queue = Queue::new(ROOMY);
    queue.push(same(0, 7, &at(seconds(0))), &at(seconds(0)));
    assert_eq!(next(&mut queue, Order::AsItCame, &at(seconds(0))), Some(0));
    assert!(queue.push(same(1, 7, &at(seconds(5))), &at(seconds(5))).is_empty());
    queue.push(same(2, 7, &at(seconds(6))), &at(seconds(6)));
    assert_eq!(next(&mut queue, Order::AsItCame, &at(seconds(59))), None);
    assert_eq!(queue.next_change(&at(seconds(50))), Some(seconds(10)));
    let gathered = queue.take(&at(seconds(60)), Order::AsItCame, |_| true, None).unwrap();
    assert_eq!((gathered.payload, gathered.repeats), (1, 1));
}

#[test]
fn a_repeat_that_is_held_back_holds_up_no_progress() {
    let now = at(seconds(0));
    let mut queue = Queue::new(ROOMY);
    queue.push(same(0, 7, &now), &now);
    assert_eq!(next(&mut queue, Order::AsItCame, &now), Some(0));
    queue.push(same(1, 7, &now), &now);
    for (number, order) in (2..).zip([Order::AsItCame, Order::ByImportance]) {
        queue.push(delivery(number, 1, Class::Progress, &now), &now);
        assert_eq!(rest(&mut queue, order, &now), [number]);
    }
}

#[test]
fn after_something_else_the_same_is_news() {
    let now = at(seconds(0));
    let mut queue = Queue::new(ROOMY);
    queue.push(same(0, 7, &now), &now);
    assert_eq!(next(&mut queue, Order::AsItCame, &now), Some(0));
    queue.push(same(1, 7, &now), &now);
    queue.push(delivery(2, 1, Class::Lifecycle, &now), &now);
    queue.push(same(3, 7, &now), &now);
    assert_eq!(rest(&mut queue, Order::AsItCame, &now), [1, 2, 3]);
}

#[test]
fn one_that_failed_takes_in_the_repeat_that_was_held_back() {
    let now = at(seconds(0));
    let mut queue = Queue::new(ROOMY);
    queue.push(same(0, 7, &now), &now);
    let taken = queue.take(&now, Order::AsItCame, |_| true, None).unwrap();
    queue.push(same(1, 7, &now), &now);
    queue.push(same(2, 7, &now), &now);
    assert_eq!(whys(&queue.give_back(taken, seconds(1), &now)), [(1, Why::Folded { into: id(0) })]);
    assert_eq!(whys(&queue.push(same(3, 7, &now), &now)), [(3, Why::Folded { into: id(0) })]);
    assert_eq!(queue.get(id(0)).unwrap().repeats, 3);
    assert_eq!(queue.len(), 1);
}

#[test]
fn what_is_too_late_leaves() {
    let mut queue = mixed(&at(seconds(0)));
    assert_eq!(queue.next_change(&at(seconds(0))), Some(seconds(300)));
    assert_eq!(whys(&queue.expire(&at(seconds(299)))), []);
    let progress = Why::Expired { class: Class::Progress, after: seconds(300) };
    assert_eq!(whys(&queue.expire(&at(seconds(300)))), [(5, progress)]);
    assert_eq!(progress.to_string(), "Given up: it did not arrive within 5 min, and is too late to matter.");
    let taken = queue.take(&at(seconds(301)), Order::ByImportance, |_| true, None).unwrap();
    let left = queue.give_back(taken, seconds(1), &at(seconds(86_400)));
    assert_eq!(whys(&left), [(2, Why::Expired { class: Class::Critical, after: seconds(86_400) })]);
    assert!(!left[0].why.is_harmless() && progress.is_harmless());
    assert_eq!(queue.expire(&at(seconds(86_400))).len(), 4);
    assert!(queue.is_empty());
}

#[test]
fn nothing_expires_because_a_clock_was_set() {
    let unsynchronised = Now { wall: UnixMillis(0), boot: boot(1), uptime: seconds(20), synchronised: false };
    let mut queue = mixed(&unsynchronised);
    let before = queue.len();
    let synchronised = at(seconds(60));
    assert!(queue.expire(&synchronised).is_empty());
    queue.settle(&synchronised);
    assert!(queue.expire(&synchronised).is_empty());
    assert_eq!(queue.len(), before);
    assert!(queue.iter().all(|item| item.happened.wall == NOON.plus(seconds(20))));
}

#[test]
fn what_comes_from_an_earlier_boot_expires_once_the_clock_tells() {
    let unsynchronised = Now { wall: UnixMillis(0), boot: boot(2), uptime: seconds(20), synchronised: false };
    let mut queue = Queue::new(ROOMY);
    queue.restore(delivery(0, 1, Class::Lifecycle, &at(seconds(10))), &unsynchronised);
    assert!(queue.expire(&unsynchronised).is_empty());
    let a_day_later = Now { wall: NOON.plus(seconds(86_400)), synchronised: true, ..unsynchronised };
    queue.settle(&a_day_later);
    assert_eq!(queue.expire(&a_day_later).len(), 1);
}

#[test]
fn without_room_what_matters_least_goes_first() {
    let now = at(seconds(0));
    let mut queue = Queue::new(Bounds { deliveries: 3, bytes: usize::MAX });
    let mut gone = Vec::new();
    let classes =
        [Class::Lifecycle, Class::Progress, Class::Critical, Class::Lifecycle, Class::Critical, Class::Critical];
    for (number, class) in (0..).zip(classes) {
        gone.extend(queue.push(delivery(number, 1, class, &now), &now));
    }
    let shed = |class| Why::Shed { class, most: 3 };
    assert_eq!(whys(&gone), [(1, shed(Class::Progress)), (0, shed(Class::Lifecycle)), (3, shed(Class::Lifecycle))]);
    let left = queue.push(delivery(7, 1, Class::Lifecycle, &now), &now);
    assert_eq!(whys(&left), [(7, shed(Class::Lifecycle))]);
    assert_eq!(whys(&queue.push(delivery(8, 1, Class::Critical, &now), &now)), [(2, shed(Class::Critical))]);
}

#[test]
fn bytes_are_bounded_and_the_fullest_hook_pays() {
    let now = at(seconds(0));
    let mut queue = Queue::new(Bounds { deliveries: 100, bytes: 450 });
    let mut gone = Vec::new();
    for (number, of_hook) in (0..).zip([2, 1, 1, 1, 1, 2]) {
        gone.extend(queue.push(delivery(number, of_hook, Class::Lifecycle, &now), &now));
    }
    assert_eq!(gone.iter().map(|left| left.item.payload).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn what_the_user_removes_is_gone() {
    let now = at(seconds(0));
    let mut queue = mixed(&now);
    queue.push(delivery(9, 2, Class::Lifecycle, &now), &now);
    assert_eq!(queue.remove(id(4)).unwrap().why, Why::Dropped);
    assert!(queue.remove(id(4)).is_none());
    assert_eq!(queue.remove_hook(hook(1)).len(), 5);
    assert_eq!(rest(&mut queue, Order::AsItCame, &now), [9]);
}

#[test]
fn critical_news_without_end_starves_nobody() {
    let now = at(seconds(0));
    let mut queue = Queue::new(ROOMY);
    queue.push(delivery(0, 1, Class::Lifecycle, &now), &now);
    queue.push(delivery(1, 2, Class::Lifecycle, &now), &now);
    let mut taken = Vec::new();
    for number in 2..60 {
        queue.push(delivery(number, 1 + u8::from(number % 2 == 0), Class::Critical, &now), &now);
        taken.extend(next(&mut queue, Order::ByImportance, &now));
    }
    assert!(taken.iter().position(|number| *number == 0).unwrap() <= 21);
    assert!(taken.iter().position(|number| *number == 1).unwrap() <= 42);
}
