//! What is seen becomes events, and a print is followed: how it stands is noted for after a power cut, an end that others may
//! still explain is waited for, and the layers of its file are asked for.
//!
//! Comes in: observations, and the time. Goes out: events for the road to tell, in order. It tells nobody itself, and waits for
//! no disk.

use std::sync::Arc;
use std::time::Duration;

use octohooks_core::detect::{Detector, Note, SETTLING};
use octohooks_core::event::{Context, Event, Printer};
use octohooks_core::ids::EventId;
use octohooks_core::layers::Layers;
use octohooks_core::moment::Now;
use octohooks_core::observation::Observation;
use octohooks_core::time::UnixMillis;
use octohooks_core::topic::Topic;
use serde_json::Value;
use tokio::time::Instant;

use crate::notice::Notice;
use crate::running_job::RunningJob;
use crate::surroundings::Surroundings;

/// The note of a print stays for so long after its end has been told.
const NOTE_OUTLIVES_PRINT: Duration = Duration::from_secs(3);

/// A wall clock that is off by less than this was not set.
const A_JUMP: Duration = Duration::from_secs(1);

/// Detection, and what it wants to have done later.
pub(super) struct PrintWatch {
    detector: Detector,
    surroundings: Arc<Surroundings>,
    running_job: Arc<RunningJob>,
    /// The printed file, as last seen, where hooks want to know its layers.
    file: Option<File>,
    /// When the note of the running job is written.
    note_at: Option<Instant>,
    /// When nothing more is waited for that may explain how a print ended.
    settle_at: Option<Instant>,
    /// When this machine was started, by what its wall clock said last.
    started: UnixMillis,
}

fn started(now: Now) -> UnixMillis {
    now.wall.on_clock_set_by(-i64::try_from(now.uptime.as_millis()).unwrap_or(0))
}

struct File {
    origin: String,
    path: String,
}

impl PrintWatch {
    pub(super) fn new(printer: Arc<Printer>, running_job: RunningJob, surroundings: Arc<Surroundings>) -> Self {
        Self {
            detector: Detector::new(printer),
            started: started(surroundings.clock.moment()),
            surroundings,
            running_job: Arc::new(running_job),
            file: None,
            note_at: None,
            settle_at: None,
        }
    }

    /// The printer has a new name or look.
    pub(super) fn describe(&mut self, printer: Arc<Printer>) {
        self.detector.describe(printer);
    }

    /// Looks out for what hooks wait for now.
    pub(super) fn look_out(&mut self) {
        let roster = self.surroundings.shelf.roster();
        self.detector.watch(roster.rules().to_vec(), Arc::clone(roster.patterns()));
    }

    /// What the print that an earlier engine noted has become; `same_boot` is whether that was in this run of the machine.
    pub(super) fn recall(&mut self, note: Note, same_boot: bool, context: Context) -> Vec<Event> {
        let clock = self.surroundings.clock;
        self.detector.recall(clock.now(), note, same_boot, context, &mut || clock.randomness())
    }

    /// What a sight means.
    pub(super) fn observe(&mut self, observation: Observation) -> Vec<Event> {
        let wants_layers = self.surroundings.shelf.roster().wants_layers() && observation.context.has_job();
        let file = observation.context.job_file().filter(|_| wants_layers);
        self.file = file.map(|(origin, path)| File { origin: origin.to_owned(), path: path.to_owned() });
        let clock = self.surroundings.clock;
        self.detector.observe(observation, &mut || clock.randomness())
    }

    /// Moves along what is remembered when somebody has set the clock since the last sight; by how many milliseconds. Slow
    /// corrections add up until they count.
    pub(super) fn look_at_the_clock(&mut self) -> Option<i64> {
        let started = started(self.surroundings.clock.moment());
        let set_by = started.0.saturating_sub(self.started.0);
        if u128::from(set_by.unsigned_abs()) < A_JUMP.as_millis() {
            return None;
        }
        self.started = started;
        self.detector.clock_was_set(set_by);
        Some(set_by)
    }

    /// The layers of a file have been found out.
    pub(super) fn know_layers(&mut self, origin: String, path: String, layers: Layers) {
        self.detector.know_layers(origin, path, layers);
    }

    /// Nothing more is waited for that may explain how a print ended.
    pub(super) fn settle(&mut self) -> Vec<Event> {
        let clock = self.surroundings.clock;
        self.detector.settle(clock.now(), &mut || clock.randomness())
    }

    /// An event that is made here; it belongs to no print.
    pub(super) fn own(&self, topic: Topic, payload: Value) -> Event {
        let clock = self.surroundings.clock;
        self.detector.own(clock.now(), topic, payload, &mut || clock.randomness())
    }

    /// This event is fired on the source's bus, and comes back from there.
    pub(super) fn expect_echo(&mut self, event: EventId) {
        self.detector.expect_echo(event);
    }

    /// Looks at what detection wants to have done later. To be called when the events of a sight have been told: the end of a
    /// print is on its way to the disk before its note is gone.
    pub(super) fn look_ahead(&mut self) {
        if let Some(File { origin, path }) = self.file.take()
            && self.detector.asks_for_layers()
        {
            self.surroundings.notices.push(Notice::Layers { origin, path });
        }
        match self.detector.is_settling() {
            true if self.settle_at.is_none() => self.settle_at = Some(Instant::now() + SETTLING),
            true => {}
            false => self.settle_at = None,
        }
        let note = self.detector.note().filter(|_| self.surroundings.shelf.roster().wants_note());
        if self.running_job.keep(note) {
            // The end of a print is committed before its note is gone: told twice is better than never.
            let wait = if note.is_some() { Duration::ZERO } else { NOTE_OUTLIVES_PRINT };
            self.note_at = Some(Instant::now() + wait);
        }
    }

    /// When [`Self::on_time`] has something to do.
    pub(super) fn wakes_at(&self) -> Option<Instant> {
        self.settle_at.into_iter().chain(self.note_at).min()
    }

    /// Does what has its time now; what comes of it is to be told.
    pub(super) fn on_time(&mut self) -> Vec<Event> {
        let now = Instant::now();
        if self.note_at.is_some_and(|at| at <= now) {
            self.note_at = None;
            let running_job = Arc::clone(&self.running_job);
            // On a thread that may wait for the disk.
            drop(tokio::task::spawn_blocking(move || running_job.save()));
        }
        if self.settle_at.is_some_and(|at| at <= now) { self.settle() } else { Vec::new() }
    }

    /// Writes the note down and waits for it: the engine stops.
    pub(super) fn close(&self) {
        self.running_job.save();
    }
}
