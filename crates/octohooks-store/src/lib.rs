//! The outbox and the journal: what must not be lost, and what may be looked up. The only crate that speaks SQL.
//!
//! Comes in: events that hooks want, and what became of their deliveries. Goes out: tickets that say when an event is on
//! disk, what waits, lists for people, and reports of what a person has to know. Nothing here sends, retries, or ends a
//! delivery of its own accord, reads a clock of the wall, or makes a caller wait for the disk.
//!
//! ```text
//! append ─ inbox ─ writer thread ─ one transaction for all that arrived ─ tickets          (outbox.db, flushed)
//! complete, postpone, enrich ─ inbox ─ along with the next commit, or after a second        (losing one costs a repeat)
//! load ─ inbox ─ at start, when a lane overflowed, for late retries
//! Journal::write ─ gathered by delivery ─ its own thread, every few seconds                 (journal.db, may be thrown away)
//! ```
//!
//! | room | what it does |
//! |---|---|
//! | [`store`] | the contract: a `Store` makes changes as a whole, leases, and reads; [`sqlite`] and [`memory`] keep it |
//! | [`stored`] | how an event looks on disk, apart from the types of the road |
//! | `inbox`, `writer` | group commit: what waits, and the thread that takes it |
//! | `tiers` | disk while it works, memory while it does not, and back |
//! | [`outbox`] | the handle |
//! | [`journal`] | what was attempted |
//!
//! What is promised: after a ticket said [`outbox::Committed::Durable`], the event survives crashes, kills, and power cuts,
//! provided that the storage honours flushes, until each of its deliveries was completed. A delivery may come back after it
//! was completed (the mark was not written yet), with its first id.

#![forbid(unsafe_code)]

pub mod error;
pub mod event;
pub mod journal;
pub mod memory;
pub mod outbox;
pub mod reply;
pub mod report;
pub mod sqlite;
pub mod store;
pub mod stored;

mod inbox;
mod packed;
mod tiers;
mod writer;

pub use journal::Journal;
pub use outbox::Outbox;
pub use writer::Figures;
