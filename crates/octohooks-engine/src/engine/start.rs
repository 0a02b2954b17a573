//! How an engine is put together, and its thread is started. Comes in: options. Goes out: an engine that runs, or a sentence for
//! the user. What is broken on disk keeps nothing from running: it is said, and done without.

use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use arc_swap::ArcSwap;
use octohooks_core::ids::HookId;
use octohooks_net::{AddressPolicy, Client, Proxies};
use octohooks_store::outbox::{OpenError, Opened, Outbox};
use octohooks_store::report::Report;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Engine, VERSION};
use crate::clock::Clock;
use crate::dispatch::Dispatcher;
use crate::enrich::{Enricher, lamp};
use crate::hook_store::JsonFile;
use crate::journal::{History, Journal};
use crate::messages::MessageBook;
use crate::notice::{Level, Notices};
use crate::options::Options;
use crate::road::{Earlier, Road};
use crate::running_job::RunningJob;
use crate::shelf::Shelf;
use crate::standings::Standings;
use crate::surroundings::Surroundings;

/// As many observations wait for the road. OctoPrint makes a few a second.
const ROAD_INBOX: usize = 4096;

/// Name look-ups cannot be interrupted: as many may be stuck before others wait for them.
const MOST_LOOKUPS: usize = 8;

/// Below the data folder; left out of backups, since a restored outbox would send again.
const STATE_FOLDER: &str = "state";

/// As many events wait to be written; then sending goes before storing.
const COMMIT_INBOX: usize = 1024;

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
        let (lamp, unlit) = mpsc::channel(lamp::INBOX);
        let enricher = Arc::new(Enricher::new(Arc::clone(&notices), lamp));
        let proxies = Proxies::from_variables(|name| std::env::var(name).ok());
        let proxy_credentials = proxies.credentials();
        let client = Client::new(AddressPolicy::home(options.own_ports), proxies);
        let dispatcher = Arc::new(Dispatcher::new(client.clone(), clock, proxy_credentials));
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
            lamp: lamp::run(unlit, (client, clock), tasks.clone(), stop.clone()),
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
struct Work<R, C, L> {
    road: R,
    commit: C,
    lamp: L,
    tasks: TaskTracker,
    stop: CancellationToken,
    notices: Arc<Notices>,
}

impl<R, C, L> Work<R, C, L>
where
    R: Future<Output = ()> + Send + 'static,
    C: Future<Output = ()> + Send + 'static,
    L: Future<Output = ()> + Send + 'static,
{
    /// Starts the thread and gives the runtime's handle, and a channel that closes when the thread has ended.
    fn start(
        self,
        runtime: tokio::runtime::Runtime,
    ) -> Result<(tokio::runtime::Handle, std::sync::mpsc::Receiver<()>), std::io::Error> {
        let Self { road, commit, lamp, tasks, stop, notices } = self;
        let handle = runtime.handle().clone();
        let (end, ended) = std::sync::mpsc::channel();
        thread::Builder::new().name("octohooks".to_owned()).spawn(move || {
            let _end: std::sync::mpsc::Sender<()> = end;
            runtime.block_on(async move {
                let road = tasks.spawn(road);
                tasks.spawn(commit);
                tasks.spawn(lamp);
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
