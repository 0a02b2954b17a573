//! The light of a picture that addresses switch: on before the shell is asked for the picture, off when it is there.
//!
//! Comes in: wishes with a light. Goes out: the answers to them, with what is to be said of the light. Each call is bounded in
//! time, and whatever becomes of it costs a sentence, never the picture.

use std::sync::Arc;
use std::time::Duration;

use octohooks_core::picture::light::{LONGEST_CALL, Light, Switch};
use octohooks_core::picture::{CameraWish, Found, Wish};
use octohooks_net::Client;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::album::Album;
use super::{Enricher, patience_of_shell};
use crate::clock::Clock;

/// More than this are not asked for at the same moment; the picture of one more is taken as it is.
pub(crate) const INBOX: usize = 64;

/// How much longer a picture takes with a light.
pub(super) const BOTH_CALLS: Duration = LONGEST_CALL.saturating_mul(2);

/// A picture in a light.
#[derive(Debug)]
pub(crate) struct Lit {
    pub(super) enricher: Arc<Enricher>,
    pub(super) album: Arc<Album>,
    pub(super) wish: CameraWish,
    pub(super) light: Light,
}

/// Takes wishes until it is stopped; each is a task of `tasks`, and stopped it still switches its light off.
pub(crate) async fn run(
    mut inbox: mpsc::Receiver<Lit>,
    (client, clock): (Client, Clock),
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    while let Some(Some(lit)) = stop.run_until_cancelled(inbox.recv()).await {
        tasks.spawn(lit.take(client.clone(), clock, stop.clone()));
    }
}

impl Lit {
    async fn take(self, client: Client, clock: Clock, stop: CancellationToken) {
        let call = async |switch: Switch| match self.light.request(switch) {
            Some(request) => switch.trouble(&client.send(request, clock.now()).await),
            None => None,
        };
        let not_on = call(Switch::On).await;
        let patience = patience_of_shell(&self.wish);
        let shot = tokio::time::timeout(patience, self.enricher.ask_for_shot(&self.wish));
        let found = stop.run_until_cancelled(shot).await.and_then(Result::ok).flatten();
        let not_off = call(Switch::Off).await;
        let Found { pictures, missing } = found
            .unwrap_or_else(|| Found::missing(format!("The camera gave no picture within {} s.", patience.as_secs())));
        let said: Vec<String> = [not_on, not_off, missing].into_iter().flatten().collect();
        let found = Found { pictures, missing: Some(said.join(" ")).filter(|said| !said.is_empty()) };
        self.enricher.settle(&self.album, &Wish::Camera(self.wish), found);
    }
}
