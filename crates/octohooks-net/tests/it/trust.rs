//! TLS on a hook's own terms: an authority of its own, a pinned certificate, a certificate to show.

use std::sync::Arc;

use octohooks_core::attempt::{Attempt, FailureKind};
use octohooks_core::hook::TlsConfig;
use octohooks_core::request::Request;
use octohooks_core::secret::Secret;
use octohooks_core::time::UnixMillis;
use octohooks_core::trust::{Fingerprint, Trust};
use octohooks_net::Client;
use octohooks_testkit::{Authority, ClientPair, Flaw, Identity, RudeServer, Script, answer};
use rustls::version::{TLS12, TLS13};

use crate::support::{client, failure, get, post};

/// A server that answers 200 as often as it is asked.
fn server(identity: &Identity) -> RudeServer {
    RudeServer::start_tls(identity, [Script::answering(answer("200 OK", &[], "ok"))])
}

/// A GET on these terms, as they stand in a hook.
fn on_terms(server: &RudeServer, config: &TlsConfig) -> Request {
    let mut request = get(&format!("https://localhost:{}/secret", server.port()));
    request.transport.trust = Arc::new(Trust::new(config).unwrap());
    request
}

/// A client that knows nobody but where localhost is.
fn stranger() -> Client {
    client(None, &[("localhost", &["127.0.0.1"])])
}

async fn send(client: &Client, request: &Request) -> Attempt {
    client.send(request, UnixMillis(1)).await
}

#[track_caller]
fn check_status(attempt: &Attempt, status: u16) {
    assert_eq!(attempt.outcome.as_ref().map(|answer| answer.status), Ok(status));
}

fn own(authority: &Authority) -> TlsConfig {
    TlsConfig { ca: authority.certificate_pem(), ..TlsConfig::default() }
}

fn pinning(identity: &Identity) -> TlsConfig {
    TlsConfig { pinned_sha256: Fingerprint::of(identity.certificate()).to_string(), ..TlsConfig::default() }
}

fn showing(pair: &ClientPair, authority: &Authority) -> TlsConfig {
    TlsConfig { client_certificate: pair.certificate.clone(), client_key: Secret::new(&*pair.key), ..own(authority) }
}

#[tokio::test]
async fn an_authority_of_the_hooks_own_counts_for_that_hook_alone() {
    let (authority, client) = (Authority::new(), stranger());
    let server = server(&authority.identity(Flaw::None));
    check_status(&send(&client, &on_terms(&server, &own(&authority))).await, 200);
    let failure = failure(&send(&client, &on_terms(&server, &TlsConfig::default())).await);
    assert_eq!(failure.kind, FailureKind::CertificateUnknown);
    check_status(&send(&client, &on_terms(&server, &own(&authority))).await, 200);
}

#[tokio::test]
async fn an_authority_of_the_hooks_own_stands_beside_the_others() {
    let (known, own_one) = (Authority::new(), Authority::new());
    let client = client(Some(&known), &[("localhost", &["127.0.0.1"])]);
    let server = server(&known.identity(Flaw::None));
    check_status(&send(&client, &on_terms(&server, &own(&own_one))).await, 200);
}

#[tokio::test]
async fn an_authority_of_the_hooks_own_does_not_excuse_other_flaws() {
    let authority = Authority::new();
    for (flaw, kind, words) in [
        (Flaw::Expired, FailureKind::CertificateExpired, "On the clock of this machine it is 2"),
        (Flaw::NotValidYet, FailureKind::CertificateExpired, "most likely that is wrong"),
        (Flaw::WrongName, FailureKind::CertificateUnknown, "for another name"),
        (Flaw::SelfSigned, FailureKind::CertificateUnknown, "fingerprint is"),
    ] {
        let server = server(&authority.identity(flaw));
        let failure = failure(&send(&stranger(), &on_terms(&server, &own(&authority))).await);
        assert_eq!(failure.kind, kind, "{flaw:?}");
        assert!(failure.message.contains(words), "{}", failure.message);
    }
}

#[tokio::test]
async fn a_pinned_certificate_is_accepted_whatever_its_flaws() {
    for flaw in [Flaw::None, Flaw::Expired, Flaw::NotValidYet, Flaw::WrongName, Flaw::SelfSigned] {
        let identity = Authority::new().identity(flaw);
        let server = server(&identity);
        check_status(&send(&stranger(), &on_terms(&server, &pinning(&identity))).await, 200);
    }
}

#[tokio::test]
async fn another_certificate_than_the_pinned_one_is_refused_and_its_fingerprint_told() {
    let authority = Authority::new();
    let (shown, pinned) = (authority.identity(Flaw::None), authority.identity(Flaw::None));
    let server = server(&shown);
    // It is refused although the authority is trusted, and although nothing else would be verified.
    let client = client(Some(&authority), &[("localhost", &["127.0.0.1"])]);
    for verify_tls in [true, false] {
        let mut request = on_terms(&server, &pinning(&pinned));
        request.transport.verify_tls = verify_tls;
        let failure = failure(&send(&client, &request).await);
        assert_eq!(failure.kind, FailureKind::CertificateUnknown);
        let seen = Fingerprint::of(shown.certificate()).to_string();
        assert!(failure.message.contains(&seen), "{}", failure.message);
        assert!(failure.message.contains("another certificate than the pinned one"), "{}", failure.message);
    }
    assert_eq!(server.requests(), []);
}

#[tokio::test]
async fn one_of_several_pinned_certificates_will_do() {
    let (old, new) = (Authority::new().identity(Flaw::None), Authority::new().identity(Flaw::None));
    let both = format!("{}, {}", pinning(&old).pinned_sha256, pinning(&new).pinned_sha256);
    let config = TlsConfig { pinned_sha256: both, ..TlsConfig::default() };
    for identity in [old, new] {
        check_status(&send(&stranger(), &on_terms(&server(&identity), &config)).await, 200);
    }
}

#[tokio::test]
async fn a_session_on_some_terms_is_not_resumed_on_others() {
    let (authority, client) = (Authority::new(), stranger());
    let identity = authority.identity(Flaw::None);
    let server = server(&identity);
    let wrong_pin = pinning(&Authority::new().identity(Flaw::None));
    for _ in 0..2 {
        check_status(&send(&client, &on_terms(&server, &pinning(&identity))).await, 200);
        check_status(&send(&client, &on_terms(&server, &own(&authority))).await, 200);
        for config in [&wrong_pin, &TlsConfig::default(), &own(&Authority::new())] {
            let failure = failure(&send(&client, &on_terms(&server, config)).await);
            assert_eq!(failure.kind, FailureKind::CertificateUnknown);
        }
    }
}

#[tokio::test]
async fn a_client_certificate_is_shown_to_a_server_that_demands_one() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    for version in [&TLS12, &TLS13] {
        let server = server(&ours.identity(Flaw::None).demanding(&theirs, version));
        check_status(&send(&stranger(), &on_terms(&server, &showing(&theirs.client(), &ours))).await, 200);
    }
}

#[tokio::test]
async fn without_a_client_certificate_it_is_said_that_one_is_demanded() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    for version in [&TLS12, &TLS13] {
        let server = server(&ours.identity(Flaw::None).demanding(&theirs, version));
        let failure = failure(&send(&stranger(), &on_terms(&server, &own(&ours))).await);
        assert_eq!(failure.kind, FailureKind::TlsFailed);
        assert!(
            failure.message.contains("asks for a client certificate, and this hook has none"),
            "{}",
            failure.message
        );
    }
}

#[tokio::test]
async fn a_client_certificate_that_is_not_accepted_is_named_as_the_reason() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    for version in [&TLS12, &TLS13] {
        let server = server(&ours.identity(Flaw::None).demanding(&theirs, version));
        let mut request = on_terms(&server, &showing(&Authority::new().client(), &ours));
        // So much is still being written when the server has already hung up.
        for body in ["", "{}", Box::leak("x".repeat(1_000_000).into_boxed_str())] {
            let template = post(request.url.as_str(), body);
            (request.method, request.body) = (template.method, template.body);
            let failure = failure(&send(&stranger(), &request).await);
            assert_eq!(failure.kind, FailureKind::TlsFailed, "{} {}", failure.message, body.len());
            let words = "does not accept the client certificate of this hook";
            assert!(failure.message.contains(words), "{}", failure.message);
        }
    }
}

#[tokio::test]
async fn what_cannot_be_used_is_a_fault_of_the_hook() {
    let authority = Authority::new();
    let server = server(&authority.identity(Flaw::None));
    let crossed = ClientPair { certificate: authority.client().certificate, key: authority.client().key };
    let no_key = "-----BEGIN PRIVATE KEY-----\nMAEF\n-----END PRIVATE KEY-----".to_owned();
    let no_certificate = "-----BEGIN CERTIFICATE-----\nMAEF\n-----END CERTIFICATE-----".to_owned();
    for (config, words) in [
        (showing(&crossed, &authority), "do not belong together"),
        (
            showing(&ClientPair { certificate: authority.client().certificate, key: no_key }, &authority),
            "cannot be read",
        ),
        (TlsConfig { ca: no_certificate, ..TlsConfig::default() }, "cannot be read as a certificate"),
    ] {
        let failure = failure(&send(&stranger(), &on_terms(&server, &config)).await);
        assert_eq!(failure.kind, FailureKind::CannotCompose);
        assert!(failure.message.contains(words), "{}", failure.message);
    }
}

#[tokio::test]
async fn a_server_that_we_are_redirected_to_gets_no_client_certificate_and_is_measured_by_no_pin() {
    let (authority, clients) = (Authority::new(), Authority::new());
    let first = authority.identity(Flaw::None);
    let second = server(&authority.identity(Flaw::None));
    let second_demands = server(&authority.identity(Flaw::None).demanding(&clients, &TLS13));
    for (to, status) in [(&second, Ok(200)), (&second_demands, Err(FailureKind::TlsFailed))] {
        let location = format!("https://localhost:{}/", to.port());
        let redirect = Script::answering(answer("302 Found", &[&format!("Location: {location}")], ""));
        let server = RudeServer::start_tls(&first, [redirect]);
        let config =
            TlsConfig { pinned_sha256: pinning(&first).pinned_sha256, ..showing(&clients.client(), &authority) };
        let outcome = send(&stranger(), &on_terms(&server, &config)).await.outcome;
        assert_eq!(outcome.map(|answer| answer.status).map_err(|failure| failure.kind), status);
    }
}
