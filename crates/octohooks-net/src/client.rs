//! The client: a request goes in, an attempt comes out.
//!
//! Comes in: a finished request. Goes out: always an [`Attempt`], when the request's deadline passes at the latest, with how
//! long each phase took. It never retries and never judges an answer.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::header::LOCATION;
use octohooks_core::attempt::{Answer, Attempt, Failure};
use octohooks_core::request::Request;
use octohooks_core::time::UnixMillis;
use tokio::time::{Instant, timeout_at};

use crate::address::{AddressPolicy, Side};
use crate::connect::Connector;
use crate::exchange::{Connection, Exchange, Unanswered};
use crate::explain;
use crate::progress::{Progress, Stage};
use crate::proxy::Proxies;
use crate::read;
use crate::redirect::{self, Hop, MOST_REDIRECTS, Next};
use crate::resolve::Resolver;
use crate::tls::{Tls, UnreadableAuthority};

/// No deadline is longer than this, whatever a request says.
const LONGEST_DEADLINE: Duration = Duration::from_hours(24);

/// Sends requests. Cloning it is cheap; building it is not, because the system's roots are read.
#[derive(Clone)]
pub struct Client {
    connector: Arc<Connector>,
}

/// What a client knows beside what the system knows.
#[derive(Debug, Clone, Default)]
pub struct Extras {
    /// Certificates (DER) of authorities that are trusted like those of the system: a home's own, or a test's.
    pub authorities: Vec<Vec<u8>>,
    /// Names that are not looked up because their addresses are known. The policy holds for them all the same.
    pub names: BTreeMap<String, Vec<IpAddr>>,
}

impl Client {
    /// A client that trusts and resolves as the system does.
    #[expect(clippy::missing_panics_doc, reason = "it cannot: no authority is given, so none is unreadable")]
    pub fn new(policy: AddressPolicy, proxies: Proxies) -> Self {
        Self::with_extras(policy, proxies, Extras::default()).expect("no authority is given, so none is unreadable")
    }

    /// A client that knows more than the system.
    pub fn with_extras(policy: AddressPolicy, proxies: Proxies, extras: Extras) -> Result<Self, UnreadableAuthority> {
        let (tls, resolver) = (Tls::load(extras.authorities)?, Resolver::knowing(extras.names));
        Ok(Self { connector: Arc::new(Connector { policy, proxies, resolver, tls }) })
    }

    /// One exchange, redirects included, over a connection of its own. `started` is the wall clock's reading and only goes
    /// into the attempt.
    ///
    /// Dropping the future ends everything but a look-up that the system's resolver is busy with.
    pub async fn send(&self, request: &Request, started: UnixMillis) -> Attempt {
        self.send_keeping(request, started, &mut Kept::default()).await
    }

    /// The same, over the connection that was kept from the request before, if it leads to the very same place on the very
    /// same terms; and the connection is kept for the next one, if the server agrees.
    ///
    /// A kept connection may turn out to be closed. Where no byte of an answer came, the request goes over a new one, so
    /// it may have been received twice: only for requests that may be.
    pub async fn send_keeping(&self, request: &Request, started: UnixMillis, kept: &mut Kept) -> Attempt {
        let begun = Instant::now();
        let allowed = request.transport.deadline.min(LONGEST_DEADLINE);
        let deadline = begun + allowed;
        let mut progress = Progress::begin(begun);
        let outcome = match timeout_at(deadline, self.follow(request, deadline, &mut progress, kept.0.take())).await {
            Ok(Ok(chain)) => Ok(chain.answer(request.transport.answer_limit, deadline, &mut progress, kept).await),
            Ok(Err(failure)) => Err(failure),
            Err(_) => Err(explain::timed_out(allowed, progress.standing())),
        };
        Attempt { started, phases: progress.finish(), outcome }
    }

    /// From hop to hop until an answer is the last one.
    async fn follow(
        &self,
        request: &Request,
        deadline: Instant,
        progress: &mut Progress,
        kept: Option<Connection>,
    ) -> Result<Chain, Failure> {
        let mut hop = Hop::first(request)?;
        let mut kept = kept.filter(|kept| kept.target == hop.target);
        let mut redirects_followed = 0;
        let mut from = Side::Home;
        loop {
            let last = if let Some(exchange) = again(kept.take(), &hop, progress).await? {
                exchange
            } else {
                let wire = self.connector.open(&hop.target, from, deadline, progress).await?;
                progress.enter(Stage::Answer, &hop.target.place);
                Connection::over(wire, hop.target.clone()).await?.exchange(&hop).await?
            };
            if let (407, Some(proxy)) = (last.head.status.as_u16(), &last.connection.forwarding_proxy) {
                return Err(explain::proxy_refused(407, &proxy.place));
            }
            match redirect::next(&hop, last.head.status, last.head.headers.get(LOCATION)) {
                Next::Stay => return Ok(Chain { hop, last, redirects_followed, redirect_refused: None }),
                Next::Refuse(reason) => {
                    return Ok(Chain { hop, last, redirects_followed, redirect_refused: Some(reason) });
                }
                Next::Follow(_) if redirects_followed == MOST_REDIRECTS => {
                    return Err(explain::too_many_redirects(MOST_REDIRECTS, &hop.target.place));
                }
                Next::Follow(next) => hop = *next,
            }
            if last.connection.side == Side::Outside {
                from = Side::Outside;
            }
            redirects_followed += 1;
        }
    }
}

/// Over a connection that was kept; `None` where there is none, or it is closed by now.
async fn again(kept: Option<Connection>, hop: &Hop, progress: &mut Progress) -> Result<Option<Exchange>, Failure> {
    let Some(mut connection) = kept else { return Ok(None) };
    progress.enter(Stage::Answer, &hop.target.place);
    if !connection.stands().await {
        return Ok(None);
    }
    match connection.exchange(hop).await {
        Ok(exchange) => Ok(Some(exchange)),
        Err(Unanswered::Ended(_)) => Ok(None),
        Err(Unanswered::Failed(failure)) => Err(failure),
    }
}

/// A connection between two requests, or none. Dropping it hangs up.
#[derive(Default)]
pub struct Kept(Option<Connection>);

impl Kept {
    /// Whether there is a connection.
    pub const fn is_some(&self) -> bool {
        self.0.is_some()
    }
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(if self.is_some() { "Kept(a connection)" } else { "Kept(nothing)" })
    }
}

/// A chain of hops that has come to its end.
struct Chain {
    hop: Hop,
    last: Exchange,
    redirects_followed: u8,
    redirect_refused: Option<String>,
}

impl Chain {
    async fn answer(mut self, limit: usize, deadline: Instant, progress: &mut Progress, kept: &mut Kept) -> Answer {
        progress.enter(Stage::Body, &self.hop.target.place);
        let (body, truncated) = read::capped(&mut self.last, limit, deadline).await;
        let (status, headers) = (self.last.head.status.as_u16(), self.last.head.headers);
        if !truncated && self.redirects_followed == 0 {
            kept.0 = Some(self.last.connection);
        }
        Answer {
            status,
            headers,
            body,
            truncated,
            redirects_followed: self.redirects_followed,
            redirect_refused: self.redirect_refused,
        }
    }
}
