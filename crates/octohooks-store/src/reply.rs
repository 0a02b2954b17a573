//! An answer that comes later: to be awaited by a task, or waited for by a thread.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::oneshot;

/// The store has been closed, or its thread has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the store is closed")]
pub struct Closed;

/// An answer that comes later. Dropping it takes nothing back.
#[derive(Debug)]
#[must_use = "what was asked for comes by this"]
pub struct Reply<T>(oneshot::Receiver<T>);

/// The other end.
pub(crate) type Asker<T> = oneshot::Sender<T>;

pub(crate) fn reply<T>() -> (Asker<T>, Reply<T>) {
    let (asker, receiver) = oneshot::channel();
    (asker, Reply(receiver))
}

/// Answers; whoever asked may have gone on meanwhile.
pub(crate) fn answer<T>(asker: Asker<T>, value: T) {
    drop(asker.send(value));
}

impl<T> Reply<T> {
    /// Waits. Only on a thread that may block, never inside of a runtime.
    ///
    /// # Errors
    /// When the store is closed.
    pub fn wait(self) -> Result<T, Closed> {
        self.0.blocking_recv().map_err(|_| Closed)
    }

    /// The answer, if it is there already.
    pub fn try_now(&mut self) -> Option<T> {
        self.0.try_recv().ok()
    }
}

impl<T> Future for Reply<T> {
    type Output = Result<T, Closed>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(|result| result.map_err(|_| Closed))
    }
}
