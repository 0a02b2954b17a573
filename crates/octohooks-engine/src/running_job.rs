//! The print under way as a note on disk, so that a power cut in the middle of it can be told after the next start.
//!
//! Written seldom: at the start and the end of a print, when it is paused, and every few percent. A note that cannot be
//! read is none. Nobody waits for the disk but whoever saves.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use octohooks_core::detect::Note;
use octohooks_core::moment::BootId;
use serde::{Deserialize, Serialize};

/// The file below the state folder.
const FILE: &str = "running_job.json";

/// The note and where it lies.
pub(crate) struct RunningJob {
    path: PathBuf,
    boot: BootId,
    latest: Mutex<Latest>,
    saving: Mutex<()>,
}

#[derive(Default)]
struct Latest {
    note: Option<Note>,
    changed: bool,
}

/// The file: the print, and in which run of the machine it was seen last.
#[derive(Serialize, Deserialize)]
struct Saved {
    boot: BootId,
    print: Note,
}

impl RunningJob {
    /// Reads what an earlier engine noted, and whether that was in this run of the machine.
    pub(crate) fn open(folder: &std::path::Path, boot: BootId) -> (Self, Option<(Note, bool)>) {
        let path = folder.join(FILE);
        let saved = std::fs::read(&path).ok().and_then(|text| serde_json::from_slice::<Saved>(&text).ok());
        let earlier = saved.map(|saved| (saved.print, saved.boot == boot));
        let latest = Latest { note: earlier.as_ref().map(|(note, _)| note.clone()), changed: false };
        (Self { path, boot, latest: Mutex::new(latest), saving: Mutex::default() }, earlier)
    }

    /// Takes the print as it is now, or that there is none; true when that is worth saving.
    pub(crate) fn keep(&self, note: Option<&Note>) -> bool {
        let mut latest = self.lock();
        let is_news = match note {
            Some(note) => note.is_worth_writing(latest.note.as_ref()),
            None => latest.note.is_some(),
        };
        if is_news {
            *latest = Latest { note: note.cloned(), changed: true };
        }
        is_news
    }

    /// Writes it down. What cannot be written is tried again the next time: then a power cut is told with an older
    /// percentage, or not.
    pub(crate) fn save(&self) {
        let Ok(_saving) = self.saving.try_lock() else { return };
        // Whoever was turned away meanwhile has it saved by this one.
        while let Some(latest) = self.changed() {
            let written = match latest.note {
                Some(print) => serde_json::to_vec(&Saved { boot: self.boot, print })
                    .map_err(std::io::Error::from)
                    .and_then(|text| crate::hook_store::write_atomically(&self.path, &text)),
                None => match std::fs::remove_file(&self.path) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
                    _ => Ok(()),
                },
            };
            if written.is_err() {
                self.lock().changed = true;
                return;
            }
        }
    }

    fn changed(&self) -> Option<Latest> {
        let mut latest = self.lock();
        let changed = std::mem::take(&mut latest.changed);
        changed.then(|| Latest { note: latest.note.clone(), changed })
    }

    fn lock(&self) -> MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
