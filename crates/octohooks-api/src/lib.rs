//! The REST API over the engine, and the pages, as one axum router.
//!
//! Comes in: requests with a [`Caller`] that says what this person may. Goes out: JSON, and files of the pages. Who the
//! person is, and whether the request is forged, the shell has checked before; what a route needs stands in one table,
//! [`routes::ROUTES`], and what is not in it is refused. No secret leaves: what is write-only stays in, the rest goes
//! only to those who manage hooks and have entered their credentials recently.

pub mod caller;
pub mod error;
pub mod openapi;
pub mod pages;
pub mod routes;

mod conditions;
mod deliveries;
mod draft;
mod hooks;
mod moving;
mod observe;
mod rehearse;
mod services;
mod signing_key;
mod view;
mod write_only;

pub use caller::Caller;
pub use routes::router;
