//! The engine: started once, told what was seen, asked for what it has to say, stopped.
//!
//! All work is done on one thread of its own with a small runtime. Every method here may be called from any thread; those
//! that take an observation never wait.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use octohooks_core::condition::Condition;
use octohooks_core::event::{Context, Event, Printer};
use octohooks_core::hook::HookConfig;
use octohooks_core::hook::check::check;
use octohooks_core::hook::ready::Hook;
use octohooks_core::ids::{DeliveryId, HookId};
use octohooks_core::layers::Scanner;
use octohooks_core::observation::{Observation, Sight};
use octohooks_core::parcel::Enrichment;
use octohooks_core::problem::Problem;
use octohooks_core::sample;
use octohooks_net::{AddressPolicy, Client, Kept, Proxies};
use octohooks_store::Figures;
use octohooks_store::outbox::{OpenError, Opened, Outbox};
use octohooks_store::report::Report;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::dispatch::Dispatcher;
use crate::enrich::{Enricher, Shot, ThumbnailAt};
use crate::hook_store::JsonFile;
use crate::journal::{Filter, History, Journal};
use crate::messages::MessageBook;
use crate::metrics::HookNow;
use crate::notice::{Level, Notice, Notices, Right};
use crate::options::Options;
use crate::recent::{Tried, try_on};
use crate::resend::{self, Again, ResendError, Resent};
use crate::road::{Earlier, Road, Told};
use crate::roster::{Roster, Wants};
use crate::running_job::RunningJob;
use crate::shelf::Shelf;
use crate::standings::Standings;
use crate::surroundings::Surroundings;
use crate::trial::{Preview, Rehearsal, TestState, Trials, tell};

/// The version of the engine: that of the product.
pub use octohooks_core::compose::VERSION;

/// As many observations wait for the road. OctoPrint makes a few a second.
const ROAD_INBOX: usize = 4096;

/// Progress leaves this much of the inbox to what matters more.
const KEPT_FOR_EVENTS: usize = 1024;

/// Name look-ups cannot be interrupted: as many may be stuck before others wait for them.
const MOST_LOOKUPS: usize = 8;

/// Below the data folder; left out of backups, since a restored outbox would send again.
const STATE_FOLDER: &str = "state";

/// As many events wait to be written; then sending goes before storing.
const COMMIT_INBOX: usize = 1024;

/// More tests than this do not run at once.
const MOST_TESTS: usize = 8;

/// Why the engine did not start. A sentence for the user.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The shell is of another version.
    #[error("The plugin is version {shell}, but the engine is version {VERSION}. Install both in the same version.")]
    Version {
        /// The shell's version.
        shell: String,
    },
    /// The folder cannot be used.
    #[error("The folder {folder} cannot be used: {source}.")]
    Folder {
        /// Which.
        folder: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The system gives no thread or no runtime.
    #[error("The engine could not be started: {0}.")]
    Thread(#[from] std::io::Error),
}

/// Why a test was not started. A sentence for the user.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TestError {
    /// Too many at once.
    #[error("{MOST_TESTS} tests are running already; wait until one has ended.")]
    TooMany,
}

/// What an engine takes of the machine beside files and sockets: this machine's, unless it is a simulation.
#[derive(Debug, Clone, Copy)]
pub struct World {
    /// Clocks and dice.
    pub clock: Clock,
    /// Makes the runtime, and with it what waits for time to pass.
    pub runtime: fn() -> std::io::Result<tokio::runtime::Runtime>,
}

impl Default for World {
    fn default() -> Self {
        Self { clock: Clock::default(), runtime: small_runtime }
    }
}

fn small_runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_io().enable_time().max_blocking_threads(MOST_LOOKUPS).build()
}

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
    /// Reads the hooks, imports those of 4.4.0 when there are none, and starts the engine's thread.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(options: Options) -> Result<Self, StartError> {
        Self::start_in(options, World::default())
    }

    /// The same in another world than this machine.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start_in(options: Options, world: World) -> Result<Self, StartError> {
        if options.version != VERSION {
            return Err(StartError::Version { shell: options.version });
        }
        let folder = options.data_folder;
        std::fs::create_dir_all(&folder).map_err(|source| StartError::Folder { folder: folder.clone(), source })?;
        let clock = world.clock;
        let old = options.old_settings.unwrap_or(Value::Null);
        let first = || octohooks_core::import::import(&old, &mut || HookId::new(clock.now(), &clock.randomness()));
        let shelf = Arc::new(Shelf::open(Box::new(JsonFile::new(&folder)), clock.now(), first));
        let notices = Arc::new(Notices::default());
        if let Some(message) = shelf.message() {
            notices.log(Level::Warning, message);
        }
        let enricher = Arc::new(Enricher::new(Arc::clone(&notices)));
        let proxies = Proxies::from_variables(|name| std::env::var(name).ok());
        let proxy_credentials = proxies.credentials();
        let client = Client::new(AddressPolicy::home(options.own_ports), proxies);
        let dispatcher = Arc::new(Dispatcher::new(client, clock, proxy_credentials));
        let stop = CancellationToken::new();
        let printer = Arc::new(options.printer);
        let (road, inbox) = mpsc::channel(ROAD_INBOX);
        let state = folder.join(STATE_FOLDER);
        let (outbox, opened, without_outbox) = open_outbox(&state, clock, &notices)?;
        let journal = Arc::new(Journal::new(Arc::clone(&notices), open_history(&state, &notices)?));
        let surroundings = Arc::new(Surroundings::new(
            Arc::clone(&shelf),
            Arc::clone(&dispatcher),
            Arc::clone(&journal),
            Arc::clone(&notices),
            outbox.clone(),
            Standings::open(state.join("standings.json")),
            MessageBook::open(state.join("messages.json")),
            clock,
            stop.clone(),
            road.downgrade(),
        ));
        let tasks = TaskTracker::new();
        let (commit, uncommitted) = mpsc::channel(COMMIT_INBOX);
        let (running_job, print) = RunningJob::open(&state, clock.moment().boot);
        let the_road = Road::new(
            Arc::clone(&printer),
            Arc::clone(&enricher),
            Arc::clone(&surroundings),
            commit,
            tasks.clone(),
            running_job,
        );
        let earlier = Earlier { print, context: options.context, stored: opened.newest };
        let work = Work {
            road: the_road.run(inbox, earlier),
            commit: crate::commit::run(uncommitted, Arc::clone(&surroundings)),
            tasks,
            stop: stop.clone(),
            notices: Arc::clone(&notices),
        };
        let (runtime, ended) = work.start((world.runtime)()?)?;
        Ok(Self {
            shelf,
            journal,
            notices,
            enricher,
            dispatcher,
            trials: Arc::default(),
            tests: TaskTracker::new(),
            printer: ArcSwap::new(printer),
            clock,
            road,
            outbox,
            without_outbox,
            surroundings: Arc::clone(&surroundings),
            lost: AtomicU64::new(0),
            runtime,
            stop,
            ended: Mutex::new(Some(ended)),
        })
    }

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
        let is_progress = matches!(sight, Sight::Progress | Sight::Temperatures | Sight::TerminalLine(_));
        if is_progress && self.road.capacity() < KEPT_FOR_EVENTS {
            return;
        }
        let seen = Told::Seen(Box::new(Observation { at: self.clock.now(), sight, context }));
        if let Err(mpsc::error::TrySendError::Full(_)) = self.road.try_send(seen)
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

    /// Does not wait for the next try of a hook's deliveries.
    pub fn try_now(&self, hook: HookId) {
        // A full inbox means that tries are under way; after the stop there are none.
        drop(self.road.try_send(Told::TryNow(hook)));
    }

    /// Drops a delivery that waits. One that is being sent, or has ended, stays as it is.
    pub fn drop_delivery(&self, delivery: DeliveryId) {
        // A full inbox: the user sees that it is still there, and asks again.
        drop(self.road.try_send(Told::Drop(delivery)));
    }

    /// Drops whatever waits and is found by a filter, the newest [`resend::MOST_AT_ONCE`]: how many are asked to go, and whether
    /// there are more.
    ///
    /// # Errors
    /// When nothing can be read.
    pub async fn drop_all(&self, filter: &Filter) -> Result<(usize, bool), ResendError> {
        let (found, more) = resend::find_waiting(&self.journal, filter).await?;
        for delivery in &found {
            let told = self.road.send(Told::Drop(*delivery)).await;
            told.map_err(|_| ResendError::Unreadable("The engine stops.".to_owned()))?;
        }
        Ok((found.len(), more))
    }

    /// Drops those of these that wait: how many are asked to go.
    ///
    /// # Errors
    /// When nothing can be read.
    pub async fn drop_these(&self, deliveries: &[DeliveryId]) -> Result<usize, ResendError> {
        let found = resend::find_these_waiting(&self.journal, deliveries).await?;
        for delivery in &found {
            let told = self.road.send(Told::Drop(*delivery)).await;
            told.map_err(|_| ResendError::Unreadable("The engine stops.".to_owned()))?;
        }
        Ok(found.len())
    }

    /// Sends a delivery again that has ended; see [`crate::resend`].
    ///
    /// # Errors
    /// Why it is not.
    pub async fn resend(&self, delivery: DeliveryId) -> Result<(), ResendError> {
        let again = resend::find(&self.journal, &self.roster(), delivery).await?;
        self.send_again(vec![again]).await
    }

    /// Why a delivery cannot be sent again; `None` when it can.
    pub async fn why_not_resend(&self, delivery: DeliveryId) -> Option<ResendError> {
        resend::find(&self.journal, &self.roster(), delivery).await.err()
    }

    /// Sends again whatever has ended and is found by a filter, the newest [`resend::MOST_AT_ONCE`].
    ///
    /// # Errors
    /// When nothing can be read.
    pub async fn resend_all(&self, filter: &Filter) -> Result<Resent, ResendError> {
        let (found, outcome) = resend::find_all(&self.journal, &self.roster(), filter).await?;
        self.send_again(found).await?;
        Ok(outcome)
    }

    /// Sends again those of these that have ended.
    ///
    /// # Errors
    /// When nothing can be read.
    pub async fn resend_these(&self, deliveries: &[DeliveryId]) -> Result<Resent, ResendError> {
        let (found, outcome) = resend::find_these(&self.journal, &self.roster(), deliveries).await?;
        self.send_again(found).await?;
        Ok(outcome)
    }

    async fn send_again(&self, found: Vec<Again>) -> Result<(), ResendError> {
        let hooks = resend::hooks_of(&found);
        for again in found {
            let told = self.road.send(Told::Resend(Box::new(again))).await;
            told.map_err(|_| ResendError::Unreadable("The engine stops.".to_owned()))?;
        }
        // A user asked: nobody waits for the next try.
        for hook in hooks {
            self.try_now(hook);
        }
        Ok(())
    }

    /// What keeps hooks from being sent, or events from being safe: sentences, for as long as that lasts.
    pub fn troubles(&self) -> Vec<String> {
        let roster = self.roster();
        let of_hook =
            |hook: &Hook| self.surroundings.standings.of(hook.id, |standing| standing.health().trouble(&hook.name));
        let enabled = roster.hooks.iter().map(|(_, hook)| hook).filter(|hook| hook.enabled);
        let mut troubles: Vec<String> = enabled.filter_map(|hook| of_hook(hook)).collect();
        troubles.extend(self.shelf.message());
        if let Some(why) = &self.without_outbox {
            troubles.push(why.clone());
        } else if self.outbox.figures().failing {
            troubles.push(
                "Events cannot be saved, so a restart would lose those that wait. Make space or check the SD card."
                    .to_owned(),
            );
        }
        troubles
    }

    /// What is counted, as text for Prometheus.
    pub fn metrics(&self) -> String {
        let roster = self.roster();
        let hooks: Vec<HookNow> = roster.hooks.iter().map(|(_, hook)| self.hook_now(hook)).collect();
        self.journal.metrics().render(&hooks, self.outbox.figures(), self.lost.load(Ordering::Relaxed))
    }

    fn hook_now(&self, hook: &Hook) -> HookNow {
        let state = self.surroundings.standings.of(hook.id, |standing| match standing.is_paused() {
            _ if !hook.enabled => "off",
            true => "paused",
            false => standing.health().word(),
        });
        HookNow { id: hook.id, name: hook.name.clone(), state, waiting: self.journal.of_hook(hook.id).1 }
    }

    /// Pauses a hook, or resumes it: what it is told meanwhile waits, until it expires.
    pub fn pause(&self, hook: HookId, paused: bool) {
        let now = self.clock.moment();
        let change = self
            .surroundings
            .standings
            .of(hook, |standing| if paused { standing.pause(&now) } else { standing.resume(&now) });
        if let Some(change) = change {
            let name = self.roster().get(hook).map(|(_, ready)| ready.name.clone()).unwrap_or_default();
            self.surroundings.announce(&change.announce(hook, &name));
        }
        // A pause is the user's word: it is kept over a power cut.
        self.surroundings.standings.save();
        if !paused {
            // After the stop nothing has to be tried.
            drop(self.road.try_send(Told::Resume(hook)));
        }
    }

    /// How a hook does: whether it is paused, and why it does not send, if it does not.
    pub fn standing(&self, hook: HookId) -> (bool, Option<String>) {
        let now = self.clock.moment();
        let offset = self.surroundings.utc_offset();
        self.surroundings.standings.of(hook, |standing| (standing.is_paused(), standing.explain(&now, offset)))
    }

    /// What the outbox says of itself.
    pub fn outbox_figures(&self) -> Figures {
        self.outbox.figures()
    }

    /// An event that did not happen: for the key of a happening, OctoPrint's name of it, or any other event.
    pub fn made_up_event(&self, name: &str) -> Event {
        sample::event(name, self.printer.load_full(), self.clock.now(), &mut || self.clock.randomness())
    }

    /// An event from the delivery log, with what is not stored of its printer.
    pub fn described(&self, event: Event) -> Event {
        event.described_by(&self.printer.load())
    }

    /// The request that a hook would send for an event.
    ///
    /// # Errors
    /// What keeps it from being made.
    pub fn preview(&self, config: &HookConfig, event: Event) -> Result<Preview, Vec<Problem>> {
        Rehearsal::new(config, event, self.clock, self.surroundings.utc_offset())
            .preview(self.enricher.latest_picture_size())
    }

    /// What the variables stand for when a hook tells of an event, but secrets and pictures; long ones in short.
    pub fn values(&self, config: &HookConfig, event: Event) -> Map<String, Value> {
        Rehearsal::new(config, event, self.clock, self.surroundings.utc_offset()).values(&config.device_identifier)
    }

    /// What would become of the latest events, and of an example of each that a hook listens to.
    ///
    /// # Errors
    /// What is wrong with the hook's conditions.
    pub fn try_conditions(&self, config: &HookConfig) -> Result<Vec<Tried>, Vec<Problem>> {
        let conditions = config.conditions();
        let wrong: Vec<Problem> = conditions
            .iter()
            .flat_map(|(field, condition)| Condition::new(field, condition).err().unwrap_or_default())
            .collect();
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let topics = config.events.iter().filter(|(_, event)| event.enabled).map(|(topic, _)| topic.event_name());
        let names = topics.chain(config.custom_events.iter().map(|custom| custom.event.as_str()));
        let offset = self.surroundings.utc_offset();
        let samples: Vec<_> = names
            .filter(|name| !name.trim().is_empty())
            .take(40)
            .map(|name| {
                let mut event =
                    sample::event(name, self.printer.load_full(), self.clock.now(), &mut || self.clock.randomness());
                Arc::make_mut(&mut event.context).0.insert("utcOffset".to_owned(), offset.into());
                Arc::new(event)
            })
            .collect();
        Ok(try_on(config, &self.surroundings.recent.all(), &samples))
    }

    /// Sends an event at once, whether it happened or not, and returns the name of the test.
    ///
    /// # Errors
    /// See [`TestError`].
    pub fn test(&self, config: &HookConfig, event: Event) -> Result<String, TestError> {
        if self.tests.len() >= MOST_TESTS {
            return Err(TestError::TooMany);
        }
        let rehearsal = Rehearsal::new(config, event, self.clock, self.surroundings.utc_offset());
        let id = DeliveryId::new(self.clock.now(), &self.clock.randomness()).to_string();
        self.trials.set(&id, TestState::Running);
        let problems = check(config);
        let wishes = rehearsal.hook.picture_wishes(&rehearsal.parcel.matched.event);
        let first = wishes.as_ref().map(|wishes| &wishes.first);
        let mut asked = self.enricher.ask(&rehearsal.parcel.matched.event, false, first);
        let (dispatcher, trials, notices) =
            (Arc::clone(&self.dispatcher), Arc::clone(&self.trials), Arc::clone(&self.notices));
        let test = id.clone();
        self.tests.spawn_on(
            async move {
                let enrichment = asked.wait(false, wishes.as_ref()).await;
                let enrichment = Enrichment { metadata: Some(sample::metadata()), ..enrichment };
                let sent = dispatcher.send(&rehearsal.hook, &rehearsal.parcel, &enrichment, Kept::default()).await;
                let result = Box::new(tell(test.clone(), &rehearsal, &sent, problems));
                trials.set(&test, TestState::Done { result });
                notices.push(Notice::Ui { right: Right::Manage, data: json!({"type": "test", "id": test}) });
            },
            &self.runtime,
        );
        Ok(id)
    }

    /// How a test stands; `None` when it is unknown.
    pub fn test_state(&self, id: &str) -> Option<TestState> {
        self.trials.get(id)
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

/// Opens the outbox; where that cannot be, one in memory, and says why.
fn open_outbox(
    folder: &std::path::Path,
    clock: Clock,
    notices: &Arc<Notices>,
) -> Result<(Outbox, Opened, Option<String>), StartError> {
    let told = Arc::clone(notices);
    let tell = move |report: Report| told.log(level_of(&report), report.to_string());
    let options = || octohooks_store::outbox::Options::new(Arc::new(move || clock.now()), Arc::new(tell.clone()));
    let opened =
        std::fs::create_dir_all(folder).map_err(OpenError::from).and_then(|()| Outbox::open(folder, options()));
    let ((outbox, opened), without) = match opened {
        Ok(opened) => (opened, None),
        Err(error) => {
            let why = format!("{error} Events are kept in memory until OctoPrint is restarted.");
            notices.log(Level::Warning, &why);
            let in_memory = Outbox::in_memory(options());
            (in_memory.map_err(|error| StartError::Thread(std::io::Error::other(error)))?, Some(why))
        }
    };
    for report in &opened.reports {
        notices.log(level_of(report), report.to_string());
    }
    Ok((outbox, opened, without))
}

const fn level_of(report: &Report) -> Level {
    match report {
        Report::Unclean { .. } | Report::Recovered { .. } | Report::JournalRecovered => Level::Info,
        _ => Level::Warning,
    }
}

/// Opens the history of deliveries; a damaged one is replaced by an empty one.
fn open_history(folder: &std::path::Path, notices: &Arc<Notices>) -> Result<History, StartError> {
    let told = Arc::clone(notices);
    let tell = Arc::new(move |report: Report| told.log(level_of(&report), report.to_string()));
    let (history, reports) = History::open(folder, octohooks_store::journal::JournalOptions::new(tell))?;
    for report in reports {
        notices.log(Level::Warning, report.to_string());
    }
    Ok(history)
}

/// The tasks of the engine's thread.
struct Work<R, C> {
    road: R,
    commit: C,
    tasks: TaskTracker,
    stop: CancellationToken,
    notices: Arc<Notices>,
}

impl<R, C> Work<R, C>
where
    R: Future<Output = ()> + Send + 'static,
    C: Future<Output = ()> + Send + 'static,
{
    /// Starts the thread and gives the runtime's handle, and a channel that closes when the thread has ended.
    fn start(
        self,
        runtime: tokio::runtime::Runtime,
    ) -> Result<(tokio::runtime::Handle, std::sync::mpsc::Receiver<()>), std::io::Error> {
        let Self { road, commit, tasks, stop, notices } = self;
        let handle = runtime.handle().clone();
        let (end, ended) = std::sync::mpsc::channel();
        thread::Builder::new().name("octohooks".to_owned()).spawn(move || {
            let _end: std::sync::mpsc::Sender<()> = end;
            runtime.block_on(async move {
                let road = tasks.spawn(road);
                tasks.spawn(commit);
                tokio::select! {
                    () = stop.cancelled() => {}
                    result = road => {
                        if result.is_err() {
                            let message = "The engine ended in a fault of this plugin. Restart OctoPrint; please report it.";
                            notices.log(Level::Error, message);
                        }
                        stop.cancelled().await;
                    }
                }
                tasks.close();
                // What has not ended by then is dropped with the runtime.
                drop(tokio::time::timeout(Duration::from_millis(500), tasks.wait()).await);
            });
            runtime.shutdown_timeout(Duration::from_millis(100));
        })?;
        Ok((handle, ended))
    }
}
