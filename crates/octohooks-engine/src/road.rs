//! The one task that turns observations into events and events into deliveries: detect, match, store, hand over to the lanes.
//!
//! It owns what has to be remembered between events. It never waits for a network, a disk, or a lane: what is stored is
//! handed on by [`crate::commit`] once it lies safely.

mod bus;
mod lanes;
mod print_watch;
mod reading;
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
use octohooks_core::time::UnixMillis;
use octohooks_core::topic::Topic;
use octohooks_store::outbox::Loaded;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use crate::cargo::{self, Fresh, Item, entry_of};
use crate::enrich::Enricher;
use crate::journal::{Entry, State};
use crate::lane::Message;
use crate::notice::Level;
use crate::resend::Again;
use crate::running_job::RunningJob;
use crate::surroundings::{Surroundings, ToLanes};
use crate::unwanted;

use lanes::Lanes;
use print_watch::PrintWatch;
use reading::Reading;

/// While something waits, the way out of this machine and the clock are looked at this often.
const LOOK_AROUND: Duration = Duration::from_secs(3);

/// While there is more to be read, it is read this often.
const READ_ON: Duration = Duration::from_millis(200);

/// A sight that is still as it came.
pub(crate) type Unread = Box<dyn FnOnce() -> (Sight, Context) + Send>;

/// What the road is told.
pub(crate) enum Told {
    /// Something was seen, then; it is read here and not by the thread that saw it.
    Seen(UnixMillis, Unread),
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
    lanes: Lanes,
    reading: Reading,
    hooks: HashSet<HookId>,
    enricher: Arc<Enricher>,
    surroundings: Arc<Surroundings>,
    commit: mpsc::Sender<Fresh>,
    tasks: TaskTracker,
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
            lanes: Lanes::new(Arc::clone(&surroundings), tasks.clone()),
            reading: Reading::new(Arc::clone(&surroundings), tasks.clone()),
            hooks,
            enricher,
            surroundings,
            commit,
            tasks,
        }
    }

    /// Runs until the engine stops. `earlier` is what was left when the engine started.
    pub(crate) async fn run(mut self, mut inbox: mpsc::Receiver<Told>, earlier: Earlier) {
        let stop = self.surroundings.stop.clone();
        self.surroundings.observe_clock(&self.surroundings.clock.moment());
        self.watch.look_out();
        self.reading.begin(earlier.stored, &mut self.lanes, &self.printer).await;
        if let Some((note, same_boot)) = earlier.print {
            let events = self.watch.recall(note, same_boot, earlier.context);
            self.tell_all(events);
        }
        let mut look_at = Instant::now() + LOOK_AROUND;
        let mut was_waiting = false;
        loop {
            let waiting = self.reading.goes_on() || self.surroundings.journal.on_their_way() > 0;
            if waiting && !was_waiting {
                look_at = Instant::now() + if self.reading.goes_on() { READ_ON } else { LOOK_AROUND };
            }
            was_waiting = waiting;
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                () = tokio::time::sleep_until(look_at), if waiting => {
                    self.look_around().await;
                    look_at = Instant::now() + if self.reading.goes_on() { READ_ON } else { LOOK_AROUND };
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
            Told::Seen(at, unread) => {
                let (sight, context) = unread();
                self.observe(Observation { at, sight, context });
            }
            Told::Printer(printer) => {
                self.printer = Arc::clone(&printer);
                self.watch.describe(printer);
            }
            Told::TryNow(hook) => {
                let now = self.surroundings.clock.moment();
                self.surroundings.standings.of(hook, |standing| standing.try_now(&now, false));
                self.lanes.tell(&|| Message::TryNow(Some(hook)));
            }
            Told::Drop(delivery) => self.drop_delivery(delivery),
            Told::Resume(hook) => self.lanes.tell(&|| Message::TryNow(Some(hook))),
            Told::HooksChanged => self.hooks_changed(),
            Told::Reroute(item) => self.lanes.reroute(*item),
            Told::Stored(items) => {
                for item in items {
                    self.lanes.deliver(item);
                }
            }
            Told::Resend(again) => self.send_again(&again),
            Told::Trouble(announcement) => self.tell_of_trouble(&announcement),
            Told::Layers { origin, path, layers } => self.watch.know_layers(origin, path, layers),
            Told::Lanes(ToLanes::TryNow) => self.lanes.tell(&|| Message::TryNow(None)),
            Told::Lanes(ToLanes::Pardon(since)) => self.lanes.tell(&|| Message::Pardon(since)),
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
        if let Some(set_by) = self.watch.look_at_the_clock() {
            for memory in self.memories.values_mut() {
                memory.clock_was_set(set_by);
            }
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
            item.payload.read_later = fresh.ticket.is_some() && self.reading.is_behind(item.place.hook);
        }
        match fresh.ticket {
            None => {
                for item in fresh.items {
                    self.lanes.deliver(item);
                }
            }
            Some(_) => {
                // The order of events is the order of this channel. Were it full, the disk would be far behind: then
                // sending goes before storing.
                if let Err(mpsc::error::TrySendError::Full(fresh) | mpsc::error::TrySendError::Closed(fresh)) =
                    self.commit.try_send(fresh)
                {
                    for item in fresh.items.into_iter().filter(|item| !item.payload.read_later) {
                        self.lanes.deliver(item);
                    }
                }
            }
        }
    }

    fn note_new(&self, item: &Item) {
        let entry = item.payload.entry.clone();
        if self.reading.is_behind(item.place.hook) && !item.class.is_latest_wins() {
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
        self.lanes.take_back(entry.id);
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

    /// Wherever it is: in a lane, on its way to one, or unread in the outbox. What is being sent stays as it is.
    fn drop_delivery(&mut self, delivery: DeliveryId) {
        let journal = &self.surroundings.journal;
        if journal.is_live(delivery) {
            if !journal.is_being_sent(delivery) {
                self.lanes.drop_delivery(delivery);
            }
        } else if self.reading.goes_on() {
            // It may be in a page that was asked for already.
            self.lanes.drop_delivery(delivery);
            journal.take_up(delivery);
            self.tasks.spawn(unwanted::end(Arc::clone(&self.surroundings), delivery));
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
        let is_all_read = self.reading.retain(|hook| self.hooks.contains(&hook));
        if gone.is_empty() && is_all_read {
            self.reading.close_history(&mut self.lanes);
        } else if !gone.is_empty() {
            let surroundings = Arc::clone(&self.surroundings);
            self.tasks.spawn(async move {
                // What of them is stored and was not read yet goes as well, before it is looked what is missing.
                for hook in gone {
                    unwanted::end_all_of(&surroundings, hook).await;
                }
                if is_all_read {
                    reading::close_history(surroundings).await;
                }
            });
        }
        self.lanes.tell(&|| Message::HooksChanged);
    }

    /// Looks at what nobody tells: the clock, the way out, and what still lies in the outbox.
    async fn look_around(&mut self) {
        let now = self.surroundings.clock.moment();
        if self.surroundings.observe_clock(&now) {
            self.surroundings.standings.settle(&now);
            self.lanes.tell(&|| Message::Settle);
        }
        if self.surroundings.observe_route(route::is_there()) {
            self.lanes.tell(&|| Message::TryNow(None));
        }
        if self.reading.goes_on() {
            self.reading.read_on(&mut self.lanes, &self.printer).await;
        } else {
            self.lanes.forget_what_ended();
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
