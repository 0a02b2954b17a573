//! One connection for several requests: when it is used again, and when it must not be.

use http::Method;
use octohooks_core::attempt::{Attempt, FailureKind};
use octohooks_core::request::Request;
use octohooks_core::time::UnixMillis;
use octohooks_net::{Client, Kept};
use octohooks_testkit::{Authority, Flaw, Gate, RudeServer, Script, answer};

use crate::support::{client, failure, get, post, url};

async fn keeping(client: &Client, request: &Request, kept: &mut Kept) -> Attempt {
    client.send_keeping(request, UnixMillis(1), kept).await
}

/// Reads a request and answers it, so many times.
fn answering(times: usize) -> Script {
    (0..times).fold(Script::new(), |script, _| script.read_request().write(answer("200 OK", &[], "fine")))
}

/// The body of each request that a server got, in order.
fn bodies(server: &RudeServer) -> Vec<String> {
    server.requests().into_iter().map(|request| String::from_utf8(request.body).unwrap()).collect()
}

/// Three posts, one after the other.
async fn three(server: &RudeServer) -> [Attempt; 3] {
    let (client, mut kept) = (client(None, &[]), Kept::default());
    let mut attempts = Vec::new();
    for body in ["first", "second", "third"] {
        attempts.push(keeping(&client, &post(&url(server, "/"), body), &mut kept).await);
    }
    attempts.try_into().unwrap()
}

#[tokio::test]
async fn requests_follow_each_other_on_one_connection() {
    let server = RudeServer::start([answering(3).stall()]);
    let attempts = three(&server).await;
    assert_eq!(server.connections(), 1);
    assert_eq!(bodies(&server), ["first", "second", "third"]);
    for (index, attempt) in attempts.into_iter().enumerate() {
        assert_eq!(attempt.phases.connect.is_some(), index == 0, "only the first had to connect");
        assert_eq!(&attempt.outcome.unwrap().body[..], b"fine");
    }
}

#[tokio::test]
async fn whoever_keeps_nothing_hangs_up() {
    let server = RudeServer::start([answering(1).stall()]);
    let client = client(None, &[]);
    for _ in 0..2 {
        assert!(client.send(&get(&url(&server, "/")), UnixMillis(1)).await.outcome.is_ok());
    }
    server.ended(2).await;
    let mut kept = Kept::default();
    assert!(keeping(&client, &get(&url(&server, "/")), &mut kept).await.outcome.is_ok());
    assert!(kept.is_some());
    drop(kept);
    server.ended(3).await;
}

#[tokio::test]
async fn a_server_that_hangs_up_after_its_answer_gets_a_new_connection() {
    let server = RudeServer::start([answering(1)]);
    assert!(three(&server).await.iter().all(|attempt| attempt.outcome.is_ok()));
    assert_eq!(
        (server.connections(), bodies(&server)),
        (3, vec!["first".to_owned(), "second".to_owned(), "third".to_owned()])
    );
}

#[tokio::test]
async fn a_server_that_says_close_is_believed() {
    let closing = Script::new().read_request().write(answer("200 OK", &["Connection: close"], "fine"));
    let server = RudeServer::start([closing.stall()]);
    assert!(three(&server).await.iter().all(|attempt| attempt.outcome.is_ok()));
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn a_request_that_met_a_closing_connection_goes_over_a_new_one() {
    // It is read, and then the connection ends or breaks without a byte.
    for script in [answering(1).read_request(), answering(1).read_request().reset()] {
        let server = RudeServer::start([script, answering(2)]);
        assert!(three(&server).await.iter().all(|attempt| attempt.outcome.is_ok()));
        assert_eq!(bodies(&server), ["first", "second", "second", "third"]);
        assert_eq!(server.connections(), 2);
    }
}

#[tokio::test]
async fn an_answer_that_has_begun_is_not_asked_for_again() {
    let server = RudeServer::start([answering(1).read_request().write(b"HTTP/1.1 20")]);
    let (client, mut kept) = (client(None, &[]), Kept::default());
    assert!(keeping(&client, &post(&url(&server, "/"), "first"), &mut kept).await.outcome.is_ok());
    let second = keeping(&client, &post(&url(&server, "/"), "second"), &mut kept).await;
    assert_eq!(failure(&second).kind, FailureKind::ConnectionReset);
    assert_eq!((server.connections(), bodies(&server)), (1, vec!["first".to_owned(), "second".to_owned()]));
    assert!(!kept.is_some());
}

#[tokio::test]
async fn an_answer_to_nothing_is_never_taken_for_the_next_one() {
    let with_more = [answer("200 OK", &[], "fine"), answer("500 Not You", &[], "of somebody else")].concat();
    let server = RudeServer::start([Script::answering(with_more).stall()]);
    for attempt in three(&server).await {
        let answer = attempt.outcome.unwrap();
        assert_eq!((answer.status, &answer.body[..]), (200, &b"fine"[..]));
    }
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn what_was_not_read_to_its_end_is_not_kept() {
    let server = RudeServer::start([answering(1).stall()]);
    let (client, mut kept) = (client(None, &[]), Kept::default());
    let mut request = get(&url(&server, "/"));
    request.transport.answer_limit = 2;
    assert_eq!(&keeping(&client, &request, &mut kept).await.outcome.unwrap().body[..], b"fi");
    assert!(!kept.is_some());
}

#[tokio::test]
async fn an_answer_before_the_request_was_heard_ends_the_connection() {
    // It reads no more of it.
    let never = Gate::new();
    let script = Script::new().read_some().write(answer("413 Too Large", &[], "no")).wait_for(&never);
    let server = RudeServer::start([script]);
    let (client, mut kept) = (client(None, &[]), Kept::default());
    let mut large = post(&url(&server, "/"), "");
    large.body = vec![b'x'; 8 << 20].into();
    assert_eq!(keeping(&client, &large, &mut kept).await.outcome.unwrap().status, 413);
    assert_eq!(keeping(&client, &post(&url(&server, "/"), "small"), &mut kept).await.outcome.unwrap().status, 413);
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn another_place_or_other_terms_get_a_connection_of_their_own() {
    let authority = Authority::new();
    let secure = RudeServer::start_tls(&authority.identity(Flaw::None), [answering(3).stall()]);
    let plain = RudeServer::start([answering(1).stall()]);
    let (client, mut kept) = (client(Some(&authority), &[("localhost", &["127.0.0.1"])]), Kept::default());
    let trusting = get(&format!("https://localhost:{}/", secure.port()));
    let mut unverified = trusting.clone();
    unverified.transport.verify_tls = false;
    let mut requests = Vec::new();
    for request in [&trusting, &trusting, &unverified, &unverified, &trusting, &get(&url(&plain, "/"))] {
        assert!(keeping(&client, request, &mut kept).await.outcome.is_ok());
        requests.push((secure.connections(), plain.connections()));
    }
    assert_eq!(requests, [(1, 0), (1, 0), (2, 0), (2, 0), (3, 0), (3, 1)]);
}

#[tokio::test]
async fn nothing_is_kept_behind_a_redirect() {
    let target = RudeServer::start([answering(1).stall()]);
    let to_it = answer("307 Elsewhere", &[&format!("Location: {}", url(&target, "/there"))], "");
    let server = RudeServer::start([Script::answering(to_it).stall()]);
    let (client, mut kept) = (client(None, &[]), Kept::default());
    let attempt = keeping(&client, &get(&url(&server, "/")), &mut kept).await;
    assert_eq!(attempt.outcome.unwrap().redirects_followed, 1);
    assert!(!kept.is_some());
}

#[tokio::test]
async fn a_head_without_a_body_is_the_end_of_its_answer() {
    let no_content = b"HTTP/1.1 204 No Content\r\n\r\n";
    let script = Script::new().read_request().write(no_content).read_request().write(no_content);
    let server = RudeServer::start([script.stall()]);
    let (client, mut kept) = (client(None, &[]), Kept::default());
    for method in [Method::POST, Method::DELETE] {
        let mut request = get(&url(&server, "/"));
        request.method = method;
        assert_eq!(keeping(&client, &request, &mut kept).await.outcome.unwrap().status, 204);
    }
    assert_eq!(server.connections(), 1);
}
