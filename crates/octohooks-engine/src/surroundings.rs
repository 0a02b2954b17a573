//! What every lane and the road use: handles to the rooms around them, and the ways to reach each other.

use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use octohooks_core::moment::{ClockWatch, Now};
use octohooks_core::outage::{Judgement, OutageWatch, Sight};
use octohooks_core::standing::{Announcement, Audience};
use octohooks_store::outbox::Outbox;
use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::cargo::Item;
use crate::clock::Clock;
use crate::dispatch::Dispatcher;
use crate::journal::Journal;
use crate::messages::MessageBook;
use crate::notice::{Level, Notice, Notices, Right};
use crate::recent::Recent;
use crate::road::Told;
use crate::shelf::Shelf;
use crate::standings::Standings;

/// The rooms around the tasks.
pub(crate) struct Surroundings {
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) dispatcher: Arc<Dispatcher>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) notices: Arc<Notices>,
    pub(crate) outbox: Outbox,
    pub(crate) standings: Standings,
    pub(crate) messages: MessageBook,
    pub(crate) clock: Clock,
    pub(crate) recent: Recent,
    pub(crate) stop: CancellationToken,
    pub(crate) road: mpsc::WeakSender<Told>,
    network: Mutex<OutageWatch>,
    clock_watch: Mutex<ClockWatch>,
    utc_offset_seconds: AtomicI32,
}

/// What is said to all lanes at once.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ToLanes {
    /// An outage was on this side.
    Pardon(Duration),
    /// Try everything now.
    TryNow,
}

impl Surroundings {
    #[expect(clippy::too_many_arguments, reason = "made once, where the engine is put together")]
    pub(crate) fn new(
        shelf: Arc<Shelf>,
        dispatcher: Arc<Dispatcher>,
        journal: Arc<Journal>,
        notices: Arc<Notices>,
        outbox: Outbox,
        standings: Standings,
        messages: MessageBook,
        clock: Clock,
        stop: CancellationToken,
        road: mpsc::WeakSender<Told>,
    ) -> Self {
        Self {
            shelf,
            dispatcher,
            journal,
            notices,
            outbox,
            standings,
            messages,
            clock,
            recent: Recent::default(),
            stop,
            road,
            network: Mutex::default(),
            clock_watch: Mutex::default(),
            utc_offset_seconds: AtomicI32::new(0),
        }
    }

    /// Takes in what an attempt showed of the network.
    pub(crate) fn observe_network(&self, now: &Now, origin: &str, sight: Sight) -> Judgement {
        self.network.lock().unwrap_or_else(PoisonError::into_inner).observe(now, origin, sight)
    }

    /// Takes in whether there is a way out; true when one has just appeared.
    pub(crate) fn observe_route(&self, there_is_one: bool) -> bool {
        self.network.lock().unwrap_or_else(PoisonError::into_inner).observe_route(there_is_one)
    }

    /// Takes in what the clock shows; true when it has just become right.
    pub(crate) fn observe_clock(&self, now: &Now) -> bool {
        self.clock_watch.lock().unwrap_or_else(PoisonError::into_inner).observe(now)
    }

    /// How long a signed delivery still waits for the clock; `None` when it goes.
    pub(crate) fn hold_signed(&self, now: &Now) -> Option<Duration> {
        self.clock_watch.lock().unwrap_or_else(PoisonError::into_inner).hold_signed(now)
    }

    /// Hands a delivery to the lane of where its hook sends now.
    pub(crate) fn reroute(&self, item: Item) {
        self.tell_road(Told::Reroute(Box::new(item)));
    }

    /// Says something to all lanes.
    pub(crate) fn tell_lanes(&self, what: ToLanes) {
        self.tell_road(Told::Lanes(what));
    }

    /// Seconds east of UTC, for times of day in sentences.
    pub(crate) fn utc_offset(&self) -> i32 {
        self.utc_offset_seconds.load(Ordering::Relaxed)
    }

    pub(crate) fn set_utc_offset(&self, seconds: i32) {
        self.utc_offset_seconds.store(seconds, Ordering::Relaxed);
    }

    /// Tells people that a hook does not do any more what it should, or does again.
    pub(crate) fn announce(&self, announcement: &Announcement) {
        let (hook, message) = (announcement.hook.to_string(), announcement.sentence.as_str());
        self.notices.log(Level::Info, message);
        if announcement.audiences.contains(&Audience::Popup) {
            let state = announcement.state;
            let data = json!({"type": "announcement", "hook_id": hook, "state": state, "message": message});
            self.notices.push(Notice::Ui { right: Right::View, data });
        }
        if announcement.audiences.contains(&Audience::OtherHooks) {
            self.tell_road(Told::Trouble(Box::new(announcement.clone())));
        }
        self.notices.push(Notice::Ui { right: Right::View, data: json!({"type": "hooks"}) });
    }

    fn tell_road(&self, told: Told) {
        // At a stop the road is gone; nothing is lost by that, since what matters lies in the outbox.
        let Some(road) = self.road.upgrade() else { return };
        if let Err(mpsc::error::TrySendError::Full(told)) = road.try_send(told) {
            let stop = self.stop.clone();
            tokio::spawn(async move {
                // Whichever comes first; at a stop nobody listens any more.
                let _either = stop.run_until_cancelled(road.send(told)).await;
            });
        }
    }
}
