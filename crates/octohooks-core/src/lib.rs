//! What an event means, who wants it, and what is sent: the pure part of the road.
//!
//! Comes in: observations of a printer, hooks as the user configured them. Goes out: requests ready to be sent, and
//! what follows from what became of them. Everything here is a function of its arguments: no clock, no random number, no
//! file, no network, no thread. A value that came with an event is data: it is never scanned for variables.
//!
//! Read along the road: [`observation`] → [`detect`] → [`event`] → [`matching`] → [`parcel`] → [`compose`] →
//! [`request`] → [`attempt`] → [`etiquette`]. What follows from
//! it: [`endpoint`], [`outage`], [`standing`], [`schedule`], [`queue`], [`moment`].

pub mod attempt;
pub mod compose;
pub mod condition;
pub mod daytime;
pub mod detect;
pub mod endpoint;
pub mod etiquette;
pub mod event;
pub mod heat;
pub mod hook;
pub mod ids;
pub mod import;
pub mod layers;
pub mod matching;
pub mod messages;
pub mod milestones;
pub mod moment;
pub mod observation;
pub mod outage;
pub mod parcel;
pub mod picture;
pub mod problem;
pub mod queue;
pub mod quiet;
pub mod remaining;
pub mod request;
pub mod sample;
pub mod schedule;
pub mod secret;
pub mod services;
pub mod shown;
pub mod sign;
pub mod standing;
pub mod status;
pub mod template;
pub mod terminal;
pub mod thumbnail;
pub mod time;
pub mod topic;
pub mod trust;
pub mod variables;
