//! How far an exchange has come and how long each phase took.
//!
//! Comes in: the stages as they are entered. Goes out: [`Phases`], summed over redirects, and for a deadline that passed
//! the stage in which it did. It reads the monotonic clock and nothing else.

use std::fmt;
use std::time::Duration;

use octohooks_core::attempt::Phases;
use tokio::time::Instant;
use url::{Host, Url};

/// Host and port, the only part of a URL that may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// As it stands in the URL, normalised.
    pub(crate) host: Host<String>,
    /// Written or implied by the scheme.
    pub(crate) port: u16,
}

impl Place {
    /// Where a URL points to; `None` if it has no host or no port.
    pub(crate) fn of(url: &Url) -> Option<Self> {
        Some(Self { host: url.host()?.to_owned(), port: url.port_or_known_default()? })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.host, self.port)
    }
}

/// What an exchange is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Asking for the addresses of a name.
    LookUp,
    /// Opening the TCP connection.
    Connect,
    /// Asking a proxy for a tunnel; counts as connecting.
    Tunnel,
    /// Setting up TLS.
    Tls,
    /// Writing the request, then waiting for the head of the answer.
    Answer,
    /// Reading the body of the answer.
    Body,
}

/// A stopwatch with a memory.
pub(crate) struct Progress {
    begun: Instant,
    stage: Option<(Stage, Instant)>,
    place: Option<Place>,
    phases: Phases,
}

impl Progress {
    /// Starts the watch.
    pub(crate) fn begin(now: Instant) -> Self {
        Self { begun: now, stage: None, place: None, phases: Phases::default() }
    }

    /// Ends the stage before and begins this one, for this host.
    pub(crate) fn enter(&mut self, stage: Stage, place: &Place) {
        let now = Instant::now();
        self.leave(now);
        self.stage = Some((stage, now));
        self.place = Some(place.clone());
    }

    /// Where things stand: the stage and its host, if one was entered.
    pub(crate) fn standing(&self) -> Option<(Stage, &Place)> {
        self.stage.map(|(stage, _)| stage).zip(self.place.as_ref())
    }

    /// Stops the watch.
    pub(crate) fn finish(mut self) -> Phases {
        let now = Instant::now();
        self.leave(now);
        Phases { total: now.duration_since(self.begun), ..self.phases }
    }

    fn leave(&mut self, now: Instant) {
        let Some((stage, since)) = self.stage.take() else { return };
        let sum: &mut Option<Duration> = match stage {
            Stage::LookUp => &mut self.phases.dns,
            Stage::Connect | Stage::Tunnel => &mut self.phases.connect,
            Stage::Tls => &mut self.phases.tls,
            Stage::Answer => &mut self.phases.first_byte,
            Stage::Body => &mut self.phases.body,
        };
        *sum = Some(sum.unwrap_or_default() + now.duration_since(since));
    }
}
