//! This side or that side: whether a failure is about one receiver, or about the network of this machine.
//!
//! Comes in: what attempts saw, at whichever endpoint, and whether the machine has a route at all, where that is known. Goes
//! out: a [`Side`] for each failure, and one piece of [`News`] at the beginning and at the end of an outage. The home
//! network and the internet are judged apart, since one often works without the other. What happens on this machine itself
//! (loopback) says nothing about either.

mod reach;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::attempt::{Attempt, FailureKind};
use crate::moment::{InWords, Now};

pub use reach::Reach;

/// What was seen this long ago says nothing about now.
pub const MEMORY: Duration = Duration::from_mins(2);
/// More endpoints than this are not remembered, the eldest sightings go.
const MOST_REMEMBERED: usize = 256;

/// Whose trouble it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// This machine's, or its network's: counts against nobody.
    This,
    /// The receiver's, as far as can be told.
    That,
}

/// What an attempt showed of the way to an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// Something was there: an answer, or at least a connection.
    Reached,
    /// Nothing leads there, or nothing at its end does.
    NoRoute,
    /// The name could not be looked up.
    NoLookup,
    /// The name does not exist: or a router without internet says so.
    NoName,
    /// No connection came about.
    NoConnection,
    /// It says nothing about the network: the request never left.
    Nothing,
}

/// The beginning or the end of an outage of this side, told once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// It begins. Failures since [`MEMORY`] ago belong to it: see [`crate::endpoint::Endpoint::pardon`].
    Began(Reach, Cause),
    /// It is over: try everything at once.
    Ended(Reach, Duration),
}

/// How an outage shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The machine has no way out.
    NoRoute,
    /// No name can be looked up.
    NoLookups,
    /// Nothing can be reached.
    NothingReached,
}

/// What came of one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judgement {
    /// Whose trouble it is, if it is trouble.
    pub side: Side,
    /// What has to be told and done, if anything.
    pub news: Option<News>,
}

/// Watches all endpoints together. Not stored: after a restart it learns anew within the first attempts.
#[derive(Debug, Clone, Default)]
pub struct OutageWatch {
    last: BTreeMap<String, Seen>,
    home: State,
    internet: State,
    /// `Some(false)`: the system says that there is no route to anywhere.
    route: Option<bool>,
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    reach: Reach,
    sight: Sight,
    at: Duration,
}

#[derive(Debug, Clone, Copy, Default)]
struct State {
    down_since: Option<Duration>,
}

impl Sight {
    /// What an attempt showed.
    pub fn of(attempt: &Attempt) -> Self {
        let Err(failure) = &attempt.outcome else { return Self::Reached };
        if attempt.phases.connect.is_some() {
            return Self::Reached;
        }
        match failure.kind {
            FailureKind::Unreachable => Self::NoRoute,
            FailureKind::NameLookupFailed => Self::NoLookup,
            FailureKind::NameNotFound => Self::NoName,
            FailureKind::ConnectionRefused
            | FailureKind::ConnectionReset
            | FailureKind::TimedOut
            | FailureKind::ProxyFailed
            | FailureKind::OauthUnavailable => Self::NoConnection,
            FailureKind::CertificateUnknown
            | FailureKind::CertificateExpired
            | FailureKind::TlsFailed
            | FailureKind::NotHttp
            | FailureKind::AnswerTooLarge
            | FailureKind::TooManyRedirects
            | FailureKind::OauthRefused => Self::Reached,
            FailureKind::AddressRefused | FailureKind::CannotCompose | FailureKind::Stopped | FailureKind::Internal => {
                Self::Nothing
            }
        }
    }
}

impl OutageWatch {
    /// Takes in what an attempt at an endpoint showed. `origin` is the endpoint's scheme, host and port.
    pub fn observe(&mut self, now: &Now, origin: &str, sight: Sight) -> Judgement {
        let reach = Reach::of(origin);
        if reach == Reach::Loopback || sight == Sight::Nothing {
            return Judgement { side: Side::That, news: None };
        }
        self.remember(now, origin, Seen { reach, sight, at: now.uptime });
        if sight == Sight::Reached {
            // Whoever answers proves the way there, whatever the system says of routes.
            self.route = self.route.filter(|route| *route);
            return Judgement { side: Side::That, news: self.end(now, reach) };
        }
        match self.cause(now, reach) {
            Some(cause) => Judgement { side: Side::This, news: self.begin(now, reach, cause) },
            None => Judgement { side: Side::That, news: None },
        }
    }

    /// Takes in what the system says: whether there is a route to anywhere but this machine. A route that appears is worth
    /// trying everything at once, even where no outage was told: the answer says so.
    pub fn observe_route(&mut self, there_is_one: bool) -> bool {
        let appeared = self.route == Some(false) && there_is_one;
        self.route = Some(there_is_one);
        appeared
    }

    /// Whether an outage of this side is known, towards an endpoint.
    pub fn is_out(&self, origin: &str) -> bool {
        match Reach::of(origin) {
            Reach::Loopback => false,
            Reach::Home => self.home.down_since.is_some(),
            Reach::Internet => self.internet.down_since.is_some(),
        }
    }

    /// Why a failure towards `reach` is this side's, if it is: nobody there was reached of late, and either one failure
    /// is enough to tell, or several endpoints failed alike.
    fn cause(&self, now: &Now, reach: Reach) -> Option<Cause> {
        if self.route == Some(false) {
            return Some(Cause::NoRoute);
        }
        let recent: Vec<Seen> = self.recent(now).filter(|seen| seen.reach == reach).collect();
        if recent.iter().any(|seen| seen.sight == Sight::Reached) {
            return None;
        }
        let all = |wanted: &[Sight]| recent.iter().all(|seen| wanted.contains(&seen.sight));
        let several = recent.len() >= 2;
        // At home a machine that is switched off looks like a missing route, and a name that mDNS does not know may be
        // off as well: one failure says nothing there.
        let certain = several || reach == Reach::Internet;
        if certain && all(&[Sight::NoRoute]) {
            return Some(Cause::NoRoute);
        }
        if certain && all(&[Sight::NoLookup]) || several && all(&[Sight::NoLookup, Sight::NoName]) {
            return Some(Cause::NoLookups);
        }
        if several {
            return Some(Cause::NothingReached);
        }
        None
    }

    fn recent(&self, now: &Now) -> impl Iterator<Item = Seen> {
        let since = now.uptime.saturating_sub(MEMORY);
        self.last.values().filter(move |seen| seen.at >= since).copied()
    }

    fn remember(&mut self, now: &Now, origin: &str, seen: Seen) {
        if self.last.len() >= MOST_REMEMBERED && !self.last.contains_key(origin) {
            let since = now.uptime.saturating_sub(MEMORY);
            self.last.retain(|_, seen| seen.at >= since);
            let eldest = self.last.iter().min_by_key(|(_, seen)| seen.at).map(|(origin, _)| origin.clone());
            if let Some(eldest) = eldest.filter(|_| self.last.len() >= MOST_REMEMBERED) {
                self.last.remove(&eldest);
            }
        }
        self.last.insert(origin.to_owned(), seen);
    }

    fn state(&mut self, reach: Reach) -> &mut State {
        if reach == Reach::Home { &mut self.home } else { &mut self.internet }
    }

    fn begin(&mut self, now: &Now, reach: Reach, cause: Cause) -> Option<News> {
        let state = self.state(reach);
        if state.down_since.is_some() {
            return None;
        }
        state.down_since = Some(now.uptime);
        Some(News::Began(reach, cause))
    }

    fn end(&mut self, now: &Now, reach: Reach) -> Option<News> {
        let since = self.state(reach).down_since.take()?;
        Some(News::Ended(reach, now.uptime.saturating_sub(since)))
    }
}

impl fmt::Display for News {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Began(reach, cause) => {
                let what = match cause {
                    Cause::NoRoute => "This machine has no way",
                    Cause::NoLookups => "This machine can look up no names on the way",
                    Cause::NothingReached => "Nothing can be reached on the way",
                };
                let where_to = if *reach == Reach::Home { "into the home network" } else { "into the internet" };
                write!(formatter, "{what} {where_to}. Webhooks wait, and are sent when it works again.")
            }
            Self::Ended(reach, lasted) => {
                let which = if *reach == Reach::Home { "home network" } else { "internet" };
                write!(formatter, "The {which} can be reached again, after {}. Sending what waited.", InWords(*lasted))
            }
        }
    }
}

#[cfg(test)]
mod tests;
