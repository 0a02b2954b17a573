//! What an endpoint says when it is asked: the answers of [`super::Endpoint`].

use std::time::Duration;

/// Whether deliveries go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// They do.
    Go,
    /// One does, to see whether there is an answer: tell [`super::Endpoint::begin_probe`].
    Probe(Probe),
    /// A probe is under way; wait for what becomes of it.
    Probing,
    /// None does for this long; [`super::Endpoint::explain`] says why.
    Wait(Duration),
}

/// Which delivery is the probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// The oldest of the highest class.
    Oldest,
    /// Another than the last time: the endpoint answers, so the fault may lie in that one delivery.
    SecondOpinion,
}

/// How attempts go on after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setback {
    /// How long this delivery waits, and while the endpoint is open all of them.
    pub wait: Duration,
    /// Whether the endpoint was opened by this one.
    pub opened: bool,
}

/// How long an endpoint has been down while this side was up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Downtime {
    /// The time.
    pub lasted: Duration,
    /// How many probes failed in it.
    pub failed_probes: u32,
}
