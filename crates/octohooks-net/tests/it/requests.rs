//! The bytes that a receiver gets.

use http::Method;
use octohooks_core::time::UnixMillis;
use octohooks_testkit::{Received, RudeServer, Script, answer};

use crate::support::{client, get, post, send, url, with_header};

async fn received(build: impl FnOnce(&RudeServer) -> octohooks_core::request::Request) -> Received {
    let server = RudeServer::start([Script::answering(answer("200 OK", &[], ""))]);
    let attempt = send(&build(&server)).await;
    assert_eq!(attempt.outcome.unwrap().status, 200);
    server.requests().remove(0)
}

#[tokio::test]
async fn a_get_is_its_path_and_a_host_and_nothing_is_added() {
    let server = RudeServer::start([Script::answering(answer("200 OK", &[], ""))]);
    assert!(send(&get(&url(&server, "/a%20b?x=1&y=%C3%A9#part"))).await.outcome.is_ok());
    let head = server.requests().remove(0).head;
    assert_eq!(head, format!("GET /a%20b?x=1&y=%C3%A9 HTTP/1.1\r\nHost: {}", server.address()));
}

#[tokio::test]
async fn a_post_has_its_body_and_its_length() {
    let received = received(|server| post(&url(server, "/hook"), r#"{"a":1}"#)).await;
    assert_eq!((received.line(), &received.body[..]), ("POST /hook HTTP/1.1", &br#"{"a":1}"#[..]));
    assert_eq!(received.header("content-length"), Some("7"));
    assert_eq!(received.header("accept-encoding"), None);
    assert_eq!(received.header("transfer-encoding"), None);
}

#[tokio::test]
async fn methods_with_an_empty_body_say_that_it_is_empty() {
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        let received = received(|server| {
            let mut request = get(&url(server, "/"));
            request.method = method.clone();
            request
        })
        .await;
        assert_eq!(received.header("content-length"), Some("0"), "{method}");
    }
    assert_eq!(received(|server| get(&url(server, "/"))).await.header("content-length"), None);
}

#[tokio::test]
async fn header_names_have_their_usual_spelling_and_repeats_stay() {
    let received = received(|server| {
        let mut request = with_header(post(&url(server, "/"), "{}"), "x-octoprint-event", "done");
        request.headers.append("x-octoprint-event", "again".parse().unwrap());
        request
    })
    .await;
    assert!(received.head.contains("\r\nContent-Type: application/json"), "{}", received.head);
    assert!(received.head.contains("\r\nX-Octoprint-Event: done\r\nX-Octoprint-Event: again"), "{}", received.head);
}

#[tokio::test]
async fn the_transport_owns_host_and_length() {
    let received = received(|server| {
        let request = with_header(post(&url(server, "/"), "{}"), "host", "evil.test");
        with_header(with_header(request, "content-length", "999"), "transfer-encoding", "chunked")
    })
    .await;
    assert_eq!(received.head.matches("Host: ").count(), 1);
    assert!(!received.head.contains("evil.test"));
    assert_eq!((received.header("content-length"), received.header("transfer-encoding")), (Some("2"), None));
}

#[tokio::test]
async fn user_info_of_the_url_is_not_sent() {
    let received = received(|server| get(&format!("http://user:secret@{}/", server.address()))).await;
    assert!(!received.head.contains("secret") && !received.head.contains("user"), "{}", received.head);
    assert_eq!(received.header("authorization"), None);
}

#[tokio::test]
async fn a_large_body_arrives_whole() {
    let body: Vec<u8> = (0..3_000_000_u32).map(|index| index.to_le_bytes()[0]).collect();
    let received = received(|server| {
        let mut request = post(&url(server, "/"), "");
        request.body = body.clone().into();
        request
    })
    .await;
    assert!(received.body == body);
}

#[tokio::test]
async fn one_client_sends_many_at_once_on_connections_of_their_own() {
    let server = RudeServer::start([Script::answering(answer("200 OK", &[], "ok"))]);
    let client = client(None, &[]);
    let mut sending = tokio::task::JoinSet::new();
    for index in 0..20 {
        let (client, request) = (client.clone(), get(&url(&server, &format!("/{index}"))));
        sending.spawn(async move { client.send(&request, UnixMillis(index)).await });
    }
    let attempts = sending.join_all().await;
    assert!(attempts.iter().all(|attempt| attempt.outcome.is_ok()));
    let mut started: Vec<_> = attempts.iter().map(|attempt| attempt.started.0).collect();
    started.sort_unstable();
    assert_eq!(started, (0..20).collect::<Vec<_>>());
    assert_eq!(server.connections(), 20);
}
