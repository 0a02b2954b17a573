//! Redirects on real sockets; the table of all cases is beside the code.

use octohooks_core::attempt::FailureKind;
use octohooks_core::time::UnixMillis;
use octohooks_net::{AddressPolicy, Client, Extras, Proxies};
use octohooks_testkit::{Authority, Flaw, RudeServer, Script, answer};

use crate::support::{client, failure, get, post, send, url, with_header};

fn to(status: &str, location: &str) -> Script {
    Script::answering(answer(status, &[&format!("Location: {location}")], "moved"))
}

fn end() -> Script {
    Script::answering(answer("200 OK", &[], "end"))
}

#[tokio::test]
async fn get_goes_on_and_the_answer_counts_the_hops() {
    let server = RudeServer::start([to("301 Moved", "/two"), to("302 Found", "three?x=1#part"), end()]);
    let answer = send(&get(&url(&server, "/one"))).await.outcome.unwrap();
    assert_eq!((answer.status, answer.redirects_followed), (200, 2));
    let lines: Vec<_> = server.requests().iter().map(|request| request.line().to_owned()).collect();
    assert_eq!(lines, ["GET /one HTTP/1.1", "GET /two HTTP/1.1", "GET /three?x=1 HTTP/1.1"]);
}

#[tokio::test]
async fn post_keeps_method_body_and_headers_within_its_origin() {
    let server = RudeServer::start([to("308 Permanent Redirect", "/two"), end()]);
    let request = with_header(post(&url(&server, "/one"), "{}"), "authorization", "Bearer kept");
    assert_eq!(send(&request).await.outcome.unwrap().status, 200);
    let second = &server.requests()[1];
    assert_eq!((second.line(), &second.body[..]), ("POST /two HTTP/1.1", &b"{}"[..]));
    assert_eq!(second.header("authorization"), Some("Bearer kept"));
}

#[tokio::test]
async fn a_redirect_that_post_does_not_follow_is_an_answer_with_a_reason() {
    let server = RudeServer::start([to("302 Found", "https://elsewhere.test/secret")]);
    let answer = send(&post(&url(&server, "/"), "{}")).await.outcome.unwrap();
    assert_eq!((answer.status, &answer.body[..], answer.redirects_followed), (302, &b"moved"[..], 0));
    let reason = answer.redirect_refused.unwrap();
    assert!(reason.contains("https://elsewhere.test") && !reason.contains("secret"), "{reason}");
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_body_is_not_sent_to_another_origin() {
    let other = RudeServer::start([end()]);
    let server = RudeServer::start([to("307 Temporary Redirect", &url(&other, "/"))]);
    let answer = send(&post(&url(&server, "/"), r#"{"key":"secret"}"#)).await.outcome.unwrap();
    assert_eq!(answer.status, 307);
    assert!(answer.redirect_refused.unwrap().contains("secrets"));
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn secret_headers_are_not_sent_to_another_origin() {
    let other = RudeServer::start([end()]);
    let server = RudeServer::start([to("302 Found", &url(&other, "/"))]);
    let mut request = get(&url(&server, "/"));
    for (name, value) in [
        ("authorization", "Bearer secret"),
        ("cookie", "a=secret"),
        ("proxy-authorization", "Basic secret"),
        ("x-api-key", "secret"),
        ("user-agent", "OctoPrint-Webhooks/5.0.0"),
    ] {
        request = with_header(request, name, value);
    }
    assert_eq!(send(&request).await.outcome.unwrap().redirects_followed, 1);
    let received = &other.requests()[0];
    assert!(!received.head.contains("secret"), "{}", received.head);
    assert_eq!(received.header("user-agent"), Some("OctoPrint-Webhooks/5.0.0"));
}

#[tokio::test]
async fn user_info_in_a_location_is_not_used() {
    let other = RudeServer::start([end()]);
    let server = RudeServer::start([to("302 Found", &format!("http://user:secret@{}/two", other.address()))]);
    assert_eq!(send(&get(&url(&server, "/"))).await.outcome.unwrap().redirects_followed, 1);
    assert_eq!(other.requests()[0].head, format!("GET /two HTTP/1.1\r\nHost: {}", other.address()));
}

#[tokio::test]
async fn five_redirects_are_followed_and_a_loop_is_a_failure() {
    let five = (0..5).map(|_| to("302 Found", "/again")).chain([end()]);
    let server = RudeServer::start(five);
    assert_eq!(send(&get(&url(&server, "/"))).await.outcome.unwrap().redirects_followed, 5);

    let server = RudeServer::start([to("302 Found", "/again")]);
    assert_eq!(failure(&send(&get(&url(&server, "/"))).await).kind, FailureKind::TooManyRedirects);
    assert_eq!(server.connections(), 6);
}

#[tokio::test]
async fn https_to_http_is_never_followed() {
    let authority = Authority::new();
    let plain = RudeServer::start([end()]);
    let server =
        RudeServer::start_tls(&authority.identity(Flaw::None), [to("307 Temporary Redirect", &url(&plain, "/"))]);
    let request = get(&format!("https://127.0.0.1:{}/", server.port()));
    let answer = client(Some(&authority), &[]).send(&request, UnixMillis(1)).await.outcome.unwrap();
    assert!(answer.redirect_refused.unwrap().contains("never followed"));
    assert_eq!(plain.connections(), 0);
}

#[tokio::test]
async fn http_to_https_is_followed_by_get_and_verified() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    for (trusted, expected) in [(&authority, Ok(200)), (&stranger, Err(FailureKind::CertificateUnknown))] {
        let secure = RudeServer::start_tls(&authority.identity(Flaw::None), [end()]);
        let location = format!("https://127.0.0.1:{}/", secure.port());
        let server = RudeServer::start([to("301 Moved", &location)]);
        let attempt = client(Some(trusted), &[]).send(&get(&url(&server, "/")), UnixMillis(1)).await;
        let outcome = attempt.outcome.map(|answer| answer.status).map_err(|failure| failure.kind);
        assert_eq!(outcome, expected);
    }
}

#[tokio::test]
async fn every_hop_goes_through_the_address_policy() {
    for location in
        ["http://169.254.169.254/latest", "http://[::ffff:a9fe:a9fe]/", "http://0xa9fea9fe/", "http://0.0.0.0/"]
    {
        let server = RudeServer::start([to("302 Found", location)]);
        assert_eq!(failure(&send(&get(&url(&server, "/"))).await).kind, FailureKind::AddressRefused, "{location}");
    }
}

#[tokio::test]
async fn phases_are_summed_over_the_hops() {
    let server = RudeServer::start([to("302 Found", "/two"), end()]);
    let client = client(None, &[("localhost", &["127.0.0.1"])]);
    let phases = client.send(&get(&format!("http://localhost:{}/", server.port())), UnixMillis(1)).await.phases;
    let sum: std::time::Duration =
        [phases.dns, phases.connect, phases.first_byte, phases.body].into_iter().map(Option::unwrap).sum();
    assert!(phases.total >= sum, "{phases:?}");
}

#[tokio::test]
async fn not_modified_and_a_redirect_without_target_are_plain_answers() {
    for status in ["304 Not Modified", "300 Multiple Choices", "302 Found"] {
        let server = RudeServer::start([Script::answering(answer(status, &[], ""))]);
        let answer = send(&get(&url(&server, "/"))).await.outcome.unwrap();
        assert_eq!((answer.redirects_followed, answer.redirect_refused), (0, None), "{status}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_server_outside_sends_nobody_into_the_home() {
    let plug = RudeServer::start([end()]);
    let (outside, at_home) = ("http://outside.test", "http://home.test");
    let policy = AddressPolicy::home(vec![]).with_outside(vec!["127.0.0.2".parse().unwrap()]);
    let names = [("outside.test", "127.0.0.2"), ("home.test", "127.0.0.1")];
    let names = names.map(|(name, address)| (name.to_owned(), vec![address.parse().unwrap()]));
    let extras = Extras { names: names.into(), ..Extras::default() };
    let client = Client::with_extras(policy, Proxies::none(), extras).unwrap();

    let sly = RudeServer::start_at("127.0.0.2".parse().unwrap(), [to("302 Found", &url(&plug, "/off"))]);
    let attempt = client.send(&get(&format!("{outside}:{}/", sly.port())), UnixMillis(1)).await;
    let failure = failure(&attempt);
    assert_eq!(failure.kind, FailureKind::AddressRefused);
    assert!(failure.message.contains("within your own network"), "{}", failure.message);
    assert_eq!((sly.connections(), plug.connections()), (1, 0));

    let honest = RudeServer::start([to("302 Found", &url(&plug, "/on"))]);
    let attempt = client.send(&get(&format!("{at_home}:{}/", honest.port())), UnixMillis(1)).await;
    assert_eq!((attempt.outcome.unwrap().status, plug.connections()), (200, 1));
}
