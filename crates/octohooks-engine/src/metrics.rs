//! What is counted, for Prometheus: what became of deliveries and attempts, how long they took, what waits, and how hooks and
//! the outbox do.
//!
//! Counters start at nothing with each start of the engine, as Prometheus expects. Hooks are labelled by id and by name;
//! nothing else of them is shown.

use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use octohooks_core::attempt::Attempt;
use octohooks_core::ids::HookId;
use octohooks_store::Figures;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::journal::{Entry, State};

/// The type of [`Metrics::render`]'s text.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// From a receiver in the same room to one that hardly answers.
const ATTEMPT_SECONDS: [f64; 9] = [0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 60.0];

/// From at once to a day.
const DELAY_SECONDS: [f64; 10] = [0.1, 0.3, 1.0, 3.0, 10.0, 60.0, 600.0, 3600.0, 21_600.0, 86_400.0];

/// A hook.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfHook {
    hook_id: String,
    hook: String,
}

/// A hook and how something of it went.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    hook_id: String,
    hook: String,
    outcome: String,
}

/// A hook and how it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct HookState {
    hook_id: String,
    hook: String,
    state: String,
}

type Histograms = Family<OfHook, Histogram, fn() -> Histogram>;

/// How a hook is just now.
#[derive(Debug)]
pub(crate) struct HookNow {
    pub(crate) id: HookId,
    pub(crate) name: String,
    /// `sending`, `off`, `paused`, `parked`, or `stopped`.
    pub(crate) state: &'static str,
    pub(crate) waiting: usize,
}

/// All that is counted.
pub(crate) struct Metrics {
    registry: Mutex<Registry>,
    deliveries: Family<Ended, Counter>,
    attempts: Family<Ended, Counter>,
    attempt_seconds: Histograms,
    delay_seconds: Histograms,
    waiting: Family<OfHook, Gauge>,
    state: Family<HookState, Gauge>,
    lost: Counter,
    commits: Counter,
    stored: Counter,
    unstored: Counter,
    outbox_durable: Gauge,
    outbox_bytes: Gauge,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Metrics")
    }
}

impl Metrics {
    pub(crate) fn new(version: &'static str) -> Self {
        let mut registry = Registry::with_prefix("octohooks");
        let deliveries = Family::default();
        registry.register("deliveries", "Deliveries that have come to their end, by how", deliveries.clone());
        let attempts = Family::default();
        let help = "Attempts, by the class of the answer's status or the kind of failure";
        registry.register("attempts", help, attempts.clone());
        let attempt_seconds: Histograms = Family::new_with_constructor(|| Histogram::new(ATTEMPT_SECONDS));
        let help = "How long an attempt took, without waiting for its turn";
        registry.register_with_unit("attempt_duration", help, Unit::Seconds, attempt_seconds.clone());
        let delay_seconds: Histograms = Family::new_with_constructor(|| Histogram::new(DELAY_SECONDS));
        let help = "From the event to the answer of the receiver that has it";
        registry.register_with_unit("delivery_delay", help, Unit::Seconds, delay_seconds.clone());
        let waiting = Family::default();
        registry.register(
            "deliveries_waiting",
            "Deliveries in memory that have not ended; a long backlog has more in the outbox",
            waiting.clone(),
        );
        let state = Family::default();
        registry.register("hook_state", "1 for the state that a hook is in", state.clone());
        let lost = Counter::default();
        registry.register("events_lost", "Events that came faster than they could be looked at", lost.clone());
        let commits = Counter::default();
        registry.register("outbox_commits", "Transactions of the outbox", commits.clone());
        let outbox_durable = Gauge::default();
        registry.register("outbox_durable", "Whether events are kept over a restart", outbox_durable.clone());
        let stored = Counter::default();
        registry.register("events_stored", "Events that were on disk before they were sent", stored.clone());
        let unstored = Counter::default();
        registry.register("events_unstored", "Events that could only be kept in memory", unstored.clone());
        let outbox_bytes = Gauge::default();
        registry.register_with_unit("outbox_size", "What the outbox takes up", Unit::Bytes, outbox_bytes.clone());
        registry.register("build", "The version", Info::new([("version", version)]));
        Self {
            registry: Mutex::new(registry),
            deliveries,
            attempts,
            attempt_seconds,
            delay_seconds,
            waiting,
            state,
            lost,
            commits,
            stored,
            unstored,
            outbox_durable,
            outbox_bytes,
        }
    }

    /// A delivery stands like this now; it counts where that is an end.
    pub(crate) fn stands(&self, entry: &Entry) {
        let outcome = match entry.state {
            State::Waiting | State::Sending | State::Retrying => return,
            State::Delivered => "delivered",
            State::GivenUp => "given_up",
            State::Skipped => "skipped",
        };
        self.deliveries.get_or_create(&ended(entry, outcome.to_owned())).inc();
    }

    /// An attempt of a delivery has ended.
    pub(crate) fn attempted(&self, entry: &Entry, attempt: &Attempt) {
        let outcome = match &attempt.outcome {
            Ok(answer) => format!("{}xx", answer.status / 100),
            Err(failure) => failure.kind.to_string(),
        };
        self.attempts.get_or_create(&ended(entry, outcome)).inc();
        self.attempt_seconds.get_or_create(&of_hook(entry)).observe(attempt.phases.total.as_secs_f64());
    }

    /// A delivery has arrived, so long after its event.
    pub(crate) fn delivered(&self, entry: &Entry, delay: Duration) {
        self.delay_seconds.get_or_create(&of_hook(entry)).observe(delay.as_secs_f64());
    }

    /// All of it as text, with what is known just now.
    pub(crate) fn render(&self, hooks: &[HookNow], outbox: Figures, lost: u64) -> String {
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        self.waiting.clear();
        self.state.clear();
        for HookNow { id, name, state, waiting } in hooks {
            let labels = OfHook { hook_id: id.to_string(), hook: name.clone() };
            self.waiting.get_or_create(&labels).set(gauge(*waiting as u64));
            let OfHook { hook_id, hook } = labels;
            self.state.get_or_create(&HookState { hook_id, hook, state: (*state).to_owned() }).set(1);
        }
        self.outbox_durable.set(i64::from(!outbox.failing));
        self.outbox_bytes.set(gauge(outbox.used_bytes));
        let counters = [
            (&self.commits, outbox.commits),
            (&self.stored, outbox.durable),
            (&self.unstored, outbox.memory_only),
            (&self.lost, lost),
        ];
        for (counter, value) in counters {
            counter.inner().store(value, Ordering::Relaxed);
        }
        let mut text = String::new();
        if encode(&mut text, &registry).is_err() {
            // Writing to a text cannot fail; half of it would be wrong.
            text.clear();
        }
        text
    }
}

fn of_hook(entry: &Entry) -> OfHook {
    OfHook { hook_id: entry.hook_id.to_string(), hook: entry.hook_name.clone() }
}

fn ended(entry: &Entry, outcome: String) -> Ended {
    let OfHook { hook_id, hook } = of_hook(entry);
    Ended { hook_id, hook, outcome }
}

fn gauge(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
