//! Hands deliveries to the lanes once they are stored, in the order of events. One task; events that come while the disk is
//! busy are written together, since all of them have been given to the outbox already.

use std::sync::Arc;

use octohooks_store::outbox::{Committed, Reason};
use tokio::sync::mpsc;

use crate::cargo::Fresh;
use crate::road::Told;
use crate::surroundings::Surroundings;

/// Runs until the engine stops.
pub(crate) async fn run(mut inbox: mpsc::Receiver<Fresh>, surroundings: Arc<Surroundings>) {
    loop {
        let fresh = tokio::select! {
            biased;
            fresh = inbox.recv() => fresh,
            () = surroundings.stop.cancelled() => break,
        };
        let Some(Fresh { mut items, ticket }) = fresh else { break };
        if let Some(ticket) = ticket {
            // Whether it lies on disk or could only be kept in memory: it is sent. The store tells the user which.
            let held = matches!(ticket.await, Ok(Committed::Durable | Committed::MemoryOnly(Reason::Failing)));
            // What the outbox does not hold can not be read later.
            items.retain(|item| !(held && item.payload.read_later));
        }
        let Some(road) = surroundings.road.upgrade() else { break };
        if road.send(Told::Stored(items)).await.is_err() {
            break;
        }
    }
}
