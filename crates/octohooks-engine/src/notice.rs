//! What the engine has to say to its shell: pulled, never pushed, so that no task ever waits for a shell.
//!
//! The queue is bounded. When nobody pulls, words for the log and the page go first; requests and events of the bus stay.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use octohooks_core::picture::CameraWish;
use serde::Serialize;
use serde_json::Value;

/// One thing to say.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Notice {
    /// A line for the log.
    Log {
        /// How much it matters.
        level: Level,
        /// A sentence without secrets.
        message: String,
    },
    /// An event to fire on the source's bus under `plugin_webhooks_<event>`.
    Fire {
        /// `notify`, `progress`, or `connection_lost`.
        event: &'static str,
        /// What goes with it.
        payload: Value,
    },
    /// Please tell what is known of a file; the answer goes to the ticket.
    Metadata {
        /// Names the request.
        ticket: String,
        /// Where the file is (`local`, `sdcard`, `printer`).
        origin: String,
        /// The file.
        path: String,
    },
    /// Please have the layers of a file read: where it lies on disk goes to the engine.
    Layers {
        /// Where the file is (`local`, `sdcard`, `printer`).
        origin: String,
        /// The file.
        path: String,
    },
    /// Please take a picture of a camera, or of all; the answer goes to the ticket.
    Picture {
        /// Names the request.
        ticket: String,
        /// Which camera, and what to do around it.
        #[serde(flatten)]
        wish: CameraWish,
        /// For how long the answer is waited for.
        seconds: u64,
    },
    /// Please get the thumbnail of a file, or tell where the file lies; the answer goes to the ticket.
    Thumbnail {
        /// Names the request.
        ticket: String,
        /// Where the file is (`local`, `sdcard`, `printer`).
        origin: String,
        /// The file.
        path: String,
    },
    /// Please tell where a timelapse lies, if it is one; the answer goes to the ticket.
    Movie {
        /// Names the request.
        ticket: String,
        /// Where the event says that it lies.
        path: String,
    },
    /// Something for open pages.
    Ui {
        /// Who may see it.
        right: Right,
        /// What has happened.
        data: Value,
    },
}

/// How much a log line matters. Failed deliveries are `Info`: a warning is for the program itself being broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The course of things.
    Info,
    /// Something is not as it should be here.
    Warning,
    /// Somebody has to act.
    Error,
}

/// What a person has to be allowed to see something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Right {
    /// Look at hooks and deliveries.
    View,
    /// Change hooks, see answers.
    Manage,
}

/// As many notices wait at most.
const CAPACITY: usize = 1024;

/// The queue of notices.
#[derive(Debug, Default)]
pub struct Notices {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Notice>,
    closed: bool,
}

impl Notices {
    /// Says something; never waits.
    pub fn push(&self, notice: Notice) {
        let mut state = self.lock();
        if state.closed {
            return;
        }
        if state.queue.len() >= CAPACITY {
            let oldest = state.queue.iter().position(|old| matches!(old, Notice::Log { .. } | Notice::Ui { .. }));
            state.queue.remove(oldest.unwrap_or(0));
        }
        state.queue.push_back(notice);
        self.changed.notify_one();
    }

    /// A line for the log.
    pub fn log(&self, level: Level, message: impl Into<String>) {
        self.push(Notice::Log { level, message: message.into() });
    }

    /// The next notice; `None` when none came in time, or none will come any more.
    pub fn next(&self, timeout: Duration) -> Option<Notice> {
        let deadline = Instant::now() + timeout;
        let mut state = self.lock();
        loop {
            if let Some(notice) = state.queue.pop_front() {
                return Some(notice);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if state.closed || left.is_zero() {
                return None;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Nothing more will be said; whoever waits is woken.
    pub fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
