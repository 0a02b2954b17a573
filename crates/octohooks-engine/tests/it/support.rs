//! An engine in a folder of its own, hooks by a closure, and waiting for what happens, bounded. Where time has to pass, a test can
//! have it pass.

use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use octohooks_core::event::{Context, Printer};
use octohooks_core::hook::HookConfig;
use octohooks_core::moment::BootId;
use octohooks_core::observation::Sight;
use octohooks_core::picture::PictureConfig;
use octohooks_core::time::UnixMillis;
use octohooks_engine::clock::{Clock, Simulated};
use octohooks_engine::engine::{VERSION, World};
use octohooks_engine::journal::{Entry, State};
use octohooks_engine::notice::Notice;
use octohooks_engine::{Engine, Options, Shot};
use octohooks_testkit::{Received, RudeServer};
use serde_json::{Value, json};

/// Nothing on this machine takes longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Time that passes for an engine when a test says so, and not else.
pub(crate) struct Time {
    clock: &'static Simulated,
    /// While a blocking task runs, the runtime's clock does not move by itself.
    _holds_the_clock: Sender<()>,
}

impl Time {
    /// An engine in a world of this time.
    pub(crate) fn start(options: Options, wall: UnixMillis) -> (Engine, Self) {
        let clock: &'static Simulated = Box::leak(Box::new(Simulated::new(wall, true, BootId::from_bytes([7; 16]))));
        let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        let engine = Engine::start_in(options, World { clock: Clock::simulated(clock), runtime }).unwrap();
        let (keeper, held) = channel::<()>();
        engine.block_on(async { drop(tokio::task::spawn_blocking(move || held.recv())) });
        (engine, Self { clock, _holds_the_clock: keeper })
    }

    /// Somebody sets the clock, by as much.
    pub(crate) fn set_clock_ahead(&self, span: Duration) {
        let wall = Clock::simulated(self.clock).now();
        self.clock.set_wall(wall.plus(span), true);
    }

    pub(crate) fn pass(&self, engine: &Engine, span: Duration) {
        self.clock.pass(span);
        engine.block_on(tokio::time::advance(span));
    }
}

/// An engine and its folder.
pub(crate) struct Bench {
    pub(crate) engine: Engine,
    pub(crate) folder: tempfile::TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::in_folder(tempfile::tempdir().unwrap(), Value::Null)
    }

    /// For which time passes when the test says so.
    pub(crate) fn in_time_of_its_own() -> (Self, Time) {
        let folder = tempfile::tempdir().unwrap();
        let (engine, time) = Time::start(options(folder.path(), Value::Null), UnixMillis(1_800_000_000_000));
        (Self { engine, folder }, time)
    }

    pub(crate) fn in_folder(folder: tempfile::TempDir, old_settings: Value) -> Self {
        let engine = Engine::start(options(folder.path(), old_settings)).unwrap();
        Self { engine, folder }
    }

    /// Adds a hook for `url`.
    pub(crate) fn hook(&self, url: &str, change: impl FnOnce(&mut HookConfig)) -> HookConfig {
        let mut config = HookConfig::new(self.engine.new_hook_id());
        config.name = "a hook".to_owned();
        config.url = url.to_owned();
        config.picture = PictureConfig::default();
        config.data = r#"{"topic": "@topic", "delivery": "@deliveryId"}"#.to_owned();
        change(&mut config);
        self.engine.shelf().add(config.clone()).unwrap();
        config
    }

    /// Ends the engine in an orderly way and starts another one over the same folder.
    pub(crate) fn restarted(self) -> Self {
        let Self { engine, folder } = self;
        drop(engine);
        Self::in_folder(folder, Value::Null)
    }

    /// An event of OctoPrint's bus.
    pub(crate) fn event(&self, name: &str) {
        self.event_with(name, json!({"name": "a.gcode"}));
    }

    pub(crate) fn event_with(&self, name: &str, payload: Value) {
        self.engine.observe(Sight::BusEvent { name: name.to_owned(), payload }, context(12.0));
    }

    /// The newest delivery that is as asked for.
    pub(crate) fn delivery(&self, what: &str, is_it: impl Fn(&Entry) -> bool) -> Entry {
        let found = self.engine.journal().wait_for(PATIENCE, is_it);
        found.unwrap_or_else(|| panic!("{what} has not come within {PATIENCE:?}"))
    }

    /// The shell gives the picture that the engine asks for next.
    pub(crate) fn give_picture(&self) {
        let ticket = self.notice("a wish for a picture", |notice| match notice {
            Notice::Picture { ticket, .. } => Some(ticket),
            _ => None,
        });
        let shot = Shot { jpeg: Ok(tiny_jpeg()), flip_h: false, flip_v: false, rotate_90: false };
        self.engine.answer_picture(&ticket, shot);
    }

    pub(crate) fn ended(&self, state: State) -> Entry {
        self.delivery(&format!("a delivery that is {state:?}"), |entry| entry.state == state)
    }

    /// The next notice of a kind; others are passed over.
    pub(crate) fn notice<T>(&self, what: &str, pick: impl Fn(Notice) -> Option<T>) -> T {
        until(what, || self.engine.next_notice(Duration::from_millis(200)).and_then(&pick))
    }
}

pub(crate) fn options(folder: &Path, old_settings: Value) -> Options {
    let printer =
        Printer { id: "octoprint".into(), name: "Prusa".into(), appearance: Value::Null, ..Printer::default() };
    Options {
        data_folder: folder.to_owned(),
        version: VERSION.to_owned(),
        printer,
        old_settings: Some(old_settings),
        own_ports: vec![],
        context: context(12.0),
    }
}

pub(crate) fn context(completion: f64) -> Context {
    let Value::Object(fields) = json!({
        "state": {"text": "Printing", "flags": {"printing": true}},
        "job": {"file": {"name": "a.gcode", "path": "a.gcode", "origin": "local"}},
        "progress": {"completion": completion},
    }) else {
        unreachable!()
    };
    Context(fields)
}

/// Looks again until there is something, at most as long as nothing takes.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what} has not come within {PATIENCE:?}");
        std::thread::yield_now();
    }
}

/// Waits for so many requests and gives them all.
pub(crate) fn received(server: &RudeServer, count: usize) -> Vec<Received> {
    let requests = server.wait_for_requests(count, PATIENCE);
    requests.unwrap_or_else(|| panic!("{count} requests have not come within {PATIENCE:?}"))
}

pub(crate) fn json_of(request: &Received) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

pub(crate) fn url(server: &RudeServer) -> String {
    format!("http://{}/hook", server.address())
}

/// The smallest picture that there is: one grey pixel, as `jpeg-encoder` writes it.
pub(crate) fn tiny_jpeg() -> Vec<u8> {
    const HEAD: &[u8] =
        b"\xFF\xD8\xFF\xC0\x00\x0B\x08\x00\x01\x00\x01\x01\x01\x11\x00\xFF\xDA\x00\x08\x01\x01\x00\x00\x3F\x00";
    [HEAD, b"0123456789", b"\xFF\xD9"].concat()
}
