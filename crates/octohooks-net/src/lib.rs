//! Request in, attempt out: the only room that speaks HTTP as a client.
//!
//! [`Client::send`] takes a finished [`Request`](octohooks_core::request::Request) and always returns an
//! [`Attempt`](octohooks_core::attempt::Attempt), at the latest when the request's deadline passes: it returns no error
//! and trusts nothing that comes back. Read along the road of one request: [`redirect`] (which hop comes next) → [`proxy`]
//! (direct or not) → [`resolve`] → [`address`] (may it go there) → [`connect`] → [`tunnel`] → [`tls`] → [`exchange`] (one
//! request and the head of its answer) → [`read`] (the body, capped) → [`explain`] (what went wrong, in words).
//!
//! A connection outlives its exchange only in the hands of the caller ([`Kept`]). This room never decompresses, makes
//! a second attempt, reads the environment by itself, installs a global TLS provider, or puts a path, query,
//! header, body or user name into a message.

mod address;
mod client;
mod connect;
mod exchange;
mod explain;
mod progress;
mod proxy;
mod read;
mod redirect;
mod resolve;
mod tls;
mod tunnel;
mod watched;

pub use address::{AddressPolicy, Refused};
pub use client::{Client, Extras, Kept};
pub use proxy::Proxies;
pub use tls::UnreadableAuthority;
