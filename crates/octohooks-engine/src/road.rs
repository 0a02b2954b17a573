//! The one task that turns observations into events and events into deliveries: detect, match, hand over to the lanes.
//!
//! It owns what has to be remembered between events. It never waits for a network, a disk, or a lane.

use std::collections::HashMap;
use std::sync::Arc;

use octohooks_core::detect::{Detector, ECHO_KEY};
use octohooks_core::event::{Event, Printer};
use octohooks_core::hook::ready::Hook;
use octohooks_core::ids::{DeliveryId, HookId};
use octohooks_core::matching::{Decision, Match, Memory, decide};
use octohooks_core::observation::{Observation, Sight};
use octohooks_core::topic::Topic;
use serde_json::{Map, Value};
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

use crate::enrich::{Asked, Enricher};
use crate::journal::State;
use crate::lane::{Lane, Message, Surroundings, Waiting, entry_of};
use crate::notice::{Level, Notice};

/// As many deliveries are on their way into one lane's queue at once.
const LANE_INBOX: usize = 256;

/// What the road is told.
#[derive(Debug)]
pub(crate) enum Told {
    /// Something was seen.
    Seen(Box<Observation>),
    /// The printer has a new name or look.
    Printer(Arc<Printer>),
    /// Do not wait for the next try of a hook's deliveries.
    TryNow(HookId),
    /// Hooks were changed: those that are gone or off have nothing to wait for.
    HooksChanged,
    /// Say when all that was told before has been handed to the lanes.
    Flush(std::sync::mpsc::SyncSender<()>),
}

/// The task.
pub(crate) struct Road {
    detector: Detector,
    memories: HashMap<HookId, Memory>,
    lanes: HashMap<HookId, mpsc::Sender<Message>>,
    enricher: Arc<Enricher>,
    surroundings: Arc<Surroundings>,
    tasks: TaskTracker,
}

impl Road {
    pub(crate) fn new(
        printer: Arc<Printer>,
        enricher: Arc<Enricher>,
        surroundings: Arc<Surroundings>,
        tasks: TaskTracker,
    ) -> Self {
        let detector = Detector::new(printer);
        Self { detector, memories: HashMap::new(), lanes: HashMap::new(), enricher, surroundings, tasks }
    }

    /// Runs until the engine stops.
    pub(crate) async fn run(mut self, mut inbox: mpsc::Receiver<Told>) {
        let stop = self.surroundings.stop.clone();
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                told = inbox.recv() => match told {
                    Some(Told::Seen(observation)) => self.observe(*observation),
                    Some(Told::Printer(printer)) => self.detector.describe(printer),
                    Some(Told::TryNow(hook)) => self.try_now(|id| id == hook),
                    Some(Told::HooksChanged) => {
                        let roster = self.surroundings.shelf.roster();
                        self.try_now(|id| !roster.get(id).is_some_and(|(_, hook)| hook.enabled));
                    }
                    // Whoever asked may have gone on meanwhile.
                    Some(Told::Flush(reply)) => drop(reply.try_send(())),
                    None => break,
                },
            }
        }
    }

    fn observe(&mut self, observation: Observation) {
        let from_bus = match &observation.sight {
            Sight::BusEvent { name, .. } => Some(name.clone()),
            Sight::Progress | Sight::SerialLine(_) => None,
        };
        let clock = self.surroundings.clock;
        for event in self.detector.observe(observation, &mut || clock.randomness()) {
            let event = Arc::new(event);
            let sent = self.tell(&event);
            if from_bus.as_deref() != Some(event.name.as_str()) {
                self.fire(&event, sent);
            }
        }
    }

    fn try_now(&self, which: impl Fn(HookId) -> bool) {
        for (_, lane) in self.lanes.iter().filter(|(id, _)| which(**id)) {
            // A lane that is full has better things to do, and one that is gone has nothing to try.
            drop(lane.try_send(Message::TryNow));
        }
    }

    /// Tells every hook; true when at least one sends it.
    fn tell(&mut self, event: &Arc<Event>) -> bool {
        let roster = self.surroundings.shelf.roster();
        self.memories.retain(|id, _| roster.get(*id).is_some());
        let mut wanted: Vec<(Arc<Hook>, Match)> = Vec::new();
        for (_, hook) in &roster.hooks {
            match decide(hook, event, self.memories.entry(hook.id).or_default()) {
                Decision::NotSubscribed => {}
                Decision::Send(matched) => wanted.push((Arc::clone(hook), matched)),
                Decision::Skip(skip) => self.note_skip(hook, event, &skip.to_string()),
            }
        }
        if wanted.is_empty() {
            return false;
        }
        let metadata = wanted.iter().any(|(hook, _)| hook.needs_metadata());
        let picture = wanted.iter().any(|(hook, _)| hook.needs_picture());
        let asked = self.enricher.ask(event, metadata, picture);
        for (hook, matched) in wanted {
            self.hand_over(&hook, matched, asked.clone());
        }
        true
    }

    fn hand_over(&mut self, hook: &Hook, matched: Match, asked: Asked) {
        let clock = self.surroundings.clock;
        let parcel = matched.into_parcel(DeliveryId::new(clock.now(), &clock.randomness()));
        let lane = match self.lanes.get(&hook.id) {
            Some(lane) if !lane.is_closed() => lane.clone(),
            _ => self.open_lane(hook.id),
        };
        let waiting = Box::new(Waiting::new(parcel, asked, hook.name.clone()));
        self.surroundings.journal.write(waiting.entry.clone());
        if let Err(mpsc::error::TrySendError::Full(Message::Deliver(waiting))) =
            lane.try_send(Message::Deliver(waiting))
        {
            let mut entry = waiting.entry;
            entry.state = State::GivenUp;
            "Given up: too many events came at once for this hook.".clone_into(&mut entry.message);
            self.surroundings.journal.write(entry);
        }
    }

    fn open_lane(&mut self, hook: HookId) -> mpsc::Sender<Message> {
        let roster = self.surroundings.shelf.roster();
        self.lanes.retain(|id, lane| !lane.is_closed() && roster.get(*id).is_some());
        let (sender, inbox) = mpsc::channel(LANE_INBOX);
        self.tasks.spawn(Lane::new(hook, Arc::clone(&self.surroundings), inbox).run());
        self.lanes.insert(hook, sender.clone());
        sender
    }

    fn note_skip(&self, hook: &Hook, event: &Arc<Event>, reason: &str) {
        let Some(subscription) = hook.listens.to(event.topic, &event.name) else { return };
        let clock = self.surroundings.clock;
        let matched = Match { hook: hook.id, event: Arc::clone(event), subscription, milestone: 0 };
        let parcel = matched.into_parcel(DeliveryId::new(clock.now(), &clock.randomness()));
        let mut entry = entry_of(&parcel, hook.name.clone());
        entry.state = State::Skipped;
        reason.clone_into(&mut entry.message);
        self.surroundings.journal.write(entry);
    }

    /// Events that were made here are fired on the source's bus as well, for whoever listens there. Progress only where
    /// a hook passed a milestone.
    fn fire(&mut self, event: &Arc<Event>, sent: bool) {
        let name = match event.topic {
            Some(Topic::UserActionNeeded) => "notify",
            Some(Topic::PrintProgress) if sent => "progress",
            Some(Topic::ConnectionLost) => "connection_lost",
            _ => return,
        };
        self.detector.expect_echo(event.id);
        let mut payload = Map::new();
        payload.insert(ECHO_KEY.to_owned(), Value::String(event.id.to_string()));
        if let Value::Object(own) = &event.payload {
            payload.extend(own.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
        self.surroundings.notices.push(Notice::Fire { event: name, payload: Value::Object(payload) });
        if name == "notify" {
            self.surroundings.notices.log(Level::Info, "The printer waits for somebody.");
        }
    }
}
