//! Facts about the sentences that need no socket.

use super::*;

fn place(host: &str) -> Place {
    Place { host: Host::parse(host).unwrap(), port: 443 }
}

#[test]
fn what_getaddrinfo_says_is_told_apart_as_far_as_std_allows() {
    for (text, kind) in [
        ("failed to lookup address information: Name or service not known", FailureKind::NameNotFound), // glibc
        ("failed to lookup address information: No address associated with hostname", FailureKind::NameNotFound),
        ("failed to lookup address information: Name does not resolve", FailureKind::NameNotFound), // musl
        ("failed to lookup address information: Name has no usable address", FailureKind::NameNotFound),
        (
            "failed to lookup address information: nodename nor servname provided, or not known",
            FailureKind::NameNotFound,
        ), // macOS
        ("failed to lookup address information: Temporary failure in name resolution", FailureKind::NameLookupFailed),
        ("failed to lookup address information: Try again", FailureKind::NameLookupFailed),
        (
            "failed to lookup address information: Non-recoverable failure in name resolution",
            FailureKind::NameLookupFailed,
        ),
        ("etwas ganz anderes", FailureKind::NameLookupFailed),
    ] {
        assert_eq!(look_up(&io::Error::other(text), &place("a.test")).kind, kind, "{text}");
    }
    let out_of_memory = io::Error::from_raw_os_error(12);
    assert_eq!(look_up(&out_of_memory, &place("a.test")).kind, FailureKind::NameLookupFailed);
}

#[test]
fn a_name_that_is_not_found_has_a_remedy() {
    assert_eq!(
        no_address(&place("exmaple.com")).message,
        "There is no host with the name exmaple.com. Check its spelling."
    );
    assert!(no_address(&place("printer.local")).message.contains("switched on"));
}

#[test]
fn errors_of_connecting_are_told_apart_by_kind() {
    for (error, kind) in [
        (ErrorKind::ConnectionRefused, FailureKind::ConnectionRefused),
        (ErrorKind::ConnectionReset, FailureKind::ConnectionReset),
        (ErrorKind::TimedOut, FailureKind::TimedOut),
        (ErrorKind::HostUnreachable, FailureKind::Unreachable),
        (ErrorKind::NetworkUnreachable, FailureKind::Unreachable),
        (ErrorKind::NetworkDown, FailureKind::Unreachable),
        (ErrorKind::AddrNotAvailable, FailureKind::Unreachable),
        (ErrorKind::PermissionDenied, FailureKind::Unreachable),
    ] {
        assert_eq!(connect(&io::Error::from(error), &place("a.test")).kind, kind, "{error:?}");
    }
}

#[test]
fn no_way_out_for_one_family_is_not_the_reason_that_is_told() {
    let unreachable = connect(&io::Error::from(ErrorKind::NetworkUnreachable), &place("a.test"));
    let refused = connect(&io::Error::from(ErrorKind::ConnectionRefused), &place("a.test"));
    assert!(says_more(&refused, &unreachable));
    assert!(!says_more(&unreachable, &refused));
}

#[test]
fn a_deadline_names_its_length_and_its_phase() {
    let place = place("a.test");
    let message = |stage| timed_out(Duration::from_secs(30), Some((stage, &place))).message;
    assert_eq!(
        message(Stage::Connect),
        "No answer within 30 s: waiting for the connection to a.test:443. Is it switched on and in reach?"
    );
    for (stage, phase) in [
        (Stage::LookUp, "looking up the name a.test"),
        (Stage::Tunnel, "the proxy a.test:443"),
        (Stage::Tls, "TLS with a.test:443"),
        (Stage::Answer, "the answer of a.test:443"),
        (Stage::Body, "reading the answer of a.test:443"),
    ] {
        assert!(message(stage).contains(phase), "{}", message(stage));
    }
    assert!(timed_out(Duration::from_millis(1500), None).message.starts_with("No answer within 1500 ms: "));
}
