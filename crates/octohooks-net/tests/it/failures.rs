//! Each kind of failure, from a real socket.

use octohooks_core::attempt::FailureKind;
use octohooks_core::time::UnixMillis;
use octohooks_testkit::{RudeServer, Script};

use crate::support::{client, failure, failure_of, get, send, url};

#[tokio::test]
async fn nobody_listening_is_connection_refused_with_host_and_port() {
    let port = RudeServer::start([]).port();
    let failure = failure(&send(&get(&format!("http://user:secret@127.0.0.1:{port}/secret?secret#secret"))).await);
    assert_eq!(failure.kind, FailureKind::ConnectionRefused);
    assert_eq!(
        failure.message,
        format!("Nobody answers at 127.0.0.1:{port}. Is the service running there, and is {port} its port?")
    );
}

#[tokio::test]
async fn a_name_without_an_address_is_not_found() {
    let client = client(None, &[("nowhere.test", &[])]);
    let attempt = client.send(&get("http://nowhere.test/secret"), UnixMillis(1)).await;
    let failure = failure(&attempt);
    assert_eq!(failure.kind, FailureKind::NameNotFound);
    assert_eq!(failure.message, "There is no host with the name nowhere.test. Check its spelling.");
    assert!(attempt.phases.dns.is_some() && attempt.phases.connect.is_none());
}

#[tokio::test]
async fn hanging_up_without_an_answer_is_a_reset() {
    let failure = failure_of(Script::new().read_request()).await;
    assert_eq!(failure.kind, FailureKind::ConnectionReset);
    assert!(failure.message.contains("hung up without an answer"), "{}", failure.message);
}

#[tokio::test]
async fn a_reset_at_once_is_a_reset() {
    assert_eq!(failure_of(Script::new().reset()).await.kind, FailureKind::ConnectionReset);
}

#[tokio::test]
async fn a_reset_after_the_request_is_a_reset() {
    assert_eq!(failure_of(Script::new().read_request().reset()).await.kind, FailureKind::ConnectionReset);
}

#[tokio::test]
async fn a_reset_within_the_head_is_a_reset() {
    let script = Script::new().read_request().write("HTTP/1.1 200 OK\r\nX-Half: ").reset();
    assert_eq!(failure_of(script).await.kind, FailureKind::ConnectionReset);
}

#[tokio::test]
async fn hanging_up_within_the_head_is_a_reset() {
    let failure = failure_of(Script::answering("HTTP/1.1 200 OK\r\nX-Half: ")).await;
    assert_eq!(failure.kind, FailureKind::ConnectionReset);
    assert!(failure.message.contains("in the middle"), "{}", failure.message);
}

#[tokio::test]
async fn hanging_up_within_the_status_line_is_a_reset() {
    assert_eq!(failure_of(Script::answering("HTTP/1.")).await.kind, FailureKind::ConnectionReset);
}

#[tokio::test]
async fn what_is_not_http_is_said_to_be_not_http() {
    for garbage in [
        "hello, I am a telnet server\r\n",
        "\0\0\0\0",
        "RTSP/1.0 200 OK\r\n\r\n",
        "HTTP/1.1 abc Bad\r\n\r\n",
        "HTTP/1.1 99999 Bad\r\n\r\n",
        "HTTP/3.0 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
    ] {
        assert_eq!(failure_of(Script::answering(garbage)).await.kind, FailureKind::NotHttp, "{garbage:?}");
    }
}

#[tokio::test]
async fn a_server_that_speaks_first_is_not_http() {
    for banner in ["SSH-2.0-OpenSSH_9.2p1\r\n", "220 mail.test ESMTP\r\n"] {
        let failure = failure_of(Script::new().write(banner).stall()).await;
        assert_eq!(failure.kind, FailureKind::NotHttp, "{banner}");
        assert!(failure.message.contains("right port"), "{}", failure.message);
    }
}

#[tokio::test]
async fn a_tls_alert_to_plain_http_advises_https() {
    let failure = failure_of(Script::answering([0x15, 3, 1, 0, 2, 2, 70])).await;
    assert_eq!(failure.kind, FailureKind::NotHttp);
    assert!(failure.message.contains("https://"), "{}", failure.message);
}

#[tokio::test]
async fn other_schemes_are_not_sent() {
    for url in ["ftp://127.0.0.1/", "file:///etc/passwd", "ws://127.0.0.1/", "data:text/plain,x", "unix:/run/x"] {
        assert_eq!(failure(&send(&get(url)).await).kind, FailureKind::CannotCompose, "{url}");
    }
}

#[tokio::test]
async fn a_url_longer_than_can_be_sent_is_said() {
    let server = RudeServer::start([]);
    let long = format!("/?{}", "x".repeat(70_000));
    assert_eq!(failure(&send(&get(&url(&server, &long))).await).kind, FailureKind::CannotCompose);
}
