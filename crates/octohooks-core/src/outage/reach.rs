//! An origin in, and out which network leads there: this machine, the home network, or the internet.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// Which network leads to an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// None: it is this machine.
    Loopback,
    /// The home network.
    Home,
    /// The internet.
    Internet,
}

/// Ends of names that a home network gives.
const HOME_NAMES: [&str; 6] = [".local", ".lan", ".home", ".internal", ".home.arpa", ".fritz.box"];

impl Reach {
    /// By the host of an origin. A name that cannot be told apart is one of the internet.
    pub fn of(origin: &str) -> Self {
        let Ok(url) = Url::parse(origin) else { return Self::Internet };
        match url.host() {
            Some(Host::Ipv4(address)) => of_v4(address),
            Some(Host::Ipv6(address)) => of_v6(address),
            Some(Host::Domain(name)) => of_name(name),
            None => Self::Internet,
        }
    }
}

fn of_v4(address: Ipv4Addr) -> Reach {
    if address.is_loopback() {
        Reach::Loopback
    } else if address.is_private() || address.is_link_local() {
        Reach::Home
    } else {
        Reach::Internet
    }
}

fn of_v6(address: Ipv6Addr) -> Reach {
    if let Some(address) = address.to_ipv4_mapped() {
        return of_v4(address);
    }
    if address.is_loopback() {
        Reach::Loopback
    } else if address.is_unique_local() || address.is_unicast_link_local() {
        Reach::Home
    } else {
        Reach::Internet
    }
}

fn of_name(name: &str) -> Reach {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    if name == "localhost" || name.ends_with(".localhost") {
        Reach::Loopback
    } else if !name.contains('.') || HOME_NAMES.iter().any(|end| name.ends_with(end)) || name == "fritz.box" {
        Reach::Home
    } else {
        Reach::Internet
    }
}
