//! The table of the address policy.

use std::net::SocketAddr;

use url::Url;

use super::*;

#[track_caller]
fn check(address: &str, expected: Option<Reason>) {
    let address: SocketAddr = address.parse().unwrap();
    let refused = AddressPolicy::home(vec![5000]).check(address, Side::Home).err();
    assert_eq!(refused.map(|refused| refused.reason), expected, "{address}");
}

#[test]
fn homes_and_the_internet_are_allowed() {
    for address in [
        "192.168.1.20:80",
        "10.0.0.1:443",
        "172.16.5.5:1880",
        "100.64.0.1:80", // Tailscale and other shared address space
        "93.184.216.34:443",
        "127.0.0.1:8123",
        "127.0.0.1:80",
        "[::1]:8123",
        "[fd12:3456::1]:80",
        "[2606:4700::1111]:443",
        "[::ffff:192.168.1.20]:80",
        "[64:ff9b::5db8:d822]:443",
    ] {
        check(address, None);
    }
}

#[test]
fn link_local_addresses_are_refused_in_every_wrapping() {
    for address in [
        "169.254.1.1:80",
        "169.254.255.255:80",
        "[fe80::1]:80",
        "[febf:ffff::1]:80",
        "[::ffff:169.254.1.1]:80",
        "[::169.254.1.1]:80",
        "[64:ff9b::a9fe:0101]:80",
        "[2002:a9fe:0101::1]:80",
    ] {
        check(address, Some(Reason::LinkLocal));
    }
}

#[test]
fn metadata_services_are_refused_in_every_wrapping() {
    for address in [
        "169.254.169.254:80",
        "100.100.100.200:80",
        "168.63.129.16:80",
        "192.0.0.192:80",
        "[fd00:ec2::254]:80",
        "[fd20:ce::254]:80",
        "[fd00:42::42]:80",
        "[::ffff:169.254.169.254]:80",
        "[::ffff:100.100.100.200]:80",
        "[64:ff9b::a9fe:a9fe]:80",
        "[2002:a9fe:a9fe::]:80",
    ] {
        check(address, Some(Reason::Metadata));
    }
}

#[test]
fn addresses_that_are_no_machine_are_refused() {
    check("0.0.0.0:80", Some(Reason::Unspecified));
    check("0.1.2.3:80", Some(Reason::Unspecified));
    check("[::]:80", Some(Reason::Unspecified));
    check("[::ffff:0.0.0.0]:80", Some(Reason::Unspecified));
    check("224.0.0.251:5353", Some(Reason::Multicast));
    check("239.255.255.250:1900", Some(Reason::Multicast));
    check("[ff02::fb]:5353", Some(Reason::Multicast));
    check("255.255.255.255:9", Some(Reason::Broadcast));
}

#[test]
fn octoprint_itself_is_refused_over_loopback_only() {
    for address in ["127.0.0.1:5000", "127.1.2.3:5000", "[::1]:5000", "[::ffff:127.0.0.1]:5000"] {
        check(address, Some(Reason::OwnPort));
    }
    check("192.168.1.20:5000", None);
    check("127.0.0.1:5001", None);
}

#[test]
fn every_spelling_of_a_literal_in_a_url_is_seen_through() {
    for url in [
        "http://169.254.169.254/latest",
        "http://0xa9fea9fe/",
        "http://2852039166/",
        "http://0251.0376.0251.0376/",
        "http://169.254.43518/",
        "http://0xa9.254.0xa9fe/",
        "http://①⑥⑨.254.169.254/",
        "http://169。254。169。254/",
        "http://%31%36%39.254.169.254/",
        "http://[::ffff:a9fe:a9fe]/",
        "http://[0:0:0:0:0:ffff:169.254.169.254]/",
    ] {
        let url = Url::parse(url).unwrap();
        let ip = match url.host().unwrap() {
            url::Host::Ipv4(ip) => IpAddr::V4(ip),
            url::Host::Ipv6(ip) => IpAddr::V6(ip),
            url::Host::Domain(name) => panic!("{name} would be looked up"),
        };
        assert!(AddressPolicy::home(vec![]).check(SocketAddr::new(ip, 80), Side::Home).is_err(), "{url}");
    }
}

#[test]
fn a_refusal_is_a_sentence() {
    let refusal = |address: &str| {
        AddressPolicy::home(vec![5000]).check(address.parse().unwrap(), Side::Home).unwrap_err().to_string()
    };
    assert_eq!(refusal("[::ffff:169.254.1.1]:80"), "169.254.1.1 is a link-local address, and webhooks never go there.");
    assert_eq!(refusal("127.0.0.1:5000"), "127.0.0.1:5000 is OctoPrint itself, and webhooks never go there.");
}

#[test]
fn nobody_outside_sends_us_into_the_home() {
    let policy = AddressPolicy::home(vec![]);
    for inside in [
        "192.168.1.20:80",
        "10.0.0.1:443",
        "172.31.255.255:80",
        "100.64.0.1:80",
        "100.127.255.255:80",
        "127.0.0.1:80",
        "[::1]:80",
        "[fd12:3456::1]:80",
        "[::ffff:192.168.1.20]:80",
        "[64:ff9b::c0a8:0114]:80",
    ] {
        let address: SocketAddr = inside.parse().unwrap();
        let refused = policy.check(address, Side::Outside).err();
        assert_eq!(refused.map(|refused| refused.reason), Some(Reason::IntoTheHome), "{inside}");
        assert!(policy.check(address, Side::Home).is_ok(), "{inside}");
        assert_eq!(policy.side(address, "192.168.1.5:1".parse().unwrap()), Side::Home, "{inside}");
    }
    for outside in ["93.184.216.34:443", "100.128.0.1:80", "172.32.0.1:80", "[2606:4700::1111]:443"] {
        let address: SocketAddr = outside.parse().unwrap();
        assert!(policy.check(address, Side::Outside).is_ok(), "{outside}");
        assert_eq!(policy.side(address, "[2001:db8:1:2::5]:1".parse().unwrap()), Side::Outside, "{outside}");
    }
    // A machine next door has an address that the internet could reach; it is at home by its network.
    let (neighbour, own) = ("[2001:db8:1:2::9]:80".parse().unwrap(), "[2001:db8:1:2::5]:1".parse().unwrap());
    assert_eq!(policy.side(neighbour, own), Side::Home);
}
