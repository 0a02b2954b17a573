//! One attempt of one delivery: compose, authorise, sign, send. A parcel and a hook in, an attempt out; never fails, since
//! whatever goes wrong is the attempt's outcome.

use std::time::Duration;

use octohooks_core::attempt::{Attempt, Failure, FailureKind, Phases};
use octohooks_core::compose::{Composed, compose};
use octohooks_core::etiquette::may_be_about_picture;
use octohooks_core::hook::ready::{Hook, Recipe};
use octohooks_core::parcel::{Enrichment, Parcel};
use octohooks_core::problem::{Problem, Severity};
use octohooks_core::shown::Cover;
use octohooks_core::sign::sign;
use octohooks_core::status::name_of;
use octohooks_net::{Client, Kept};
use serde_json::{Map, Value};

use crate::clock::Clock;
use crate::oauth::{Token, Tokens};
use crate::trial::ShownOauth;

/// Sends what it is given.
pub(crate) struct Dispatcher {
    client: Client,
    tokens: Tokens,
    clock: Clock,
    /// A proxy may quote them.
    proxy_credentials: Vec<String>,
}

/// An attempt with what is worth showing of it.
pub(crate) struct Sent {
    pub(crate) attempt: Attempt,
    /// How long it had waited for its turn.
    pub(crate) waited: Duration,
    /// The request, where one came about.
    pub(crate) composed: Option<Composed>,
    /// Covers this delivery's secrets in whatever is shown.
    pub(crate) cover: Cover,
    /// The connection, where the next delivery to the same place may have it.
    pub(crate) kept: Kept,
    /// How the OAuth request went, where there is one.
    pub(crate) oauth: Option<ShownOauth>,
    /// The attempt before it, whose picture the receiver did not take.
    pub(crate) picture_refused: Option<Box<PictureRefused>>,
}

/// An attempt with a picture that was refused, and may have been refused for the picture.
pub(crate) struct PictureRefused {
    pub(crate) attempt: Attempt,
    pub(crate) composed: Option<Composed>,
    pub(crate) cover: Cover,
    /// How the receiver said so, a sentence.
    pub(crate) because: String,
}

impl Dispatcher {
    pub(crate) fn new(client: Client, clock: Clock, proxy_credentials: Vec<String>) -> Self {
        Self { tokens: Tokens::new(client.clone(), clock), client, clock, proxy_credentials }
    }

    /// Makes one attempt. A 401 to a hook with OAuth fetches a new token and tries once more; a refused picture is left out,
    /// and what is left tried once more. Whatever goes once more has a connection of its own.
    ///
    /// `kept` is the connection of the delivery before, or nothing for a delivery that must not be received twice.
    pub(crate) async fn send(&self, hook: &Hook, parcel: &Parcel, enrichment: &Enrichment, kept: Kept) -> Sent {
        let recipe = match &hook.recipe {
            Ok(recipe) => recipe,
            Err(problems) => return self.failed(FailureKind::CannotCompose, point_at(problems), Cover::default()),
        };
        let sent = self.send_with_good_token(hook, recipe, parcel, enrichment, kept).await;
        let answer = sent.attempt.outcome.as_ref().ok().filter(|answer| may_be_about_picture(answer));
        match answer {
            Some(answer) if !enrichment.pictures.is_empty() && recipe.takes_picture() => {
                let name = name_of(answer.status);
                let because = format!("The receiver refused the picture ({name}).");
                let without = enrichment.without_picture(because.clone());
                let Sent { attempt, composed, cover, .. } = sent;
                let once_more = self.send_with_good_token(hook, recipe, parcel, &without, Kept::default()).await;
                let refused = PictureRefused { attempt, composed, cover, because };
                Sent { picture_refused: Some(Box::new(refused)), ..once_more }
            }
            _ => sent,
        }
    }

    async fn send_with_good_token(
        &self,
        hook: &Hook,
        recipe: &Recipe,
        parcel: &Parcel,
        enrichment: &Enrichment,
        kept: Kept,
    ) -> Sent {
        let (sent, token) = self.send_once(hook, recipe, parcel, enrichment, kept).await;
        let refused = sent.attempt.outcome.as_ref().is_ok_and(|answer| answer.status == 401);
        match (&recipe.oauth, token) {
            (Some(oauth), Some(token)) if refused => {
                self.tokens.refuse(oauth, &token).await;
                self.send_once(hook, recipe, parcel, enrichment, Kept::default()).await.0
            }
            _ => sent,
        }
    }

    async fn send_once(
        &self,
        hook: &Hook,
        recipe: &Recipe,
        parcel: &Parcel,
        enrichment: &Enrichment,
        mut kept: Kept,
    ) -> (Sent, Option<Token>) {
        let (mut token, mut oauth) = (None, None);
        if let Some(recipe_of_oauth) = &recipe.oauth {
            match self.tokens.get(recipe_of_oauth).await {
                Ok((fetched, shown)) => (token, oauth) = (Some(fetched), Some(shown)),
                Err((failure, shown)) => {
                    let failed = self.failed(failure.kind, failure.message, self.cover(recipe, None));
                    return (Sent { oauth: Some(shown), ..failed }, None);
                }
            }
        }
        let cover = self.cover(recipe, token.as_deref());
        let matched = &parcel.matched;
        let message = hook.listens.message(matched.subscription, &matched.event.name);
        match compose(recipe, message, parcel, enrichment, token.as_deref()) {
            Ok(mut composed) => {
                let now = self.clock.now();
                sign(&mut composed.request, &recipe.signer, parcel.id, now);
                let mut attempt = self.client.send_keeping(&composed.request, now, &mut kept).await;
                cover_words(&mut attempt, &cover);
                let waited = Duration::ZERO;
                let composed = Some(composed);
                (Sent { attempt, waited, composed, cover, kept, oauth, picture_refused: None }, token)
            }
            Err(error) => {
                let message = cover.apply(&error.to_string());
                (self.failed(FailureKind::CannotCompose, message, cover), token)
            }
        }
    }

    fn cover(&self, recipe: &Recipe, token: Option<&Map<String, Value>>) -> Cover {
        let mut cover = Cover::of(recipe, token);
        if !self.proxy_credentials.is_empty() {
            self.proxy_credentials.iter().for_each(|secret| cover.add(secret));
            cover.finish();
        }
        cover
    }

    fn failed(&self, kind: FailureKind, message: String, cover: Cover) -> Sent {
        let outcome = Err(Failure { kind, message });
        let attempt = Attempt { started: self.clock.now(), phases: Phases::default(), outcome };
        Sent {
            attempt,
            waited: Duration::ZERO,
            composed: None,
            cover,
            kept: Kept::default(),
            oauth: None,
            picture_refused: None,
        }
    }
}

/// What the connection says of itself may name a host that has a secret in it.
fn cover_words(attempt: &mut Attempt, cover: &Cover) {
    match &mut attempt.outcome {
        Ok(answer) => answer.redirect_refused = answer.redirect_refused.as_deref().map(|text| cover.apply(text)),
        Err(failure) => failure.message = cover.apply(&failure.message),
    }
}

/// Where the first error of a hook that cannot be composed stands, for the journal and the log: what stands there may be a
/// secret.
fn point_at(problems: &[Problem]) -> String {
    match problems.iter().find(|problem| problem.severity == Severity::Error) {
        Some(problem) => {
            let place = place_of(problem);
            format!("Not sent, the hook has to be mended: look at {}{place}.", problem.field)
        }
        None => "This hook cannot be sent as it stands.".to_owned(),
    }
}

fn place_of(problem: &Problem) -> String {
    match (problem.line, problem.column) {
        (Some(line), Some(column)) => format!(" (line {line}, column {column})"),
        _ => String::new(),
    }
}

/// The first error of a hook that cannot be composed, as a sentence for who edits it.
pub(crate) fn explain(problems: &[Problem]) -> String {
    let Some(problem) = problems.iter().find(|problem| problem.severity == Severity::Error) else {
        return "This hook cannot be sent as it stands.".to_owned();
    };
    let place = place_of(problem);
    format!("Not sent, the hook has to be mended. {}{place}: {}", problem.field, problem.message)
}
