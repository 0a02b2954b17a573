//! OAuth: fetched once, kept as long as it says, renewed when it is refused.

use octohooks_core::hook::{HookConfig, OauthConfig};
use octohooks_engine::journal::State;
use octohooks_testkit::{RudeServer, Script, answer};
use serde_json::json;

use crate::support::{Bench, json_of, received, url};

fn token(text: &str, life: &str) -> Script {
    let body = format!(r#"{{"access_token": "{text}", "expires_in": {life}}}"#);
    Script::answering(answer("200 OK", &["Content-Type: application/json"], &body))
}

fn with_oauth(server: &RudeServer) -> impl Fn(&mut HookConfig) {
    let url = format!("http://{}/token", server.address());
    move |hook| {
        hook.oauth = OauthConfig { enabled: true, url: url.clone(), ..OauthConfig::default() };
        hook.headers = r#"{"Authorization": "Bearer @access_token"}"#.to_owned();
        hook.data = r#"["@topic", "@expires_in"]"#.to_owned();
    }
}

#[test]
fn one_token_serves_many_deliveries_of_many_hooks() {
    let login = RudeServer::start([token("first", "3600"), token("second", "3600")]);
    let server = RudeServer::start([Script::answering(answer("200 OK", &[], ""))]);
    let bench = Bench::new();
    bench.hook(&url(&server), with_oauth(&login));
    bench.hook(&url(&server), with_oauth(&login));
    for name in ["PrintStarted", "PrintPaused", "PrintDone"] {
        bench.event(name);
    }
    for request in received(&server, 6) {
        assert_eq!(request.header("Authorization"), Some("Bearer first"));
        assert_eq!(json_of(&request)[1], 3600);
    }
    assert_eq!(login.requests().len(), 1);
    assert_eq!(json_of(&login.requests()[0])["grant_type"], "client_credentials");
}

#[test]
fn an_answer_without_a_life_is_not_kept() {
    let login = RudeServer::start([Script::answering(answer("200 OK", &[], r#"{"access_token": "t"}"#))]);
    let server = RudeServer::start([Script::answering(answer("200 OK", &[], ""))]);
    let bench = Bench::new();
    bench.hook(&url(&server), with_oauth(&login));
    bench.event("PrintStarted");
    bench.event("PrintDone");
    assert_eq!(json_of(&received(&server, 2)[1]), json!(["Print Done", ""]));
    assert_eq!(login.requests().len(), 2);
}

#[test]
fn a_refused_token_is_renewed_once() {
    let login = RudeServer::start([token("stale", "3600"), token("fresh", "3600")]);
    let refusal = || Script::answering(answer("401 Unauthorized", &[], ""));
    let server = RudeServer::start([refusal(), Script::answering(answer("200 OK", &[], "")), refusal()]);
    let bench = Bench::new();
    bench.hook(&url(&server), with_oauth(&login));
    bench.event("PrintStarted");
    let requests = received(&server, 2);
    assert_eq!(requests[1].header("Authorization"), Some("Bearer fresh"));
    assert_eq!(bench.ended(State::Delivered).attempts, 1);
    bench.event("PrintDone");
    let refused = bench.ended(State::Retrying);
    assert_eq!((refused.status, server.requests().len(), login.requests().len()), (Some(401), 4, 3));
}

#[test]
fn a_login_that_fails_says_so_and_sends_nothing() {
    let login =
        RudeServer::start([Script::answering(answer("400 Bad Request", &[], r#"{"error": "invalid_client"}"#))]);
    let server = RudeServer::start([Script::answering(answer("200 OK", &[], ""))]);
    let bench = Bench::new();
    bench.hook(&url(&server), with_oauth(&login));
    bench.event("PrintDone");
    let entry = bench.ended(State::GivenUp);
    assert!(entry.message.contains("The OAuth server refused: 400 Bad Request."), "{}", entry.message);
    assert_eq!(server.requests().len(), 0);
}
