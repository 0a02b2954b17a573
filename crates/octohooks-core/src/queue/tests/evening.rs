//! Six hours without internet, with progress every second and an event every now and then, driven as the engine does it:
//! what is sent afterwards is what a person would want to read.

use std::time::Duration;

use super::*;
use crate::endpoint::{Endpoint, Gate};
use crate::outage::{OutageWatch, Side, Sight};

const ORIGIN: &str = "https://discord.com";
const HOURS: u64 = 6;

struct Evening {
    queue: Queue<u32>,
    endpoint: Endpoint,
    outage: OutageWatch,
    sent: Vec<(u64, u32)>,
    attempts: u32,
    gone: Vec<(u32, Why)>,
}

impl Evening {
    /// What a lane does whenever something changes.
    fn turn(&mut self, second: u64, up: bool) {
        let now = at(seconds(second));
        loop {
            self.gone.extend(whys(&self.queue.expire(&now)));
            let order = match self.endpoint.gate(&now) {
                Gate::Go if self.endpoint.is_catching_up() => Order::ByImportance,
                Gate::Go => Order::AsItCame,
                Gate::Probe(_) => Order::Probe,
                Gate::Probing | Gate::Wait(_) => return,
            };
            let Some(item) = self.queue.take(&now, order, |_| true, None) else { return self.endpoint.caught_up() };
            self.endpoint.begin_probe();
            self.attempts += 1;
            let sight = if up { Sight::Reached } else { Sight::NoLookup };
            let judgement = self.outage.observe(&now, ORIGIN, sight);
            if up {
                self.endpoint.answered(&now);
                self.sent.push((second, item.payload));
                self.queue.finish(&item);
            } else {
                assert_eq!(judgement.side, Side::This);
                let setback = self.endpoint.failed_on_this_side(&now, 0.5);
                self.gone.extend(whys(&self.queue.give_back(item, setback.wait, &now)));
            }
        }
    }
}

#[test]
fn after_an_evening_without_internet_a_person_reads_what_matters() {
    let mut evening = Evening {
        queue: Queue::new(ROOMY),
        endpoint: Endpoint::default(),
        outage: OutageWatch::default(),
        sent: Vec::new(),
        attempts: 0,
        gone: Vec::new(),
    };
    let back = HOURS * 3600;
    let mut happenings = Vec::new();
    for (number, second) in (0_u32..).zip(0..=back + 120) {
        let now = at(seconds(second));
        let class = match second % 3600 {
            600 => Class::Lifecycle,
            1800 => Class::Critical,
            _ => Class::Progress,
        };
        let mut item = delivery(number, 1, class, &now);
        if class == Class::Progress {
            item.lifetime = Patience::default().lifetime(class, None, Some(Duration::from_secs(1)));
        } else {
            happenings.push((class, number));
        }
        evening.gone.extend(whys(&evening.queue.push(item, &now)));
        if second == back && evening.outage.observe_route(true) {
            evening.endpoint.at_once();
        }
        evening.turn(second, second >= back);
    }
    // The first things that arrive: the critical ones in order, then the others in order, then the newest progress.
    let read: Vec<u32> = evening.sent.iter().map(|(_, number)| *number).take(happenings.len()).collect();
    let of = |class: Class| happenings.iter().filter(move |(of, _)| *of == class).map(|(_, number)| *number);
    assert_eq!(read, of(Class::Critical).chain(of(Class::Lifecycle)).collect::<Vec<_>>());
    // Progress did not pile up: what follows is as old as the pace allows.
    for (second, number) in &evening.sent[happenings.len()..] {
        assert!(second - u64::from(*number) <= 1, "{second} {number}");
    }
    // Nothing but progress has gone, and it was replaced or too late.
    assert!(
        evening
            .gone
            .iter()
            .all(|(number, why)| { why.is_harmless() && happenings.iter().all(|(_, happened)| happened != number) })
    );
    assert_eq!(evening.endpoint.downtime().failed_probes, 0);
    let failed = evening.attempts as usize - evening.sent.len();
    assert!(failed < 400, "{failed} attempts in vain");
}
