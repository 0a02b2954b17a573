//! Everything that waits for one endpoint, and what becomes of it: one task per endpoint, so that a slow, dead, or hostile
//! one touches nobody else's deliveries.
//!
//! The order is `octohooks_core::queue`'s, whether the endpoint may be called is `octohooks_core::endpoint`'s, whether a
//! hook may send is its standing, and what an answer means is `octohooks_core::etiquette`'s. Here they are asked in turn,
//! attempts are made in tasks of their own (`attempt`), judged (`settle`), and every change is written down (`ending`).

mod attempt;
mod ending;
mod endpoint_key;
mod following;
mod quiet;
mod settle;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use octohooks_core::endpoint::{Endpoint, Gate, Probe};
use octohooks_core::ids::{DeliveryId, HookId};
use octohooks_core::moment::Now;
use octohooks_core::queue::{Bounds, Left, Order, Queue};
use octohooks_net::Kept;
use tokio::sync::mpsc;
use tokio::task::{Id, JoinSet};

use crate::cargo::{Cargo, Item};
use crate::dispatch::Sent;
use crate::journal::State;
use crate::surroundings::Surroundings;

pub(crate) use endpoint_key::EndpointKey;

/// What waits for one endpoint, at most.
const BOUNDS: Bounds = Bounds { deliveries: 2000, bytes: 8 << 20 };

/// Deliveries of several hooks to one endpoint go side by side; those of one hook never do.
const MOST_IN_FLIGHT: usize = 4;

/// What a lane is told.
#[derive(Debug)]
pub(crate) enum Message {
    /// Send this in its turn. The journal knows of it already.
    Deliver(Box<Item>),
    /// This waited before a restart, or at another endpoint.
    Restore(Box<Item>),
    /// Hooks were changed: those that are gone or off have nothing to wait for, those that moved are handed on.
    HooksChanged,
    /// Do not wait for the next try: of one hook, or of all.
    TryNow(Option<HookId>),
    /// The user does not want this delivery any more.
    Drop(DeliveryId),
    /// An outage was on this side: what failed lately is forgiven.
    Pardon(Duration),
    /// The clock was put right.
    Settle,
}

/// One endpoint's queue.
pub(crate) struct Lane {
    origin: String,
    key: EndpointKey,
    surroundings: Arc<Surroundings>,
    inbox: mpsc::Receiver<Message>,
    queue: Queue<Cargo>,
    endpoint: Endpoint,
    attempts: JoinSet<Sent>,
    /// Connections of attempts that have just ended; whoever waits may have them, and nobody keeps them waiting.
    kept: Vec<Kept>,
    flying: HashMap<Id, Item>,
    last_probe: Option<DeliveryId>,
    /// The delivery that may be what the endpoint stumbles over, while another one is sent to find that out.
    second_opinion_on: Option<DeliveryId>,
}

impl Lane {
    pub(crate) fn new(key: EndpointKey, surroundings: Arc<Surroundings>, inbox: mpsc::Receiver<Message>) -> Self {
        let origin = octohooks_core::secret::safe_origin(&key.0);
        let endpoint = surroundings.standings.endpoint(&key);
        Self {
            origin,
            key,
            surroundings,
            inbox,
            queue: Queue::new(BOUNDS),
            endpoint,
            attempts: JoinSet::new(),
            kept: Vec::new(),
            flying: HashMap::new(),
            last_probe: None,
            second_opinion_on: None,
        }
    }

    /// Runs until the engine stops or nobody can send to this lane any more. What it holds then lies in the outbox.
    pub(crate) async fn run(mut self) {
        let stop = self.surroundings.stop.clone();
        let mut closing = false;
        loop {
            self.receive_what_is_here();
            let wake = self.advance();
            if closing && self.flying.is_empty() {
                // Nobody sends here any more: what is left goes to where its hooks send now.
                self.look_at_hooks();
                if self.queue.is_empty() {
                    break;
                }
            }
            let sleep = async {
                match wake {
                    Some(span) => tokio::time::sleep(span.max(Duration::from_millis(1))).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(ended) = self.attempts.join_next_with_id() => self.ended(ended),
                message = self.inbox.recv(), if !closing => match message {
                    Some(message) => self.receive(message),
                    None => closing = true,
                },
                () = sleep => {}
            }
        }
        // An answer that is in already is not asked for twice.
        while let Some(ended) = self.attempts.try_join_next_with_id() {
            self.ended(ended);
        }
        self.attempts.abort_all();
        self.endpoint.abandon_probe();
        self.surroundings.standings.keep_endpoint(&self.key, &self.endpoint);
    }

    /// Does what can be done now, and says when something changes by time alone.
    fn advance(&mut self) -> Option<Duration> {
        let now = self.surroundings.clock.moment();
        for left in self.queue.expire(&now) {
            self.leave(left);
        }
        let mut wake = self.queue.next_change(&now);
        while self.flying.len() < MOST_IN_FLIGHT {
            let (order, avoid) = match self.endpoint.gate(&now) {
                Gate::Go if self.endpoint.is_catching_up() && !self.flying.is_empty() => break,
                Gate::Go if self.endpoint.is_catching_up() => (Order::ByImportance, None),
                Gate::Go => (Order::AsItCame, None),
                Gate::Probe(_) | Gate::Probing if !self.flying.is_empty() => break,
                Gate::Probe(Probe::Oldest) => (Order::Probe, None),
                Gate::Probe(Probe::SecondOpinion) => (Order::Probe, self.last_probe),
                Gate::Probing => break,
                Gate::Wait(span) => {
                    if !self.queue.is_empty() {
                        wake = Some(wake.map_or(span, |wake| wake.min(span)));
                    }
                    break;
                }
            };
            let (standings, flying) = (&self.surroundings.standings, &self.flying);
            let may = |hook| standings.may_send(hook, &now, || flying.values().any(|item| item.place.hook == hook));
            let taken = self.queue.take(&now, order, may, avoid);
            let taken =
                if avoid.is_some() && taken.is_none() { self.queue.take(&now, order, may, None) } else { taken };
            let Some(item) = taken else { break };
            if let Some(wait) = self.wait_for_clock(&item, &now) {
                self.hold_for_clock(item, wait, &now);
                wake = Some(wake.map_or(wait, |wake| wake.min(wait)));
                continue;
            }
            if let Some(wait) = self.wait_for_quiet_hours(&item, &now) {
                self.hold_for_quiet_hours(item, wait, &now);
                wake = Some(wake.map_or(wait, |wake| wake.min(wait)));
                continue;
            }
            let Some(item) = self.gather_digest(item) else { continue };
            if matches!(order, Order::Probe) {
                self.endpoint.begin_probe();
                self.second_opinion_on = avoid.filter(|first| *first != item.id);
                self.last_probe = Some(item.id);
            }
            self.start(item, &now);
        }
        self.kept.clear();
        let standings = &self.surroundings.standings;
        let may_none = || !self.queue.iter().any(|item| standings.may_send(item.place.hook, &now, || false));
        if self.flying.is_empty() && self.endpoint.is_catching_up() && may_none() {
            self.endpoint.caught_up();
        }
        if self.queue.is_empty() {
            return wake;
        }
        if let Some(span) = self.surroundings.standings.next_probe(&now) {
            wake = Some(wake.map_or(span, |wake| wake.min(span)));
        }
        wake
    }

    /// What is here is known before it is decided what comes next, and whether anything does.
    fn receive_what_is_here(&mut self) {
        for _ in 0..self.inbox.max_capacity() {
            let Ok(message) = self.inbox.try_recv() else { return };
            self.receive(message);
        }
    }

    fn receive(&mut self, message: Message) {
        let now = self.surroundings.clock.moment();
        match message {
            Message::Deliver(mut item) => {
                self.say_why_it_waits(&mut item, &now);
                for left in self.queue.push(*item, &now) {
                    self.leave(left);
                }
            }
            Message::Restore(mut item) => {
                self.say_why_it_waits(&mut item, &now);
                for left in self.queue.restore(*item, &now) {
                    self.leave(left);
                }
            }
            Message::HooksChanged => self.look_at_hooks(),
            Message::TryNow(hook) => {
                let roster = self.surroundings.shelf.roster();
                let sends_here =
                    |hook| roster.get(hook).is_some_and(|(config, _)| EndpointKey::of(&config.url) == self.key);
                let concerned = hook.is_none_or(sends_here);
                if concerned {
                    self.endpoint.at_once();
                    self.queue.at_once(hook, &now);
                }
            }
            Message::Drop(delivery) => {
                if let Some(left) = self.queue.remove(delivery) {
                    self.leave(left);
                }
            }
            Message::Pardon(since) => self.endpoint.pardon(&now, since),
            Message::Settle => {
                self.endpoint.settle(&now);
                self.queue.settle(&now);
                self.queue.at_once(None, &now);
            }
        }
    }

    /// What waits for a hook that is gone or off ends; what waits for one that sends elsewhere now goes there.
    fn look_at_hooks(&mut self) {
        let mut hooks: Vec<HookId> = self.queue.iter().map(|item| item.place.hook).collect();
        hooks.sort_unstable();
        hooks.dedup();
        for hook in hooks {
            self.look_at_hook(hook);
        }
    }

    fn look_at_hook(&mut self, hook: HookId) {
        let roster = self.surroundings.shelf.roster();
        match roster.get(hook) {
            Some((config, ready)) if ready.enabled && EndpointKey::of(&config.url) == self.key => {}
            Some((_, ready)) if ready.enabled => {
                if self.flying.values().any(|item| item.place.hook == hook) {
                    return;
                }
                for Left { item, .. } in self.queue.remove_hook(hook) {
                    self.surroundings.reroute(item);
                }
            }
            Some(_) => {
                for Left { item, .. } in self.queue.remove_hook(hook) {
                    self.end(item, State::GivenUp, "Given up: the webhook was switched off.".to_owned());
                }
            }
            None => {
                for left in self.queue.remove_hook(hook) {
                    self.leave(left);
                }
            }
        }
    }

    /// Where the endpoint or the hook holds it up, it says so from the beginning.
    fn say_why_it_waits(&self, item: &mut Item, now: &Now) {
        let offset = self.surroundings.utc_offset();
        let halted = self.surroundings.standings.of(item.place.hook, |standing| standing.explain(now, offset));
        let halted = halted.or_else(|| self.endpoint.explain(now, offset));
        if let Some(why) = halted.or_else(|| self.explain_quiet_hours(item, now)) {
            self.note(item, State::Waiting, why);
        }
    }
}
