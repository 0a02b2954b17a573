//! A host becomes addresses to try.
//!
//! Comes in: the host of a URL. Goes out: a few addresses in the order in which to try them, or a failure. A literal
//! address is not looked up. It never decides whether an address is allowed: that is asked for each one when it is used.
//!
//! The system's resolver cannot be interrupted: when the deadline passes first, its thread stays busy until the system
//! gives up. Whoever builds the runtime should leave room for that.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use octohooks_core::attempt::Failure;
use url::Host;

use crate::explain;
use crate::progress::{Place, Progress, Stage};

/// More addresses than this are not tried.
const MOST_ADDRESSES: usize = 8;

/// Asks the system, except for names whose addresses were given.
pub(crate) struct Resolver {
    names: BTreeMap<String, Vec<IpAddr>>,
}

impl Resolver {
    /// A resolver that knows these names by itself.
    pub(crate) fn knowing(names: BTreeMap<String, Vec<IpAddr>>) -> Self {
        Self { names }
    }

    /// At least one address, both families in turn.
    pub(crate) async fn addresses(&self, place: &Place, progress: &mut Progress) -> Result<Vec<SocketAddr>, Failure> {
        let name = match &place.host {
            Host::Ipv4(ip) => return Ok(vec![SocketAddr::new(IpAddr::V4(*ip), place.port)]),
            Host::Ipv6(ip) => return Ok(vec![SocketAddr::new(IpAddr::V6(*ip), place.port)]),
            Host::Domain(name) => name,
        };
        progress.enter(Stage::LookUp, place);
        let found: Vec<SocketAddr> = match self.names.get(name) {
            Some(known) => known.iter().map(|ip| SocketAddr::new(*ip, place.port)).collect(),
            None => tokio::net::lookup_host((name.as_str(), place.port))
                .await
                .map_err(|error| explain::look_up(&error, place))?
                .collect(),
        };
        if found.is_empty() { Err(explain::no_address(place)) } else { Ok(in_turn(found)) }
    }
}

/// Families alternate, beginning with the one that the system prefers: several dead IPv6 addresses do not come before
/// the first IPv4 address.
fn in_turn(found: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let prefers_v6 = found.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = found.into_iter().partition(|address| address.is_ipv6() == prefers_v6);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut ordered = Vec::new();
    loop {
        let pair = (first.next(), second.next());
        if pair == (None, None) || ordered.len() >= MOST_ADDRESSES {
            ordered.truncate(MOST_ADDRESSES);
            return ordered;
        }
        for address in [pair.0, pair.1].into_iter().flatten() {
            if !ordered.contains(&address) {
                ordered.push(address);
            }
        }
    }
}

#[cfg(test)]
mod tests;
