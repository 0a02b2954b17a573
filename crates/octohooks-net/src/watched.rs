//! A stream that is looked at while hyper speaks on it.
//!
//! Comes in: the stream of a connection. Goes out: the same stream, and what an error of hyper's leaves out: the first byte of
//! the answer, and the reason that a server gave in TLS before it hung up.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::connect::Stream;

/// The first byte that came since the latest request, if one did.
#[derive(Default)]
pub(crate) struct Heard(AtomicU16);

impl Heard {
    /// Beside the byte: that there is one.
    const SOMETHING: u16 = 0x100;

    /// A request begins: nothing of its answer is here.
    pub(crate) fn forget(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    pub(crate) fn first_byte(&self) -> Option<u8> {
        let [something, byte] = self.0.load(Ordering::Relaxed).to_be_bytes();
        (something != 0).then_some(byte)
    }

    fn note(&self, byte: u8) {
        if self.first_byte().is_none() {
            self.0.store(Self::SOMETHING | u16::from(byte), Ordering::Relaxed);
        }
    }
}

/// Notes the first byte of an answer: it tells apart a server that said nothing, one that speaks TLS, and one that
/// speaks something else. And it does not listen before it has spoken, because hyper takes an answer that comes before the
/// request for a fault of its own, while for us it is an answer, or the banner of something that is not HTTP.
pub(crate) struct Watched {
    stream: Box<dyn Stream>,
    heard: Arc<Heard>,
    spoken: bool,
    listener: Option<Waker>,
}

impl Watched {
    pub(crate) fn new(stream: Box<dyn Stream>, heard: &Arc<Heard>) -> Self {
        Self { stream, heard: Arc::clone(heard), spoken: false, listener: None }
    }

    /// Passes on how writing went; from the first byte on there is listening.
    fn speaking(&mut self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.spoken = true;
            if let Some(listener) = self.listener.take() {
                listener.wake();
            }
        }
        written
    }

    /// Writing failed, because the other side has hung up: what it said before, if that was a reason in TLS. A server that
    /// does not like our certificate says so and hangs up, while a large body is still being written.
    fn explained<T>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        const HUNG_UP: [io::ErrorKind; 3] =
            [io::ErrorKind::ConnectionReset, io::ErrorKind::ConnectionAborted, io::ErrorKind::BrokenPipe];
        let Poll::Ready(Err(error)) = written else { return written };
        if !HUNG_UP.contains(&error.kind()) {
            return Poll::Ready(Err(error));
        }
        let mut space = [0; 1024];
        let said = Pin::new(&mut self.stream).poll_read(context, &mut ReadBuf::new(&mut space));
        let in_tls =
            |said: &io::Error| said.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()).is_some();
        match said {
            Poll::Ready(Err(said)) if in_tls(&said) => Poll::Ready(Err(said)),
            Poll::Ready(_) => Poll::Ready(Err(error)),
            // The end has not come through to the reading side yet; it will, and writing fails again then.
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.spoken {
            self.listener = Some(context.waker().clone());
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if let Some(byte) = buffer.filled().get(before) {
            self.heard.note(*byte);
        }
        polled
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        let written = self.explained(context, written);
        self.speaking(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.explained(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, buffers);
        let written = self.explained(context, written);
        self.speaking(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
