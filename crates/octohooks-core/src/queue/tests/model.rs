//! Random lives of a queue beside a model that only remembers what is where: nothing is lost without a reason, order is
//! kept, at most one of a hook and printer is under way, of progress one waits, bounds hold, and all that waits gets out.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;

use super::*;

const NARROW: Bounds = Bounds { deliveries: 24, bytes: 2000 };

#[derive(Debug, Clone)]
enum Step {
    Push { hook: u8, printer: u8, class: Class, sameness: Option<u64> },
    Take { order: Order, barred: u8 },
    Finish(usize),
    GiveBack { which: usize, wait: u64 },
    SetAside(usize),
    Remove(usize),
    Pass(u64),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Whereabouts {
    Waiting,
    Aside,
    Flying,
    Done,
    Left,
}

fn step() -> impl Strategy<Value = Step> {
    let class =
        prop_oneof![Just(Class::Critical), Just(Class::Lifecycle), Just(Class::Progress), Just(Class::Telemetry)];
    let order = prop_oneof![Just(Order::AsItCame), Just(Order::ByImportance), Just(Order::Probe)];
    prop_oneof![
        6 => (1_u8..4, 0_u8..2, class, proptest::option::of(0_u64..2))
            .prop_map(|(hook, printer, class, sameness)| Step::Push { hook, printer, class, sameness }),
        5 => (order, 0_u8..8).prop_map(|(order, barred)| Step::Take { order, barred }),
        3 => (0_usize..4).prop_map(Step::Finish),
        2 => (0_usize..4, 0_u64..60).prop_map(|(which, wait)| Step::GiveBack { which, wait }),
        1 => (0_usize..24).prop_map(Step::SetAside),
        1 => (0_usize..24).prop_map(Step::Remove),
        3 => (0_u64..100).prop_map(Step::Pass),
    ]
}

#[derive(Default)]
struct Model {
    /// In the order of numbers, which is the order of events.
    items: BTreeMap<u32, (Whereabouts, Waiting<u32>)>,
}

impl Model {
    fn move_to(&mut self, number: u32, to: Whereabouts) {
        self.items.get_mut(&number).unwrap().0 = to;
    }

    fn leave(&mut self, left: &[Left<u32>]) {
        for left in left {
            let whereabouts = self.items[&left.item.payload].0;
            assert!(!matches!(whereabouts, Whereabouts::Done | Whereabouts::Left), "left twice: {left:?}");
            if let Why::Folded { into } = left.why {
                let (whereabouts, _) = self.items.values().find(|(_, item)| item.id == into).unwrap();
                assert!(!matches!(whereabouts, Whereabouts::Done | Whereabouts::Left), "folded into one that is gone");
            }
            self.move_to(left.item.payload, Whereabouts::Left);
        }
    }

    fn of(&self, wanted: Whereabouts) -> impl Iterator<Item = &Waiting<u32>> {
        self.items.values().filter(move |(whereabouts, _)| *whereabouts == wanted).map(|(_, item)| item)
    }

    fn check_taken(&self, taken: &Waiting<u32>) {
        assert!(self.of(Whereabouts::Flying).all(|item| item.place != taken.place), "two under way");
        if self.items[&taken.payload].0 == Whereabouts::Waiting {
            let earlier =
                self.of(Whereabouts::Waiting).find(|item| item.place == taken.place && item.class == taken.class);
            assert_eq!(earlier.map(|item| item.payload), Some(taken.payload), "overtaken within its class");
        }
    }

    fn check(&self, queue: &Queue<u32>) {
        let known: BTreeSet<u32> = queue.iter().map(|item| item.payload).collect();
        let waiting = self.of(Whereabouts::Waiting).chain(self.of(Whereabouts::Aside));
        assert_eq!(known, waiting.map(|item| item.payload).collect(), "lost or found without a reason");
        assert_eq!(queue.len(), known.len() + self.of(Whereabouts::Flying).count());
        assert!(queue.len() <= NARROW.deliveries);
        let mut kinds = BTreeSet::new();
        for item in queue.iter().filter(|item| item.class.is_latest_wins()) {
            assert!(kinds.insert((item.place.clone(), item.class)), "two of progress wait");
        }
    }
}

fn pick(items: &[Waiting<u32>], which: usize) -> Option<usize> {
    (!items.is_empty()).then(|| which % items.len())
}

fn nth(queue: &Queue<u32>, which: usize) -> Option<u32> {
    queue.iter().nth(which).map(|item| item.payload)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_is_lost_and_order_is_kept(steps in proptest::collection::vec(step(), 1..160)) {
        let mut queue = Queue::new(NARROW);
        let mut model = Model::default();
        let mut flying: Vec<Waiting<u32>> = Vec::new();
        let mut uptime = Duration::ZERO;
        for (number, step) in (0_u32..).zip(steps) {
            let now = at(uptime);
            model.leave(&queue.expire(&now));
            match step {
                Step::Pass(span) => uptime += seconds(span),
                Step::Push { hook, printer, class, sameness } => {
                    let mut item = delivery(number, hook, class, &now);
                    item.place.printer = printer.to_string().into();
                    item.sameness = sameness;
                    item.kind = class.is_latest_wins().then(|| Kind { job: None, event: class.to_string().into() });
                    model.items.insert(number, (Whereabouts::Waiting, item.clone()));
                    let left = queue.push(item, &now);
                    for left in &left {
                        if let Why::Shed { class, .. } = left.why {
                            prop_assert!(queue.iter().all(|item| item.class >= class), "shed the wrong class");
                        }
                    }
                    model.leave(&left);
                }
                Step::Take { order, barred } => {
                    if let Some(taken) = queue.take(&now, order, |of| of != super::hook(barred), None) {
                        prop_assert!(taken.place.hook != super::hook(barred));
                        model.check_taken(&taken);
                        model.move_to(taken.payload, Whereabouts::Flying);
                        flying.push(taken);
                    }
                }
                Step::Finish(which) => if let Some(index) = pick(&flying, which) {
                    let item = flying.swap_remove(index);
                    queue.finish(&item);
                    model.move_to(item.payload, Whereabouts::Done);
                },
                Step::GiveBack { which, wait } => if let Some(index) = pick(&flying, which) {
                    let item = flying.swap_remove(index);
                    model.move_to(item.payload, Whereabouts::Waiting);
                    let left = queue.give_back(item, seconds(wait), &now);
                    model.leave(&left);
                },
                Step::SetAside(which) => if let Some(number) = nth(&queue, which) {
                    queue.set_aside(id(number));
                    model.move_to(number, Whereabouts::Aside);
                },
                Step::Remove(which) => if let Some(number) = nth(&queue, which) {
                    model.leave(queue.remove(id(number)).as_slice());
                },
            }
            model.check(&queue);
        }
        for item in flying.drain(..) {
            queue.finish(&item);
        }
        // Everything that waits gets out, by being sent or by time alone.
        for _ in 0..10 * NARROW.deliveries {
            let now = at(uptime);
            queue.expire(&now);
            while next(&mut queue, Order::ByImportance, &now).is_some() {}
            match queue.next_change(&now) {
                Some(wait) => uptime += wait,
                None => break,
            }
        }
        prop_assert!(queue.is_empty(), "stuck");
        prop_assert_eq!(queue.bytes, 0);
        prop_assert!(queue.entries.is_empty() && queue.by_id.is_empty() && queue.latest.is_empty() && queue.expiries.is_empty());
    }
}
