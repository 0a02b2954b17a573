//! What has to be asked for after an event: file metadata and a picture, once per event however many hooks want them.
//!
//! The shell is asked by notice and answers to a ticket. Nobody waits longer than [`PATIENCE`]; then it goes without. Pictures
//! of deliveries that wait are in memory up to a budget, the latest; the others lie beside their events until they are needed.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
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

/// What became of a picture.
#[derive(Debug, Clone)]
enum Picture {
    /// Here it is.
    Here(Bytes),
    /// It lies beside its event in the outbox.
    Away,
    /// There is none, for this reason.
    Missing(String),
}

/// Pictures that somebody waits for take up this much of the memory.
const MOST_IN_MEMORY: usize = 8 << 20;

/// A picture that was asked for, and where it can be put away.
#[derive(Debug)]
struct Wanted {
    sender: watch::Sender<Answer<Picture>>,
    metadata: Option<watch::Receiver<Answer<Value>>>,
    kept: Arc<OnceLock<(Outbox, Row)>>,
}

/// The open questions.
#[derive(Debug)]
pub(crate) struct Enricher {
    notices: Arc<Notices>,
    open: Mutex<Open>,
    /// How large the latest picture was, in bytes; 0 before the first.
    latest_size: AtomicUsize,
}

#[derive(Debug, Default)]
struct Open {
    counter: u64,
    metadata: HashMap<u64, watch::Sender<Answer<Value>>>,
    pictures: HashMap<u64, Wanted>,
    /// What is in memory, the oldest first.
    in_memory: VecDeque<(Wanted, Bytes)>,
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
        Self { notices, open: Mutex::default(), latest_size: AtomicUsize::new(0) }
    }

    /// Asks for what at least one hook needs.
    pub(crate) fn ask(&self, event: &Event, metadata: bool, picture: bool) -> Asked {
        let file = event.context.job_file().filter(|_| metadata);
        let mut open = self.lock();
        let mut asked = Asked { until: Instant::now() + PATIENCE, ..Asked::nothing() };
        if let Some((origin, path)) = file {
            let (sender, receiver) = watch::channel(None);
            let ticket = open.ask(|open| &mut open.metadata, sender);
            asked.metadata = Some(receiver);
            let (origin, path) = (origin.to_owned(), path.to_owned());
            self.notices.push(Notice::Metadata { ticket: format!("m{ticket}"), origin, path });
        }
        if picture {
            let (sender, receiver) = watch::channel(None);
            let wanted = Wanted { sender, metadata: asked.metadata.clone(), kept: Arc::clone(&asked.kept) };
            let ticket = open.ask(|open| &mut open.pictures, wanted);
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
        self.answer_with(ticket, || ready(shot));
    }

    fn answer_with(&self, ticket: &str, picture: impl FnOnce() -> Picture) {
        let Some(wanted) = number(ticket).and_then(|ticket| self.lock().pictures.remove(&ticket)) else { return };
        let picture = picture();
        wanted.sender.send_replace(Some(picture.clone()));
        if let Picture::Here(bytes) = picture {
            self.latest_size.store(bytes.len(), Ordering::Relaxed);
            self.lock().hold(wanted, bytes);
        }
    }

    /// How large the latest picture was, in bytes.
    pub(crate) fn latest_picture_size(&self) -> Option<usize> {
        Some(self.latest_size.load(Ordering::Relaxed)).filter(|size| *size > 0)
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// Opens a question; its number.
    fn ask<T>(&mut self, table: impl FnOnce(&mut Self) -> &mut HashMap<u64, T>, question: T) -> u64 {
        self.counter += 1;
        let ticket = self.counter;
        let table = table(self);
        if table.len() >= MOST_OPEN
            && let Some(oldest) = table.keys().min().copied()
        {
            table.remove(&oldest);
        }
        table.insert(ticket, question);
        ticket
    }

    /// Keeps an eye on a picture in memory, and puts the oldest away where there are too many.
    fn hold(&mut self, wanted: Wanted, bytes: Bytes) {
        // Nobody waits for these any more.
        self.in_memory.retain(|(wanted, _)| !wanted.sender.is_closed());
        self.in_memory.push_back((wanted, bytes));
        let mut sum: usize = self.in_memory.iter().map(|(_, bytes)| bytes.len()).sum();
        while sum > MOST_IN_MEMORY
            && let Some((wanted, bytes)) = self.in_memory.pop_front()
        {
            sum -= bytes.len();
            wanted.put_away(bytes);
        }
    }
}

impl Wanted {
    /// Beside its event. What is not stored is news of progress, of which there is only one that waits.
    fn put_away(self, picture: Bytes) {
        if let Some((outbox, row)) = self.kept.get() {
            let metadata = self.metadata.as_ref().and_then(|receiver| receiver.borrow().clone());
            let metadata = metadata.filter(|found| !found.is_null());
            outbox.enrich(*row, Enrichment { metadata, picture: Some(picture), picture_missing: None });
            self.sender.send_replace(Some(Picture::Away));
        }
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
        Self { picture: Some(watch::channel(Some(Picture::Missing(why.to_owned()))).1), ..self }
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
        let is_away = |receiver: &watch::Receiver<Answer<Picture>>| matches!(*receiver.borrow(), Some(Picture::Away));
        if let Some((outbox, row)) = self.kept.get()
            && (metadata || picture)
            && !self.picture.as_ref().is_some_and(is_away)
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
            Some(Picture::Here(picture)) => (Some(picture), None),
            Some(Picture::Missing(reason)) => (None, Some(reason)),
            Some(Picture::Away) | None => (None, None),
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
                Some(Picture::Here(picture)) => enrichment.picture = Some(picture),
                Some(Picture::Missing(reason)) => enrichment.picture_missing = Some(reason),
                Some(Picture::Away) => {
                    if let Some((outbox, row)) = self.kept.get() {
                        enrichment.picture = outbox.picture(*row).await.ok().and_then(Result::ok).flatten();
                    }
                }
                None => {
                    let message = format!("The camera gave no picture within {} s.", PATIENCE.as_secs());
                    enrichment.picture_missing = Some(message);
                }
            }
            if enrichment.picture.is_none() && enrichment.picture_missing.is_none() {
                enrichment.picture_missing = Some("There was no room to keep the picture while it waited.".to_owned());
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
    let orientation = Orientation { flip_h: shot.flip_h, flip_v: shot.flip_v, rotate_90: shot.rotate_90 };
    let jpeg = match shot.jpeg {
        Ok(jpeg) => jpeg,
        Err(reason) => return Picture::Missing(reason),
    };
    // A panic in a decoder is a picture that cannot be used, nothing more.
    let fitted = std::panic::catch_unwind(|| {
        match octohooks_image::fit(&jpeg, Bounds::default(), orientation, Limits::default()) {
            Ok(Cow::Borrowed(_)) => Ok(None),
            Ok(Cow::Owned(fitted)) => Ok(Some(fitted)),
            Err(error) => Err(format!("The picture could not be used: {error}.")),
        }
    });
    match fitted {
        Ok(Ok(None)) => Picture::Here(Bytes::from(jpeg)),
        Ok(Ok(Some(fitted))) => Picture::Here(Bytes::from(fitted)),
        Ok(Err(reason)) => Picture::Missing(reason),
        Err(_) => Picture::Missing("The picture could not be used: it is damaged.".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use octohooks_core::event::{Event, Printer};
    use octohooks_core::hook::ready::Subscription;
    use octohooks_core::ids::{DeliveryId, HookId};
    use octohooks_core::sample;
    use octohooks_core::time::UnixMillis;
    use octohooks_store::event::{NewDelivery, NewEvent, Standing};
    use octohooks_store::outbox::Options;

    use super::{Asked, Bytes, Enricher, MOST_IN_MEMORY, Outbox, Picture, Value};
    use crate::notice::Notices;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    fn stored(outbox: &Outbox, number: u8) -> (Event, octohooks_store::event::Row) {
        let printer = Arc::new(Printer { id: "p".into(), name: "P".into(), appearance: Value::Null });
        let event = sample::event("print_done", printer, NOW, &mut || [number; 10]);
        let stamp = octohooks_store::event::Stamp { wall: NOW, boot: 1, monotonic: 1 };
        let delivery = NewDelivery {
            id: DeliveryId::new(NOW, &[number; 10]),
            hook: HookId::new(NOW, &[number; 10]),
            subscription: Subscription::CustomEvent,
            milestone: 0,
            standing: Standing::default(),
        };
        let new = NewEvent { event: Arc::new(event.clone()), stamp, expires: NOW, deliveries: vec![delivery] };
        (event, outbox.append(&new).row)
    }

    #[tokio::test]
    async fn pictures_that_wait_are_in_memory_up_to_a_budget_and_the_rest_beside_their_events() {
        let folder = tempfile::tempdir().unwrap();
        let (outbox, _) = Outbox::open(folder.path(), Options::new(Arc::new(|| NOW), Arc::new(|_| {}))).unwrap();
        let enricher = Enricher::new(Arc::new(Notices::default()));
        let size = MOST_IN_MEMORY / 3;
        let mut waiting: Vec<Asked> = Vec::new();
        for number in 1..=5_u8 {
            let (event, row) = stored(&outbox, number);
            let asked = enricher.ask(&event, false, true);
            asked.keep(outbox.clone(), row);
            enricher.answer_with(&format!("p{number}"), || Picture::Here(Bytes::from(vec![number; size])));
            waiting.push(asked);
        }
        let in_memory = |asked: &Asked| matches!(*asked.picture.as_ref().unwrap().borrow(), Some(Picture::Here(_)));
        assert_eq!(waiting.iter().map(in_memory).collect::<Vec<_>>(), [false, false, true, true, true]);
        for (number, asked) in (1_u8..).zip(&mut waiting) {
            assert_eq!(asked.wait(false, true).await.picture, Some(Bytes::from(vec![number; size])), "{number}");
        }
        drop(waiting);
        let (event, row) = stored(&outbox, 6);
        let asked = enricher.ask(&event, false, true);
        asked.keep(outbox.clone(), row);
        enricher.answer_with("p6", || Picture::Here(Bytes::from_static(b"small")));
        assert_eq!(enricher.lock().in_memory.len(), 1, "what nobody waits for is forgotten");
    }
}
