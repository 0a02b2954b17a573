//! One attempt of one delivery: compose, authorise, sign, send. A parcel and a hook in, an attempt out; never fails, since
//! whatever goes wrong is the attempt's outcome.

use std::time::Duration;

use octohooks_core::attempt::{Answer, Attempt, Failure, FailureKind, Phases};
use octohooks_core::compose::{Composed, compose};
use octohooks_core::etiquette::{may_be_about_message, may_be_about_picture};
use octohooks_core::hook::ready::{Hook, Recipe};
use octohooks_core::parcel::{Enrichment, Parcel};
use octohooks_core::problem::{Problem, Severity};
use octohooks_core::shown::Cover;
use octohooks_core::sign::sign;
use octohooks_core::status::name_of;
use octohooks_core::template::text_of;
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
    /// The attempts before it, of which something was refused that it leaves out.
    pub(crate) before: Vec<Refused>,
    /// The receiver's message that it changed or went with, instead of being a new one.
    pub(crate) follows: Option<Value>,
    /// By which address and data it went: the hook may have others by now.
    pub(crate) fingerprint: Option<String>,
}

/// An attempt that was refused, perhaps for one thing alone.
pub(crate) struct Refused {
    pub(crate) attempt: Attempt,
    pub(crate) composed: Option<Composed>,
    pub(crate) cover: Cover,
    /// For what.
    pub(crate) what: What,
    /// How the receiver said so, a sentence.
    pub(crate) because: String,
}

/// What a receiver may refuse while it would take the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// The picture.
    Picture,
    /// To change a message, or to go on with it.
    Message,
}

impl Refused {
    /// What was sent instead, a sentence for the log.
    pub(crate) const fn then(&self) -> &'static str {
        match self.what {
            What::Picture => "Sent again without it at once.",
            What::Message => "Sent as a new message at once.",
        }
    }

    /// The same once it has ended.
    pub(crate) const fn what_was_done(&self) -> &'static str {
        match self.what {
            What::Picture => "It was sent again without it.",
            What::Message => "It was sent as a new message.",
        }
    }
}

impl Sent {
    fn answer(&self) -> Option<&Answer> {
        self.attempt.outcome.as_ref().ok()
    }

    /// Whether the receiver refuses to change a message because it says the same already.
    pub(crate) fn is_unchanged(&self, recipe: &Recipe) -> bool {
        let follow_up = recipe.follow_up.as_ref().filter(|_| self.follows.is_some());
        follow_up.zip(self.answer()).is_some_and(|(follow_up, answer)| follow_up.is_unchanged(answer))
    }

    /// The same with what came before it.
    fn behind(self, earlier: Vec<Refused>) -> Self {
        let before = earlier.into_iter().chain(self.before).collect();
        Self { before, ..self }
    }

    /// The same as one that came before another, which leaves out what was refused; with those before it.
    fn refused(self, what: What, because: String) -> Vec<Refused> {
        let Self { attempt, composed, cover, mut before, .. } = self;
        before.push(Refused { attempt, composed, cover, what, because });
        before
    }
}

impl Dispatcher {
    pub(crate) fn new(client: Client, clock: Clock, proxy_credentials: Vec<String>) -> Self {
        Self { tokens: Tokens::new(client.clone(), clock), client, clock, proxy_credentials }
    }

    /// Makes one attempt. A 401 to a hook with OAuth fetches a new token and tries once more; a refused picture is left out,
    /// and what is left tried once more; where a message is gone, a new one goes. Whatever goes once more has a connection of
    /// its own.
    ///
    /// `kept` is the connection of the delivery before, or nothing for a delivery that must not be received twice.
    pub(crate) async fn send(&self, hook: &Hook, parcel: &Parcel, enrichment: &Enrichment, kept: Kept) -> Sent {
        let recipe = match &hook.recipe {
            Ok(recipe) => recipe,
            Err(problems) => return self.failed(FailureKind::CannotCompose, point_at(problems), Cover::default()),
        };
        let sent = self.send_with_or_without_picture(hook, recipe, parcel, enrichment, kept).await;
        let (Some(message), Some(answer)) = (&sent.follows, sent.answer()) else { return sent };
        if sent.is_unchanged(recipe) || !may_be_about_message(answer, recipe.success.as_ref()) {
            return sent;
        }
        let (name, status) = (sent.cover.apply(&text_of(message)), name_of(answer.status));
        let because = format!("The receiver did not take it for message {name} ({status}).");
        let anew = Parcel { message: None, ..parcel.clone() };
        let once_more = self.send_with_or_without_picture(hook, recipe, &anew, enrichment, Kept::default()).await;
        once_more.behind(sent.refused(What::Message, because))
    }

    async fn send_with_or_without_picture(
        &self,
        hook: &Hook,
        recipe: &Recipe,
        parcel: &Parcel,
        enrichment: &Enrichment,
        kept: Kept,
    ) -> Sent {
        let sent = self.send_with_good_token(hook, recipe, parcel, enrichment, kept).await;
        let answer = sent.answer().filter(|answer| may_be_about_picture(answer) && !sent.is_unchanged(recipe));
        match answer {
            Some(answer) if !enrichment.pictures.is_empty() && recipe.takes_picture() => {
                let name = name_of(answer.status);
                let because = format!("The receiver refused the picture ({name}).");
                let without = enrichment.without_picture(because.clone());
                let once_more = self.send_with_good_token(hook, recipe, parcel, &without, Kept::default()).await;
                once_more.behind(sent.refused(What::Picture, because))
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
                let (composed, before) = (Some(composed), Vec::new());
                let follow_up = recipe.follow_up.as_ref();
                let follows = parcel.message.clone().filter(|_| follow_up.is_some());
                let fingerprint = follow_up.map(|follow_up| follow_up.fingerprint.clone());
                (Sent { attempt, waited, composed, cover, kept, oauth, before, follows, fingerprint }, token)
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
            before: Vec::new(),
            follows: None,
            fingerprint: None,
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
