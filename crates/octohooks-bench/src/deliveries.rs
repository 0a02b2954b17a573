//! How many deliveries a second, and how long from an event to the first byte at the receiver.

use std::time::Instant;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::Settings;
use crate::figure::{Figure, percentile};
use crate::rig::{Rig, body};
use crate::server::Server;

/// As many events are on their way at once.
const OUTSTANDING: usize = 400;

/// As many endpoints are many.
const ENDPOINTS: usize = 20;

#[derive(Clone, Copy)]
enum Store {
    OnDisk,
    InMemory,
}

pub(crate) fn measure(settings: &Settings) -> anyhow::Result<()> {
    let (runs, events) = if settings.quick { (3, 400) } else { (7, 2000) };
    let mut rates: [Vec<f64>; 6] = Default::default();
    for _ in 0..runs {
        let measured = [
            engine(settings, 1, events, Store::OnDisk)?,
            engine(settings, ENDPOINTS, events / 2, Store::OnDisk)?,
            engine(settings, 1, events, Store::InMemory)?,
            engine(settings, ENDPOINTS, events / 2, Store::InMemory)?,
            bare(events, false)?,
            bare(events, true)?,
        ];
        rates.iter_mut().zip(measured).for_each(|(all, one)| all.push(one));
    }
    let [one, many, one_in_memory, many_in_memory, connecting, kept] = rates.map(|rates| rates);
    let bare = Figure::of("bare client in a loop, a connection each", "deliveries/s", &connecting);
    let half = bare.value() / 2.0;
    bare.tell()?;
    Figure::of("bare client in a loop, one connection", "deliveries/s", &kept).tell()?;
    let note = "limit: half of the bare client";
    Figure::of("durable deliveries, one endpoint", "deliveries/s", &one).at_least(half).note(note).tell()?;
    Figure::of("durable deliveries, 20 endpoints", "deliveries/s", &many).at_least(half).note(note).tell()?;
    Figure::of("in-memory deliveries, one endpoint", "deliveries/s", &one_in_memory).tell()?;
    Figure::of("in-memory deliveries, 20 endpoints", "deliveries/s", &many_in_memory).tell()?;
    latency(settings)
}

/// Deliveries a second, from the first event to the last arrival.
fn engine(settings: &Settings, endpoints: usize, events: usize, store: Store) -> anyhow::Result<f64> {
    let folder = tempfile::tempdir_in(&settings.folder)?;
    let rig = match store {
        Store::OnDisk => Rig::start(folder.path())?,
        Store::InMemory => Rig::start_in_memory(folder.path())?,
    };
    let server = Server::start()?;
    for endpoint in 0..endpoints {
        rig.hook(&server.url(&format!("hook-{endpoint}")), &format!("Bench{endpoint}"))?;
    }
    let begun = Instant::now();
    for number in 0..events {
        rig.observe(&format!("Bench{}", number % endpoints), number);
        if number % 50 == 0 {
            rig.until_waiting(OUTSTANDING)?;
        }
    }
    let arrivals = server.arrivals(events)?;
    let last = arrivals.last().copied().unwrap_or(begun);
    rig.until_waiting(0)?;
    rig.engine.stop(std::time::Duration::from_secs(10));
    Ok(per_second(events, last - begun))
}

/// A client without anything around it, one request after the other.
fn bare(requests: usize, keeps_its_connection: bool) -> anyhow::Result<f64> {
    let server = Server::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let body = Bytes::from(body());
    let begun = Instant::now();
    runtime.block_on(async {
        let mut sender = None;
        for _ in 0..requests {
            let mut ready = match sender.take() {
                Some(sender) => sender,
                None => connect(server.address()).await?,
            };
            let request = http::Request::post("/hook")
                .header("host", server.address().to_string())
                .header("content-type", "application/json")
                .body(Full::new(body.clone()))?;
            let answer = ready.send_request(request).await?;
            answer.into_body().collect().await?;
            sender = keeps_its_connection.then_some(ready);
        }
        anyhow::Ok(())
    })?;
    Ok(per_second(requests, begun.elapsed()))
}

async fn connect(address: std::net::SocketAddr) -> anyhow::Result<http1::SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // It ends with the sender.
    tokio::spawn(async move { drop(connection.await) });
    Ok(sender)
}

/// One event after the other, each stored and flushed before it is sent.
fn latency(settings: &Settings) -> anyhow::Result<()> {
    let (runs, events) = if settings.quick { (2, 100) } else { (5, 300) };
    let (mut medians, mut worst) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let folder = tempfile::tempdir_in(&settings.folder)?;
        let rig = Rig::start(folder.path())?;
        let server = Server::start()?;
        rig.hook(&server.url("hook"), "Bench")?;
        let mut spans = Vec::with_capacity(events);
        for number in 0..events {
            let seen = Instant::now();
            rig.observe("Bench", number);
            let arrived = server.arrivals(1)?;
            spans.extend(arrived.iter().map(|at| at.duration_since(seen).as_secs_f64() * 1e3));
            rig.until_waiting(0)?;
        }
        medians.push(percentile(&spans, 0.5));
        worst.push(percentile(&spans, 0.99));
    }
    Figure::of("event to first byte, p50", "ms", &medians).at_most(5.0).note("with a flush in between").tell()?;
    Figure::of("event to first byte, p99", "ms", &worst).tell()
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn per_second(count: usize, span: std::time::Duration) -> f64 {
    count as f64 / span.as_secs_f64()
}
