//! The tasks that carry an event along the road, and the handle by which shells and the API speak to them.
//!
//! Comes in: observations of a printer, answers about pictures and metadata, edits of hooks. Goes out: HTTP requests by
//! way of the network room, and notices that a shell pulls. Nothing here calls into a shell, prints, or installs a signal
//! handler; every task has an owner and a stop path.
//!
//! Read along the road: [`engine`] → `road` (detect, match) → `enrich` → `lane` (compose, authorise, send, judge) →
//! [`journal`] → [`notice`].

pub mod clock;
pub mod engine;
pub mod hook_store;
pub mod journal;
pub mod metrics;
pub mod notice;
pub mod options;
pub mod recent;
pub mod resend;
pub mod roster;
pub mod shelf;
pub mod trial;

mod backlog;
mod cargo;
mod commit;
mod dispatch;
mod enrich;
mod lane;
mod leftovers;
mod messages;
mod oauth;
mod road;
mod running_job;
mod standings;
mod surroundings;
mod unwanted;

pub use engine::{Engine, StartError};
pub use enrich::{Shot, ThumbnailAt};
pub use options::Options;
