//! The rude server: raw sockets, a script per connection, and a memory for what it was sent.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use tokio_rustls::TlsAcceptor;

use crate::certificates::Identity;
use crate::script::{Script, Step};

/// A server that follows scripts: the first connection the first one, and so on; the last script is for all that follow.
#[derive(Debug)]
pub struct RudeServer {
    address: SocketAddr,
    memory: Arc<Memory>,
    ended: watch::Receiver<usize>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Memory {
    seen: Mutex<Seen>,
    came: Condvar,
}

#[derive(Debug, Default)]
struct Seen {
    connections: usize,
    requests: Vec<Received>,
}

impl Memory {
    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, request: Received) {
        self.lock().requests.push(request);
        self.came.notify_all();
    }
}

/// A request as it came over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The request line and the headers, without the empty line, lines ending with CR LF.
    pub head: String,
    /// The body, unframed if it was chunked.
    pub body: Vec<u8>,
}

impl Received {
    /// `POST /path HTTP/1.1`.
    pub fn line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    /// The value of a header; names are compared without case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        headers.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

/// Any port of this machine's.
const ANYWHERE: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

impl RudeServer {
    /// Plain.
    pub fn start(scripts: impl IntoIterator<Item = Script>) -> Self {
        Self::begin(scripts.into_iter().collect(), None, ANYWHERE)
    }

    /// Behind TLS. A script begins when the handshake is done.
    pub fn start_tls(identity: &Identity, scripts: impl IntoIterator<Item = Script>) -> Self {
        let acceptor = TlsAcceptor::from(Arc::clone(&identity.server));
        Self::begin(scripts.into_iter().collect(), Some(acceptor), ANYWHERE)
    }

    /// Plain, on a port that a test needs.
    pub(crate) fn start_on(port: u16, scripts: impl IntoIterator<Item = Script>) -> Self {
        Self::begin(scripts.into_iter().collect(), None, (Ipv4Addr::LOCALHOST, port))
    }

    /// Plain, at another address of the loopback interface. Linux has all of 127.0.0.0/8 there.
    pub fn start_at(ip: Ipv4Addr, scripts: impl IntoIterator<Item = Script>) -> Self {
        Self::begin(scripts.into_iter().collect(), None, (ip, 0))
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The port alone.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Every request that was read to its end, in order.
    pub fn requests(&self) -> Vec<Received> {
        self.memory.lock().requests.clone()
    }

    /// The same, once there are so many; `None` when there are not that many in time.
    pub fn wait_for_requests(&self, count: usize, patience: Duration) -> Option<Vec<Received>> {
        let waited =
            self.memory.came.wait_timeout_while(self.memory.lock(), patience, |seen| seen.requests.len() < count);
        let (seen, _) = waited.unwrap_or_else(PoisonError::into_inner);
        (seen.requests.len() >= count).then(|| seen.requests.clone())
    }

    /// How many connections were accepted.
    pub fn connections(&self) -> usize {
        self.memory.lock().connections
    }

    /// How many connections have come to their end, by whatever side.
    pub fn hung_up(&self) -> usize {
        *self.ended.borrow()
    }

    /// Waits until so many connections have come to their end, by whatever side.
    pub async fn ended(&self, connections: usize) {
        let mut ended = self.ended.clone();
        ended.wait_for(|count| *count >= connections).await.expect("the server lives");
    }

    fn begin(scripts: Vec<Script>, acceptor: Option<TlsAcceptor>, at: (Ipv4Addr, u16)) -> Self {
        // Bound before the thread begins, so that whoever has the server can call it.
        let listener = std::net::TcpListener::bind(at).expect("a free port");
        listener.set_nonblocking(true).expect("a listener that does not block");
        let address = listener.local_addr().expect("it is bound");
        let memory = Arc::new(Memory::default());
        let (stop, stopped) = oneshot::channel();
        let (ending, ended) = watch::channel(0);
        let remembers = Arc::clone(&memory);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).expect("a listener");
                tokio::select! {
                    () = accept(listener, scripts, acceptor, remembers, ending) => {}
                    // The sender is dropped with the server.
                    _ = stopped => {}
                }
            });
        });
        Self { address, memory, ended, stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for RudeServer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
            && !std::thread::panicking()
        {
            panic!("the rude server has panicked");
        }
    }
}

async fn accept(
    listener: TcpListener,
    scripts: Vec<Script>,
    acceptor: Option<TlsAcceptor>,
    memory: Arc<Memory>,
    ending: watch::Sender<usize>,
) {
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let index = {
            let mut seen = memory.lock();
            seen.connections += 1;
            seen.connections - 1
        };
        let script = scripts.get(index).or(scripts.last()).cloned().unwrap_or_default();
        let (acceptor, memory, ending) = (acceptor.clone(), Arc::clone(&memory), ending.clone());
        connections.spawn(async move {
            // A client that leaves is what half of the tests are about.
            serve(stream, script, acceptor, memory).await.ok();
            ending.send_modify(|count| *count += 1);
        });
    }
}

async fn serve(
    stream: TcpStream,
    script: Script,
    acceptor: Option<TlsAcceptor>,
    memory: Arc<Memory>,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    match acceptor {
        None => {
            let mut stream = stream;
            if follow(&mut stream, script, &memory).await? {
                stream.set_zero_linger()?;
            }
        }
        Some(acceptor) => {
            let mut stream = acceptor.accept(stream).await?;
            if follow(&mut stream, script, &memory).await? {
                stream.get_ref().0.set_zero_linger()?;
            } else {
                stream.shutdown().await?;
            }
        }
    }
    Ok(())
}

/// Whether the connection is to be reset.
async fn follow<S>(stream: &mut S, script: Script, memory: &Memory) -> io::Result<bool>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    for step in script.steps {
        match step {
            Step::ReadRequest => {
                let request = read_request(stream).await?;
                memory.keep(request);
            }
            Step::ReadSome => drop(stream.read(&mut [0; 4096]).await?),
            Step::Write(bytes) => write(stream, &bytes).await?,
            Step::WriteForever(bytes) => loop {
                write(stream, &bytes).await?;
            },
            Step::Drip(bytes, pause) => loop {
                tokio::time::sleep(pause).await;
                write(stream, &bytes).await?;
            },
            Step::WaitFor(gate) => gate.opened().await,
            Step::PassOnTo(address) => {
                let mut target = TcpStream::connect(address).await?;
                tokio::io::copy_bidirectional(stream, &mut target).await?;
            }
            Step::Stall => while stream.read(&mut [0; 1024]).await? > 0 {},
            Step::Reset => return Ok(true),
        }
    }
    Ok(false)
}

async fn write(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}

async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Received> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        head.push(char::from(stream.read_u8().await?));
    }
    head.truncate(head.len() - "\r\n\r\n".len());
    let mut request = Received { head, body: Vec::new() };
    if request.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
        request.body = read_chunks(stream).await?;
    } else if let Some(length) = request.header("content-length").and_then(|value| value.parse().ok()) {
        request.body = vec![0; length];
        stream.read_exact(&mut request.body).await?;
    }
    Ok(request)
}

async fn read_chunks(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        while !line.ends_with("\r\n") {
            line.push(char::from(stream.read_u8().await?));
        }
        let size = usize::from_str_radix(line.trim(), 16).map_err(io::Error::other)?;
        let mut chunk = vec![0; size + 2];
        stream.read_exact(&mut chunk).await?;
        body.extend_from_slice(&chunk[..size]);
        if size == 0 {
            return Ok(body);
        }
    }
}
