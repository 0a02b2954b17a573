//! Answers that are taken as answers, however badly they end.

use octohooks_testkit::{Gate, RudeServer, Script, answer};

use crate::support::{answer_of, get, post, send, url};

fn raw(text: &str) -> Script {
    Script::answering(text)
}

#[tokio::test]
async fn an_answer_has_status_headers_and_body() {
    let answer = answer_of(raw("HTTP/1.1 418 I'm a teapot\r\nX-One: 1\r\nContent-Length: 5\r\n\r\nhello")).await;
    assert_eq!((answer.status, &answer.body[..], answer.truncated), (418, &b"hello"[..], false));
    assert_eq!(answer.headers["x-one"], "1");
    assert_eq!((answer.redirects_followed, answer.redirect_refused), (0, None));
}

#[tokio::test]
async fn a_server_error_is_an_answer() {
    assert_eq!(answer_of(Script::answering(answer("503 Service Unavailable", &[], ""))).await.status, 503);
}

#[tokio::test]
async fn a_body_may_end_with_the_connection() {
    let answer = answer_of(raw("HTTP/1.0 200 OK\r\n\r\nall of it")).await;
    assert_eq!((&answer.body[..], answer.truncated), (&b"all of it"[..], false));
}

#[tokio::test]
async fn chunks_are_put_together() {
    let answer =
        answer_of(raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")).await;
    assert_eq!((&answer.body[..], answer.truncated), (&b"abcde"[..], false));
}

#[tokio::test]
async fn no_content_does_not_wait_for_a_body() {
    let answer = answer_of(Script::new().read_request().write("HTTP/1.1 204 No Content\r\n\r\n").stall()).await;
    assert_eq!((answer.status, answer.truncated), (204, false));
}

#[tokio::test]
async fn interim_answers_are_skipped() {
    let answer = answer_of(raw(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ))
    .await;
    assert_eq!((answer.status, &answer.body[..]), (200, &b"ok"[..]));
}

#[tokio::test]
async fn a_compressed_body_stays_as_it_came() {
    let answer =
        answer_of(raw("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x0b\x08\x00")).await;
    assert_eq!(&answer.body[..], b"\x1f\x0b\x08\x00");
}

#[tokio::test]
async fn an_early_answer_counts_although_the_request_was_not_read() {
    let server = RudeServer::start([Script::new().write(answer("401 Unauthorized", &[], "no")).stall()]);
    assert_eq!(send(&get(&url(&server, "/"))).await.outcome.unwrap().status, 401);
}

#[tokio::test]
async fn a_refusal_counts_although_most_of_the_body_was_not_read() {
    let refusal = answer("413 Payload Too Large", &[], "too much");
    let server = RudeServer::start([Script::new().read_some().write(refusal).wait_for(&Gate::new())]);
    let mut request = post(&url(&server, "/"), "");
    request.body = vec![b'x'; 32 * 1024 * 1024].into();
    let answer = send(&request).await.outcome.unwrap();
    assert_eq!((answer.status, &answer.body[..]), (413, &b"too much"[..]));
}

#[tokio::test]
async fn a_body_shorter_than_promised_is_a_truncated_answer() {
    let answer = answer_of(raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")).await;
    assert_eq!((answer.status, &answer.body[..], answer.truncated), (200, &b"short"[..], true));
}

#[tokio::test]
async fn a_body_longer_than_promised_ends_where_it_was_promised() {
    let answer = answer_of(raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nlonger")).await;
    assert_eq!((&answer.body[..], answer.truncated), (&b"lo"[..], false));
}

#[tokio::test]
async fn bad_chunks_make_a_truncated_answer() {
    for chunks in ["3\r\nabc\r\nzz\r\n", "3\r\nabcdef\r\n", "3\r\nabc\r\n", "ffffffffffffffffff\r\n", "-1\r\n"] {
        let text = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
        let answer = answer_of(raw(&text)).await;
        assert_eq!((answer.status, answer.truncated), (200, true), "{chunks}");
        assert!(b"abc".starts_with(&answer.body), "{chunks}");
    }
}

#[tokio::test]
async fn a_reset_within_the_body_is_a_truncated_answer() {
    let answer =
        answer_of(Script::new().read_request().write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome").reset())
            .await;
    assert_eq!((answer.status, answer.truncated), (200, true));
}

#[tokio::test]
async fn phases_are_measured_and_add_up() {
    let server = RudeServer::start([Script::answering(answer("200 OK", &[], "ok"))]);
    let phases = send(&get(&url(&server, "/"))).await.phases;
    assert_eq!((phases.dns, phases.tls), (None, None));
    let sum: std::time::Duration =
        [phases.connect, phases.first_byte, phases.body].into_iter().map(Option::unwrap).sum();
    assert!(phases.total >= sum, "{phases:?}");
}
