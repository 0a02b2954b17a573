//! The one task that turns observations into events and events into deliveries: detect, match, store, hand over to the lanes.
//!
//! It owns what has to be remembered between events. It never waits for a network, a disk, or a lane: what is stored is
//! handed on by [`crate::commit`] once it lies safely.

mod bus;
mod print_watch;
mod route;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use octohooks_core::detect::Note;
use octohooks_core::event::{Context, Event, Printer};
use octohooks_core::hook::ready::Hook;
use octohooks_core::ids::{DeliveryId, HookId};
use octohooks_core::layers::Layers;
use octohooks_core::matching::{Decision, Match, Memory, decide};
use octohooks_core::observation::{Observation, Sight};
use octohooks_core::picture::Wishes;
use octohooks_core::schedule::Class;
use octohooks_core::standing::Announcement;
use octohooks_core::topic::Topic;
use octohooks_store::error::StoreError;
use octohooks_store::event::{PendingEvent, Row};
use octohooks_store::outbox::Loaded;
use octohooks_store::reply::Reply;
use octohooks_store::store::{Most, Select};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use crate::backlog::{Backlog, Found, InMemory};
use crate::cargo::{self, Fresh};
use crate::enrich::Enricher;
use crate::journal::{Entry, State};
use crate::lane::{EndpointKey, Item, Lane, Message, entry_of};
use crate::leftovers;
use crate::notice::Level;
use crate::resend::Again;
use crate::running_job::RunningJob;
use crate::surroundings::{Surroundings, ToLanes};
use crate::unwanted;

use print_watch::PrintWatch;

/// As many deliveries are on their way into one lane's queue at once.
const LANE_INBOX: usize = 1024;

/// While something waits, the way out of this machine and the clock are looked at this often.
const LOOK_AROUND: Duration = Duration::from_secs(3);

/// While there is more to be read, it is read this often.
const READ_ON: Duration = Duration::from_millis(200);

/// The road waits for a page this long: a disk may hang, and events go on.
const LONGEST_READ: Duration = Duration::from_secs(2);

/// As much is read from the outbox at once.
const PAGE: Most = Most { events: 1000, bytes: 4 << 20 };

/// What the road is told.
#[derive(Debug)]
pub(crate) enum Told {
    /// Something was seen.
    Seen(Box<Observation>),
    /// The printer has a new name or look.
    Printer(Arc<Printer>),
    /// Do not wait for the next try of a hook's deliveries.
    TryNow(HookId),
    /// The user does not want this delivery any more.
    Drop(DeliveryId),
    /// A hook was paused or resumed.
    Resume(HookId),
    /// Hooks were changed.
    HooksChanged,
    /// The hook of this delivery sends elsewhere now.
    Reroute(Box<Item>),
    /// This is stored and may go.
    Stored(Vec<Item>),
    /// A user wants this to be sent again.
    Resend(Box<Again>),
    /// A hook does not do what it should, or does again: other hooks may want to know.
    Trouble(Box<Announcement>),
    /// Something for all lanes.
    Lanes(ToLanes),
    /// The layers of a file have been found out.
    Layers {
        /// Where the file is.
        origin: String,
        /// The file.
        path: String,
        /// Its layers.
        layers: Layers,
    },
    /// Say when all that was told before has been handed to the lanes.
    Flush(std::sync::mpsc::SyncSender<()>),
}

/// The task.
pub(crate) struct Road {
    watch: PrintWatch,
    /// As it is described now.
    printer: Arc<Printer>,
    memories: HashMap<HookId, Memory>,
    lanes: HashMap<EndpointKey, mpsc::Sender<Message>>,
    hooks: HashSet<HookId>,
    enricher: Arc<Enricher>,
    surroundings: Arc<Surroundings>,
    commit: mpsc::Sender<Fresh>,
    tasks: TaskTracker,
    backlog: Backlog,
    /// What a user dropped before it was read, for as long as there is a backlog.
    dropped: HashSet<DeliveryId>,
    /// A page that was asked for and has not come in time.
    asked: Option<Reply<Result<Loaded, StoreError>>>,
}

/// What an engine before this one left behind, beside the outbox.
pub(crate) struct Earlier {
    /// The print that was under way, and whether that was in this run of the machine.
    pub(crate) print: Option<(Note, bool)>,
    /// What the printer says of itself now.
    pub(crate) context: Context,
    /// What waited when the engine started.
    pub(crate) stored: Loaded,
}

impl Road {
    pub(crate) fn new(
        printer: Arc<Printer>,
        enricher: Arc<Enricher>,
        surroundings: Arc<Surroundings>,
        commit: mpsc::Sender<Fresh>,
        tasks: TaskTracker,
        running_job: RunningJob,
    ) -> Self {
        let hooks = surroundings.shelf.roster().hooks.iter().map(|(config, _)| config.id).collect();
        Self {
            watch: PrintWatch::new(Arc::clone(&printer), running_job, Arc::clone(&surroundings)),
            printer,
            memories: HashMap::new(),
            lanes: HashMap::new(),
            hooks,
            enricher,
            surroundings,
            commit,
            tasks,
            backlog: Backlog::new(),
            dropped: HashSet::new(),
            asked: None,
        }
    }

    /// Runs until the engine stops. `earlier` is what was left when the engine started.
    pub(crate) async fn run(mut self, mut inbox: mpsc::Receiver<Told>, earlier: Earlier) {
        let stop = self.surroundings.stop.clone();
        self.surroundings.observe_clock(&self.surroundings.clock.moment());
        self.watch.look_out();
        self.begin(earlier.stored).await;
        if let Some((note, same_boot)) = earlier.print {
            let events = self.watch.recall(note, same_boot, earlier.context);
            self.tell_all(events);
        }
        let mut look_at = Instant::now() + LOOK_AROUND;
        let mut was_waiting = false;
        loop {
            let waiting = self.backlog.is_there() || self.surroundings.journal.on_their_way() > 0;
            if waiting && !was_waiting {
                look_at = Instant::now() + if self.backlog.is_there() { READ_ON } else { LOOK_AROUND };
            }
            was_waiting = waiting;
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                () = tokio::time::sleep_until(look_at), if waiting => {
                    self.look_around().await;
                    look_at = Instant::now() + if self.backlog.is_there() { READ_ON } else { LOOK_AROUND };
                }
                () = sleep_until(self.watch.wakes_at()) => {
                    let events = self.watch.on_time();
                    self.tell_all(events);
                }
                told = inbox.recv() => match told {
                    Some(told) => self.hear(told),
                    None => break,
                },
            }
        }
        self.settle();
        self.surroundings.standings.save();
        self.surroundings.messages.save();
        self.watch.close();
    }

    fn hear(&mut self, told: Told) {
        match told {
            Told::Seen(observation) => self.observe(*observation),
            Told::Printer(printer) => {
                self.printer = Arc::clone(&printer);
                self.watch.describe(printer);
            }
            Told::TryNow(hook) => {
                let now = self.surroundings.clock.moment();
                self.surroundings.standings.of(hook, |standing| standing.try_now(&now, false));
                self.tell_lanes(&|| Message::TryNow(Some(hook)));
            }
            Told::Drop(delivery) => self.drop_delivery(delivery),
            Told::Resume(hook) => self.tell_lanes(&|| Message::TryNow(Some(hook))),
            Told::HooksChanged => self.hooks_changed(),
            Told::Reroute(item) => self.hand_over(*item, |item| Message::Restore(Box::new(item))),
            Told::Stored(items) => {
                for item in items {
                    self.hand_over(item, |item| Message::Deliver(Box::new(item)));
                }
            }
            Told::Resend(again) => self.send_again(&again),
            Told::Trouble(announcement) => self.tell_of_trouble(&announcement),
            Told::Layers { origin, path, layers } => self.watch.know_layers(origin, path, layers),
            Told::Lanes(ToLanes::TryNow) => self.tell_lanes(&|| Message::TryNow(None)),
            Told::Lanes(ToLanes::Pardon(since)) => self.tell_lanes(&|| Message::Pardon(since)),
            Told::Flush(reply) => {
                self.settle();
                let _asker_went_on = reply.try_send(());
            }
        }
    }

    fn observe(&mut self, observation: Observation) {
        let from_bus = match &observation.sight {
            Sight::BusEvent { name, .. } => Some(name.clone()),
            _ => None,
        };
        let offset =
            observation.context.get("utcOffset").and_then(Value::as_i64).and_then(|offset| offset.try_into().ok());
        if let Some(offset) = offset {
            self.surroundings.set_utc_offset(offset);
        }
        for event in self.watch.observe(observation) {
            let event = Arc::new(event);
            let sent = self.tell(&event);
            if from_bus.as_deref() != Some(event.name.as_str()) {
                self.fire(&event, sent);
            }
        }
        self.watch.look_ahead();
    }

    /// Nothing more is waited for that may explain how a print ended.
    fn settle(&mut self) {
        let events = self.watch.settle();
        self.tell_all(events);
    }

    /// Tells what no event of the source's bus said.
    fn tell_all(&mut self, events: impl IntoIterator<Item = Event>) {
        for event in events {
            let event = Arc::new(event);
            let sent = self.tell(&event);
            self.fire(&event, sent);
        }
        self.watch.look_ahead();
    }

    /// Tells every hook; true when at least one sends it.
    fn tell(&mut self, event: &Arc<Event>) -> bool {
        self.surroundings.recent.keep(event);
        let roster = self.surroundings.shelf.roster();
        self.memories.retain(|id, _| roster.get(*id).is_some());
        let mut wanted: Vec<(Arc<Hook>, Match)> = Vec::new();
        let mut is_kept = false;
        for (_, hook) in roster.hooks.iter().filter(|(_, hook)| !is_about(event, hook.id)) {
            match decide(hook, event, self.memories.entry(hook.id).or_default()) {
                Decision::NotSubscribed => {}
                Decision::Send(matched) => wanted.push((Arc::clone(hook), matched)),
                Decision::Skip(skip) => {
                    is_kept = true;
                    self.note_skip(hook, event, &skip.to_string());
                }
            }
        }
        if (is_kept || !wanted.is_empty()) && !Class::of(event).is_latest_wins() {
            self.surroundings.journal.write_event(event);
        }
        if wanted.is_empty() {
            return false;
        }
        let metadata = wanted.iter().any(|(hook, _)| hook.needs_metadata());
        let wishes: Vec<Wishes> = wanted.iter().filter_map(|(hook, _)| hook.picture_wishes(event)).collect();
        let asked = self.enricher.ask(event, metadata, wishes.iter().map(|wishes| &wishes.first));
        let now = self.surroundings.clock.moment();
        let items: Vec<Item> = wanted
            .into_iter()
            .map(|(hook, matched)| {
                let clock = self.surroundings.clock;
                let parcel = matched.into_parcel(clock.delivery_id());
                let item = cargo::item(&hook, parcel, asked.clone(), &now);
                self.note_new(&item);
                item
            })
            .collect();
        let fresh = cargo::store(event, items, &now, &self.surroundings.outbox, &asked);
        self.hand_on(fresh);
        true
    }

    /// To the lanes, once it is stored.
    fn hand_on(&mut self, mut fresh: Fresh) {
        for item in &mut fresh.items {
            item.payload.read_later = fresh.ticket.is_some() && self.backlog.is_behind(item.place.hook);
        }
        match fresh.ticket {
            None => {
                for item in fresh.items {
                    self.hand_over(item, |item| Message::Deliver(Box::new(item)));
                }
            }
            Some(_) => {
                // The order of events is the order of this channel. Were it full, the disk would be far behind: then
                // sending goes before storing.
                if let Err(mpsc::error::TrySendError::Full(fresh) | mpsc::error::TrySendError::Closed(fresh)) =
                    self.commit.try_send(fresh)
                {
                    for item in fresh.items.into_iter().filter(|item| !item.payload.read_later) {
                        self.hand_over(item, |item| Message::Deliver(Box::new(item)));
                    }
                }
            }
        }
    }

    fn note_new(&self, item: &Item) {
        let entry = item.payload.entry.clone();
        if self.backlog.is_behind(item.place.hook) && !item.class.is_latest_wins() {
            let message = "It waits behind older ones.".to_owned();
            self.surroundings.journal.write_unread(Entry { message, ..entry });
        } else {
            self.surroundings.journal.write(entry);
            self.surroundings.journal.weigh(item.id, item.bytes);
        }
    }

    /// What has ended goes on, unless it is on its way already or its hook does not send any more.
    fn send_again(&mut self, again: &Again) {
        let Again { entry, event } = again;
        let event = &Arc::new(event.as_ref().clone().described_by(&self.printer));
        let roster = self.surroundings.shelf.roster();
        let Some((_, hook)) = roster.get(entry.hook_id).filter(|(_, hook)| hook.enabled) else { return };
        let journal = &self.surroundings.journal;
        if journal.is_live(entry.id) || journal.is_unread(entry.id) {
            return;
        }
        let mut asked = self.enricher.ask(event, hook.needs_metadata(), []);
        if hook.picture_wishes(event).is_some() {
            asked = asked.without_picture("It is sent again, and the picture of then is not kept.");
        }
        let now = self.surroundings.clock.moment();
        let item = cargo::again(hook, event, entry, asked.clone(), &now);
        self.note_new(&item);
        self.hand_on(cargo::store(event, vec![item], &now, &self.surroundings.outbox, &asked));
    }

    /// Other hooks may be subscribed to it, and so may whoever listens on the source's bus.
    fn tell_of_trouble(&mut self, announcement: &Announcement) {
        let payload = json!({
            "hook_id": announcement.hook.to_string(),
            "hook": announcement.name,
            "state": announcement.state,
            "message": announcement.sentence,
        });
        let event = Arc::new(self.watch.own(Topic::WebhookTrouble, payload));
        let sent = self.tell(&event);
        self.fire(&event, sent);
    }

    /// Into the lane of the endpoint to which the hook sends now.
    fn hand_over(&mut self, item: Item, message: impl FnOnce(Item) -> Message) {
        let Some(lane) = self.lane_of(&item) else {
            self.give_up(item, "Given up: the webhook was deleted.");
            return;
        };
        if let Err(mpsc::error::TrySendError::Full(message) | mpsc::error::TrySendError::Closed(message)) =
            lane.try_send(message(item))
            && let Message::Deliver(item) | Message::Restore(item) = message
        {
            self.give_up(*item, "Given up: too many events came at once for this webhook.");
        }
    }

    fn lane_of(&mut self, item: &Item) -> Option<mpsc::Sender<Message>> {
        let roster = self.surroundings.shelf.roster();
        let (config, _) = roster.get(item.place.hook)?;
        let key = EndpointKey::of(&config.url);
        Some(match self.lanes.get(&key) {
            Some(lane) if !lane.is_closed() => lane.clone(),
            _ => self.open_lane(key),
        })
    }

    fn give_up(&self, mut item: Item, why: &str) {
        if let Some(token) = item.payload.token {
            self.surroundings.outbox.complete(token);
        }
        item.payload.entry.state = State::GivenUp;
        why.clone_into(&mut item.payload.entry.message);
        self.surroundings.journal.write(item.payload.entry);
    }

    fn open_lane(&mut self, key: EndpointKey) -> mpsc::Sender<Message> {
        let used: HashSet<EndpointKey> =
            self.surroundings.shelf.roster().hooks.iter().map(|(config, _)| EndpointKey::of(&config.url)).collect();
        self.lanes.retain(|key, lane| !lane.is_closed() && used.contains(key));
        let (sender, inbox) = mpsc::channel(LANE_INBOX);
        self.tasks.spawn(Lane::new(key.clone(), Arc::clone(&self.surroundings), inbox).run());
        self.lanes.insert(key, sender.clone());
        sender
    }

    fn tell_lanes(&self, message: &dyn Fn() -> Message) {
        for lane in self.lanes.values() {
            // A lane that is gone has nothing to hear; one that is full hears it when it has read what came before.
            if let Err(mpsc::error::TrySendError::Full(message)) = lane.try_send(message()) {
                let lane = lane.clone();
                self.tasks.spawn(async move { drop(lane.send(message).await) });
            }
        }
    }

    /// Where it lies: in a lane, or unread in the outbox.
    fn drop_delivery(&mut self, delivery: DeliveryId) {
        if self.backlog.is_there() && !self.surroundings.journal.is_live(delivery) {
            // It may be in a page that was asked for already.
            self.dropped.insert(delivery);
            self.surroundings.journal.take_up(delivery);
            self.tasks.spawn(unwanted::end(Arc::clone(&self.surroundings), delivery));
        } else {
            self.tell_lanes(&|| Message::Drop(delivery));
        }
    }

    fn hooks_changed(&mut self) {
        let roster = self.surroundings.shelf.roster();
        let now: HashSet<HookId> = roster.hooks.iter().map(|(config, _)| config.id).collect();
        let gone: Vec<HookId> = self.hooks.difference(&now).copied().collect();
        self.hooks = now;
        self.watch.look_out();
        let ids: HashSet<String> = self.hooks.iter().map(ToString::to_string).collect();
        self.surroundings.standings.retain(|id| ids.contains(id));
        self.surroundings.messages.change(|messages| messages.retain(|hook| self.hooks.contains(&hook)));
        self.surroundings.journal.retain(&self.hooks);
        let was_there = self.backlog.is_there();
        self.backlog.retain(|hook| self.hooks.contains(&hook));
        let is_all_read = was_there && !self.backlog.is_there();
        if gone.is_empty() && is_all_read {
            self.close_history();
        } else if !gone.is_empty() {
            let surroundings = Arc::clone(&self.surroundings);
            self.tasks.spawn(async move {
                // What of them is stored and was not read yet goes as well, before it is looked what is missing.
                for hook in gone {
                    unwanted::end_all_of(&surroundings, hook).await;
                }
                if is_all_read {
                    close_history(surroundings).await;
                }
            });
        }
        self.tell_lanes(&|| Message::HooksChanged);
    }

    /// Takes up what was stored before, as much as fits: `at_hand` was read at the opening, and may be all of it.
    async fn begin(&mut self, at_hand: Loaded) {
        if at_hand.more {
            self.read_on().await;
            return;
        }
        let mut in_memory = self.in_memory();
        self.restore(at_hand, &mut in_memory).await;
        self.backlog.read_to_the_end();
        self.close_history();
    }

    /// Reads what lies in the outbox and has room in memory. Nothing new is looked at meanwhile: it comes behind.
    async fn read_on(&mut self) {
        let mut in_memory = self.in_memory();
        let Some(mut after) = self.backlog.begin(&in_memory) else { return };
        loop {
            let Some(page) = self.next_page(after).await else { return };
            let next = page.last.filter(|_| page.more);
            self.restore(page, &mut in_memory).await;
            let Some(last) = next else { break };
            if !self.backlog.goes_on_behind(last) {
                return;
            }
            after = last;
        }
        self.backlog.read_to_the_end();
        if !self.backlog.is_there() {
            self.close_history();
        }
    }

    fn in_memory(&self) -> InMemory {
        let roster = self.surroundings.shelf.roster();
        let endpoints: Vec<_> =
            roster.hooks.iter().map(|(config, _)| (config.id, EndpointKey::of(&config.url))).collect();
        InMemory::new(self.surroundings.journal.live_by_hook(), &endpoints)
    }

    /// The page behind a row; `None` where the disk hangs or cannot be read: then the next time.
    async fn next_page(&mut self, after: Row) -> Option<Loaded> {
        if let Some(mut asked) = self.asked.take()
            && tokio::time::timeout(LONGEST_READ, &mut asked).await.is_err()
        {
            // It is not asked again before it has answered; what it says then may be old news.
            self.asked = Some(asked);
            return None;
        }
        let select = Select::Oldest { after: Some(after) };
        let mut asked = self.surroundings.outbox.load_without(select, PAGE, self.backlog.full());
        let Ok(answered) = tokio::time::timeout(LONGEST_READ, &mut asked).await else {
            self.asked = Some(asked);
            return None;
        };
        answered.ok()?.ok()
    }

    /// Hands a page of stored events to the lanes, the oldest first. Waits for lanes that are full: they never wait for the
    /// road.
    async fn restore(&mut self, page: Loaded, in_memory: &mut InMemory) {
        let described = |stored: PendingEvent| PendingEvent {
            event: Arc::new(Arc::unwrap_or_clone(stored.event).described_by(&self.printer)),
            ..stored
        };
        let mut events: Vec<_> = page.events.into_iter().map(described).collect();
        events.sort_by_key(|event| event.row);
        let now = self.surroundings.clock.moment();
        let roster = self.surroundings.shelf.roster();
        for event in &events {
            let journal = &self.surroundings.journal;
            let (backlog, dropped) = (&mut self.backlog, &self.dropped);
            let items =
                cargo::restored(event, &roster, &now, &self.surroundings.outbox, &mut |hook, delivery, bytes| {
                    // Whatever is in memory is not taken, whichever way it came there.
                    !journal.is_live(delivery)
                        && !dropped.contains(&delivery)
                        && backlog.takes(Found { hook, row: event.row, bytes }, in_memory)
                });
            for item in items {
                self.surroundings.journal.write(item.payload.entry.clone());
                self.surroundings.journal.weigh(item.id, item.bytes);
                let Some(lane) = self.lane_of(&item) else {
                    self.give_up(item, "Given up: the webhook was deleted.");
                    continue;
                };
                // A lane that has just ended leaves it in the outbox; the next start brings it.
                drop(lane.send(Message::Restore(Box::new(item))).await);
            }
        }
    }

    /// In a task of its own: the log's disk may take its time, and the road does not wait for it.
    fn close_history(&mut self) {
        self.dropped.clear();
        self.tasks.spawn(close_history(Arc::clone(&self.surroundings)));
    }

    /// Looks at what nobody tells: the clock, the way out, and what still lies in the outbox.
    async fn look_around(&mut self) {
        let now = self.surroundings.clock.moment();
        if self.surroundings.observe_clock(&now) {
            self.surroundings.standings.settle(&now);
            self.tell_lanes(&|| Message::Settle);
        }
        if self.surroundings.observe_route(route::is_there()) {
            self.tell_lanes(&|| Message::TryNow(None));
        }
        if self.backlog.is_there() {
            self.read_on().await;
        }
        let surroundings = Arc::clone(&self.surroundings);
        // Two flushes, on a thread that may wait for the disk.
        drop(tokio::task::spawn_blocking(move || {
            surroundings.standings.save();
            surroundings.messages.save();
        }));
    }

    fn note_skip(&self, hook: &Hook, event: &Arc<Event>, reason: &str) {
        let Some(subscription) = hook.listens.to(event.topic, &event.name) else { return };
        let clock = self.surroundings.clock;
        let matched = Match { hook: hook.id, event: Arc::clone(event), subscription, milestone: 0 };
        let parcel = matched.into_parcel(clock.delivery_id());
        let mut entry = entry_of(&parcel, hook);
        entry.state = State::Skipped;
        reason.clone_into(&mut entry.message);
        self.surroundings.journal.write(entry);
    }

    /// For whoever listens on the source's bus.
    fn fire(&mut self, event: &Arc<Event>, sent: bool) {
        let Some(notice) = bus::fired(event, sent) else { return };
        self.watch.expect_echo(event.id);
        self.surroundings.notices.push(notice);
        if event.topic == Some(Topic::UserActionNeeded) {
            self.surroundings.notices.log(Level::Info, "The printer waits for somebody.");
        }
    }
}

async fn close_history(surroundings: Arc<Surroundings>) {
    if surroundings.outbox.figures().failing {
        // What is stored is not known, so nothing can be said to be lost.
        surroundings.journal.history_is_closed();
    } else {
        leftovers::close(surroundings).await;
    }
}

/// Waits for a moment; for none, for ever.
async fn sleep_until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// Whether an event is news of this very hook: it is not told of its own trouble.
fn is_about(event: &Event, hook: HookId) -> bool {
    event.topic == Some(Topic::WebhookTrouble)
        && event.payload.get("hook_id").and_then(Value::as_str) == Some(hook.to_string().as_str())
}
