//! The pictures of one event: which were wished for, and what has become of each. Shared by all of its deliveries.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use octohooks_core::parcel::Findings;
use octohooks_core::picture::{Found, Wish, Wishes, pack};
use octohooks_store::event::Row;
use octohooks_store::outbox::Outbox;
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::Instant;

use super::{Answer, Enricher, answer, in_place_of, patience_with, read_beside};

/// What became of a wish.
#[derive(Debug, Clone)]
pub(super) enum State {
    /// Here it is, or why not.
    Here(Found),
    /// It lies beside its event in the outbox.
    Away,
}

/// The pictures of one event.
#[derive(Debug)]
pub(super) struct Album {
    enricher: Arc<Enricher>,
    /// The file that is printed: where it is, and its path there.
    file: Option<(String, String)>,
    metadata: Option<watch::Receiver<Answer<Value>>>,
    wishes: Mutex<BTreeMap<Wish, watch::Sender<Answer<State>>>>,
    /// Where the answers are kept beside the event, for the time after a restart.
    kept: OnceLock<(Outbox, Row)>,
}

impl Album {
    pub(super) fn new(
        enricher: Arc<Enricher>,
        file: Option<(String, String)>,
        metadata: Option<watch::Receiver<Answer<Value>>>,
    ) -> Self {
        Self { enricher, file, metadata, wishes: Mutex::default(), kept: OnceLock::new() }
    }

    pub(super) fn file(&self) -> Option<(&str, &str)> {
        self.file.as_ref().map(|(origin, path)| (origin.as_str(), path.as_str()))
    }

    pub(super) fn keep(&self, outbox: Outbox, row: Row) {
        // An event is stored once; a second place for it would be a mistake, and the first one holds.
        drop(self.kept.set((outbox, row)));
    }

    /// Asks for a picture, once; where its answer will be.
    pub(super) fn ask(self: &Arc<Self>, wish: &Wish) -> watch::Receiver<Answer<State>> {
        let mut wishes = self.lock();
        if let Some(sender) = wishes.get(wish) {
            return sender.subscribe();
        }
        let (sender, receiver) = watch::channel(None);
        wishes.insert(wish.clone(), sender);
        drop(wishes);
        self.enricher.ask_shell(self, wish);
        receiver
    }

    pub(super) fn answer(&self, wish: &Wish, found: Found) {
        if let Some(sender) = self.lock().get(wish) {
            sender.send_replace(Some(State::Here(found)));
        }
    }

    /// What a hook wants, or what it takes instead; the latter has its own time.
    pub(super) async fn fulfil(self: &Arc<Self>, wishes: &Wishes, since: Instant) -> Found {
        let first = self.wait(&wishes.first, since).await;
        match &wishes.otherwise {
            Some(otherwise) if first.pictures.is_empty() => {
                in_place_of(first, self.wait(otherwise, Instant::now()).await)
            }
            _ => first,
        }
    }

    async fn wait(self: &Arc<Self>, wish: &Wish, since: Instant) -> Found {
        let mut receiver = self.ask(wish);
        let patience = patience_with(wish);
        match answer(&mut receiver, since + patience).await {
            Some(State::Here(found)) => found,
            Some(State::Away) => self.read_away(wish).await,
            None => Found::missing(match wish {
                Wish::Camera(_) => format!("The camera gave no picture within {} s.", patience.as_secs()),
                Wish::Movie(_) => format!("The timelapse was not found within {} s.", patience.as_secs()),
                Wish::Thumbnail => format!("The thumbnail was not found within {} s.", patience.as_secs()),
            }),
        }
    }

    async fn read_away(&self, wish: &Wish) -> Found {
        let no_room = || Found::missing("There was no room to keep the picture while it waited.");
        let Some((outbox, row)) = self.kept.get() else { return no_room() };
        let beside = read_beside(outbox, *row).await;
        beside.into_iter().find(|(known, _)| known == wish).map_or_else(no_room, |(_, found)| found)
    }

    /// How many bytes it has in memory.
    pub(super) fn bytes(&self) -> usize {
        let bytes = |sender: &watch::Sender<Answer<State>>| match &*sender.borrow() {
            Some(State::Here(found)) => found.bytes(),
            Some(State::Away) | None => 0,
        };
        self.lock().values().map(bytes).sum()
    }

    /// Beside its event. What is not stored is news of progress, of which there is only one that waits.
    pub(super) fn put_away(&self) {
        if !self.write_down() {
            return;
        }
        for sender in self.lock().values() {
            sender.send_if_modified(|state| {
                let has_pictures = matches!(state, Some(State::Here(found)) if !found.pictures.is_empty());
                if has_pictures {
                    *state = Some(State::Away);
                }
                has_pictures
            });
        }
    }

    /// Gives the outbox all that is known by now, whichever hook asked for it: it holds one answer for the event. What lies
    /// there already stays as it is.
    pub(super) fn write_down(&self) -> bool {
        let Some((outbox, row)) = self.kept.get() else { return false };
        let mut known = Vec::new();
        for (wish, sender) in &*self.lock() {
            match &*sender.borrow() {
                Some(State::Here(found)) => known.push((wish.clone(), found.clone())),
                Some(State::Away) => return false,
                None => {}
            }
        }
        let metadata = self.metadata.as_ref().and_then(|receiver| receiver.borrow().clone());
        let reasons: Vec<&str> = known.iter().filter_map(|(_, found)| found.missing.as_deref()).collect();
        let findings = Findings {
            metadata: metadata.filter(|found| !found.is_null()),
            picture: pack(&known),
            picture_missing: Some(reasons.join(" ")).filter(|reasons| !reasons.is_empty()),
        };
        outbox.enrich(*row, findings);
        true
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Wish, watch::Sender<Answer<State>>>> {
        self.wishes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
