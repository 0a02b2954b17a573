//! What has to be asked for after an event: file metadata and a picture, once per event however many hooks want them.
//!
//! The shell is asked by notice and answers to a ticket. Nobody waits longer than [`PATIENCE`]; then it goes without.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use octohooks_core::event::Event;
use octohooks_core::parcel::Enrichment;
use octohooks_image::{Bounds, Limits, Orientation};
use octohooks_store::event::{PendingEvent, Row};
use octohooks_store::outbox::Outbox;
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::notice::{Notice, Notices};

/// A picture or metadata that takes longer is not waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// More questions than this are not open at once; the oldest is given up.
const MOST_OPEN: usize = 64;

/// What a camera gave.
#[derive(Debug)]
pub struct Shot {
    /// A JPEG, as the camera gave it; or why there is none, a sentence.
    pub jpeg: Result<Vec<u8>, String>,
    /// How the camera is mounted: flips first, then the turn.
    pub flip_h: bool,
    /// Upside down.
    pub flip_v: bool,
    /// A quarter turn counter-clockwise.
    pub rotate_90: bool,
}

type Answer<T> = Option<T>;
type Picture = Result<Bytes, String>;

/// The open questions.
#[derive(Debug)]
pub(crate) struct Enricher {
    notices: Arc<Notices>,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    counter: u64,
    metadata: HashMap<u64, watch::Sender<Answer<Value>>>,
    pictures: HashMap<u64, watch::Sender<Answer<Picture>>>,
}

/// What was asked for one event. Cloned to each of its deliveries; all see the same answers.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    metadata: Option<watch::Receiver<Answer<Value>>>,
    picture: Option<watch::Receiver<Answer<Picture>>>,
    until: Instant,
    /// Known from before a restart; nobody is asked again.
    stored: Option<Arc<Stored>>,
    /// Where the answers are kept beside the event, for the same case.
    kept: Arc<OnceLock<(Outbox, Row)>>,
}

/// What was found out about an event before a restart. The picture is read only when it is needed.
#[derive(Debug)]
struct Stored {
    outbox: Outbox,
    row: Row,
    known: Enrichment,
    has_picture: bool,
}

impl Enricher {
    pub(crate) fn new(notices: Arc<Notices>) -> Self {
        Self { notices, open: Mutex::default() }
    }

    /// Asks for what at least one hook needs.
    pub(crate) fn ask(&self, event: &Event, metadata: bool, picture: bool) -> Asked {
        let file = event.context.job_file().filter(|_| metadata);
        let mut open = self.lock();
        let mut asked = Asked { until: Instant::now() + PATIENCE, ..Asked::nothing() };
        if let Some((origin, path)) = file {
            let (ticket, receiver) = open.ask(|open| &mut open.metadata);
            asked.metadata = Some(receiver);
            let (origin, path) = (origin.to_owned(), path.to_owned());
            self.notices.push(Notice::Metadata { ticket: format!("m{ticket}"), origin, path });
        }
        if picture {
            let (ticket, receiver) = open.ask(|open| &mut open.pictures);
            asked.picture = Some(receiver);
            self.notices.push(Notice::Picture { ticket: format!("p{ticket}") });
        }
        asked
    }

    /// The shell knows of a file.
    pub(crate) fn answer_metadata(&self, ticket: &str, metadata: Value) {
        let sender = number(ticket).and_then(|ticket| self.lock().metadata.remove(&ticket));
        if let Some(sender) = sender {
            sender.send_replace(Some(metadata));
        }
    }

    /// The shell has a picture. Makes it ready right here, so this may take a while on a small computer.
    pub(crate) fn answer_picture(&self, ticket: &str, shot: Shot) {
        let sender = number(ticket).and_then(|ticket| self.lock().pictures.remove(&ticket));
        if let Some(sender) = sender {
            sender.send_replace(Some(ready(shot)));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn ask<T>(
        &mut self,
        table: impl FnOnce(&mut Self) -> &mut HashMap<u64, watch::Sender<Answer<T>>>,
    ) -> (u64, watch::Receiver<Answer<T>>) {
        self.counter += 1;
        let ticket = self.counter;
        let table = table(self);
        if table.len() >= MOST_OPEN
            && let Some(oldest) = table.keys().min().copied()
        {
            table.remove(&oldest);
        }
        let (sender, receiver) = watch::channel(None);
        table.insert(ticket, sender);
        (ticket, receiver)
    }
}

impl Asked {
    /// Nothing was asked.
    pub(crate) fn nothing() -> Self {
        Self { metadata: None, picture: None, until: Instant::now(), stored: None, kept: Arc::default() }
    }

    /// Known from before a restart.
    pub(crate) fn known(pending: &PendingEvent, outbox: Outbox) -> Self {
        let has_picture = pending.picture_bytes.is_some();
        let stored = Stored { outbox, row: pending.row, known: pending.enrichment(None), has_picture };
        Self { stored: Some(Arc::new(stored)), ..Self::nothing() }
    }

    /// A picture is not asked for, and this is why there is none.
    pub(crate) fn without_picture(self, why: &str) -> Self {
        Self { picture: Some(watch::channel(Some(Err(why.to_owned()))).1), ..self }
    }

    /// From here on, answers are kept beside the event as well.
    pub(crate) fn keep(&self, outbox: Outbox, row: Row) {
        // An event is stored once; a second place for it would be a mistake, and the first one holds.
        drop(self.kept.set((outbox, row)));
    }

    /// Waits for what this hook needs, until the patience of this event ends.
    pub(crate) async fn wait(&mut self, metadata: bool, picture: bool) -> Enrichment {
        if let Some(stored) = &self.stored {
            return stored.read(picture).await;
        }
        let enrichment = self.answers(metadata, picture).await;
        if let Some((outbox, row)) = self.kept.get()
            && (metadata || picture)
        {
            // All that is known by now, whichever hook asked for it: the outbox holds one answer for the event.
            outbox.enrich(*row, self.known_by_now());
        }
        enrichment
    }

    fn known_by_now(&self) -> Enrichment {
        let metadata = self.metadata.as_ref().and_then(|receiver| receiver.borrow().clone());
        let picture = self.picture.as_ref().and_then(|receiver| receiver.borrow().clone());
        let (picture, picture_missing) = match picture {
            Some(Ok(picture)) => (Some(picture), None),
            Some(Err(reason)) => (None, Some(reason)),
            None => (None, None),
        };
        Enrichment { metadata: metadata.filter(|found| !found.is_null()), picture, picture_missing }
    }

    async fn answers(&mut self, metadata: bool, picture: bool) -> Enrichment {
        let mut enrichment = Enrichment::default();
        if let Some(receiver) = self.metadata.as_mut().filter(|_| metadata) {
            enrichment.metadata = answer(receiver, self.until).await.filter(|found| !found.is_null());
        }
        if let Some(receiver) = self.picture.as_mut().filter(|_| picture) {
            match answer(receiver, self.until).await {
                Some(Ok(picture)) => enrichment.picture = Some(picture),
                Some(Err(reason)) => enrichment.picture_missing = Some(reason),
                None => {
                    let message = format!("The camera gave no picture within {} s.", PATIENCE.as_secs());
                    enrichment.picture_missing = Some(message);
                }
            }
        }
        enrichment
    }
}

impl Stored {
    async fn read(&self, picture: bool) -> Enrichment {
        let mut enrichment = self.known.clone();
        if picture && self.has_picture {
            enrichment.picture = self.outbox.picture(self.row).await.ok().and_then(Result::ok).flatten();
        }
        if picture && enrichment.picture.is_none() && enrichment.picture_missing.is_none() {
            enrichment.picture_missing = Some("The picture was lost with a restart.".to_owned());
        }
        enrichment
    }
}

async fn answer<T: Clone>(receiver: &mut watch::Receiver<Answer<T>>, until: Instant) -> Option<T> {
    let arrived = tokio::time::timeout_at(until, receiver.wait_for(Option::is_some)).await;
    arrived.ok()?.ok()?.clone()
}

fn number(ticket: &str) -> Option<u64> {
    ticket.get(1..)?.parse().ok()
}

/// Made to fit and turned; untouched where nothing has to change.
fn ready(shot: Shot) -> Picture {
    let jpeg = shot.jpeg?;
    let orientation = Orientation { flip_h: shot.flip_h, flip_v: shot.flip_v, rotate_90: shot.rotate_90 };
    // A panic in a decoder is a picture that cannot be used, nothing more.
    let fitted = std::panic::catch_unwind(|| {
        match octohooks_image::fit(&jpeg, Bounds::default(), orientation, Limits::default()) {
            Ok(Cow::Borrowed(_)) => Ok(None),
            Ok(Cow::Owned(fitted)) => Ok(Some(fitted)),
            Err(error) => Err(format!("The picture could not be used: {error}.")),
        }
    });
    match fitted {
        Ok(Ok(None)) => Ok(Bytes::from(jpeg)),
        Ok(Ok(Some(fitted))) => Ok(Bytes::from(fitted)),
        Ok(Err(reason)) => Err(reason),
        Err(_) => Err("The picture could not be used: it is damaged.".to_owned()),
    }
}
