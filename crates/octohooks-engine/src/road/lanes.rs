//! One lane per endpoint, opened when something goes there. A delivery comes in; it goes out to the lane of the endpoint to which
//! its hook sends now, or it ends here, with a reason. Whatever goes to a lane goes through here, so what a user drops on its way
//! is known when it comes by. Waits for a lane only where that is said.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use octohooks_core::ids::DeliveryId;
use octohooks_core::queue::Why;
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

use crate::cargo::Item;
use crate::journal::State;
use crate::lane::{EndpointKey, Lane, Message};
use crate::surroundings::Surroundings;

/// As many deliveries are on their way into one lane's queue at once.
const LANE_INBOX: usize = 1024;

/// The lanes.
pub(super) struct Lanes {
    open: HashMap<EndpointKey, mpsc::Sender<Message>>,
    /// What a user dropped and has not ended: where no lane has it yet, none can take it out.
    dropped: HashSet<DeliveryId>,
    surroundings: Arc<Surroundings>,
    tasks: TaskTracker,
}

impl Lanes {
    pub(super) fn new(surroundings: Arc<Surroundings>, tasks: TaskTracker) -> Self {
        Self { open: HashMap::new(), dropped: HashSet::new(), surroundings, tasks }
    }

    /// Hands over what is new.
    pub(super) fn deliver(&mut self, item: Item) {
        self.hand_over(item, |item| Message::Deliver(Box::new(item)));
    }

    /// Hands over what comes from another lane.
    pub(super) fn reroute(&mut self, item: Item) {
        self.hand_over(item, |item| Message::Restore(Box::new(item)));
    }

    /// Hands over what was stored before. Waits for a lane that is full: lanes never wait for the road.
    pub(super) async fn restore(&mut self, item: Item) {
        let Some((lane, item)) = self.way_for(item) else { return };
        // A lane that has just ended leaves it in the outbox; the next start brings it.
        drop(lane.send(Message::Restore(Box::new(item))).await);
    }

    /// Says something to all of them.
    pub(super) fn tell(&self, message: &dyn Fn() -> Message) {
        for lane in self.open.values() {
            // A lane that is gone has nothing to hear; one that is full hears it when it has read what came before.
            if let Err(mpsc::error::TrySendError::Full(message)) = lane.try_send(message()) {
                let lane = lane.clone();
                self.tasks.spawn(async move { drop(lane.send(message).await) });
            }
        }
    }

    /// A user does not want it any more: the lane that has it takes it out, else it ends when it comes by.
    pub(super) fn drop_delivery(&mut self, delivery: DeliveryId) {
        self.dropped.insert(delivery);
        self.tell(&|| Message::Drop(delivery));
    }

    /// Whether a user does not want it.
    pub(super) fn was_dropped(&self, delivery: DeliveryId) -> bool {
        self.dropped.contains(&delivery)
    }

    /// A user wants it after all.
    pub(super) fn take_back(&mut self, delivery: DeliveryId) {
        self.dropped.remove(&delivery);
    }

    /// What was dropped and has ended is not kept in mind. To be called when nothing is unread any more.
    pub(super) fn forget_what_ended(&mut self) {
        let journal = &self.surroundings.journal;
        self.dropped.retain(|delivery| journal.is_live(*delivery));
    }

    fn hand_over(&mut self, item: Item, message: impl FnOnce(Item) -> Message) {
        let Some((lane, item)) = self.way_for(item) else { return };
        if let Err(mpsc::error::TrySendError::Full(message) | mpsc::error::TrySendError::Closed(message)) =
            lane.try_send(message(item))
            && let Message::Deliver(item) | Message::Restore(item) = message
        {
            self.end(*item, State::GivenUp, "Given up: too many events came at once for this webhook.");
        }
    }

    /// The lane for a delivery; a delivery that has nowhere to go ends.
    fn way_for(&mut self, item: Item) -> Option<(mpsc::Sender<Message>, Item)> {
        if self.dropped.remove(&item.id) {
            self.end(item, State::Skipped, &Why::Dropped.to_string());
            return None;
        }
        let Some(lane) = self.of(&item) else {
            self.end(item, State::GivenUp, &Why::HookGone.to_string());
            return None;
        };
        Some((lane, item))
    }

    /// The lane of the endpoint to which the hook sends now; `None` when the hook is gone.
    fn of(&mut self, item: &Item) -> Option<mpsc::Sender<Message>> {
        let roster = self.surroundings.shelf.roster();
        let (config, _) = roster.get(item.place.hook)?;
        let key = EndpointKey::of(&config.url);
        Some(match self.open.get(&key) {
            Some(lane) if !lane.is_closed() => lane.clone(),
            _ => self.open(key),
        })
    }

    fn open(&mut self, key: EndpointKey) -> mpsc::Sender<Message> {
        let used: HashSet<EndpointKey> =
            self.surroundings.shelf.roster().hooks.iter().map(|(config, _)| EndpointKey::of(&config.url)).collect();
        self.open.retain(|key, lane| !lane.is_closed() && used.contains(key));
        let (sender, inbox) = mpsc::channel(LANE_INBOX);
        self.tasks.spawn(Lane::new(key.clone(), Arc::clone(&self.surroundings), inbox).run());
        self.open.insert(key, sender.clone());
        sender
    }

    fn end(&self, mut item: Item, state: State, why: &str) {
        for told_together in std::mem::take(&mut item.payload.also) {
            self.end(told_together, state, why);
        }
        if let Some(token) = item.payload.token {
            self.surroundings.outbox.complete(token);
        }
        item.payload.entry.state = state;
        why.clone_into(&mut item.payload.entry.message);
        self.surroundings.journal.write(item.payload.entry);
    }
}
