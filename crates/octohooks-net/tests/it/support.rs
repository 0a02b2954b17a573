//! What every fact needs: a request, a client, and short ways to read an attempt.

use std::net::IpAddr;
use std::time::Duration;

use http::Method;
use octohooks_core::attempt::{Answer, Attempt, Failure};
use octohooks_core::request::{Request, Transport};
use octohooks_core::time::UnixMillis;
use octohooks_net::{AddressPolicy, Client, Extras, Proxies};
use octohooks_testkit::{Authority, RudeServer, Script};

/// A deadline that a test means to reach.
pub(crate) const SHORT: Duration = Duration::from_millis(300);

/// A deadline that no test means to reach.
pub(crate) const LONG: Duration = Duration::from_secs(10);

/// A GET without headers.
pub(crate) fn get(url: &str) -> Request {
    Request {
        method: Method::GET,
        url: url.parse().unwrap(),
        headers: http::HeaderMap::new(),
        body: bytes::Bytes::new(),
        transport: Transport { deadline: LONG, ..Transport::default() },
    }
}

/// A POST of JSON.
pub(crate) fn post(url: &str, body: &'static str) -> Request {
    let mut request = get(url);
    request.method = Method::POST;
    request.body = bytes::Bytes::from_static(body.as_bytes());
    request.headers.insert("content-type", "application/json".parse().unwrap());
    request
}

/// With another deadline.
pub(crate) fn within(deadline: Duration, mut request: Request) -> Request {
    request.transport.deadline = deadline;
    request
}

/// With a header.
pub(crate) fn with_header(mut request: Request, name: &'static str, value: &'static str) -> Request {
    request.headers.insert(name, value.parse().unwrap());
    request
}

/// Trusts the authority and knows the names.
pub(crate) fn client(authority: Option<&Authority>, names: &[(&str, &[&str])]) -> Client {
    client_through(Proxies::none(), authority, names)
}

/// The same, with proxies.
pub(crate) fn client_through(proxies: Proxies, authority: Option<&Authority>, names: &[(&str, &[&str])]) -> Client {
    let addresses = |texts: &[&str]| -> Vec<IpAddr> { texts.iter().map(|text| text.parse().unwrap()).collect() };
    let extras = Extras {
        authorities: authority.map(Authority::certificate).into_iter().collect(),
        names: names.iter().map(|(name, texts)| ((*name).to_owned(), addresses(texts))).collect(),
    };
    Client::with_extras(AddressPolicy::home(vec![]), proxies, extras).unwrap()
}

/// Sends with a client that knows nothing special.
pub(crate) async fn send(request: &Request) -> Attempt {
    client(None, &[]).send(request, UnixMillis(1)).await
}

/// One plain GET to a server with one script; the test expects an answer.
pub(crate) async fn answer_of(script: Script) -> Answer {
    let server = RudeServer::start([script]);
    send(&get(&url(&server, "/"))).await.outcome.unwrap()
}

/// One plain POST to a server with one script; the test expects a failure.
pub(crate) async fn failure_of(script: Script) -> Failure {
    let server = RudeServer::start([script]);
    failure(&send(&post(&url(&server, "/secret-path?token=secret-query"), "secret-body")).await)
}

/// The failure of an attempt. Whatever it says, it says no secret.
pub(crate) fn failure(attempt: &Attempt) -> Failure {
    let failure = attempt.outcome.as_ref().expect_err("it should have failed").clone();
    assert!(!failure.message.contains("secret"), "{}", failure.message);
    assert!(failure.message.ends_with('.') || failure.message.ends_with('?'), "no sentence: {}", failure.message);
    failure
}

/// A URL on a plain server.
pub(crate) fn url(server: &RudeServer, path: &str) -> String {
    format!("http://{}{path}", server.address())
}
