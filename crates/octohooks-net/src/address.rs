//! Where a webhook may go, decided on the address that is about to be connected to, never on a name.
//!
//! Comes in: an address, from a look-up, a literal in a URL or a redirect. Goes out: nothing, or a refusal that says why.
//! IPv6 addresses that only wrap an IPv4 address are judged by what they wrap. This file never looks up anything.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The rules for a machine in a home: its own network is where most webhooks go.
///
/// Private addresses, loopback and `.local` names are allowed. Link-local addresses, the metadata services of clouds,
/// and addresses that are not one machine (unspecified, multicast, broadcast) never are; neither is `OctoPrint` itself
/// over loopback, because it may trust whoever comes from there. And nobody outside sends us into the home: a redirect from
/// there could switch a plug that listens to whoever asks.
#[derive(Debug, Clone)]
pub struct AddressPolicy {
    own_ports: Vec<u16>,
    outside: Vec<IpAddr>,
}

impl AddressPolicy {
    /// The home profile; `own_ports` are those on which `OctoPrint` itself listens.
    pub fn home(own_ports: Vec<u16>) -> Self {
        Self { own_ports, outside: Vec::new() }
    }

    /// These addresses are not of the home, whatever they look like.
    #[must_use]
    pub fn with_outside(self, outside: Vec<IpAddr>) -> Self {
        Self { outside, ..self }
    }

    /// Whether a connection to this address may be opened, by somebody who came from there.
    pub(crate) fn check(&self, address: SocketAddr, from: Side) -> Result<(), Refused> {
        let meant = unwrapped(address.ip());
        let into_the_home = || (from == Side::Outside && self.is_home(meant)).then_some(Reason::IntoTheHome);
        match reason_against(meant, address.port(), &self.own_ports).or_else(into_the_home) {
            Some(reason) => Err(Refused { address: SocketAddr::new(meant, address.port()), reason }),
            None => Ok(()),
        }
    }

    /// On which side of the home's router a peer is.
    pub(crate) fn side(&self, peer: SocketAddr, local: SocketAddr) -> Side {
        let (peer, local) = (unwrapped(peer.ip()), unwrapped(local.ip()));
        if self.is_home(peer) || shares_a_network(peer, local) { Side::Home } else { Side::Outside }
    }

    fn is_home(&self, ip: IpAddr) -> bool {
        !self.outside.contains(&ip) && is_not_routed(ip)
    }

    /// Whether a connection that stands may be used: one to this machine's own port by another of its addresses may not.
    pub(crate) fn check_connected(&self, peer: SocketAddr, local: SocketAddr) -> Result<(), Refused> {
        let own = unwrapped(peer.ip()) == unwrapped(local.ip()) && self.own_ports.contains(&peer.port());
        if own { Err(Refused { address: peer, reason: Reason::OwnPort }) } else { Ok(()) }
    }
}

/// A side of the home's router.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// This machine, or the network that it is in; or it is not known.
    Home,
    /// The internet.
    Outside,
}

/// Why an address was refused. Displays as a sentence for the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    address: SocketAddr,
    reason: Reason,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    Metadata,
    LinkLocal,
    Unspecified,
    Multicast,
    Broadcast,
    OwnPort,
    IntoTheHome,
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.reason {
            Reason::Metadata => "is where clouds keep the credentials of their machines",
            Reason::LinkLocal => "is a link-local address",
            Reason::Unspecified => "is not the address of a machine",
            Reason::Multicast => "is a multicast address",
            Reason::Broadcast => "is the broadcast address",
            Reason::OwnPort => {
                return write!(formatter, "{} is OctoPrint itself, and webhooks never go there.", self.address);
            }
            Reason::IntoTheHome => {
                return write!(
                    formatter,
                    "{} is within your own network, and a server outside sent us there. If it belongs there, write that \
                     address into the hook's URL.",
                    self.address.ip()
                );
            }
        };
        write!(formatter, "{} {what}, and webhooks never go there.", self.address.ip())
    }
}

impl std::error::Error for Refused {}

/// Services that hand out credentials to whoever asks from within a cloud, apart from those that are link-local anyway.
const METADATA_V4: [Ipv4Addr; 4] = [
    Ipv4Addr::new(169, 254, 169, 254), // most of them
    Ipv4Addr::new(100, 100, 100, 200), // Alibaba
    Ipv4Addr::new(168, 63, 129, 16),   // Azure
    Ipv4Addr::new(192, 0, 0, 192),     // Oracle
];

/// The same over IPv6.
const METADATA_V6: [Ipv6Addr; 3] = [
    Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254), // AWS
    Ipv6Addr::new(0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x0254), // Google
    Ipv6Addr::new(0xfd00, 0x0042, 0, 0, 0, 0, 0, 0x0042), // Scaleway
];

fn reason_against(ip: IpAddr, port: u16, own_ports: &[u16]) -> Option<Reason> {
    let own_port = || (ip.is_loopback() && own_ports.contains(&port)).then_some(Reason::OwnPort);
    match ip {
        IpAddr::V4(ip) if METADATA_V4.contains(&ip) => Some(Reason::Metadata),
        IpAddr::V4(ip) if ip.is_link_local() => Some(Reason::LinkLocal),
        // 0.0.0.0 reaches this machine, and the rest of 0.0.0.0/8 means "this network".
        IpAddr::V4(ip) if ip.octets()[0] == 0 => Some(Reason::Unspecified),
        IpAddr::V4(ip) if ip.is_multicast() => Some(Reason::Multicast),
        IpAddr::V4(ip) if ip.is_broadcast() => Some(Reason::Broadcast),
        IpAddr::V6(ip) if METADATA_V6.contains(&ip) => Some(Reason::Metadata),
        IpAddr::V6(ip) if ip.is_unicast_link_local() => Some(Reason::LinkLocal),
        IpAddr::V6(ip) if ip.is_unspecified() => Some(Reason::Unspecified),
        IpAddr::V6(ip) if ip.is_multicast() => Some(Reason::Multicast),
        _ => own_port(),
    }
}

/// Whether the internet has no way to this address: private, loopback, shared address space (RFC 6598, as mesh networks
/// use it), or unique local (RFC 4193).
fn is_not_routed(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_loopback() || (ip.octets()[0] == 100 && ip.octets()[1] & 0xc0 == 64),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local(),
    }
}

/// Machines of a home have IPv6 addresses that the internet could reach; what they have in common is the network (/64).
fn shares_a_network(one: IpAddr, other: IpAddr) -> bool {
    match (one, other) {
        (IpAddr::V6(one), IpAddr::V6(other)) => one.segments()[..4] == other.segments()[..4],
        _ => one == other,
    }
}

/// The IPv4 address inside an IPv6 address that is only a wrapping: mapped, compatible, NAT64 or 6to4.
fn unwrapped(ip: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = ip else { return ip };
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    };
    match v6.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => ip,
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] | [0x0064, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            embedded(high, low)
        }
        _ => ip,
    }
}

#[cfg(test)]
mod tests;
