//! The hooks on their shelf: every edit goes through here, is saved first, and then becomes the roster of now.

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use arc_swap::{ArcSwap, ArcSwapOption};
use octohooks_core::hook::{HookConfig, HooksFile};
use octohooks_core::ids::HookId;
use octohooks_core::time::UnixMillis;

use crate::hook_store::{HookStore, SaveError};
use crate::roster::Roster;

/// More hooks than this on one machine are a mistake of a script.
const MOST_HOOKS: usize = 1000;

/// As many deleted hooks can be brought back.
const UNDO: usize = 20;

/// Why an edit was not made. A sentence for the user.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// There is no such hook.
    #[error("This hook is not there any more.")]
    NotFound,
    /// Somebody else saved it meanwhile.
    #[error("This hook was changed elsewhere meanwhile.")]
    ChangedElsewhere,
    /// There are too many.
    #[error("There are {MOST_HOOKS} hooks already; delete some first.")]
    TooMany,
    /// It could not be saved.
    #[error(transparent)]
    Save(#[from] SaveError),
}

/// Owns the hooks.
pub struct Shelf {
    state: Mutex<State>,
    roster: Arc<ArcSwap<Roster>>,
    /// Apart from the state, which an edit holds while it is being saved: a disk may take its time.
    message: ArcSwapOption<String>,
}

struct State {
    file: HooksFile,
    store: Box<dyn HookStore>,
    deleted: Vec<HookConfig>,
}

impl Shelf {
    /// Reads the store; where there never were hooks, `first` gives those to begin with, and they are saved.
    pub fn open(mut store: Box<dyn HookStore>, now: UnixMillis, first: impl FnOnce() -> Vec<HookConfig>) -> Self {
        let loaded = store.load(now);
        let mut message = loaded.message;
        let file = loaded.hooks.unwrap_or_else(|| {
            let file = HooksFile { hooks: first(), ..HooksFile::default() };
            if !file.hooks.is_empty()
                && let Err(error) = store.save(&file)
            {
                message = Some(error.to_string());
            }
            file
        });
        let roster = Arc::new(ArcSwap::from_pointee(Roster::new(file.revision, &file.hooks)));
        let message = ArcSwapOption::from_pointee(message);
        Self { state: Mutex::new(State { file, store, deleted: Vec::new() }), roster, message }
    }

    /// The hooks of now, to be read without waiting.
    pub fn roster(&self) -> Arc<Roster> {
        self.roster.load_full()
    }

    /// What the user has to know about the hooks file.
    pub fn message(&self) -> Option<String> {
        self.message.load().as_deref().cloned()
    }

    /// Adds a hook at the end.
    ///
    /// # Errors
    /// [`EditError::TooMany`], [`EditError::Save`].
    pub fn add(&self, config: HookConfig) -> Result<(), EditError> {
        self.edit(|hooks, _| {
            if hooks.len() >= MOST_HOOKS {
                return Err(EditError::TooMany);
            }
            hooks.push(config);
            Ok(())
        })
    }

    /// Replaces a hook that still is as `etag` says.
    ///
    /// # Errors
    /// [`EditError::NotFound`], [`EditError::ChangedElsewhere`], [`EditError::Save`].
    pub fn replace(&self, config: HookConfig, etag: Option<&str>) -> Result<(), EditError> {
        self.edit(|hooks, _| {
            let saved = find(hooks, config.id)?;
            if etag.is_some_and(|etag| etag != etag_of(saved)) {
                return Err(EditError::ChangedElsewhere);
            }
            *saved = config;
            Ok(())
        })
    }

    /// Switches a hook on or off.
    ///
    /// # Errors
    /// [`EditError::NotFound`], [`EditError::Save`].
    pub fn set_enabled(&self, id: HookId, enabled: bool) -> Result<(), EditError> {
        self.edit(|hooks, _| {
            find(hooks, id)?.enabled = enabled;
            Ok(())
        })
    }

    /// Takes a hook away; [`Self::restore`] brings it back.
    ///
    /// # Errors
    /// [`EditError::NotFound`], [`EditError::Save`].
    pub fn remove(&self, id: HookId) -> Result<(), EditError> {
        self.edit(|hooks, deleted| {
            let index = hooks.iter().position(|hook| hook.id == id).ok_or(EditError::NotFound)?;
            deleted.push(hooks.remove(index));
            if deleted.len() > UNDO {
                deleted.remove(0);
            }
            Ok(())
        })
    }

    /// Brings a deleted hook back, at the end.
    ///
    /// # Errors
    /// [`EditError::NotFound`] when it was not deleted lately, [`EditError::Save`].
    pub fn restore(&self, id: HookId) -> Result<(), EditError> {
        self.edit(|hooks, deleted| {
            let index = deleted.iter().rposition(|hook| hook.id == id).ok_or(EditError::NotFound)?;
            hooks.push(deleted.remove(index));
            Ok(())
        })
    }

    /// Puts the hooks in this order; those that are not named stay behind them.
    ///
    /// # Errors
    /// [`EditError::Save`].
    pub fn reorder(&self, ids: &[HookId]) -> Result<(), EditError> {
        self.edit(|hooks, _| {
            let place = |hook: &HookConfig| ids.iter().position(|id| *id == hook.id).unwrap_or(ids.len());
            hooks.sort_by_key(place);
            Ok(())
        })
    }

    /// Tries the edit on a copy, saves it, and makes it the state of now: an edit that cannot be saved has not happened.
    fn edit(
        &self,
        change: impl FnOnce(&mut Vec<HookConfig>, &mut Vec<HookConfig>) -> Result<(), EditError>,
    ) -> Result<(), EditError> {
        let mut state = self.lock();
        let mut file = state.file.clone();
        let mut deleted = state.deleted.clone();
        change(&mut file.hooks, &mut deleted)?;
        file.revision += 1;
        state.store.save(&file)?;
        self.roster.store(Arc::new(Roster::new(file.revision, &file.hooks)));
        state.file = file;
        state.deleted = deleted;
        self.message.store(None);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn find(hooks: &mut [HookConfig], id: HookId) -> Result<&mut HookConfig, EditError> {
    hooks.iter_mut().find(|hook| hook.id == id).ok_or(EditError::NotFound)
}

/// Changes whenever anything in the hook does.
pub fn etag_of(config: &HookConfig) -> String {
    use std::hash::{BuildHasher, RandomState};
    // Keyed anew at each start, since there are secrets among what is hashed: nobody can try them out by it.
    static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    format!("{:016x}", KEY.hash_one(serde_json::to_vec(config).unwrap_or_default()))
}
