//! The client against servers that misbehave: one connection, one fact. Loopback only, no names but those given.

#![expect(clippy::unwrap_used, reason = "what helps a test may fail like a test")]

mod addresses;
mod answers;
mod bounds;
mod deadlines;
mod failures;
mod kept;
mod proxies;
mod redirects;
mod requests;
mod support;
mod tls;
mod trust;
