//! Who may what: one table, every route of it tried with every kind of caller.

use axum::body::Body;
use http::Request;
use octohooks_api::caller::{Caller, Need};
use octohooks_api::routes::ROUTES;
use serde_json::Value;

use crate::support::{Bench, MANAGER, NOBODY, STALE, VIEWER};

fn expected(need: Need, caller: Caller) -> Option<&'static str> {
    match need {
        _ if caller == NOBODY => Some("forbidden"),
        Need::Manage | Need::ManageFresh if caller == VIEWER => Some("forbidden"),
        Need::ManageFresh if caller == STALE => Some("reauthenticate"),
        Need::View | Need::Manage | Need::ManageFresh => None,
    }
}

#[test]
fn every_route_refuses_whoever_lacks_its_right() {
    let bench = Bench::new();
    for route in ROUTES {
        let path =
            route.path.replace("{id}", "019ab6f0-7c1e-7000-8000-000000000001").replace("{hash}/{*file}", "x/y.js");
        for caller in [NOBODY, VIEWER, STALE, MANAGER] {
            let (status, answer) = bench.ask(caller, route.method.as_str(), &path, &Value::Null);
            let code = if status == 403 { answer["error"]["code"].as_str() } else { None };
            assert_eq!(code, expected(route.need, caller), "{} {path} as {caller:?}: {status} {answer}", route.method);
        }
    }
}

#[test]
fn a_request_without_a_caller_is_refused() {
    let bench = Bench::new();
    let request = Request::builder().uri("/api/v1/hooks").body(Body::empty()).unwrap();
    assert_eq!(bench.send(None, request).0, 403);
}

#[test]
fn what_is_not_in_the_table_is_not_there() {
    let bench = Bench::new();
    assert_eq!(bench.ask(MANAGER, "GET", "/api/v1/secrets", &Value::Null).0, 404);
    assert_eq!(bench.ask(MANAGER, "PATCH", "/api/v1/hooks", &Value::Null).0, 405);
    assert_eq!(bench.ask(NOBODY, "PATCH", "/api/v1/hooks", &Value::Null).0, 403);
}

#[test]
fn whoever_may_only_look_sees_no_secret() {
    let bench = Bench::new();
    let id = bench.secretive_hook()["hook"]["id"].as_str().unwrap().to_owned();
    for path in ["/api/v1/hooks", "/api/v1/status", "/api/v1/deliveries", "/api/v1/catalogue"] {
        for caller in [VIEWER, STALE] {
            let (status, answer) = bench.ask(caller, "GET", path, &Value::Null);
            assert_eq!(status, 200);
            assert!(!answer.to_string().contains("planted"), "{path}: {answer}");
        }
    }
    let (_, whole) = bench.ask(MANAGER, "GET", &format!("/api/v1/hooks/{id}"), &Value::Null);
    assert!(whole.to_string().contains("planted-path") && !whole.to_string().contains("planted-secret"), "{whole}");
    let (_, exported) = bench.ask(MANAGER, "GET", &format!("/api/v1/hooks/{id}/export"), &Value::Null);
    assert!(!exported.to_string().contains("planted"), "{exported}");
}
