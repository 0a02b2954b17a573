//! OAuth answers: fetched once however many deliveries wait, kept for as long as they say, thrown away on a 401.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use octohooks_core::attempt::{Answer, Attempt, Failure, FailureKind};
use octohooks_core::compose::compose_oauth;
use octohooks_core::hook::ready::OauthRecipe;
use octohooks_core::status::name_of;
use octohooks_net::Client;
use serde_json::{Map, Value};
use tokio::time::Instant;

use crate::clock::Clock;
use crate::trial::ShownOauth;

/// An OAuth answer: each of its keys is a variable.
pub(crate) type Token = Arc<Map<String, Value>>;

/// A token is not used in the last moments of its life: the webhook has to arrive with it.
const MARGIN: Duration = Duration::from_secs(30);

/// Recipes that are not used any more are forgotten beyond this many.
const MOST_CACHED: usize = 64;

/// The tokens of all hooks. Hooks with the very same OAuth request share one.
pub(crate) struct Tokens {
    client: Client,
    clock: Clock,
    slots: Mutex<Vec<(Arc<OauthRecipe>, Arc<Slot>)>>,
}

/// Held while fetching, so that everybody else waits for the same answer.
type Slot = tokio::sync::Mutex<Option<Cached>>;

struct Cached {
    token: Token,
    until: Instant,
}

impl Tokens {
    pub(crate) fn new(client: Client, clock: Clock) -> Self {
        Self { client, clock, slots: Mutex::default() }
    }

    /// The answer to the OAuth request, from memory or fetched now.
    pub(crate) async fn get(&self, recipe: &Arc<OauthRecipe>) -> Result<(Token, ShownOauth), (Failure, ShownOauth)> {
        let slot = self.slot(recipe);
        let mut cached = slot.lock().await;
        if let Some(found) = cached.as_ref().filter(|found| Instant::now() < found.until) {
            let message = "The token of an earlier OAuth request is still good.".to_owned();
            return Ok((Arc::clone(&found.token), ShownOauth { status: None, message }));
        }
        *cached = None;
        let attempt = self.client.send(&compose_oauth(recipe), self.clock.now()).await;
        let status = attempt.outcome.as_ref().ok().map(|answer| answer.status);
        let token = match read(attempt) {
            Ok(token) => Arc::new(token),
            Err(failure) => {
                let message = failure.message.clone();
                return Err((failure, ShownOauth { status, message }));
            }
        };
        if let Some(life) = life_of(&token) {
            *cached = Some(Cached { token: Arc::clone(&token), until: Instant::now() + life });
        }
        Ok((token, ShownOauth { status, message: "The OAuth server answered.".to_owned() }))
    }

    /// The receiver did not take this token: the next one is fetched anew. Another token that is there by now stays.
    pub(crate) async fn refuse(&self, recipe: &Arc<OauthRecipe>, token: &Token) {
        let slot = self.slot(recipe);
        let mut cached = slot.lock().await;
        if cached.as_ref().is_some_and(|found| Arc::ptr_eq(&found.token, token)) {
            *cached = None;
        }
    }

    fn slot(&self, recipe: &Arc<OauthRecipe>) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, slot)) = slots.iter().find(|(known, _)| known == recipe) {
            return Arc::clone(slot);
        }
        if slots.len() >= MOST_CACHED {
            slots.remove(0);
        }
        let slot = Arc::new(Slot::new(None));
        slots.push((Arc::clone(recipe), Arc::clone(&slot)));
        slot
    }
}

/// `expires_in` in seconds (RFC 6749, 5.1), less a margin; an answer without it is not kept.
fn life_of(token: &Map<String, Value>) -> Option<Duration> {
    let seconds = match token.get("expires_in")? {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    let life = Duration::try_from_secs_f64(seconds).ok()?;
    Some(life.saturating_sub(MARGIN.min(life / 10)).min(Duration::from_hours(8760)))
}

fn read(attempt: Attempt) -> Result<Map<String, Value>, Failure> {
    let answer = attempt.outcome.map_err(|failure| Failure {
        kind: failure.kind,
        message: format!("The OAuth request failed, so the webhook was not sent. {}", failure.message),
    })?;
    let refused = |message: String| Failure { kind: FailureKind::OauthRefused, message };
    match answer.status {
        200..=399 => parse(&answer).ok_or_else(|| {
            refused("The OAuth server answered, but not with a JSON object, so the webhook was not sent.".to_owned())
        }),
        status @ (408 | 425 | 429 | 500..=599) => Err(Failure {
            kind: FailureKind::OauthUnavailable,
            message: format!("The OAuth server has a problem: {}. The webhook was not sent.", name_of(status)),
        }),
        status => Err(refused(format!(
            "The OAuth server refused: {}. Check the OAuth URL, headers, and data. The webhook was not sent.",
            name_of(status)
        ))),
    }
}

fn parse(answer: &Answer) -> Option<Map<String, Value>> {
    if answer.truncated { None } else { serde_json::from_slice(&answer.body).ok() }
}
