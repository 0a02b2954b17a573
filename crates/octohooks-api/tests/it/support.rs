//! An engine with a router, and requests to it in one line.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use octohooks_api::{Caller, router};
use octohooks_core::event::Printer;
use octohooks_engine::engine::VERSION;
use octohooks_engine::{Engine, Options};
use serde_json::{Value, json};
use tower::ServiceExt;

pub(crate) const NOBODY: Caller = Caller { view: false, manage: false, fresh: false };
pub(crate) const VIEWER: Caller = Caller { view: true, manage: false, fresh: true };
pub(crate) const STALE: Caller = Caller { view: true, manage: true, fresh: false };
pub(crate) const MANAGER: Caller = Caller { view: true, manage: true, fresh: true };

/// An engine, its router, and the folder that both live in.
pub(crate) struct Bench {
    pub(crate) engine: Arc<Engine>,
    router: axum::Router,
    _folder: tempfile::TempDir,
}

/// Status, and the body as JSON or as text.
pub(crate) type Answer = (u16, Value);

impl Bench {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let printer =
            Printer { id: "octoprint".into(), name: "Prusa".into(), appearance: Value::Null, ..Printer::default() };
        let options = Options {
            data_folder: folder.path().to_owned(),
            version: VERSION.to_owned(),
            printer,
            old_settings: None,
            own_ports: vec![],
            context: octohooks_core::event::Context::default(),
        };
        let engine = Arc::new(Engine::start(options).unwrap());
        Self { router: router(Arc::clone(&engine)), engine, _folder: folder }
    }

    pub(crate) fn send(&self, caller: Option<Caller>, request: Request<Body>) -> (u16, http::HeaderMap, Vec<u8>) {
        let (mut parts, body) = request.into_parts();
        if let Some(caller) = caller {
            parts.extensions.insert(caller);
        }
        self.engine.block_on(async {
            let response = self.router.clone().oneshot(Request::from_parts(parts, body)).await.unwrap();
            let (parts, body) = response.into_parts();
            (parts.status.as_u16(), parts.headers, body.collect().await.unwrap().to_bytes().to_vec())
        })
    }

    pub(crate) fn ask(&self, caller: Caller, method: &str, path: &str, body: &Value) -> Answer {
        self.ask_with(caller, method, path, &[], body)
    }

    pub(crate) fn ask_with(
        &self,
        caller: Caller,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let (status, _, body) = self.send(Some(caller), request.body(body).unwrap());
        let json = serde_json::from_slice(&body);
        (status, json.unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&body).into_owned())))
    }

    /// Makes a hook with a secret in every place that can hold one.
    pub(crate) fn secretive_hook(&self) -> Value {
        let draft = json!({
            "name": "secretive",
            "url": "https://user:planted-password@example.com/planted-path?key=planted-query",
            "headers": r#"{"Authorization": "Bearer planted-header"}"#,
            "api_secret": "planted-secret",
            "signing": {"keys": ["whsec_plantedplantedplantedplantedplanted1"],
                        "body_signature_header": "X-Hub-Signature-256", "body_signature_secret": "planted-hub"},
            "tls": {"client_certificate": "-----BEGIN CERTIFICATE-----\nMAEF\n-----END CERTIFICATE-----",
                    "client_key": "-----BEGIN PRIVATE KEY-----\nMAEF\n-----END PRIVATE KEY-----"},
            "oauth": {"enabled": true, "url": "https://login.example.com/planted-login",
                      "data": r#"{"client_secret": "planted-client"}"#},
        });
        let (status, view) = self.ask(MANAGER, "POST", "/api/v1/hooks", &draft);
        assert_eq!(status, 201, "{view}");
        view
    }
}

/// Looks again until there is something, at most as long as nothing takes.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what}: has not come");
        std::thread::yield_now();
    }
}
