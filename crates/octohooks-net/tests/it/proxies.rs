//! Through a proxy, on real sockets; the table of the variables is beside the code.

use octohooks_core::attempt::FailureKind;
use octohooks_core::time::UnixMillis;
use octohooks_net::Proxies;
use octohooks_testkit::{Authority, Flaw, RudeServer, Script, answer};

use crate::support::{SHORT, client_through, failure, get, post, within};

fn proxies(address: impl std::fmt::Display) -> Proxies {
    let url = format!("http://user:secret%21@{address}");
    Proxies::from_variables(|name| (name == "ALL_PROXY").then(|| url.clone()))
}

#[tokio::test]
async fn plain_http_goes_to_the_proxy_as_a_whole_url_with_its_credentials() {
    let proxy = RudeServer::start([Script::answering(answer("200 OK", &[], "by proxy"))]);
    let client = client_through(proxies(proxy.address()), None, &[]);
    // The name is never looked up here: that is the proxy's job.
    let attempt = client.send(&post("http://user:pass@target.test:8080/hook?x=1#part", "{}"), UnixMillis(1)).await;
    assert_eq!(&attempt.outcome.unwrap().body[..], b"by proxy");
    let received = &proxy.requests()[0];
    assert_eq!(received.line(), "POST http://target.test:8080/hook?x=1 HTTP/1.1");
    assert_eq!(received.header("host"), Some("target.test:8080"));
    assert_eq!(received.header("proxy-authorization"), Some("Basic dXNlcjpzZWNyZXQh"));
    assert_eq!(&received.body[..], b"{}");
}

#[tokio::test]
async fn https_goes_through_a_tunnel_and_the_proxy_sees_nothing_of_it() {
    let proxy = RudeServer::start([Script::new()
        .read_request()
        .write("HTTP/1.1 200 Connection established\r\n\r\n")
        .write([0x15, 3, 3, 0, 2, 2, 40])
        .stall()]);
    let client = client_through(proxies(proxy.address()), None, &[]);
    let attempt = client.send(&post("https://target.test/secret", "secret"), UnixMillis(1)).await;
    // The alert stands for the target's TLS, which was reached through the tunnel.
    let failure = failure(&attempt);
    assert_eq!(failure.kind, FailureKind::TlsFailed);
    assert!(failure.message.contains("target.test:443"), "{}", failure.message);
    let received = &proxy.requests()[0];
    assert_eq!(received.line(), "CONNECT target.test:443 HTTP/1.1");
    assert_eq!(received.header("host"), Some("target.test:443"));
    assert_eq!(received.header("proxy-authorization"), Some("Basic dXNlcjpzZWNyZXQh"));
    assert!(received.body.is_empty());
}

#[tokio::test]
async fn a_tunnel_carries_a_whole_exchange() {
    let authority = Authority::new();
    let target =
        RudeServer::start_tls(&authority.identity(Flaw::None), [Script::answering(answer("200 OK", &[], "deep"))]);
    let proxy = RudeServer::start([Script::new()
        .read_request()
        .write("HTTP/1.1 200 OK\r\nVia: test\r\n\r\n")
        .pass_on_to(target.address())]);
    let client = client_through(proxies(proxy.address()), Some(&authority), &[]);
    let attempt = client.send(&post("https://localhost:9/hook", "{}"), UnixMillis(1)).await;
    assert_eq!(&attempt.outcome.unwrap().body[..], b"deep");
    let received = &target.requests()[0];
    assert_eq!((received.line(), received.header("host")), ("POST /hook HTTP/1.1", Some("localhost:9")));
    assert_eq!(received.header("proxy-authorization"), None);
}

#[tokio::test]
async fn tls_may_be_spoken_with_the_proxy_itself_and_is_always_verified() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let by_proxy = Script::answering(answer("200 OK", &[], "by proxy"));
    let proxy = RudeServer::start_tls(&authority.identity(Flaw::None), [by_proxy]);
    let url = format!("https://localhost:{}", proxy.port());
    for (trusted, expected) in [(&authority, Ok(200)), (&stranger, Err(FailureKind::ProxyFailed))] {
        let variables = Proxies::from_variables(|name| (name == "http_proxy").then(|| url.clone()));
        let client = client_through(variables, Some(trusted), &[("localhost", &["127.0.0.1"])]);
        let mut request = get("http://target.test/");
        request.transport.verify_tls = false;
        let outcome = client.send(&request, UnixMillis(1)).await.outcome;
        assert_eq!(outcome.map(|answer| answer.status).map_err(|failure| failure.kind), expected);
    }
    assert_eq!(proxy.requests()[0].line(), "GET http://target.test/ HTTP/1.1");
}

#[tokio::test]
async fn what_a_proxy_refuses_is_a_failure_of_the_proxy() {
    for (status, url, word) in [
        ("407 Proxy Authentication Required", "https://target.test/", "password"),
        ("407 Proxy Authentication Required", "http://target.test/", "password"),
        ("403 Forbidden", "https://target.test/", "403"),
        ("502 Bad Gateway", "https://target.test/", "502"),
    ] {
        let proxy = RudeServer::start([Script::answering(answer(status, &[], ""))]);
        let client = client_through(proxies(proxy.address()), None, &[]);
        let failure = failure(&client.send(&get(url), UnixMillis(1)).await);
        assert_eq!(failure.kind, FailureKind::ProxyFailed, "{status} {url}");
        assert!(failure.message.contains(word), "{}", failure.message);
    }
}

#[tokio::test]
async fn what_is_no_proxy_is_a_failure_of_the_proxy() {
    for script in [
        Script::answering("SSH-2.0-OpenSSH_9.2p1\r\n\r\n"),
        Script::new().read_request(),
        Script::new().read_request().reset(),
        Script::new().read_request().write_forever("HTTP/1.1 200 OK\r\nX-Endless: 1\r\n"),
    ] {
        let proxy = RudeServer::start([script]);
        let client = client_through(proxies(proxy.address()), None, &[]);
        let attempt = client.send(&get("https://target.test/"), UnixMillis(1)).await;
        assert_eq!(failure(&attempt).kind, FailureKind::ProxyFailed);
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_a_failure_of_the_proxy() {
    let address = RudeServer::start([]).address();
    let client = client_through(proxies(address), None, &[]);
    let failure = failure(&client.send(&get("http://target.test/"), UnixMillis(1)).await);
    assert_eq!(failure.kind, FailureKind::ProxyFailed);
    assert!(failure.message.starts_with(&format!("The proxy {address} cannot be used. ")), "{}", failure.message);
}

#[tokio::test]
async fn a_variable_that_names_no_proxy_is_said_by_its_name() {
    let socks = Proxies::from_variables(|name| (name == "https_proxy").then(|| "socks5://secret@proxy:1".to_owned()));
    let client = client_through(socks, None, &[]);
    let failure = failure(&client.send(&get("https://target.test/"), UnixMillis(1)).await);
    assert_eq!(failure.kind, FailureKind::ProxyFailed);
    assert!(failure.message.contains("https_proxy"), "{}", failure.message);
}

#[tokio::test]
async fn a_silent_proxy_ends_by_the_deadline() {
    let proxy = RudeServer::start([Script::new().read_request().stall()]);
    let client = client_through(proxies(proxy.address()), None, &[]);
    let failure = failure(&client.send(&within(SHORT, get("https://target.test/")), UnixMillis(1)).await);
    assert_eq!(failure.kind, FailureKind::TimedOut);
    assert!(failure.message.contains("waiting for the proxy"), "{}", failure.message);
}

#[tokio::test]
async fn a_forbidden_literal_is_not_handed_to_a_proxy() {
    let proxy = RudeServer::start([Script::answering(answer("200 OK", &[], ""))]);
    let client = client_through(proxies(proxy.address()), None, &[]);
    for url in ["http://169.254.169.254/", "https://[::ffff:a9fe:a9fe]/", "http://0/"] {
        let attempt = client.send(&get(url), UnixMillis(1)).await;
        assert_eq!(failure(&attempt).kind, FailureKind::AddressRefused, "{url}");
    }
    assert_eq!(proxy.connections(), 0);
}

#[tokio::test]
async fn no_proxy_goes_directly() {
    let target = RudeServer::start([Script::answering(answer("200 OK", &[], "direct"))]);
    let variables = Proxies::from_variables(|name| match name {
        "http_proxy" => Some("http://127.0.0.1:9".to_owned()),
        "no_proxy" => Some("127.0.0.0/8".to_owned()),
        _ => None,
    });
    let client = client_through(variables, None, &[]);
    let attempt = client.send(&get(&format!("http://{}/", target.address())), UnixMillis(1)).await;
    assert_eq!(&attempt.outcome.unwrap().body[..], b"direct");
}
