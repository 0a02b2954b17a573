//! One deadline over everything.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use octohooks_core::attempt::{Attempt, FailureKind};
use octohooks_core::request::Request;
use octohooks_core::time::UnixMillis;
use octohooks_testkit::{Authority, BlackHole, Flaw, Gate, RudeServer, Script, answer};
use tokio::time::timeout;

use crate::support::{LONG, SHORT, client, failure, get, post, send, url, within};

const DRIP: Duration = Duration::from_millis(20);

async fn timed(request: &Request) -> (Attempt, Duration) {
    let begun = Instant::now();
    (send(request).await, begun.elapsed())
}

async fn times_out_while(request: Request, phase: &str) {
    let (attempt, taken) = timed(&within(SHORT, request)).await;
    let failure = failure(&attempt);
    assert_eq!(failure.kind, FailureKind::TimedOut);
    assert!(failure.message.starts_with("No answer within 300 ms: "), "{}", failure.message);
    assert!(failure.message.contains(phase), "{}", failure.message);
    assert!(taken >= SHORT && taken < SHORT * 6, "{taken:?}");
    assert!(attempt.phases.total >= SHORT);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_connection_that_does_not_come_ends_by_the_deadline() {
    let hole = BlackHole::at(Ipv4Addr::LOCALHOST, 0).await;
    times_out_while(get(&format!("http://{}/", hole.address())), "waiting for the connection to 127.0.0.1").await;
}

#[tokio::test]
async fn tls_that_does_not_come_ends_by_the_deadline() {
    let server = RudeServer::start([Script::new().stall()]);
    times_out_while(get(&format!("https://{}/", server.address())), "waiting for TLS with 127.0.0.1").await;
}

#[tokio::test]
async fn a_silent_server_ends_by_the_deadline() {
    let server = RudeServer::start([Script::new().read_request().stall()]);
    times_out_while(get(&url(&server, "/")), "waiting for the answer of 127.0.0.1").await;
}

#[tokio::test]
async fn a_server_that_reads_nothing_ends_by_the_deadline() {
    let gate = Gate::new();
    let server = RudeServer::start([Script::new().wait_for(&gate)]);
    let mut request = post(&url(&server, "/"), "");
    request.body = vec![b'x'; 32 * 1024 * 1024].into();
    times_out_while(request, "waiting for the answer of 127.0.0.1").await;
}

#[tokio::test]
async fn a_dripping_head_ends_by_the_deadline() {
    let server = RudeServer::start([Script::new().read_request().write("HTTP/1.1 200 OK\r\nX-Slow: ").drip("x", DRIP)]);
    times_out_while(get(&url(&server, "/")), "waiting for the answer of 127.0.0.1").await;
}

#[tokio::test]
async fn dripping_interim_answers_end_by_the_deadline() {
    let server = RudeServer::start([Script::new().read_request().drip("HTTP/1.1 102 Processing\r\n\r\n", DRIP)]);
    times_out_while(get(&url(&server, "/")), "waiting for the answer of 127.0.0.1").await;
}

#[tokio::test]
async fn redirects_share_one_deadline() {
    let server = RudeServer::start([
        Script::answering(answer("302 Found", &["Location: /next"], "")),
        Script::new().read_request().stall(),
    ]);
    times_out_while(get(&url(&server, "/")), "waiting for the answer of 127.0.0.1").await;
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_dripping_body_is_cut_by_the_deadline_and_the_status_stays() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
    let server = RudeServer::start([Script::new().read_request().write(head).drip("x", DRIP)]);
    let (attempt, taken) = timed(&within(SHORT, get(&url(&server, "/")))).await;
    assert!(taken >= SHORT && taken < SHORT * 6, "{taken:?}");
    assert!(attempt.phases.body.unwrap() > Duration::ZERO);
    let answer = attempt.outcome.unwrap();
    assert_eq!((answer.status, answer.truncated), (200, true));
    assert!(answer.body.len() < 100);
}

#[tokio::test]
async fn a_body_that_comes_in_time_is_waited_for() {
    let gate = Gate::new();
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n";
    let server = RudeServer::start([Script::new().read_request().write(head).wait_for(&gate).write("late")]);
    let request = get(&url(&server, "/"));
    let (attempt, ()) = tokio::join!(send(&request), async { gate.open() });
    assert_eq!(&attempt.outcome.unwrap().body[..], b"late");
}

#[tokio::test]
async fn a_deadline_of_nothing_ends_at_once_and_one_without_end_works() {
    let silent = RudeServer::start([Script::new().stall()]);
    let attempt = send(&within(Duration::ZERO, get(&url(&silent, "/")))).await;
    assert_eq!(failure(&attempt).kind, FailureKind::TimedOut);
    let server = RudeServer::start([Script::answering(answer("200 OK", &[], ""))]);
    assert!(send(&within(Duration::MAX, get(&url(&server, "/")))).await.outcome.is_ok());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_dead_address_does_not_use_up_the_deadline() {
    let server = RudeServer::start([Script::answering(answer("200 OK", &[], "alive"))]);
    let dead = Ipv4Addr::new(127, 0, 0, 2);
    let _hole = BlackHole::at(dead, server.port()).await;
    let client = client(None, &[("two.test", &["127.0.0.2", "127.0.0.1"])]);
    let request = within(Duration::from_secs(1), get(&format!("http://two.test:{}/", server.port())));
    assert_eq!(&client.send(&request, UnixMillis(1)).await.outcome.unwrap().body[..], b"alive");
}

#[tokio::test]
async fn a_dropped_request_lets_go_of_its_connection() {
    let authority = Authority::new();
    let server = RudeServer::start_tls(&authority.identity(Flaw::None), [Script::new().read_request().stall()]);
    let client = client(Some(&authority), &[]);
    let request = get(&format!("https://127.0.0.1:{}/", server.port()));
    assert!(timeout(SHORT, client.send(&request, UnixMillis(1))).await.is_err());
    assert_eq!(server.requests().len(), 1);
    timeout(LONG, server.ended(1)).await.unwrap();
}

#[tokio::test]
async fn the_deadline_lets_go_of_the_connection() {
    let server = RudeServer::start([Script::new().read_request().stall()]);
    assert!(send(&within(SHORT, get(&url(&server, "/")))).await.outcome.is_err());
    timeout(LONG, server.ended(1)).await.unwrap();
}
