//! `octohooks listen`: a receiver that shows each webhook as it arrives.
//!
//! Comes in: connections of anybody who reaches the address. Goes out: what they sent, on standard output, and an
//! answer of the status that was asked for. A webhook is answered once it is shown, so who has an answer can rely on
//! it. Nothing that arrives decides where a file is written, and nothing of it reaches the terminal unescaped.

mod arrive;
mod content;
mod desk;
mod indent;
mod json_line;
mod multipart;
mod options;
mod picture;
mod show;
mod visible;

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use arrive::Door;
use desk::{Desk, Next};
pub(crate) use options::Options;

/// How many may send at once. Each may hold a whole body, so this bounds the memory; others wait to be accepted.
const MAX_CONNECTIONS: usize = 16;

/// How long answers that are under way may take once the end has come.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// Listens until the count is reached, a signal comes, or nobody reads the output any more.
pub(crate) fn run(options: Options) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("start")?;
    runtime.block_on(listen(options))
}

async fn listen(options: Options) -> anyhow::Result<()> {
    let options = Arc::new(options);
    let (host, port) = (options.host.as_str(), options.port);
    let listener = TcpListener::bind((host, port)).await.with_context(|| format!("listen on {host}, port {port}"))?;
    let address = listener.local_addr().context("find the address")?;
    let mut stop = pin!(asked_to_stop().context("wait for signals")?);
    let (arrivals, mut arrived) = mpsc::channel(MAX_CONNECTIONS);
    let (closing, closed) = watch::channel(false);
    let door = Arc::new(Door { options: Arc::clone(&options), arrivals });
    let mut desk = Desk::new(&options)?;
    let mut connections = JoinSet::new();

    let mut next = desk.open(address)?;
    while next == Next::GoOn {
        next = tokio::select! {
            accepted = listener.accept(), if connections.len() < MAX_CONNECTIONS => match accepted {
                Ok((stream, from)) => {
                    connections.spawn(arrive::serve(stream, from, Arc::clone(&door), closed.clone()));
                    Next::GoOn
                }
                Err(error) if is_of_the_connection(&error) => Next::GoOn,
                Err(error) => return Err(error).context("accept a connection"),
            },
            Some(arrival) = arrived.recv() => desk.take(arrival)?,
            Some(_) = connections.join_next() => Next::GoOn,
            () = &mut stop => Next::End,
        };
    }

    // Who is not shown by now is told so, which is why the receiving end goes first.
    drop(arrived);
    closing.send_replace(true);
    let last_answers = async { while connections.join_next().await.is_some() {} };
    // Those that take longer are cut off by dropping them; nobody is left to be told.
    tokio::time::timeout(LAST_ANSWERS, last_answers).await.unwrap_or_default();
    Ok(())
}

/// The caller has gone away again before it was accepted; that is no reason to stop.
fn is_of_the_connection(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset)
}

/// Ends when Ctrl-C is pressed or somebody asks the process to end. Signals count from the call on.
#[cfg(unix)]
fn asked_to_stop() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ends when Ctrl-C is pressed.
#[cfg(windows)]
fn asked_to_stop() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}
