//! Everything that waits for one endpoint, and what becomes of it: one task per endpoint, so that a slow, dead, or hostile
//! one touches nobody else's deliveries.
//!
//! The order is `octohooks_core::queue`'s, whether the endpoint may be called is `octohooks_core::endpoint`'s, whether a
//! hook may send is its standing, and what an answer means is `octohooks_core::etiquette`'s. Here they are asked in turn,
//! attempts are made in tasks of their own, and every change is written down: the outbox, the journal, notices.

mod following;
mod quiet;
mod settle;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use octohooks_core::attempt::{Attempt, Failure, FailureKind, Phases};
use octohooks_core::endpoint::{Endpoint, Gate, Probe};
use octohooks_core::hook::ready::{Hook, Subscription};
use octohooks_core::ids::{DeliveryId, HookId};
use octohooks_core::moment::Now;
use octohooks_core::parcel::Parcel;
use octohooks_core::queue::{self, Bounds, Left, Order, Queue};
use octohooks_core::shown::Cover;
use octohooks_net::Kept;
use octohooks_store::event::{Standing as Stored, Token};
use tokio::sync::mpsc;
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;

use crate::dispatch::Sent;
use crate::enrich::Asked;
use crate::journal::{AttemptRecord, Entry, State, WAITS_FOR_ITS_TURN};
use crate::notice::Level;
use crate::surroundings::Surroundings;

/// What waits for one endpoint, at most.
const BOUNDS: Bounds = Bounds { deliveries: 2000, bytes: 8 << 20 };

/// Deliveries of several hooks to one endpoint go side by side; those of one hook never do.
const MOST_IN_FLIGHT: usize = 4;

/// A delivery on its way through a lane.
pub(crate) type Item = queue::Waiting<Cargo>;

/// What is needed to send a delivery and to settle what became of it.
#[derive(Debug, Clone)]
pub(crate) struct Cargo {
    pub(crate) parcel: Parcel,
    pub(crate) asked: Asked,
    /// The right to finish it in the outbox; `None` for what is not stored.
    pub(crate) token: Option<Token>,
    /// Whether the attempt under way was signed while nothing vouched for the clock.
    pub(crate) clock_doubtful: bool,
    /// How old the event was when a user asked for it to be sent again.
    pub(crate) age_when_asked: Option<Duration>,
    /// Whether the clock that it was stamped by was right is not known.
    pub(crate) stamped_in_doubt: bool,
    /// Older ones of its hook come first: it is read from the outbox in its turn, if the outbox has it.
    pub(crate) read_later: bool,
    /// Why it goes without its picture from now on: the receiver has refused that, and would have taken the rest.
    pub(crate) without_picture: Option<String>,
    /// How many attempts there were before this try, of which a refused picture is the first half.
    attempts_before: u32,
    /// When it could have gone, had nothing else been in its way.
    due: Instant,
    /// What ends with it, because it tells of that as well.
    pub(crate) also: Vec<Item>,
    /// The attempt that has just ended, until it is known what follows.
    tried: Option<AttemptRecord>,
    pub(crate) entry: Entry,
}

impl Cargo {
    /// What can go at once.
    pub(crate) fn new(entry: Entry, parcel: Parcel, asked: Asked, stamped_in_doubt: bool) -> Self {
        Self {
            parcel,
            asked,
            token: None,
            clock_doubtful: false,
            age_when_asked: None,
            stamped_in_doubt,
            read_later: false,
            without_picture: None,
            attempts_before: 0,
            due: Instant::now(),
            also: Vec::new(),
            tried: None,
            entry,
        }
    }

    /// How it stands for the outbox, as long as nothing failed.
    pub(crate) fn standing(&self, repeats: u32) -> Stored {
        let (attempts, age_when_asked) = (self.parcel.attempts, self.age_when_asked);
        Stored { attempts, repeats, age_when_asked, ..Stored::default() }
    }
}

/// Names an endpoint: where a hook sends, as the user wrote it, without the query. May hold a secret, so it shows nothing.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct EndpointKey(Arc<str>);

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

impl EndpointKey {
    /// The endpoint of a hook's URL.
    pub(crate) fn of(url: &str) -> Self {
        let url = url.trim();
        Self(Arc::from(&url[..url.find(['?', '#']).unwrap_or(url.len())]))
    }

    /// A name for it that may be written down.
    pub(crate) fn fingerprint(&self) -> String {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        self.0.hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }
}

impl std::fmt::Debug for EndpointKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("EndpointKey")
    }
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

    /// A signature with a wrong time on it is refused: such a delivery waits a while for the clock.
    fn wait_for_clock(&self, item: &Item, now: &Now) -> Option<Duration> {
        let roster = self.surroundings.shelf.roster();
        let (_, hook) = roster.get(item.place.hook)?;
        let needs_the_time = hook.recipe.as_ref().is_ok_and(|recipe| recipe.signer.needs_the_time());
        if needs_the_time { self.surroundings.hold_signed(now) } else { None }
    }

    fn hold_for_clock(&mut self, mut item: Item, wait: Duration, now: &Now) {
        item.payload.entry.next_at = Some(now.wall.plus(wait));
        let message = "Waiting for the clock of this machine to be set: a signature with a wrong time is refused.";
        self.note(&mut item, State::Waiting, message.to_owned());
        for left in self.queue.give_back(item, wait, now) {
            self.leave(left);
        }
    }

    /// Makes one attempt, in a task of its own, so that a fault in it costs this attempt and nothing else.
    fn start(&mut self, mut item: Item, now: &Now) {
        let roster = self.surroundings.shelf.roster();
        let Some((config, hook)) = roster.get(item.place.hook).filter(|(_, hook)| hook.enabled) else {
            self.queue.finish(&item);
            self.endpoint.abandon_probe();
            self.end(item, State::GivenUp, "Given up: the webhook was deleted or switched off.".to_owned());
            return;
        };
        if EndpointKey::of(&config.url) != self.key {
            // Its hook moved while it was under way, or waited to be taken back.
            self.queue.finish(&item);
            self.endpoint.abandon_probe();
            self.surroundings.reroute(item);
            return;
        }
        let hook = Arc::clone(hook);
        let needs_the_time = hook.recipe.as_ref().is_ok_and(|recipe| recipe.signer.needs_the_time());
        item.payload.clock_doubtful = needs_the_time && !now.synchronised;
        item.payload.attempts_before = item.payload.parcel.attempts;
        item.payload.parcel.attempts += 1;
        tell_the_time_as_it_is_known_now(&mut item, now);
        let age = item.happened.elapsed(now) + item.payload.age_when_asked.unwrap_or_default();
        item.payload.parcel.late = hook.patience.lateness(age);
        item.payload.parcel.repeats = item.repeats;
        item.payload.parcel.silent = self.goes_silently(&hook, &item, now);
        item.payload.parcel.message = self.message_to_follow(&hook, &item);
        item.payload.entry.attempts = item.payload.parcel.attempts;
        self.note(&mut item, State::Sending, "It is being sent.".to_owned());
        let waited = Instant::now().saturating_duration_since(item.payload.due);
        let dispatcher = Arc::clone(&self.surroundings.dispatcher);
        let (parcel, mut asked) = (item.payload.parcel.clone(), item.payload.asked.clone());
        // A connection that was kept may end just then, and nobody can tell whether the request was heard.
        let may_come_twice = hook.patience.repeats_when_unsure(item.class);
        let kept = if may_come_twice { self.kept.pop().unwrap_or_default() } else { Kept::default() };
        let without_picture = item.payload.without_picture.clone();
        let task = self.attempts.spawn(async move {
            let wishes = hook.picture_wishes(&parcel.matched.event).filter(|_| without_picture.is_none());
            let mut enrichment = asked.wait(hook.needs_metadata(), wishes.as_ref()).await;
            if let Some(because) = without_picture {
                enrichment = enrichment.without_picture(because);
            }
            Sent { waited, ..dispatcher.send(&hook, &parcel, &enrichment, kept).await }
        });
        self.flying.insert(task.id(), item);
    }

    fn ended(&mut self, ended: Result<(Id, Sent), tokio::task::JoinError>) {
        let id = match &ended {
            Ok((id, _)) => *id,
            Err(error) => error.id(),
        };
        let Some(item) = self.flying.remove(&id) else { return };
        let mut sent = ended.map_or_else(|_| self.fault(), |(_, sent)| sent);
        self.kept.extend(Some(std::mem::take(&mut sent.kept)).filter(Kept::is_some));
        let hook = item.place.hook;
        self.settle(item, &sent);
        // Its others waited for it, so that all of them go elsewhere in their order.
        self.look_at_hook(hook);
        self.surroundings.standings.keep_endpoint(&self.key, &self.endpoint);
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

    /// It leaves without having been sent.
    fn leave(&self, left: Left<Cargo>) {
        let Left { item, why } = left;
        if let queue::Why::Folded { into } = why
            && let Some(standing_for_it) = self.queue.get(into)
            && let Some(token) = standing_for_it.payload.token
        {
            self.surroundings.outbox.postpone(token, standing_for_it.payload.standing(standing_for_it.repeats));
        }
        let state = if why.is_harmless() && why != queue::Why::HookGone { State::Skipped } else { State::GivenUp };
        if state == State::GivenUp && why != queue::Why::HookGone {
            self.tell_failure(&item, &why.to_string());
        }
        self.end(item, state, why.to_string());
    }

    fn end(&self, mut item: Item, state: State, message: String) {
        if let Some(token) = item.payload.token {
            self.surroundings.outbox.complete(token);
        }
        item.payload.entry.next_at = None;
        for other in std::mem::take(&mut item.payload.also) {
            let told = match state {
                State::Delivered => {
                    (State::Skipped, "Told together with others when the quiet hours were over.".to_owned())
                }
                state => (state, message.clone()),
            };
            self.end(other, told.0, told.1);
        }
        self.note(&mut item, state, message);
    }

    fn note(&self, item: &mut Item, state: State, message: String) {
        item.payload.entry.state = state;
        if let Some(tried) = item.payload.tried.take() {
            let tried = AttemptRecord { message: message.clone(), ..tried };
            self.surroundings.journal.write_attempt(item.id, tried);
        }
        item.payload.entry.message = message;
        self.surroundings.journal.write(item.payload.entry.clone());
    }

    fn tell_failure(&self, item: &Item, because: &str) {
        let entry = &item.payload.entry;
        let message = format!("{} to \"{}\" was not delivered: {because}", entry.topic, entry.hook_name);
        self.surroundings.notices.log(Level::Info, message);
    }

    fn fault(&self) -> Sent {
        let message = "A fault of this plugin kept it from being sent; please report it.".to_owned();
        self.surroundings.notices.log(Level::Error, "An attempt ended in a fault of this plugin; see the log above.");
        let outcome = Err(Failure { kind: FailureKind::Internal, message });
        let started = self.surroundings.clock.now();
        let attempt = Attempt { started, phases: Phases::default(), outcome };
        Sent {
            attempt,
            waited: Duration::ZERO,
            composed: None,
            cover: Cover::default(),
            kept: Kept::default(),
            oauth: None,
            before: Vec::new(),
            follows: None,
            fingerprint: None,
        }
    }
}

/// An event that happened before the clock was right carries a time that nobody can use. Once it is known better, that is what
/// is sent.
fn tell_the_time_as_it_is_known_now(item: &mut Item, now: &Now) {
    const PUT_RIGHT: u64 = 60_000;
    item.happened.settle(now);
    let event = &mut item.payload.parcel.matched.event;
    // One that is sent again counts from when it was asked for; its event was long ago.
    let is_of_then = item.payload.age_when_asked.is_none();
    if item.payload.stamped_in_doubt
        && is_of_then
        && item.happened.synchronised
        && item.happened.wall.0.abs_diff(event.at.0) > PUT_RIGHT
    {
        Arc::make_mut(event).at = item.happened.wall;
        item.payload.entry.at = item.happened.wall;
    }
}

/// A new entry of the journal.
pub(crate) fn entry_of(parcel: &Parcel, hook: &Hook) -> Entry {
    let matched = &parcel.matched;
    Entry {
        id: parcel.id,
        event_id: matched.event.id,
        hook_id: matched.hook,
        hook_name: hook.name.clone(),
        topic: match matched.subscription {
            Subscription::Topic(topic) => topic.title().to_owned(),
            Subscription::CustomEvent => "Custom Event".to_owned(),
        },
        event: matched.event.name.clone(),
        at: matched.event.at,
        state: State::Waiting,
        status: None,
        attempts: parcel.attempts,
        message: WAITS_FOR_ITS_TURN.to_owned(),
        next_at: None,
        answer: None,
    }
}
