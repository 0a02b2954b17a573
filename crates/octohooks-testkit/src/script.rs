//! What a rude server does with one connection, step by step.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

/// The steps for one connection. After the last one it is closed in an orderly way.
#[derive(Debug, Clone, Default)]
pub struct Script {
    pub(crate) steps: Vec<Step>,
}

#[derive(Debug, Clone)]
pub(crate) enum Step {
    ReadRequest,
    ReadSome,
    Write(Vec<u8>),
    WriteForever(Vec<u8>),
    Drip(Vec<u8>, Duration),
    WaitFor(Gate),
    PassOnTo(SocketAddr),
    Stall,
    Reset,
}

impl Script {
    /// Nothing: accept and close.
    pub fn new() -> Self {
        Self::default()
    }

    /// The polite one: read a request, write these bytes, close.
    pub fn answering(bytes: impl AsRef<[u8]>) -> Self {
        Self::new().read_request().write(bytes)
    }

    /// Read one request to its end and remember it.
    #[must_use]
    pub fn read_request(self) -> Self {
        self.then(Step::ReadRequest)
    }

    /// Read whatever comes first, once.
    #[must_use]
    pub fn read_some(self) -> Self {
        self.then(Step::ReadSome)
    }

    /// Write these bytes.
    #[must_use]
    pub fn write(self, bytes: impl AsRef<[u8]>) -> Self {
        self.then(Step::Write(bytes.as_ref().to_vec()))
    }

    /// Write these bytes again and again, until the other side has gone.
    #[must_use]
    pub fn write_forever(self, bytes: impl AsRef<[u8]>) -> Self {
        self.then(Step::WriteForever(bytes.as_ref().to_vec()))
    }

    /// Write these bytes again and again, with this pause before each.
    #[must_use]
    pub fn drip(self, bytes: impl AsRef<[u8]>, pause: Duration) -> Self {
        self.then(Step::Drip(bytes.as_ref().to_vec(), pause))
    }

    /// Wait until the test opens the gate.
    #[must_use]
    pub fn wait_for(self, gate: &Gate) -> Self {
        self.then(Step::WaitFor(gate.clone()))
    }

    /// Pass bytes on in both directions, as a proxy does once it has opened a tunnel.
    #[must_use]
    pub fn pass_on_to(self, address: SocketAddr) -> Self {
        self.then(Step::PassOnTo(address))
    }

    /// Do nothing until the other side has gone.
    #[must_use]
    pub fn stall(self) -> Self {
        self.then(Step::Stall)
    }

    /// End the connection with a reset instead of an orderly close.
    #[must_use]
    pub fn reset(self) -> Self {
        self.then(Step::Reset)
    }

    fn then(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }
}

/// Holds a script back until a test opens it. A gate that was opened stays open.
#[derive(Debug, Clone)]
pub struct Gate {
    closed: Arc<Semaphore>,
}

impl Gate {
    /// A closed gate.
    pub fn new() -> Self {
        Self { closed: Arc::new(Semaphore::new(0)) }
    }

    /// Lets everybody through who waits or will wait.
    pub fn open(&self) {
        self.closed.close();
    }

    /// A semaphore without permits: waiting ends when it is closed.
    pub(crate) async fn opened(&self) {
        self.closed.acquire().await.expect_err("a gate has no permits");
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}

/// A well-formed answer: `answer("200 OK", &["X-Header: value"], "body")`.
pub fn answer(status: &str, headers: &[&str], body: &str) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
    for header in headers {
        text.push_str(header);
        text.push_str("\r\n");
    }
    text.push_str("\r\n");
    text.push_str(body);
    text.into_bytes()
}
