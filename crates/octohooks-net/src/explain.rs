//! What went wrong, in words for the person who has to mend it.
//!
//! Comes in: an error of a library or of the system, and the host and port it was about. Goes out: a [`Failure`], with what
//! to do about it where that is known. Kinds are told apart by type; the one place where there is no type is
//! [`look_up`]. A message never holds a path, a query, a user name, a header or a body, nor text that a server chose.

mod http;
mod tls;

use std::io::{self, ErrorKind};
use std::time::Duration;

use octohooks_core::attempt::{Failure, FailureKind};
use url::Host;

use crate::address::Refused;
use crate::progress::{Place, Stage};

pub(crate) use self::http::{exchange, head_too_large};
pub(crate) use self::tls::{handshake, name_not_for_tls, unreadable_authority, unusable_identity};

fn failure(kind: FailureKind, message: String) -> Failure {
    Failure { kind, message }
}

/// The system's resolver gave no address.
///
/// std keeps only the text of what `getaddrinfo` says, except on Windows and for system errors. So the texts of glibc,
/// musl and macOS that mean "there is no such name" are looked for; anything else counts as "could not be asked
/// just now", because that is tried again. A translated text falls on that side as well.
pub(crate) fn look_up(error: &io::Error, place: &Place) -> Failure {
    const NO_SUCH_NAME: [&str; 5] = [
        "Name or service not known",
        "Name does not resolve",
        "Name has no usable address",
        "nodename nor servname provided",
        "No address associated with",
    ];
    /// `WSAHOST_NOT_FOUND` and `WSANO_DATA`.
    const NO_SUCH_NAME_ON_WINDOWS: [i32; 2] = [11001, 11004];

    let text = error.to_string();
    let unknown = match error.raw_os_error() {
        Some(code) => cfg!(windows) && NO_SUCH_NAME_ON_WINDOWS.contains(&code),
        None => NO_SUCH_NAME.iter().any(|known| text.contains(known)),
    };
    if unknown {
        return no_address(place);
    }
    failure(
        FailureKind::NameLookupFailed,
        format!("The name {} could not be looked up just now. Is this machine online?", place.host),
    )
}

/// The name has no address.
pub(crate) fn no_address(place: &Place) -> Failure {
    let local =
        matches!(&place.host, Host::Domain(name) if name.trim_end_matches('.').rsplit('.').next() == Some("local"));
    let remedy = if local { "Is the device switched on and in this network?" } else { "Check its spelling." };
    failure(FailureKind::NameNotFound, format!("There is no host with the name {}. {remedy}", place.host))
}

/// The policy says no.
pub(crate) fn address_refused(refusal: &Refused, place: &Place) -> Failure {
    let leading = match place.host {
        Host::Domain(ref name) => format!("{name} leads to a forbidden address: "),
        Host::Ipv4(_) | Host::Ipv6(_) => String::new(),
    };
    failure(FailureKind::AddressRefused, format!("{leading}{refusal}"))
}

/// TCP did not come to stand.
pub(crate) fn connect(error: &io::Error, place: &Place) -> Failure {
    match error.kind() {
        ErrorKind::ConnectionRefused => failure(
            FailureKind::ConnectionRefused,
            format!("Nobody answers at {place}. Is the service running there, and is {} its port?", place.port),
        ),
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => cut(error, place),
        ErrorKind::TimedOut => slow_connection(place),
        ErrorKind::PermissionDenied => failure(
            FailureKind::Unreachable,
            format!("This machine does not allow a connection to {place}. Is there a firewall?"),
        ),
        _ => failure(
            FailureKind::Unreachable,
            format!("There is no way to {place} from this machine. Is it online, and is the host switched on?"),
        ),
    }
}

/// The address was given its time, or the system has given it up.
pub(crate) fn slow_connection(place: &Place) -> Failure {
    failure(
        FailureKind::TimedOut,
        format!("{place} does not answer when called. Is it switched on and in reach, or does a firewall swallow it?"),
    )
}

/// Whether this failure tells more than the earlier one about the same host: that one address family has no
/// way out is usual, and is not the reason.
pub(crate) fn says_more(failure: &Failure, earlier: &Failure) -> bool {
    failure.kind != FailureKind::Unreachable || earlier.kind == FailureKind::Unreachable
}

/// The connection ended under our hands.
pub(crate) fn cut(error: &io::Error, place: &Place) -> Failure {
    match error.kind() {
        ErrorKind::TimedOut => slow_connection(place),
        _ => failure(FailureKind::ConnectionReset, format!("{place} cut the connection.")),
    }
}

/// The deadline passed.
pub(crate) fn timed_out(allowed: Duration, standing: Option<(Stage, &Place)>) -> Failure {
    let allowed = if allowed.subsec_nanos() == 0 {
        format!("{} s", allowed.as_secs())
    } else {
        format!("{} ms", allowed.as_millis())
    };
    let doing = match standing {
        None => "nothing had begun yet".to_owned(),
        Some((Stage::LookUp, place)) => format!("looking up the name {}. Is this machine online?", place.host),
        Some((Stage::Connect, place)) => {
            format!("waiting for the connection to {place}. Is it switched on and in reach?")
        }
        Some((Stage::Tunnel, place)) => format!("waiting for the proxy {place}."),
        Some((Stage::Tls, place)) => {
            format!("waiting for TLS with {place}. If it speaks plain HTTP, write http:// in the URL.")
        }
        Some((Stage::Answer, place)) => {
            format!("waiting for the answer of {place}. The connection stands, but the server is silent or too slow.")
        }
        Some((Stage::Body, place)) => format!("reading the answer of {place}."),
    };
    failure(FailureKind::TimedOut, format!("No answer within {allowed}: {doing}"))
}

/// The chain of redirects does not end.
pub(crate) fn too_many_redirects(most: u8, place: &Place) -> Failure {
    failure(
        FailureKind::TooManyRedirects,
        format!("More than {most} redirects, the last one from {place}. Write the final address into the hook's URL."),
    )
}

/// The URL is not one that HTTP can be spoken to.
pub(crate) fn not_a_web_address() -> Failure {
    failure(FailureKind::CannotCompose, "The URL has to begin with http:// or https:// and name a host.".to_owned())
}

/// The URL cannot be written into a request.
pub(crate) fn address_cannot_be_sent() -> Failure {
    failure(FailureKind::CannotCompose, "The URL is too long, or has characters that cannot be sent.".to_owned())
}

/// The variable does not name a proxy.
pub(crate) fn unusable_proxy(variable: &str) -> Failure {
    failure(
        FailureKind::ProxyFailed,
        format!("The environment variable {variable} is not the address of an HTTP proxy, such as http://host:3128."),
    )
}

/// The proxy could not be talked to. That time ran out stays that.
pub(crate) fn proxy_unreachable(cause: &Failure, proxy: &Place) -> Failure {
    let kind = if cause.kind == FailureKind::TimedOut { cause.kind } else { FailureKind::ProxyFailed };
    failure(kind, format!("The proxy {proxy} cannot be used. {}", cause.message))
}

/// What the proxy says is not HTTP.
pub(crate) fn proxy_not_http(proxy: &Place) -> Failure {
    failure(FailureKind::ProxyFailed, format!("{proxy} does not answer like an HTTP proxy."))
}

/// The proxy says no.
pub(crate) fn proxy_refused(status: u16, proxy: &Place) -> Failure {
    let why = match status {
        407 => "asks for a user name and a password, or does not accept those that are set".to_owned(),
        _ => format!("does not pass this on (status {status})"),
    };
    failure(FailureKind::ProxyFailed, format!("The proxy {proxy} {why}."))
}

#[cfg(test)]
mod tests;
