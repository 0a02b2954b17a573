//! The body of an answer, as much of it as is wanted.
//!
//! Comes in: an exchange whose head is here. Goes out: the beginning of the body. A body that is too long, ends early, is cut,
//! is badly framed or does not come in time is cut short, not an error: the server has answered. It never waits past the deadline.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Body;
use tokio::time::{Instant, timeout_at};

use crate::exchange::Exchange;

/// What was read, and whether there was more or the end did not come.
pub(crate) async fn capped(exchange: &mut Exchange, limit: usize, deadline: Instant) -> (Bytes, bool) {
    let mut kept = BytesMut::new();
    while !exchange.body.is_end_stream() {
        if kept.len() >= limit {
            return (kept.freeze(), true);
        }
        let frame = exchange.connection.while_waiting(exchange.body.frame());
        let data = match timeout_at(deadline, frame).await {
            Ok(None) => break,
            Ok(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
            Ok(Some(Err(_))) | Err(_) => return (kept.freeze(), true),
        };
        let room = limit - kept.len();
        kept.extend_from_slice(&data[..data.len().min(room)]);
        if data.len() > room {
            return (kept.freeze(), true);
        }
    }
    (kept.freeze(), false)
}
