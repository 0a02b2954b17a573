//! The table of the proxies.

use super::*;

fn proxies(variables: &[(&str, &str)]) -> Proxies {
    Proxies::from_variables(|name| {
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    })
}

fn route(proxies: &Proxies, url: &str) -> String {
    let url = Url::parse(url).unwrap();
    match proxies.route(url.scheme() == "https", &Place::of(&url).unwrap()) {
        Route::Direct => "direct".to_owned(),
        Route::Through(proxy) => proxy.place.to_string(),
        Route::Unusable(variable) => format!("unusable {variable}"),
    }
}

#[track_caller]
fn check(variables: &[(&str, &str)], url: &str, expected: &str) {
    assert_eq!(route(&proxies(variables), url), expected, "{variables:?} {url}");
}

#[test]
fn without_variables_everything_goes_directly() {
    check(&[], "http://example.com/", "direct");
    assert_eq!(route(&Proxies::none(), "https://example.com/"), "direct");
}

#[test]
fn each_scheme_has_its_variable_and_all_proxy_stands_in() {
    let both = [("HTTP_PROXY", "http://one:3128"), ("HTTPS_PROXY", "http://two:3128")];
    check(&both, "http://example.com/", "one:3128");
    check(&both, "https://example.com/", "two:3128");
    check(&[("ALL_PROXY", "http://three:1")], "http://example.com/", "three:1");
    check(&[("all_proxy", "http://three:1")], "https://example.com/", "three:1");
    check(&[("https_proxy", "http://two:3128"), ("ALL_PROXY", "http://three:1")], "https://example.com/", "two:3128");
    check(&[("HTTPS_PROXY", "http://two:3128")], "http://example.com/", "direct");
}

#[test]
fn lower_case_wins_and_when_empty_switches_off() {
    check(&[("https_proxy", "http://low:1"), ("HTTPS_PROXY", "http://up:1")], "https://example.com/", "low:1");
    check(&[("https_proxy", ""), ("HTTPS_PROXY", "http://up:1")], "https://example.com/", "direct");
    check(&[("HTTPS_PROXY", "")], "https://example.com/", "direct");
}

#[test]
fn in_a_cgi_script_the_variable_that_a_stranger_can_set_is_ignored() {
    check(&[("HTTP_PROXY", "http://evil:1"), ("REQUEST_METHOD", "GET")], "http://example.com/", "direct");
    check(&[("http_proxy", "http://good:1"), ("REQUEST_METHOD", "GET")], "http://example.com/", "good:1");
}

#[test]
fn a_proxy_may_be_written_without_scheme_or_port() {
    check(&[("http_proxy", "proxy.lan:3128")], "http://example.com/", "proxy.lan:3128");
    check(&[("http_proxy", "http://proxy.lan")], "http://example.com/", "proxy.lan:80");
    check(&[("http_proxy", "https://proxy.lan")], "http://example.com/", "proxy.lan:443");
    check(&[("http_proxy", "192.168.1.9:8080")], "http://example.com/", "192.168.1.9:8080");
}

#[test]
fn what_is_no_http_proxy_is_said_by_its_variable() {
    check(&[("https_proxy", "socks5://proxy:1080")], "https://example.com/", "unusable https_proxy");
    check(&[("HTTPS_PROXY", "http://")], "https://example.com/", "unusable HTTPS_PROXY");
    check(&[("ALL_PROXY", "http://proxy:notaport")], "https://example.com/", "unusable ALL_PROXY");
}

#[test]
fn no_proxy_knows_names_ends_of_names_addresses_and_networks() {
    let with = |no_proxy: &'static str| [("http_proxy", "http://proxy:1"), ("NO_PROXY", no_proxy)];
    for (no_proxy, url, expected) in [
        ("example.com", "http://example.com/", "direct"),
        ("example.com", "http://www.example.com/", "direct"),
        (".example.com", "http://example.com/", "direct"),
        ("example.com", "http://notexample.com/", "proxy:1"),
        ("EXAMPLE.com", "http://Example.COM/", "direct"),
        ("one.test, example.com ,two.test", "http://example.com/", "direct"),
        ("example.com:8080", "http://example.com:8080/", "direct"),
        ("example.com:8080", "http://example.com/", "proxy:1"),
        ("192.168.1.5", "http://192.168.1.5/", "direct"),
        ("192.168.1.5", "http://192.168.1.50/", "proxy:1"),
        ("192.168.0.0/16", "http://192.168.77.1/", "direct"),
        ("192.168.0.0/16", "http://192.169.0.1/", "proxy:1"),
        ("10.0.0.7/32", "http://10.0.0.7/", "direct"),
        ("10.0.0.0/0", "http://10.0.0.7/", "proxy:1"),
        ("10.0.0.0/33", "http://10.0.0.7/", "proxy:1"),
        ("::1", "http://[::1]/", "direct"),
        ("*", "http://example.com/", "direct"),
        ("*,example.org", "http://example.com/", "proxy:1"),
        ("", "http://example.com/", "proxy:1"),
        (",,", "http://example.com/", "proxy:1"),
        ("localhost", "http://localhost:8123/", "direct"),
    ] {
        check(&with(no_proxy), url, expected);
    }
}

#[test]
fn lower_case_no_proxy_wins_unless_empty() {
    let base = ("http_proxy", "http://proxy:1");
    check(&[base, ("no_proxy", "a.test"), ("NO_PROXY", "b.test")], "http://b.test/", "proxy:1");
    check(&[base, ("no_proxy", ""), ("NO_PROXY", "b.test")], "http://b.test/", "direct");
}

#[test]
fn the_credentials_of_a_proxy_are_unescaped_and_marked_as_secret() {
    let authorization = |url: &str| Proxy::parse(url).unwrap().authorization;
    let value = authorization("http://us%40er:p%3Ass@proxy:1").unwrap();
    assert_eq!(value.to_str().unwrap(), format!("Basic {}", STANDARD.encode("us@er:p:ss")));
    assert!(value.is_sensitive());
    assert!(authorization("http://proxy:1").is_none());
    assert_eq!(authorization("http://user@proxy:1").unwrap(), format!("Basic {}", STANDARD.encode("user:")).as_str());
}
