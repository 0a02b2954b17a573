//! From a URL to a stream that HTTP can be spoken on.
//!
//! Comes in: where to, and on which terms the server is believed. Goes out: a [`Wire`]. The policy is asked for every
//! address that is really connected to, that of a proxy included; with a proxy in between the proxy does the look-up, so
//! that of the target only a literal address can be judged.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use octohooks_core::attempt::Failure;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use url::Host;

use crate::address::{AddressPolicy, Refused, Side};
use crate::explain;
use crate::progress::{Place, Progress, Stage};
use crate::proxy::{Proxies, Proxy, Route};
use crate::resolve::Resolver;
use crate::tls::{Terms, Tls};
use crate::tunnel;

/// The longest wait for one address while there are others.
const SLICE: Duration = Duration::from_secs(5);

/// Anything bytes go through both ways.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A stream that stands.
pub(crate) struct Wire {
    /// Ready for the first byte of a request.
    pub(crate) stream: Box<dyn Stream>,
    /// A proxy that reads the request itself (plain HTTP): it wants the whole URL and its own credentials.
    pub(crate) forwarding_proxy: Option<Proxy>,
    /// Where its other end is; behind a proxy nobody knows.
    pub(crate) side: Side,
}

/// Where one hop goes. A connection leads nowhere else, so equal targets may share one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// Host and port.
    pub(crate) place: Place,
    /// Whether the scheme is https.
    pub(crate) secure: bool,
    /// Whom to believe over TLS.
    pub(crate) terms: Terms,
}

/// Everything that is needed to connect, shared by all requests.
pub(crate) struct Connector {
    pub(crate) policy: AddressPolicy,
    pub(crate) proxies: Proxies,
    pub(crate) resolver: Resolver,
    pub(crate) tls: Tls,
}

impl Connector {
    /// Connects, through a proxy if one is configured for this target. `from`: who sends us there, the user or a redirect.
    pub(crate) async fn open(
        &self,
        target: &Target,
        from: Side,
        deadline: Instant,
        progress: &mut Progress,
    ) -> Result<Wire, Failure> {
        match self.proxies.route(target.secure, &target.place) {
            Route::Direct => {
                let (stream, side) = self.tcp(&target.place, from, deadline, progress).await?;
                Ok(Wire { stream: self.secured(stream, target, progress).await?, forwarding_proxy: None, side })
            }
            Route::Unusable(variable) => Err(explain::unusable_proxy(variable)),
            Route::Through(proxy) => {
                self.check_literal(&target.place, from)?;
                let stream = self
                    .to_proxy(proxy, deadline, progress)
                    .await
                    .map_err(|failure| explain::proxy_unreachable(&failure, &proxy.place))?;
                if !target.secure {
                    return Ok(Wire { stream, forwarding_proxy: Some(proxy.clone()), side: Side::Home });
                }
                progress.enter(Stage::Tunnel, &proxy.place);
                let stream = tunnel::dig(stream, proxy, &target.place).await?;
                let stream = self.secured(stream, target, progress).await?;
                Ok(Wire { stream, forwarding_proxy: None, side: Side::Home })
            }
        }
    }

    async fn secured(
        &self,
        stream: Box<dyn Stream>,
        target: &Target,
        progress: &mut Progress,
    ) -> Result<Box<dyn Stream>, Failure> {
        if !target.secure {
            return Ok(stream);
        }
        progress.enter(Stage::Tls, &target.place);
        self.tls.wrap(stream, &target.place, &target.terms).await
    }

    async fn to_proxy(
        &self,
        proxy: &Proxy,
        deadline: Instant,
        progress: &mut Progress,
    ) -> Result<Box<dyn Stream>, Failure> {
        let (stream, _) = self.tcp(&proxy.place, Side::Home, deadline, progress).await?;
        if !proxy.secure {
            return Ok(stream);
        }
        progress.enter(Stage::Tls, &proxy.place);
        self.tls.wrap(stream, &proxy.place, &Terms::usual()).await
    }

    /// Tries the addresses one after the other, each with a share of the time that is left, so that a dead one does not
    /// use up the deadline. The failure that is told is that of the last one, unless an earlier one says more.
    async fn tcp(
        &self,
        place: &Place,
        from: Side,
        deadline: Instant,
        progress: &mut Progress,
    ) -> Result<(Box<dyn Stream>, Side), Failure> {
        let addresses = self.resolver.addresses(place, progress).await?;
        let mut refused = None;
        let mut allowed = Vec::new();
        for address in addresses {
            match self.policy.check(address, from) {
                Ok(()) => allowed.push(address),
                Err(refusal) => refused = Some(explain::address_refused(&refusal, place)),
            }
        }
        progress.enter(Stage::Connect, place);
        let mut told: Option<Failure> = None;
        for (index, address) in allowed.iter().enumerate() {
            let failure = match connect_one(*address, share(deadline, allowed.len() - index)).await {
                Ok(stream) => match self.check_connected(&stream) {
                    Ok(side) => return Ok((Box::new(stream), side)),
                    Err(refusal) => explain::address_refused(&refusal, place),
                },
                Err(None) => explain::slow_connection(place),
                Err(Some(error)) => explain::connect(&error, place),
            };
            if told.as_ref().is_none_or(|earlier| explain::says_more(&failure, earlier)) {
                told = Some(failure);
            }
        }
        Err(told.or(refused).unwrap_or_else(|| explain::no_address(place)))
    }

    fn check_connected(&self, stream: &TcpStream) -> Result<Side, Refused> {
        match (stream.peer_addr(), stream.local_addr()) {
            (Ok(peer), Ok(local)) => {
                self.policy.check_connected(peer, local)?;
                Ok(self.policy.side(peer, local))
            }
            // A connection that is gone already: using it will say so.
            _ => Ok(Side::Home),
        }
    }

    fn check_literal(&self, place: &Place, from: Side) -> Result<(), Failure> {
        let ip = match place.host {
            Host::Ipv4(ip) => IpAddr::V4(ip),
            Host::Ipv6(ip) => IpAddr::V6(ip),
            Host::Domain(_) => return Ok(()),
        };
        let checked = self.policy.check(SocketAddr::new(ip, place.port), from);
        checked.map_err(|refusal| explain::address_refused(&refusal, place))
    }
}

/// The time for the next address; `None` for the last one, which has all that is left.
fn share(deadline: Instant, addresses_left: usize) -> Option<Duration> {
    let divisor = u32::try_from(addresses_left).ok().filter(|left| *left > 1)?;
    Some(SLICE.min(deadline.saturating_duration_since(Instant::now()) / divisor))
}

/// `Err(None)`: the share was used up.
async fn connect_one(address: SocketAddr, share: Option<Duration>) -> Result<TcpStream, Option<std::io::Error>> {
    let connecting = TcpStream::connect(address);
    let stream = match share {
        None => connecting.await.map_err(Some)?,
        Some(share) => timeout(share, connecting).await.map_err(|_| None)?.map_err(Some)?,
    };
    // A small request goes out at once instead of waiting for company. A socket that does not know the option works all the same.
    stream.set_nodelay(true).ok();
    Ok(stream)
}
