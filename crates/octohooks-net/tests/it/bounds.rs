//! What a server can make us keep, read or wait for has an end.

use octohooks_core::attempt::FailureKind;
use octohooks_testkit::{RudeServer, Script, answer};

use crate::support::{answer_of, failure_of, get, send, url};

const OK: &str = "HTTP/1.1 200 OK\r\n";

#[tokio::test]
async fn an_endless_body_is_kept_to_the_limit() {
    for framing in ["", "Content-Length: 999999999999\r\n"] {
        let script = Script::new().read_request().write(format!("{OK}{framing}\r\n")).write_forever([b'x'; 4096]);
        let answer = answer_of(script).await;
        assert_eq!((answer.status, answer.body.len(), answer.truncated), (200, 16 * 1024, true));
    }
}

#[tokio::test]
async fn endless_chunks_are_kept_to_the_limit() {
    let head = format!("{OK}Transfer-Encoding: chunked\r\n\r\n");
    let answer = answer_of(Script::new().read_request().write(head).write_forever("5\r\nabcde\r\n")).await;
    assert_eq!((answer.body.len(), answer.truncated), (16 * 1024, true));
}

#[tokio::test]
async fn the_limit_is_the_requests_own() {
    for (limit, kept, truncated) in [(0, 0, true), (9, 9, true), (10, 10, false), (11, 10, false)] {
        let server = RudeServer::start([Script::answering(answer("200 OK", &[], "0123456789"))]);
        let mut request = get(&url(&server, "/"));
        request.transport.answer_limit = limit;
        let answer = send(&request).await.outcome.unwrap();
        assert_eq!((answer.body.len(), answer.truncated), (kept, truncated), "{limit}");
    }
}

#[tokio::test]
async fn endless_headers_are_refused() {
    let script = Script::new().read_request().write(OK).write_forever("X-More: and more and more and more\r\n");
    assert_eq!(failure_of(script).await.kind, FailureKind::AnswerTooLarge);
}

#[tokio::test]
async fn one_header_without_end_is_refused() {
    let script = Script::new().read_request().write(OK).write("X-Long: ").write_forever([b'x'; 4096]);
    assert_eq!(failure_of(script).await.kind, FailureKind::AnswerTooLarge);
}

#[tokio::test]
async fn a_status_line_without_end_is_refused() {
    let script = Script::new().read_request().write("HTTP/1.1 200 ").write_forever([b'x'; 4096]);
    assert_eq!(failure_of(script).await.kind, FailureKind::AnswerTooLarge);
}

#[tokio::test]
async fn more_than_a_hundred_headers_are_refused() {
    let headers = |count: usize| format!("{OK}{}\r\n", "X-Many: 1\r\n".repeat(count));
    assert_eq!(failure_of(Script::answering(headers(101))).await.kind, FailureKind::AnswerTooLarge);
    assert_eq!(answer_of(Script::answering(headers(100))).await.status, 200);
}

#[tokio::test]
async fn a_large_head_within_the_limit_is_read() {
    let head = format!("{OK}X-Long: {}\r\nContent-Length: 2\r\n\r\nok", "x".repeat(60 * 1024));
    let answer = answer_of(Script::answering(head)).await;
    assert_eq!((answer.headers["x-long"].len(), &answer.body[..]), (60 * 1024, &b"ok"[..]));
}

#[tokio::test]
async fn a_flood_of_interim_answers_is_not_waited_through() {
    let script = Script::new().read_request().write_forever("HTTP/1.1 100 Continue\r\n\r\n");
    assert_eq!(failure_of(script).await.kind, FailureKind::AnswerTooLarge);
}

#[tokio::test]
async fn a_body_of_a_redirect_is_not_read() {
    let redirect = "HTTP/1.1 302 Found\r\nLocation: /next\r\n\r\n";
    let server = RudeServer::start([
        Script::new().read_request().write(redirect).write_forever([b'x'; 4096]),
        Script::answering(answer("200 OK", &[], "end")),
    ]);
    assert_eq!(&send(&get(&url(&server, "/"))).await.outcome.unwrap().body[..], b"end");
}
