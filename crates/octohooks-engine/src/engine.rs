//! The engine: started once (`start`), told what was seen, asked for what it has to say, stopped. What a user does with
//! deliveries is in `deliveries`, what a hook would do in `trying`, how everything does in `health`.
//!
//! All work is done on one thread of its own with a small runtime. Every method here may be called from any thread; those
//! that take an observation never wait.

mod deliveries;
mod health;
mod start;
mod trying;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use octohooks_core::event::{Context, Printer};
use octohooks_core::ids::HookId;
use octohooks_core::layers::Scanner;
use octohooks_core::observation::Sight;
use octohooks_store::outbox::Outbox;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::dispatch::Dispatcher;
use crate::enrich::{Enricher, Shot, ThumbnailAt};
use crate::journal::Journal;
use crate::notice::{Level, Notice, Notices, Right};
use crate::road::Told;
use crate::roster::{Roster, Wants};
use crate::shelf::Shelf;
use crate::surroundings::Surroundings;
use crate::trial::Trials;

pub use start::{StartError, World};
pub use trying::TestError;

/// The version of the engine: that of the product.
pub use octohooks_core::compose::VERSION;

/// Progress leaves this much of the inbox to what matters more.
const KEPT_FOR_EVENTS: usize = 1024;

/// A running engine.
pub struct Engine {
    shelf: Arc<Shelf>,
    journal: Arc<Journal>,
    notices: Arc<Notices>,
    enricher: Arc<Enricher>,
    dispatcher: Arc<Dispatcher>,
    trials: Arc<Trials>,
    tests: TaskTracker,
    printer: ArcSwap<Printer>,
    clock: Clock,
    road: mpsc::Sender<Told>,
    outbox: Outbox,
    /// Why there is no outbox on disk, and will be none until the next start.
    without_outbox: Option<String>,
    surroundings: Arc<Surroundings>,
    lost: AtomicU64,
    runtime: tokio::runtime::Handle,
    stop: CancellationToken,
    ended: Mutex<Option<std::sync::mpsc::Receiver<()>>>,
}

impl Engine {
    /// What has to come with an event of this name; a look into a table.
    pub fn wants(&self, event: &str) -> Wants {
        self.shelf.roster().wants(event)
    }

    /// Whether anybody listens to progress.
    pub fn wants_progress(&self) -> bool {
        self.shelf.roster().wants_progress()
    }

    /// Whether any hook waits for lines of the terminal.
    pub fn wants_lines(&self) -> bool {
        !self.shelf.roster().patterns().is_empty()
    }

    /// Whether any hook has to know which layer is printed.
    pub fn wants_layers(&self) -> bool {
        self.shelf.roster().wants_layers()
    }

    /// Which of these lines some hook waits for; those have to be observed. Not for the thread that prints.
    pub fn matching_lines(&self, lines: Vec<String>) -> Vec<String> {
        let roster = self.shelf.roster();
        lines.into_iter().filter(|line| roster.patterns().is_match(line)).collect()
    }

    /// Reads the layers of a file, for which a notice asked; takes as long as it takes to read it.
    ///
    /// # Errors
    /// When it cannot be read: then its layers stay unknown.
    pub fn read_layers(&self, origin: &str, path: &str, file: &Path) -> std::io::Result<()> {
        let mut scanner = Scanner::default();
        let mut file = std::fs::File::open(file)?;
        let mut piece = vec![0; 64 * 1024];
        loop {
            let length = std::io::Read::read(&mut file, &mut piece)?;
            if length == 0 || self.stop.is_cancelled() {
                break;
            }
            scanner.feed(&piece[..length]);
        }
        let layers = scanner.finish();
        // After the stop nobody needs them; a full inbox has more important things.
        drop(self.road.try_send(Told::Layers { origin: origin.to_owned(), path: path.to_owned(), layers }));
        Ok(())
    }

    /// Takes what was seen and returns at once. What comes after the stop is let go.
    pub fn observe(&self, sight: Sight, context: Context) {
        let passes_by = sight.passes_by();
        self.observe_unread(passes_by, move || (sight, context));
    }

    /// The same for a thread that has no time: `read` is called on the engine's. `passes_by`: see [`Sight::passes_by`].
    pub fn observe_unread(&self, passes_by: bool, read: impl FnOnce() -> (Sight, Context) + Send + 'static) {
        if passes_by && self.road.capacity() < KEPT_FOR_EVENTS {
            return;
        }
        if let Err(mpsc::error::TrySendError::Full(_)) =
            self.road.try_send(Told::Seen(self.clock.now(), Box::new(read)))
            && self.lost.fetch_add(1, Ordering::Relaxed) == 0
        {
            self.notices.log(Level::Error, "More events came at once than can be kept; some were not looked at.");
        }
    }

    /// The printer has a new name or look.
    pub fn set_printer(&self, printer: Printer) {
        let printer = Arc::new(printer);
        self.printer.store(Arc::clone(&printer));
        // After the stop nobody needs the name.
        drop(self.road.try_send(Told::Printer(printer)));
    }

    /// The next thing to say; waits at most `timeout`.
    pub fn next_notice(&self, timeout: Duration) -> Option<Notice> {
        self.notices.next(timeout)
    }

    /// What the shell knows of a file.
    pub fn answer_metadata(&self, ticket: &str, metadata: Value) {
        self.enricher.answer_metadata(ticket, metadata);
    }

    /// What a camera gave. The picture is made ready here: call it on a thread that may be busy for a while.
    pub fn answer_picture(&self, ticket: &str, shot: Shot) {
        self.answer_pictures(ticket, vec![shot], None);
    }

    /// What several cameras gave, and what else is to be said of it, a sentence.
    pub fn answer_pictures(&self, ticket: &str, shots: Vec<Shot>, note: Option<String>) {
        self.enricher.answer_pictures(ticket, shots, note);
    }

    /// The thumbnail of a file, or where the file lies, or why there is none. The head of the file is read here.
    pub fn answer_thumbnail(&self, ticket: &str, thumbnail: Result<ThumbnailAt, String>) {
        self.enricher.answer_thumbnail(ticket, thumbnail);
    }

    /// Where the file of a timelapse lies, if there is one that may be sent. It is read here, if it is not too large.
    pub fn answer_movie(&self, ticket: &str, file: Option<&Path>) {
        self.enricher.answer_movie(ticket, file);
    }

    /// The hooks, for reading and editing. After an edit call [`Self::hooks_changed`].
    pub fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// The hooks of now.
    pub fn roster(&self) -> Arc<Roster> {
        self.shelf.roster()
    }

    /// A hook was saved by its user: what it was parked for may be mended, so it is tried at once.
    pub fn hook_saved(&self, hook: HookId) {
        let now = self.clock.moment();
        self.surroundings.standings.of(hook, |standing| standing.try_now(&now, true));
        self.hooks_changed();
        drop(self.road.try_send(Told::Resume(hook)));
    }

    /// Tells open pages that the hooks are others now, and ends what waits for hooks that do not send any more.
    pub fn hooks_changed(&self) {
        if let Err(mpsc::error::TrySendError::Full(told)) = self.road.try_send(Told::HooksChanged) {
            let road = self.road.clone();
            // The road takes it when it has time; after the stop nobody needs it.
            self.runtime.spawn(async move { drop(road.send(told).await) });
        }
        self.notices.push(Notice::Ui { right: Right::View, data: json!({"type": "hooks"}) });
    }

    /// The latest deliveries.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// A name for a new hook.
    pub fn new_hook_id(&self) -> HookId {
        HookId::new(self.clock.now(), &self.clock.randomness())
    }

    /// Bytes for a new signing key; `None` where the system gives none that are random.
    pub fn key_material(&self) -> Option<[u8; 32]> {
        self.clock.key_material()
    }

    /// Runs a future of the API to its end on the calling thread.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// Stops. What is being sent may still arrive within a third of the deadline; then nothing more is sent, whoever waits
    /// for a notice is woken, and threads and files are waited for until the deadline. A second call does nothing.
    pub fn stop(&self, deadline: Duration) {
        let until = Instant::now() + deadline;
        let left = || until.saturating_duration_since(Instant::now());
        if !self.stop.is_cancelled() {
            self.finish_what_is_being_sent(deadline / 3);
        }
        let waiting = self.journal.on_their_way();
        if waiting > 0 && !self.stop.is_cancelled() {
            let message = format!("{waiting} deliveries wait; what is stored of them is sent after the next start.");
            self.notices.log(Level::Info, message);
        }
        self.stop.cancel();
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(ended) = ended {
            // It says nothing but hangs up when it ends.
            let _hung_up_or_late = ended.recv_timeout(left());
            // What is not closed in time goes on writing by itself; nothing can be said any more, the notices are closed.
            let _closed = (self.outbox.close(left()), self.journal.history().close(left()));
        }
        self.notices.close();
    }

    /// Waits until all that was observed has reached its lane, and nothing is being sent or about to be.
    pub fn finish_what_is_being_sent(&self, patience: Duration) {
        let (reply, flushed) = std::sync::mpsc::sync_channel(1);
        if self.road.try_send(Told::Flush(reply)).is_ok() && flushed.recv_timeout(patience).is_ok() {
            self.journal.wait_until_idle(patience);
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stop(Duration::from_secs(2));
    }
}
