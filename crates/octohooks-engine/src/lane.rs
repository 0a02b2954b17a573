//! The queue of one hook: its deliveries one after another, in order, each until it arrives or is given up.
//!
//! One task per lane, so that a slow or dead endpoint keeps nobody else waiting. The queue is bounded: of progress only
//! the latest waits, and under pressure what matters least goes first, with a reason that the user can see.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use octohooks_core::attempt::{Attempt, Failure, FailureKind, Phases};
use octohooks_core::hook::ready::{Hook, Subscription};
use octohooks_core::ids::HookId;
use octohooks_core::parcel::Parcel;
use octohooks_core::shown::Cover;
use octohooks_core::topic::Class;
use octohooks_core::verdict::{Verdict, judge};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::dispatch::{Dispatcher, Sent};
use crate::enrich::Asked;
use crate::journal::{Entry, Journal, State};
use crate::notice::{Level, Notices};
use crate::shelf::Shelf;

/// More deliveries of one hook than this do not wait.
const MOST_WAITING: usize = 1000;

/// What a lane is told.
#[derive(Debug)]
pub(crate) enum Message {
    /// Send this in its turn. The journal knows of it already.
    Deliver(Box<Waiting>),
    /// The user asks: do not wait for the next try.
    TryNow,
}

/// What all lanes use.
pub(crate) struct Surroundings {
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) dispatcher: Arc<Dispatcher>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) notices: Arc<Notices>,
    pub(crate) clock: Clock,
    pub(crate) stop: CancellationToken,
}

/// One hook's queue.
pub(crate) struct Lane {
    hook: HookId,
    surroundings: Arc<Surroundings>,
    inbox: mpsc::Receiver<Message>,
    waiting: VecDeque<Waiting>,
}

/// A delivery in a queue.
#[derive(Debug)]
pub(crate) struct Waiting {
    parcel: Parcel,
    asked: Asked,
    pub(crate) entry: Entry,
    not_before: Instant,
}

impl Waiting {
    /// A delivery that has not been tried, with its first entry for the journal.
    pub(crate) fn new(parcel: Parcel, asked: Asked, hook_name: String) -> Self {
        let entry = entry_of(&parcel, hook_name);
        Self { parcel, asked, entry, not_before: Instant::now() }
    }
}

impl Lane {
    pub(crate) fn new(hook: HookId, surroundings: Arc<Surroundings>, inbox: mpsc::Receiver<Message>) -> Self {
        Self { hook, surroundings, inbox, waiting: VecDeque::new() }
    }

    /// Runs until the engine stops or nobody can send to this lane any more.
    pub(crate) async fn run(mut self) {
        let stop = self.surroundings.stop.clone();
        loop {
            let next = self.waiting.front().map(|head| head.not_before);
            let due = async {
                match next {
                    Some(not_before) => tokio::time::sleep_until(not_before).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                message = self.inbox.recv() => match message {
                    Some(message) => self.receive(message),
                    None => break,
                },
                () = due => {
                    let Some(head) = self.waiting.pop_front() else { continue };
                    if !self.deliver(head).await {
                        break;
                    }
                }
            }
        }
    }

    fn receive(&mut self, message: Message) {
        match message {
            Message::Deliver(waiting) => self.enqueue(*waiting),
            Message::TryNow => {
                if let Some(head) = self.waiting.front_mut() {
                    head.not_before = Instant::now();
                }
            }
        }
    }

    fn enqueue(&mut self, waiting: Waiting) {
        if waiting.parcel.class() == Class::Progress {
            self.replace_older_progress(&waiting.parcel);
        }
        if self.waiting.len() >= MOST_WAITING {
            let least = (0..self.waiting.len()).min_by_key(|index| self.waiting[*index].parcel.class());
            if let Some(shed) = least.and_then(|index| self.waiting.remove(index)) {
                self.end(
                    shed.entry,
                    State::GivenUp,
                    format!("Given up: more than {MOST_WAITING} deliveries wait for this hook."),
                );
            }
        }
        self.waiting.push_back(waiting);
    }

    /// Of progress that waits, only the newest is worth sending.
    fn replace_older_progress(&mut self, newer: &Parcel) {
        let printer = &newer.matched.event.printer.id;
        let is_older = |waiting: &Waiting| {
            waiting.parcel.class() == Class::Progress && waiting.parcel.matched.event.printer.id == *printer
        };
        while let Some(index) = self.waiting.iter().position(is_older) {
            if let Some(older) = self.waiting.remove(index) {
                self.end(
                    older.entry,
                    State::Skipped,
                    "Not sent: newer progress took its place while it waited.".to_owned(),
                );
            }
        }
    }

    /// Makes one attempt and settles what follows. Meanwhile the inbox is emptied, so that nobody waits to enqueue.
    /// False when the engine stops.
    async fn deliver(&mut self, mut waiting: Waiting) -> bool {
        let roster = self.surroundings.shelf.roster();
        let hook = match roster.get(self.hook) {
            None => return self.finish(waiting, State::GivenUp, "Given up: the hook was deleted."),
            Some((_, hook)) if !hook.enabled => {
                return self.finish(waiting, State::GivenUp, "Given up: the hook was switched off.");
            }
            Some((_, hook)) => Arc::clone(hook),
        };
        waiting.parcel.attempts += 1;
        waiting.entry.attempts = waiting.parcel.attempts;
        self.note(&mut waiting.entry, State::Sending, "It is being sent.".to_owned());

        let Some(sent) = self.attempt(&hook, &waiting).await else { return false };
        waiting.entry.status = sent.attempt.outcome.as_ref().ok().map(|answer| answer.status);
        waiting.entry.answer = sent.attempt.outcome.as_ref().ok().map(|answer| {
            sent.cover.apply(&String::from_utf8_lossy(&answer.body).chars().take(2000).collect::<String>())
        });
        let clock = self.surroundings.clock;
        let event = &waiting.parcel.matched.event;
        let age = clock.now().since(event.at);
        match judge(&sent.attempt, waiting.parcel.attempts, event.class(), age, clock.fraction()) {
            Verdict::Delivered { warning } => {
                let message = delivered(&sent, warning);
                self.finish(waiting, State::Delivered, &message)
            }
            Verdict::GivenUp { because } => {
                self.tell_failure(&hook, &waiting.entry, &because);
                self.finish(waiting, State::GivenUp, &because)
            }
            Verdict::Retry { after, because } => {
                if waiting.parcel.attempts == 1 {
                    self.tell_failure(&hook, &waiting.entry, &because);
                }
                waiting.not_before = Instant::now() + after;
                waiting.entry.next_at = Some(clock.now().plus(after));
                let message = format!("{because} Next try in {}.", in_words(after));
                self.note(&mut waiting.entry, State::Retrying, message);
                self.waiting.push_front(waiting);
                true
            }
        }
    }

    /// In a task of its own, so that a fault in it costs this attempt and nothing else. `None` when the engine stops.
    async fn attempt(&mut self, hook: &Arc<Hook>, waiting: &Waiting) -> Option<Sent> {
        let dispatcher = Arc::clone(&self.surroundings.dispatcher);
        let (hook, parcel, mut asked) = (Arc::clone(hook), waiting.parcel.clone(), waiting.asked.clone());
        let mut task = tokio::spawn(async move {
            let enrichment = asked.wait(hook.needs_metadata(), hook.needs_picture()).await;
            dispatcher.send(&hook, &parcel, &enrichment).await
        });
        let stop = self.surroundings.stop.clone();
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => {
                    task.abort();
                    return None;
                }
                result = &mut task => return Some(result.unwrap_or_else(|_| self.fault())),
                Some(message) = self.inbox.recv() => self.receive(message),
            }
        }
    }

    fn fault(&self) -> Sent {
        let message = "A fault of this plugin kept it from being sent; please report it.".to_owned();
        self.surroundings.notices.log(Level::Error, "An attempt ended in a fault of this plugin; see the log above.");
        let outcome = Err(Failure { kind: FailureKind::Internal, message });
        let started = self.surroundings.clock.now();
        let attempt = Attempt { started, phases: Phases::default(), outcome };
        Sent { attempt, composed: None, cover: Cover::default(), oauth: None }
    }

    fn tell_failure(&self, hook: &Hook, entry: &Entry, because: &str) {
        let message = format!("{} to \"{}\" was not delivered: {because}", entry.topic, hook.name);
        self.surroundings.notices.log(Level::Info, message);
    }

    fn finish(&self, waiting: Waiting, state: State, message: &str) -> bool {
        self.end(waiting.entry, state, message.to_owned());
        true
    }

    fn end(&self, mut entry: Entry, state: State, message: String) {
        entry.next_at = None;
        self.note(&mut entry, state, message);
    }

    fn note(&self, entry: &mut Entry, state: State, message: String) {
        entry.state = state;
        entry.message = message;
        self.surroundings.journal.write(entry.clone());
    }
}

/// A new entry of the journal.
pub(crate) fn entry_of(parcel: &Parcel, hook_name: String) -> Entry {
    let matched = &parcel.matched;
    Entry {
        id: parcel.id,
        event_id: matched.event.id,
        hook_id: matched.hook,
        hook_name,
        topic: match matched.subscription {
            Subscription::Topic(topic) => topic.title().to_owned(),
            Subscription::CustomEvent => "Custom Event".to_owned(),
        },
        event: matched.event.name.clone(),
        at: matched.event.at,
        state: State::Waiting,
        status: None,
        attempts: 0,
        message: "It waits for its turn.".to_owned(),
        next_at: None,
        answer: None,
    }
}

fn delivered(sent: &Sent, warning: Option<String>) -> String {
    let status = sent.attempt.outcome.as_ref().map_or(0, |answer| answer.status);
    let problems = sent.composed.iter().flat_map(|composed| &composed.problems).map(|problem| problem.message.clone());
    let name = octohooks_core::verdict::name_of(status);
    let mut sentences = vec![format!("Delivered: {name} in {} ms.", sent.attempt.phases.total.as_millis())];
    sentences.extend(problems);
    sentences.extend(warning);
    sentences.join(" ")
}

/// A span in the largest unit that fits.
fn in_words(span: Duration) -> String {
    match span.as_secs() {
        0..=89 => format!("{} s", span.as_secs_f64().round()),
        90..=5399 => format!("{} min", (span.as_secs() + 30) / 60),
        hours => format!("{} h", (hours + 1800) / 3600),
    }
}
