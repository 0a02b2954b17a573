//! TLS with good, bad and no certificates.

use octohooks_core::attempt::{Attempt, FailureKind};
use octohooks_core::time::UnixMillis;
use octohooks_net::{AddressPolicy, Client, Extras, Proxies};
use octohooks_testkit::{Authority, Flaw, RudeServer, Script, answer};

use crate::support::{answer_of, client, failure, get, post, send, url};

/// A GET to a server with this flaw, by a client that trusts its authority.
async fn attempt(flaw: Flaw, verify_tls: bool, host: &str) -> Attempt {
    let authority = Authority::new();
    let server = RudeServer::start_tls(&authority.identity(flaw), [Script::answering(answer("200 OK", &[], "ok"))]);
    let mut request = get(&format!("https://{host}:{}/secret", server.port()));
    request.transport.verify_tls = verify_tls;
    client(Some(&authority), &[("localhost", &["127.0.0.1"])]).send(&request, UnixMillis(1)).await
}

#[tokio::test]
async fn a_good_certificate_is_good_for_name_and_address() {
    for host in ["localhost", "localhost.", "127.0.0.1"] {
        let authority = Authority::new();
        let server =
            RudeServer::start_tls(&authority.identity(Flaw::None), [Script::answering(answer("200 OK", &[], ""))]);
        let client = client(Some(&authority), &[("localhost", &["127.0.0.1"]), ("localhost.", &["127.0.0.1"])]);
        let attempt = client.send(&post(&format!("https://{host}:{}/", server.port()), "{}"), UnixMillis(1)).await;
        assert!(attempt.phases.tls.is_some());
        assert_eq!(attempt.outcome.unwrap().status, 200, "{host}");
        assert_eq!(&server.requests()[0].body[..], b"{}");
    }
}

#[tokio::test]
async fn flaws_of_certificates_are_told_apart_with_their_remedies() {
    for (flaw, kind, remedy) in [
        (Flaw::Expired, FailureKind::CertificateExpired, "has expired on 2002-01-01."),
        (Flaw::NotValidYet, FailureKind::CertificateExpired, "is not valid before 4000-01-01."),
        (Flaw::WrongName, FailureKind::CertificateUnknown, "for another name"),
        (Flaw::SelfSigned, FailureKind::CertificateUnknown, "pin its certificate"),
    ] {
        let failure = failure(&attempt(flaw, true, "localhost").await);
        assert_eq!(failure.kind, kind, "{flaw:?}");
        assert!(failure.message.contains(remedy), "{}", failure.message);
    }
}

#[tokio::test]
async fn an_authority_that_nobody_trusts_is_unknown() {
    let server = RudeServer::start_tls(&Authority::new().identity(Flaw::None), [Script::new().stall()]);
    let failure = failure(&send(&get(&format!("https://127.0.0.1:{}/", server.port()))).await);
    assert_eq!(failure.kind, FailureKind::CertificateUnknown);
    assert!(failure.message.contains("install the certificate of its authority"), "{}", failure.message);
}

#[tokio::test]
async fn without_verification_every_certificate_will_do() {
    for flaw in [Flaw::Expired, Flaw::NotValidYet, Flaw::WrongName, Flaw::SelfSigned] {
        assert_eq!(attempt(flaw, false, "localhost").await.outcome.unwrap().status, 200, "{flaw:?}");
    }
}

#[tokio::test]
async fn a_session_without_verification_does_not_vouch_for_the_next_one() {
    let identity = Authority::new().identity(Flaw::SelfSigned);
    let server = RudeServer::start_tls(&identity, [Script::answering(answer("200 OK", &[], ""))]);
    let client = client(None, &[]);
    let mut request = get(&format!("https://127.0.0.1:{}/", server.port()));
    request.transport.verify_tls = false;
    assert!(client.send(&request, UnixMillis(1)).await.outcome.is_ok());
    request.transport.verify_tls = true;
    assert_eq!(failure(&client.send(&request, UnixMillis(1)).await).kind, FailureKind::CertificateUnknown);
}

#[tokio::test]
async fn tls_to_a_plain_server_advises_http() {
    for script in [
        Script::new().write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").stall(),
        Script::new().write("SSH-2.0-OpenSSH_9.2p1\r\n").stall(),
        Script::new().write([0; 64]).stall(),
    ] {
        let server = RudeServer::start([script]);
        let failure = failure(&send(&get(&format!("https://{}/secret", server.address()))).await);
        assert_eq!(failure.kind, FailureKind::TlsFailed);
        assert!(failure.message.contains("http://"), "{}", failure.message);
    }
}

#[tokio::test]
async fn hanging_up_during_the_handshake_advises_http() {
    for (script, kind) in [
        (Script::new().read_some().reset(), FailureKind::ConnectionReset),
        (Script::new().read_some(), FailureKind::TlsFailed),
    ] {
        let server = RudeServer::start([script]);
        let failure = failure(&send(&get(&format!("https://{}/secret", server.address()))).await);
        assert_eq!(failure.kind, kind);
        assert!(failure.message.contains("write http://"), "{}", failure.message);
    }
}

#[tokio::test]
async fn a_fatal_alert_is_a_failure_of_tls() {
    for (alert, word) in [(40, "refused"), (70, "old"), (112, "name")] {
        let server = RudeServer::start([Script::new().write([0x15, 3, 3, 0, 2, 2, alert]).stall()]);
        let failure = failure(&send(&get(&format!("https://{}/", server.address()))).await);
        assert_eq!(failure.kind, FailureKind::TlsFailed, "{alert}");
        assert!(failure.message.contains(word), "{}", failure.message);
    }
}

#[tokio::test]
async fn plain_http_to_a_tls_server_advises_https() {
    // rustls, like most, says so in an alert.
    let server = RudeServer::start_tls(&Authority::new().identity(Flaw::None), [Script::new()]);
    let failure = failure(&send(&get(&url(&server, "/secret"))).await);
    assert!(failure.message.contains("https://"), "{}", failure.message);
}

#[tokio::test]
async fn a_reset_behind_tls_is_a_reset() {
    let authority = Authority::new();
    let server = RudeServer::start_tls(&authority.identity(Flaw::None), [Script::new().read_request().reset()]);
    let client = client(Some(&authority), &[]);
    let attempt = client.send(&get(&format!("https://127.0.0.1:{}/", server.port())), UnixMillis(1)).await;
    assert_eq!(failure(&attempt).kind, FailureKind::ConnectionReset);
}

#[test]
fn an_authority_that_is_no_certificate_is_refused() {
    let extras = Extras { authorities: vec![b"not a certificate".to_vec()], ..Extras::default() };
    let client = Client::with_extras(AddressPolicy::home(vec![]), Proxies::none(), extras);
    assert!(client.is_err());
}

#[tokio::test]
async fn a_server_that_says_so_in_http_is_an_answer() {
    // nginx and Go answer plain HTTP on a TLS port in plain HTTP.
    let answer = answer_of(Script::answering(answer("400 Bad Request", &[], "sent to HTTPS port"))).await;
    assert_eq!(answer.status, 400);
}
