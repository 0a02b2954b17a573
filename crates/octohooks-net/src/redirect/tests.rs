//! The table of the redirects.

use std::time::Duration;

use http::header::{AUTHORIZATION, COOKIE, LOCATION, PROXY_AUTHORIZATION};
use octohooks_core::request::Transport;

use super::*;

fn hop(method: Method, url: &str, body: &'static str) -> Hop {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
    headers.insert(USER_AGENT, HeaderValue::from_static("OctoPrint-Webhooks/5.0.0"));
    headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer secret"));
    headers.insert(COOKIE, HeaderValue::from_static("session=secret"));
    headers.insert(PROXY_AUTHORIZATION, HeaderValue::from_static("Basic secret"));
    headers.insert("x-api-key", HeaderValue::from_static("secret"));
    let transport = Transport { deadline: Duration::from_secs(1), ..Transport::default() };
    let request = Request { method, url: Url::parse(url).unwrap(), headers, body: Bytes::from(body), transport };
    Hop::first(&request).unwrap()
}

fn step(hop: &Hop, status: u16, location: &str) -> Next {
    let mut headers = HeaderMap::new();
    headers.insert(LOCATION, HeaderValue::from_bytes(location.as_bytes()).unwrap());
    next(hop, StatusCode::from_u16(status).unwrap(), headers.get(LOCATION))
}

fn shown(next: &Next) -> String {
    match next {
        Next::Stay => "stay".to_owned(),
        Next::Refuse(_) => "refuse".to_owned(),
        Next::Follow(hop) => format!("{} {} {}", hop.method, hop.url, hop.body.len()),
    }
}

#[test]
fn which_status_is_followed_depends_on_the_method() {
    for (method, status, expected) in [
        ("GET", 301, "GET http://a.test/new 0"),
        ("GET", 302, "GET http://a.test/new 0"),
        ("GET", 303, "GET http://a.test/new 0"),
        ("GET", 307, "GET http://a.test/new 0"),
        ("GET", 308, "GET http://a.test/new 0"),
        ("GET", 300, "stay"),
        ("GET", 304, "stay"),
        ("GET", 305, "stay"),
        ("GET", 200, "stay"),
        ("GET", 201, "stay"),
        ("POST", 301, "refuse"),
        ("POST", 302, "refuse"),
        ("POST", 303, "refuse"),
        ("POST", 307, "POST http://a.test/new 4"),
        ("POST", 308, "POST http://a.test/new 4"),
        ("PUT", 307, "PUT http://a.test/new 4"),
        ("DELETE", 308, "DELETE http://a.test/new 4"),
        ("DELETE", 302, "refuse"),
    ] {
        let body = if method == "GET" { "" } else { "body" };
        let hop = hop(Method::from_bytes(method.as_bytes()).unwrap(), "http://a.test/old?q=1", body);
        assert_eq!(shown(&step(&hop, status, "/new")), expected, "{method} {status}");
    }
}

#[test]
fn where_a_location_leads() {
    let from = hop(Method::GET, "https://user:pass@a.test/dir/old?q=1#part", "");
    for (location, expected) in [
        ("new", "GET https://a.test/dir/new 0"),
        ("/new?x=1", "GET https://a.test/new?x=1 0"),
        ("?x=2", "GET https://a.test/dir/old?x=2 0"),
        ("//b.test/new", "GET https://b.test/new 0"),
        ("https://b.test:8443/", "GET https://b.test:8443/ 0"),
        ("https://user:pass@b.test/#part", "GET https://b.test/ 0"),
        ("", "GET https://a.test/dir/old?q=1 0"),
        ("http://a.test/new", "refuse"),
        ("http://b.test/new", "refuse"),
        ("ftp://b.test/new", "refuse"),
        ("file:///etc/passwd", "refuse"),
        ("javascript:alert(1)", "refuse"),
        ("https://", "refuse"),
        ("https://b.test:notaport/", "refuse"),
        ("caf\u{e9}", "refuse"),
    ] {
        assert_eq!(shown(&step(&from, 302, location)), expected, "{location}");
    }
    assert!(matches!(next(&from, StatusCode::FOUND, None), Next::Stay));
}

#[test]
fn another_origin_gets_only_harmless_headers() {
    let from = hop(Method::GET, "https://a.test/", "");
    for location in ["https://b.test/", "https://a.test:8443/", "https://sub.a.test/"] {
        let Next::Follow(hop) = step(&from, 307, location) else { panic!("{location} is not followed") };
        let mut names: Vec<_> = hop.headers.keys().map(http::HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "content-type", "user-agent"], "{location}");
        // And they do not come back on the way back.
        let Next::Follow(back) = step(&hop, 307, "https://a.test/") else { panic!("the way back is not followed") };
        assert_eq!(back.headers.len(), 3);
    }
    let Next::Follow(hop) = step(&from, 307, "https://a.test:443/other") else { panic!("it is the same origin") };
    assert_eq!(hop.headers.len(), 7);
}

#[test]
fn a_body_never_goes_to_another_origin() {
    let from = hop(Method::POST, "http://a.test/", "body");
    for location in ["http://b.test/", "http://a.test:81/", "https://a.test/"] {
        assert_eq!(shown(&step(&from, 308, location)), "refuse", "{location}");
    }
    let without_body = hop(Method::DELETE, "http://a.test/", "");
    assert_eq!(shown(&step(&without_body, 308, "http://b.test/")), "DELETE http://b.test/ 0");
}

#[test]
fn a_refusal_names_scheme_and_host_and_nothing_else() {
    let from = hop(Method::POST, "https://a.test/", "body");
    for (status, location) in [
        (302, "https://user:pass@b.test:8443/secret?token=secret#secret"),
        (308, "https://user:pass@b.test:8443/secret?token=secret#secret"),
        (308, "http://user:pass@b.test:8443/secret?token=secret#secret"),
    ] {
        let Next::Refuse(reason) = step(&from, status, location) else { panic!("{location} is not refused") };
        assert!(reason.contains("://b.test:8443"), "{reason}");
        for hidden in ["/secret", "token", "user:", "pass@", "#"] {
            assert!(!reason.contains(hidden), "{reason}");
        }
    }
}

#[test]
fn headers_of_the_transport_and_user_names_are_not_taken_from_a_request() {
    let mut headers = HeaderMap::new();
    headers.insert(HOST, HeaderValue::from_static("evil.test"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from_static("9"));
    headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    let mut request = Request {
        method: Method::POST,
        url: Url::parse("http://user:pass@a.test/#part").unwrap(),
        headers,
        body: Bytes::new(),
        transport: Transport::default(),
    };
    let first = Hop::first(&request).unwrap();
    assert!(first.headers.is_empty());
    assert_eq!(first.url.as_str(), "http://a.test/");
    request.url = Url::parse("ftp://a.test/").unwrap();
    assert!(Hop::first(&request).is_err());
}
