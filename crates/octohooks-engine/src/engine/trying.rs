//! What a hook would do, for whoever edits it: events that did not happen, previews, and tests. Comes in: a hook as it stands in a
//! form, saved or not. Nothing of it is remembered for the hook, and nothing is stored.

use std::sync::Arc;

use octohooks_core::condition::Condition;
use octohooks_core::event::Event;
use octohooks_core::hook::HookConfig;
use octohooks_core::hook::check::check;
use octohooks_core::ids::DeliveryId;
use octohooks_core::parcel::Enrichment;
use octohooks_core::problem::Problem;
use octohooks_core::sample;
use octohooks_net::Kept;
use serde_json::{Map, Value, json};

use super::Engine;
use crate::notice::{Notice, Right};
use crate::recent::{Tried, try_on};
use crate::trial::{Preview, Rehearsal, TestState, tell};

/// More tests than this do not run at once.
const MOST_TESTS: usize = 8;

/// Why a test was not started. A sentence for the user.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TestError {
    /// Too many at once.
    #[error("{MOST_TESTS} tests are running already; wait until one has ended.")]
    TooMany,
}

impl Engine {
    /// An event that did not happen: for the key of a happening, OctoPrint's name of it, or any other event.
    pub fn made_up_event(&self, name: &str) -> Event {
        sample::event(name, self.printer.load_full(), self.clock.now(), &mut || self.clock.randomness())
    }

    /// An event from the delivery log, with what is not stored of its printer.
    pub fn described(&self, event: Event) -> Event {
        event.described_by(&self.printer.load())
    }

    /// The request that a hook would send for an event.
    ///
    /// # Errors
    /// What keeps it from being made.
    pub fn preview(&self, config: &HookConfig, event: Event) -> Result<Preview, Vec<Problem>> {
        Rehearsal::new(config, event, self.clock, self.surroundings.utc_offset())
            .preview(self.enricher.latest_picture_size())
    }

    /// What the variables stand for when a hook tells of an event, but secrets and pictures; long ones in short.
    pub fn values(&self, config: &HookConfig, event: Event) -> Map<String, Value> {
        Rehearsal::new(config, event, self.clock, self.surroundings.utc_offset()).values(&config.device_identifier)
    }

    /// What would become of the latest events, and of an example of each that a hook listens to.
    ///
    /// # Errors
    /// What is wrong with the hook's conditions.
    pub fn try_conditions(&self, config: &HookConfig) -> Result<Vec<Tried>, Vec<Problem>> {
        let conditions = config.conditions();
        let wrong: Vec<Problem> = conditions
            .iter()
            .flat_map(|(field, condition)| Condition::new(field, condition).err().unwrap_or_default())
            .collect();
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let topics = config.events.iter().filter(|(_, event)| event.enabled).map(|(topic, _)| topic.event_name());
        let names = topics.chain(config.custom_events.iter().map(|custom| custom.event.as_str()));
        let offset = self.surroundings.utc_offset();
        let samples: Vec<_> = names
            .filter(|name| !name.trim().is_empty())
            .take(40)
            .map(|name| {
                let mut event =
                    sample::event(name, self.printer.load_full(), self.clock.now(), &mut || self.clock.randomness());
                Arc::make_mut(&mut event.context).0.insert("utcOffset".to_owned(), offset.into());
                Arc::new(event)
            })
            .collect();
        Ok(try_on(config, &self.surroundings.recent.all(), &samples))
    }

    /// Sends an event at once, whether it happened or not, and returns the name of the test.
    ///
    /// # Errors
    /// See [`TestError`].
    pub fn test(&self, config: &HookConfig, event: Event) -> Result<String, TestError> {
        if self.tests.len() >= MOST_TESTS {
            return Err(TestError::TooMany);
        }
        let rehearsal = Rehearsal::new(config, event, self.clock, self.surroundings.utc_offset());
        let id = DeliveryId::new(self.clock.now(), &self.clock.randomness()).to_string();
        self.trials.set(&id, TestState::Running);
        let problems = check(config);
        let wishes = rehearsal.hook.picture_wishes(&rehearsal.parcel.matched.event);
        let first = wishes.as_ref().map(|wishes| &wishes.first);
        let mut asked = self.enricher.ask(&rehearsal.parcel.matched.event, false, first);
        let (dispatcher, trials, notices) =
            (Arc::clone(&self.dispatcher), Arc::clone(&self.trials), Arc::clone(&self.notices));
        let test = id.clone();
        self.tests.spawn_on(
            async move {
                let enrichment = asked.wait(false, wishes.as_ref()).await;
                let enrichment = Enrichment { metadata: Some(sample::metadata()), ..enrichment };
                let sent = dispatcher.send(&rehearsal.hook, &rehearsal.parcel, &enrichment, Kept::default()).await;
                let result = Box::new(tell(test.clone(), &rehearsal, &sent, problems));
                trials.set(&test, TestState::Done { result });
                notices.push(Notice::Ui { right: Right::Manage, data: json!({"type": "test", "id": test}) });
            },
            &self.runtime,
        );
        Ok(id)
    }

    /// How a test stands; `None` when it is unknown.
    pub fn test_state(&self, id: &str) -> Option<TestState> {
        self.trials.get(id)
    }
}
