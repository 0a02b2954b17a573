//! What tests need of a world that misbehaves: a rude HTTP server, certificates good and bad, an address that swallows calls.
//!
//! Comes in: a script. Goes out: a server on 127.0.0.1, on a port of its own, and what it was sent. Everything lives on its
//! own thread with its own runtime, so a test may stop its clock, and ends when it is dropped. Nothing here waits for time
//! to pass unless a script says so. It is for tests alone and panics where a test would.

#![expect(
    clippy::missing_panics_doc,
    reason = "a test that cannot set up its world has to fail loudly, whatever the cause"
)]

mod black_hole;
mod certificates;
mod dead_port;
mod script;
mod server;

pub use black_hole::BlackHole;
pub use certificates::{Authority, ClientPair, Flaw, Identity};
pub use dead_port::DeadPort;
pub use script::{Gate, Script, answer};
pub use server::{Received, RudeServer};
