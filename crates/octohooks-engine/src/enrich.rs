//! What has to be asked for after an event: file metadata and pictures, each once per event however many hooks want it.
//!
//! The shell is asked by notice and answers to a ticket. Nobody waits longer than [`PATIENCE`] for each; then it goes without.
//! A picture that somebody takes instead of another is asked for when the other one has failed. Pictures
//! of deliveries that wait are in memory up to a budget, the latest; the others lie beside their events until they are needed.

mod album;
pub(crate) mod lamp;
mod make_ready;

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use octohooks_core::event::Event;
use octohooks_core::parcel::{Enrichment, Findings};
use octohooks_core::picture::{CameraWish, Found, Wish, Wishes, unpack};
use octohooks_store::event::{PendingEvent, Row};
use octohooks_store::outbox::Outbox;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use self::album::Album;
use self::lamp::Lit;
use crate::notice::{Notice, Notices};

/// A picture or metadata that takes longer is not waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// More questions than this are not open at once; the oldest is given up.
const MOST_OPEN: usize = 64;

/// Pictures that somebody waits for take up this much of the memory.
const MOST_IN_MEMORY: usize = 8 << 20;

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

/// What a shell has of a thumbnail.
#[derive(Debug)]
pub enum ThumbnailAt {
    /// The picture itself.
    Picture(Vec<u8>),
    /// Where the file with it lies on the disk.
    File(PathBuf),
}

type Answer<T> = Option<T>;

/// How long a wish is waited for: what is done before it takes its own time.
fn patience_with(wish: &Wish) -> Duration {
    match wish {
        Wish::Camera(camera) if camera.light.is_some() => patience_of_shell(camera) + lamp::BOTH_CALLS,
        Wish::Camera(camera) => patience_of_shell(camera),
        Wish::Thumbnail | Wish::Movie(_) => PATIENCE,
    }
}

/// How long the shell has for a picture.
fn patience_of_shell(camera: &CameraWish) -> Duration {
    PATIENCE + Duration::from_secs(camera.wait_seconds.into())
}

/// The open questions.
#[derive(Debug)]
pub(crate) struct Enricher {
    notices: Arc<Notices>,
    /// Where wishes with a light go.
    lamp: mpsc::Sender<Lit>,
    open: Mutex<Open>,
    /// How large the latest picture was, in bytes; 0 before the first.
    latest_size: AtomicUsize,
}

#[derive(Debug, Default)]
struct Open {
    counter: u64,
    metadata: HashMap<u64, watch::Sender<Answer<Value>>>,
    pictures: HashMap<u64, Asker>,
    /// What is in memory, the oldest first.
    in_memory: VecDeque<Weak<Album>>,
}

/// Who has asked the shell.
#[derive(Debug)]
enum Asker {
    /// An album, for this wish of it.
    Album(Weak<Album>, Wish),
    /// One that switches a light around it.
    Lamp(oneshot::Sender<Found>),
}

/// What was asked for one event. Cloned to each of its deliveries; all see the same answers.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    metadata: Option<watch::Receiver<Answer<Value>>>,
    since: Instant,
    pictures: Pictures,
}

/// Where the pictures of an event are.
#[derive(Debug, Clone)]
enum Pictures {
    /// They are asked for.
    Asked(Arc<Album>),
    /// Known from before a restart; nobody is asked again.
    Stored(Arc<Stored>),
    /// They are not asked for, and this is why there are none.
    None(String),
}

/// What was found out about an event before a restart. The pictures are read only when they are needed.
#[derive(Debug)]
struct Stored {
    outbox: Outbox,
    row: Row,
    known: Findings,
    has_picture: bool,
}

impl Enricher {
    pub(crate) fn new(notices: Arc<Notices>, lamp: mpsc::Sender<Lit>) -> Self {
        Self { notices, lamp, open: Mutex::default(), latest_size: AtomicUsize::new(0) }
    }

    /// Asks for what at least one hook needs.
    pub(crate) fn ask<'a>(
        self: &Arc<Self>,
        event: &Event,
        metadata: bool,
        wishes: impl IntoIterator<Item = &'a Wish>,
    ) -> Asked {
        let file = event.context.job_file().map(|(origin, path)| (origin.to_owned(), path.to_owned()));
        let metadata = file.clone().filter(|_| metadata).map(|(origin, path)| {
            let (sender, receiver) = watch::channel(None);
            let ticket = self.lock().ask(|open| &mut open.metadata, sender);
            self.notices.push(Notice::Metadata { ticket: format!("m{ticket}"), origin, path });
            receiver
        });
        let album = Arc::new(Album::new(Arc::clone(self), file, metadata.clone()));
        for wish in wishes {
            drop(album.ask(wish));
        }
        Asked { metadata, since: Instant::now(), pictures: Pictures::Asked(album) }
    }

    /// Asks the shell to fulfil a wish for an album.
    fn ask_shell(self: &Arc<Self>, album: &Arc<Album>, wish: &Wish) {
        let asker = Asker::Album(Arc::downgrade(album), wish.clone());
        let open = |open: &mut Open| open.ask(|open| &mut open.pictures, asker);
        match wish {
            Wish::Camera(camera) => {
                let lit = camera.light.clone().map(|light| Lit {
                    enricher: Arc::clone(self),
                    album: Arc::clone(album),
                    wish: camera.clone(),
                    light,
                });
                // Where too many wait for their light, a picture in the dark is better than none.
                if lit.is_none_or(|lit| self.lamp.try_send(lit).is_err()) {
                    self.ask_for_picture(open(&mut self.lock()), camera);
                }
            }
            Wish::Movie(path) => {
                let ticket = open(&mut self.lock());
                self.notices.push(Notice::Movie { ticket: format!("v{ticket}"), path: path.clone() });
            }
            Wish::Thumbnail => {
                let Some((origin, path)) = album.file() else {
                    album.answer(wish, Found::missing("No file is chosen for printing that could have a thumbnail."));
                    return;
                };
                let ticket = open(&mut self.lock());
                let (origin, path) = (origin.to_owned(), path.to_owned());
                self.notices.push(Notice::Thumbnail { ticket: format!("t{ticket}"), origin, path });
            }
        }
    }

    fn ask_for_picture(&self, ticket: u64, camera: &CameraWish) {
        // The light is not the shell's business.
        let (wish, seconds) = (CameraWish { light: None, ..camera.clone() }, patience_of_shell(camera).as_secs());
        self.notices.push(Notice::Picture { ticket: format!("p{ticket}"), wish, seconds });
    }

    /// What the shell's cameras give; nothing where nobody answers.
    async fn ask_for_shot(&self, camera: &CameraWish) -> Option<Found> {
        let (sender, receiver) = oneshot::channel();
        let ticket = self.lock().ask(|open| &mut open.pictures, Asker::Lamp(sender));
        self.ask_for_picture(ticket, camera);
        receiver.await.ok()
    }

    /// The shell has the file of a timelapse, which is read here, or has none that may be sent.
    pub(crate) fn answer_movie(&self, ticket: &str, file: Option<&Path>) {
        self.answer_with(ticket, || make_ready::of_movie(file));
    }

    /// The shell knows of a file.
    pub(crate) fn answer_metadata(&self, ticket: &str, metadata: Value) {
        let sender = number(ticket).and_then(|ticket| self.lock().metadata.remove(&ticket));
        if let Some(sender) = sender {
            sender.send_replace(Some(metadata));
        }
    }

    /// The shell has pictures. Makes them ready right here, so this may take a while on a small computer.
    pub(crate) fn answer_pictures(&self, ticket: &str, shots: Vec<Shot>, note: Option<String>) {
        self.answer_with(ticket, || make_ready::of_cameras(shots, note));
    }

    /// The shell has a thumbnail, or the file that it is in, of which the head is read here.
    pub(crate) fn answer_thumbnail(&self, ticket: &str, thumbnail: Result<ThumbnailAt, String>) {
        self.answer_with(ticket, || make_ready::of_thumbnail(thumbnail));
    }

    fn answer_with(&self, ticket: &str, found: impl FnOnce() -> Found) {
        match number(ticket).and_then(|ticket| self.lock().pictures.remove(&ticket)) {
            Some(Asker::Album(album, wish)) => {
                // Nobody may wait for it any more.
                if let Some(album) = album.upgrade() {
                    self.settle(&album, &wish, found());
                }
            }
            Some(Asker::Lamp(lamp)) if !lamp.is_closed() => drop(lamp.send(found())),
            Some(Asker::Lamp(_)) | None => {}
        }
    }

    /// What became of a wish.
    fn settle(&self, album: &Arc<Album>, wish: &Wish, found: Found) {
        if let Some(picture) = found.pictures.first() {
            self.latest_size.store(picture.bytes.len(), Ordering::Relaxed);
        }
        album.answer(wish, found);
        self.lock().hold(album);
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

    /// Keeps an eye on pictures in memory, and puts the oldest away where there are too many.
    fn hold(&mut self, album: &Arc<Album>) {
        // Nobody waits for what is gone, and one that is answered again counts as late as its last answer.
        self.in_memory.retain(|held| held.strong_count() > 0 && !held.ptr_eq(&Arc::downgrade(album)));
        self.in_memory.push_back(Arc::downgrade(album));
        let bytes = |held: &Weak<Album>| held.upgrade().map_or(0, |album| album.bytes());
        let mut sum: usize = self.in_memory.iter().map(bytes).sum();
        while sum > MOST_IN_MEMORY
            && let Some(held) = self.in_memory.pop_front()
        {
            sum = sum.saturating_sub(bytes(&held));
            if let Some(album) = held.upgrade() {
                album.put_away();
            }
        }
    }
}

impl Asked {
    /// Known from before a restart.
    pub(crate) fn known(pending: &PendingEvent, outbox: Outbox) -> Self {
        let has_picture = pending.picture_bytes.is_some();
        let stored = Stored { outbox, row: pending.row, known: pending.findings(None), has_picture };
        Self { metadata: None, since: Instant::now(), pictures: Pictures::Stored(Arc::new(stored)) }
    }

    /// A picture is not asked for, and this is why there is none.
    pub(crate) fn without_picture(self, why: &str) -> Self {
        Self { pictures: Pictures::None(why.to_owned()), ..self }
    }

    /// From here on, answers are kept beside the event as well.
    pub(crate) fn keep(&self, outbox: Outbox, row: Row) {
        if let Pictures::Asked(album) = &self.pictures {
            album.keep(outbox, row);
        }
    }

    /// Waits for what this hook needs, until the patience of this event ends.
    pub(crate) async fn wait(&mut self, metadata: bool, wishes: Option<&Wishes>) -> Enrichment {
        let mut enrichment = Enrichment::default();
        if let Some(receiver) = self.metadata.as_mut().filter(|_| metadata) {
            enrichment.metadata = answer(receiver, self.since + PATIENCE).await.filter(|found| !found.is_null());
        }
        let found = match &self.pictures {
            Pictures::Asked(album) => {
                let found = match wishes {
                    Some(wishes) => album.fulfil(wishes, self.since).await,
                    None => Found::default(),
                };
                if metadata || wishes.is_some() {
                    album.write_down();
                }
                found
            }
            Pictures::Stored(stored) => {
                enrichment.metadata.clone_from(&stored.known.metadata);
                match wishes {
                    Some(wishes) => stored.read(wishes).await,
                    None => Found::default(),
                }
            }
            Pictures::None(why) => Found::missing(why),
        };
        let found = match wishes.and_then(|wishes| wishes.max_bytes) {
            Some(most) => make_ready::below(found, most).await,
            None => found,
        };
        (enrichment.pictures, enrichment.picture_missing) = (found.pictures, found.missing);
        enrichment
    }
}

impl Stored {
    async fn read(&self, wishes: &Wishes) -> Found {
        let packed = if self.has_picture { read_beside(&self.outbox, self.row).await } else { Vec::new() };
        let of = |wish: &Wish| packed.iter().find(|(known, _)| known == wish).map(|(_, found)| found.clone());
        let first = of(&wishes.first);
        match wishes.otherwise.as_ref().and_then(of) {
            Some(otherwise) if first.as_ref().is_none_or(|first| first.pictures.is_empty()) => {
                in_place_of(first.unwrap_or_default(), otherwise)
            }
            _ => first.filter(|found| *found != Found::default()).unwrap_or_else(|| {
                let lost = || "The picture was lost with a restart.".to_owned();
                Found::missing(self.known.picture_missing.clone().unwrap_or_else(lost))
            }),
        }
    }
}

/// What is taken instead, with the reason for that; where there is nothing, the reasons for both.
fn in_place_of(first: Found, otherwise: Found) -> Found {
    let reasons: Vec<String> = [first.missing, otherwise.missing].into_iter().flatten().collect();
    Found { pictures: otherwise.pictures, missing: Some(reasons.join(" ")).filter(|reasons| !reasons.is_empty()) }
}

/// The pictures that lie beside an event.
async fn read_beside(outbox: &Outbox, row: Row) -> Vec<(Wish, Found)> {
    let packed = outbox.picture(row).await.ok().and_then(Result::ok).flatten();
    packed.map(|packed| unpack(&packed)).unwrap_or_default()
}

async fn answer<T: Clone>(receiver: &mut watch::Receiver<Answer<T>>, until: Instant) -> Option<T> {
    let arrived = tokio::time::timeout_at(until, receiver.wait_for(Option::is_some)).await;
    arrived.ok()?.ok()?.clone()
}

fn number(ticket: &str) -> Option<u64> {
    ticket.get(1..)?.parse().ok()
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

    use bytes::Bytes;
    use octohooks_core::picture::{Found, Picture, PictureConfig, Wishes};

    use super::{Asked, Enricher, MOST_IN_MEMORY, Outbox, Pictures, Value};
    use crate::notice::Notices;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    fn camera() -> Wishes {
        PictureConfig::default().wishes()
    }

    fn found(bytes: Bytes) -> Found {
        Found { pictures: vec![Picture::of_camera(bytes)], missing: None }
    }

    fn in_memory(asked: &Asked) -> bool {
        matches!(&asked.pictures, Pictures::Asked(album) if album.bytes() > 0)
    }

    fn stored(outbox: &Outbox, number: u8) -> (Event, octohooks_store::event::Row) {
        let printer =
            Arc::new(Printer { id: "p".into(), name: "P".into(), appearance: Value::Null, ..Printer::default() });
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
        let enricher = Arc::new(Enricher::new(Arc::new(Notices::default()), tokio::sync::mpsc::channel(1).0));
        let size = MOST_IN_MEMORY / 3;
        let mut waiting: Vec<Asked> = Vec::new();
        for number in 1..=5_u8 {
            let (event, row) = stored(&outbox, number);
            let asked = enricher.ask(&event, false, [&camera().first]);
            asked.keep(outbox.clone(), row);
            enricher.answer_with(&format!("p{number}"), || found(Bytes::from(vec![number; size])));
            waiting.push(asked);
        }
        assert_eq!(waiting.iter().map(in_memory).collect::<Vec<_>>(), [false, false, true, true, true]);
        for (number, asked) in (1_u8..).zip(&mut waiting) {
            let pictures = asked.wait(false, Some(&camera())).await.pictures;
            assert_eq!(pictures, [Picture::of_camera(Bytes::from(vec![number; size]))], "{number}");
        }
        drop(waiting);
        let (event, row) = stored(&outbox, 6);
        let asked = enricher.ask(&event, false, [&camera().first]);
        asked.keep(outbox.clone(), row);
        enricher.answer_with("p6", || found(Bytes::from_static(b"small")));
        assert_eq!(enricher.lock().in_memory.len(), 1, "what nobody waits for is forgotten");
    }
}
