//! Events to keep, a clock that stands, ears for reports, and dice that fall the same way each time.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use octohooks_core::event::{Context, Event, Printer};
use octohooks_core::hook::ready::Subscription;
use octohooks_core::ids::{DeliveryId, EventId, HookId};
use octohooks_core::time::UnixMillis;
use octohooks_core::topic::Topic;
use octohooks_store::Outbox;
use octohooks_store::event::{NewDelivery, NewEvent, PendingEvent, Stamp, Standing};
use octohooks_store::outbox::{Opened, Options};
use octohooks_store::report::Report;
use octohooks_store::store::{Most, Select};
use serde_json::{Map, json};

pub(crate) const NOW: UnixMillis = UnixMillis(1_790_000_000_000);

/// Dice.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % below
    }
}

/// An id that belongs to a number.
pub(crate) fn randomness(number: u64) -> [u8; 10] {
    let mut bytes = [0; 10];
    // Spread over the bits of chance, which are first in an id and first in the journal's keys.
    bytes[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    bytes
}

pub(crate) fn hook(number: u64) -> HookId {
    HookId::new(NOW, &randomness(number))
}

pub(crate) fn delivery_id(number: u64) -> DeliveryId {
    DeliveryId::new(NOW, &randomness(number))
}

/// An event of about the size that OctoPrint's have, for the given hooks. Ids belong to the number.
pub(crate) fn event_for(number: u64, topic: Topic, hooks: &[HookId]) -> NewEvent {
    let mut context = Map::new();
    context.insert(
        "state".to_owned(),
        json!({"text": "Printing", "flags": {"operational": true, "printing": true,
        "paused": false, "ready": false, "error": false, "cancelling": false, "finishing": false, "resuming": false,
        "sdReady": false, "closedOrError": false}}),
    );
    context.insert("job".to_owned(), json!({"file": {"name": "benchy_0.2mm_PLA.gcode", "path": "boats/benchy_0.2mm_PLA.gcode",
        "display": "benchy.gcode", "origin": "local", "size": 4_183_234, "date": 1_780_000_000}, "estimatedPrintTime": 4321.5,
        "averagePrintTime": null, "lastPrintTime": 4400.1, "filament": {"tool0": {"length": 4123.4, "volume": 9.9}},
        "user": "anna"}));
    context.insert(
        "progress".to_owned(),
        json!({"completion": 42.5, "filepos": 1_777_874, "printTime": 1834,
        "printTimeLeft": 2500, "printTimeLeftOrigin": "linear"}),
    );
    context.insert("currentZ".to_owned(), json!(12.4));
    context.insert(
        "temperatures".to_owned(),
        json!({"tool0": {"actual": 214.9, "target": 215.0, "offset": 0},
        "bed": {"actual": 60.1, "target": 60.0, "offset": 0}}),
    );
    let printer = Printer {
        id: "octoprint".to_owned(),
        name: "Prusa".to_owned(),
        appearance: json!({"name": "Prusa"}),
        ..Printer::default()
    };
    let event = Event {
        id: EventId::new(NOW, &randomness(number)),
        at: NOW,
        printer: Arc::new(printer),
        name: format!("{topic:?}"),
        topic: Some(topic),
        payload: json!({"number": number, "name": "benchy_0.2mm_PLA.gcode", "path": "boats/benchy_0.2mm_PLA.gcode", "origin": "local"}),
        context: Arc::new(Context(context)),
        job: None,
    };
    let deliveries = (0_u64..).zip(hooks).map(|(index, hook)| NewDelivery {
        id: delivery_id(number * 16 + index),
        hook: *hook,
        subscription: Subscription::Topic(topic),
        milestone: 0,
        standing: Standing::default(),
    });
    NewEvent {
        event: Arc::new(event),
        stamp: Stamp { wall: NOW, boot: 1, monotonic: 5000 },
        expires: NOW.plus(Duration::from_hours(6)),
        deliveries: deliveries.collect(),
    }
}

pub(crate) fn event(number: u64) -> NewEvent {
    event_for(number, Topic::PrintDone, &[hook(1)])
}

/// What was told.
#[derive(Clone, Default)]
pub(crate) struct Ears(Arc<Mutex<Vec<Report>>>);

impl Ears {
    pub(crate) fn heard(&self) -> Vec<Report> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn options(&self) -> Options {
        let ears = self.clone();
        Options::new(Arc::new(|| NOW), Arc::new(move |report| ears.0.lock().unwrap().push(report)))
    }
}

pub(crate) fn open(folder: &Path) -> (Outbox, Opened) {
    Outbox::open(folder, Ears::default().options()).unwrap()
}

pub(crate) fn close(outbox: Outbox) {
    assert!(outbox.close(Duration::from_secs(10)));
    drop(outbox);
}

/// Everything that waits, the oldest first.
pub(crate) fn everything(outbox: &Outbox) -> Vec<PendingEvent> {
    let mut events: Vec<PendingEvent> = Vec::new();
    loop {
        let after = events.last().map(|event| event.row);
        let page = outbox.load(Select::Oldest { after }, Most::default()).wait().unwrap().unwrap();
        events.extend(page.events);
        if !page.more {
            return events;
        }
    }
}

/// `SOAK=1` asks for the long form.
pub(crate) fn soak(short: usize, long: usize) -> usize {
    if std::env::var_os("SOAK").is_some() { long } else { short }
}
