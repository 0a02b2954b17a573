//! What goes out is signed, each attempt anew, and a test and a preview are signed like the real thing.

use octohooks_core::attempt::FailureKind;
use octohooks_core::hook::{HookConfig, SigningConfig};
use octohooks_core::secret::Secret;
use octohooks_core::trust::Fingerprint;
use octohooks_engine::journal::State;
use octohooks_testkit::{Authority, Flaw, Received, RudeServer, Script, answer};

use crate::support::{Bench, received, until, url};

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn ok() -> Script {
    Script::answering(answer("200 OK", &[], ""))
}

fn signing(hook: &mut HookConfig) {
    hook.signing = SigningConfig {
        keys: vec![Secret::new(KEY)],
        body_signature_header: "X-Hub-Signature-256".into(),
        body_signature_secret: Secret::new("hub"),
    };
}

fn signature(request: &Received) -> (String, i64, String) {
    let header = |name: &str| request.header(name).unwrap().to_owned();
    (header("webhook-id"), header("webhook-timestamp").parse().unwrap(), header("webhook-signature"))
}

#[test]
fn every_attempt_is_signed_anew_under_the_deliverys_id() {
    // Signatures count whole seconds: the receiver asks for one that is another.
    let busy = answer("503 Service Unavailable", &["Retry-After: 1"], "");
    let server = RudeServer::start([Script::answering(busy), ok()]);
    let bench = Bench::new();
    bench.hook(&url(&server), signing);
    bench.event("PrintStarted");
    let id = bench.ended(State::Retrying).id.to_string();
    let first = signature(&received(&server, 1)[0]);
    let requests = received(&server, 2);
    let second = signature(&requests[1]);
    assert_eq!((first.0.as_str(), second.0.as_str()), (id.as_str(), id.as_str()));
    assert!(second.1 > first.1, "{first:?} {second:?}");
    assert_ne!(first.2, second.2);
    assert_eq!(requests[0].body, requests[1].body);
    let body_signatures: Vec<_> = requests.iter().map(|request| request.header("X-Hub-Signature-256")).collect();
    assert!(body_signatures[0].is_some_and(|text| text.starts_with("sha256=")));
    assert_eq!(body_signatures[0], body_signatures[1]);
}

#[test]
fn a_test_is_signed_and_its_result_shows_no_key() {
    let server = RudeServer::start([Script::answering(answer("200 OK", &[], &format!("you said {KEY} and hubhub")))]);
    let bench = Bench::new();
    let mut hook = bench.hook(&url(&server), signing);
    hook.signing.body_signature_secret = Secret::new("hubhub");
    let id = bench.engine.test(&hook, bench.engine.made_up_event("print_done")).unwrap();
    signature(&received(&server, 1)[0]);
    let told = until("the result", || {
        let state = serde_json::to_string(&bench.engine.test_state(&id)).unwrap();
        state.contains("done").then_some(state)
    });
    assert!(told.contains("Webhook-Signature") && !told.contains("MfKQ9r8G") && !told.contains("hubhub"), "{told}");
}

#[test]
fn a_hook_trusts_whom_it_says() {
    let identity = Authority::new().identity(Flaw::SelfSigned);
    let server = RudeServer::start_tls(&identity, [ok()]);
    let bench = Bench::new();
    let address = format!("https://127.0.0.1:{}/", server.port());
    let mut hook = bench.hook(&address, |hook| hook.enabled = false);
    for (pin, delivered) in [(String::new(), false), (Fingerprint::of(identity.certificate()).to_string(), true)] {
        hook.tls.pinned_sha256 = pin;
        let id = bench.engine.test(&hook, bench.engine.made_up_event("print_done")).unwrap();
        let told = until("the result", || {
            let state = serde_json::to_value(bench.engine.test_state(&id)).unwrap();
            (state["state"] == "done").then_some(state)
        });
        assert_eq!(told["result"]["ok"], delivered, "{told}");
        let unknown = serde_json::to_value(FailureKind::CertificateUnknown).unwrap();
        assert_eq!(told["result"]["failure"]["kind"] == unknown, !delivered, "{told}");
    }
}
