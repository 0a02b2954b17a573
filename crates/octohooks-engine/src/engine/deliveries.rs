//! What a user wants to become of deliveries: that they are tried now, dropped, sent again, or wait until their hook is resumed.
//! Here it is asked for; the road and the lanes do it.

use octohooks_core::ids::{DeliveryId, HookId};

use super::Engine;
use crate::journal::Filter;
use crate::resend::{self, Again, ResendError, Resent};
use crate::road::Told;

impl Engine {
    /// Does not wait for the next try of a hook's deliveries.
    pub fn try_now(&self, hook: HookId) {
        // A full inbox means that tries are under way; after the stop there are none.
        drop(self.road.try_send(Told::TryNow(hook)));
    }

    /// Pauses a hook, or resumes it: what it is told meanwhile waits, until it expires.
    pub fn pause(&self, hook: HookId, paused: bool) {
        let now = self.clock.moment();
        let change = self
            .surroundings
            .standings
            .of(hook, |standing| if paused { standing.pause(&now) } else { standing.resume(&now) });
        if let Some(change) = change {
            let name = self.roster().get(hook).map(|(_, ready)| ready.name.clone()).unwrap_or_default();
            self.surroundings.announce(&change.announce(hook, &name));
        }
        // A pause is the user's word: it is kept over a power cut.
        self.surroundings.standings.save();
        if !paused {
            // After the stop nothing has to be tried.
            drop(self.road.try_send(Told::Resume(hook)));
        }
    }

    /// Drops a delivery that waits. One that is being sent, or has ended, stays as it is.
    pub fn drop_delivery(&self, delivery: DeliveryId) {
        // A full inbox: the user sees that it is still there, and asks again.
        drop(self.road.try_send(Told::Drop(delivery)));
    }

    /// Drops whatever waits and is found by a filter, the newest [`resend::MOST_AT_ONCE`]: how many are asked to go, and whether
    /// there are more.
    ///
    /// # Errors
    /// When nothing can be read.
    pub async fn drop_all(&self, filter: &Filter) -> Result<(usize, bool), ResendError> {
        let (found, more) = resend::find_waiting(&self.journal, filter).await?;
        for delivery in &found {
            let told = self.road.send(Told::Drop(*delivery)).await;
            told.map_err(|_| ResendError::Unreadable("The engine stops.".to_owned()))?;
        }
        Ok((found.len(), more))
    }

    /// Drops those of these that wait: how many are asked to go.
    ///
    /// # Errors
    /// When nothing can be read.
    pub async fn drop_these(&self, deliveries: &[DeliveryId]) -> Result<usize, ResendError> {
        let found = resend::find_these_waiting(&self.journal, deliveries).await?;
        for delivery in &found {
            let told = self.road.send(Told::Drop(*delivery)).await;
            told.map_err(|_| ResendError::Unreadable("The engine stops.".to_owned()))?;
        }
        Ok(found.len())
    }

    /// Sends a delivery again that has ended; see [`crate::resend`].
    ///
    /// # Errors
    /// Why it is not.
    pub async fn resend(&self, delivery: DeliveryId) -> Result<(), ResendError> {
        let again = resend::find(&self.journal, &self.roster(), delivery).await?;
        self.send_again(vec![again]).await
    }

    /// Why a delivery cannot be sent again; `None` when it can.
    pub async fn why_not_resend(&self, delivery: DeliveryId) -> Option<ResendError> {
        resend::find(&self.journal, &self.roster(), delivery).await.err()
    }

    /// Sends again whatever has ended and is found by a filter, the newest [`resend::MOST_AT_ONCE`].
    ///
    /// # Errors
    /// When nothing can be read.
    pub async fn resend_all(&self, filter: &Filter) -> Result<Resent, ResendError> {
        let (found, outcome) = resend::find_all(&self.journal, &self.roster(), filter).await?;
        self.send_again(found).await?;
        Ok(outcome)
    }

    /// Sends again those of these that have ended.
    ///
    /// # Errors
    /// When nothing can be read.
    pub async fn resend_these(&self, deliveries: &[DeliveryId]) -> Result<Resent, ResendError> {
        let (found, outcome) = resend::find_these(&self.journal, &self.roster(), deliveries).await?;
        self.send_again(found).await?;
        Ok(outcome)
    }

    async fn send_again(&self, found: Vec<Again>) -> Result<(), ResendError> {
        let hooks = resend::hooks_of(&found);
        for again in found {
            let told = self.road.send(Told::Resend(Box::new(again))).await;
            told.map_err(|_| ResendError::Unreadable("The engine stops.".to_owned()))?;
        }
        // A user asked: nobody waits for the next try.
        for hook in hooks {
            self.try_now(hook);
        }
        Ok(())
    }
}
