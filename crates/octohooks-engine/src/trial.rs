//! Tests and previews: a hook as it stands in the editor, an event that did not happen or one that did, and what comes of it.
//!
//! A test is one real exchange, at once, past the queue; it leaves no trace in the journal.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use octohooks_core::attempt::{Answer, Attempt, FailureKind, Phases};
use octohooks_core::compose::{self, Composed, Encoded, compose};
use octohooks_core::etiquette::{self, Circumstances, Meaning, words_of};
use octohooks_core::event::Event;
use octohooks_core::hook::ready::{Hook, Recipe, Subscription, event_key};
use octohooks_core::hook::{CustomEvent, HookConfig, Subscription as Ticked};
use octohooks_core::ids::DeliveryId;
use octohooks_core::matching::Match;
use octohooks_core::parcel::{Enrichment, Parcel};
use octohooks_core::picture::Picture;
use octohooks_core::problem::Problem;
use octohooks_core::quiet::Verdict;
use octohooks_core::sample;
use octohooks_core::schedule::Class;
use octohooks_core::shown::{COVER, Cover, Shown, address, is_whole, show};
use octohooks_core::sign::sign;
use octohooks_core::status::name_of;
use octohooks_core::template::{Template, root_of};
use octohooks_core::topic::Topic;
use octohooks_core::variables::is_built_in;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::clock::Clock;
use crate::dispatch::{Sent, explain};

/// As many results are kept to be looked at.
const KEPT: usize = 32;

/// As much of an answer is shown.
const SHOWN_ANSWER: usize = 8 * 1024;

/// What a test gave.
#[derive(Debug, Clone, Serialize)]
pub struct TestResult {
    /// Names the test.
    pub id: String,
    /// Whether it counts as delivered.
    pub ok: bool,
    /// All in one sentence.
    pub headline: String,
    /// What the receiver says is wrong, in its own words, secrets covered.
    pub words: Option<String>,
    /// What to change.
    pub advice: Option<&'static str>,
    /// The request, secrets covered.
    pub request: Option<Shown>,
    /// What came back.
    pub answer: Option<ShownAnswer>,
    /// Why nothing came back.
    pub failure: Option<ShownFailure>,
    /// How long it took.
    pub phases: Option<ShownPhases>,
    /// How the OAuth request went, for a hook that makes one.
    pub oauth: Option<ShownOauth>,
    /// What is sent otherwise than one may think, and what is wrong with the hook.
    pub problems: Vec<Problem>,
}

/// An answer to look at: text, cut, secrets covered. To be shown as text and never as markup.
#[derive(Debug, Clone, Serialize)]
pub struct ShownAnswer {
    /// The status.
    pub status: u16,
    /// Its name.
    pub reason: String,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The beginning of the body.
    pub body: String,
    /// Whether there was more.
    pub truncated: bool,
}

/// Why there was no answer.
#[derive(Debug, Clone, Serialize)]
pub struct ShownFailure {
    /// The kind.
    pub kind: FailureKind,
    /// In plain words.
    pub message: String,
}

/// How the OAuth request of a test went.
#[derive(Debug, Clone, Serialize)]
pub struct ShownOauth {
    /// The status of its answer, if there was one.
    pub status: Option<u16>,
    /// In plain words.
    pub message: String,
}

/// Milliseconds of each phase that was reached.
#[derive(Debug, Clone, Copy, Serialize)]
#[expect(missing_docs, reason = "named as the phases of an attempt are")]
pub struct ShownPhases {
    pub dns_ms: Option<u64>,
    pub connect_ms: Option<u64>,
    pub tls_ms: Option<u64>,
    pub first_byte_ms: Option<u64>,
    pub body_ms: Option<u64>,
    pub total_ms: u64,
}

/// A request that is not sent, secrets covered.
#[derive(Debug, Clone, Serialize)]
pub struct Preview {
    /// To read.
    pub request: Shown,
    /// The URL as another program takes it.
    pub address: String,
    /// Whether the body is a picture.
    pub picture_body: bool,
    /// Whether all of it is there but pictures.
    pub whole: bool,
    /// What is sent otherwise than one may think.
    pub problems: Vec<Problem>,
    /// The request by which this event changes the first message of its print, or goes on in its thread, with
    /// [`MESSAGE_TO_BE_NAMED`] for what the receiver named that one. Missing where every such event is a message of its own.
    pub follow_up: Option<FollowUpPreview>,
}

/// The second form of a request, secrets covered.
#[derive(Debug, Clone, Serialize)]
pub struct FollowUpPreview {
    /// To read.
    pub request: Shown,
    /// What stands in it for the name of the first message.
    pub message: &'static str,
    /// What is sent otherwise than one may think, or why there is no request.
    pub problems: Vec<Problem>,
}

/// What a preview writes where a receiver's name of a message will stand.
pub const MESSAGE_TO_BE_NAMED: &str = "MESSAGE-ID";

/// How a test stands.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum TestState {
    /// It has not ended.
    Running,
    /// It has.
    Done {
        /// With this.
        result: Box<TestResult>,
    },
}

/// The latest tests.
#[derive(Debug, Default)]
pub(crate) struct Trials {
    states: Mutex<VecDeque<(String, TestState)>>,
}

impl Trials {
    pub(crate) fn set(&self, id: &str, state: TestState) {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        states.retain(|(known, _)| known != id);
        if states.len() == KEPT {
            states.pop_front();
        }
        states.push_back((id.to_owned(), state));
    }

    pub(crate) fn get(&self, id: &str) -> Option<TestState> {
        let states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        states.iter().find(|(known, _)| known == id).map(|(_, state)| state.clone())
    }
}

/// A hook made ready for one event, ticked or not, and a delivery of that event.
#[derive(Debug)]
pub(crate) struct Rehearsal {
    pub(crate) hook: Hook,
    pub(crate) parcel: Parcel,
    /// What stands in a preview for the values of an OAuth answer, which nobody asks for while somebody types.
    token: Map<String, Value>,
    /// What quiet hours would do with it, a sentence.
    pub(crate) quiet_hours: Option<String>,
}

impl Rehearsal {
    pub(crate) fn new(config: &HookConfig, event: Event, clock: Clock, utc_offset: i32) -> Self {
        let now = clock.now();
        let mut config = config.clone();
        let subscription = match event.topic {
            Some(topic) if !listens_by_name_only(&config, topic) => {
                let message = topic.default_message();
                config.events.entry(topic).or_insert(Ticked::new(true, message)).enabled = true;
                Subscription::Topic(topic)
            }
            _ => {
                let custom = CustomEvent::new(&event.name, "");
                config.custom_events.push(custom);
                Subscription::CustomEvent
            }
        };
        let milestone =
            if event.topic == Some(Topic::PrintProgress) { event.context.completion().unwrap_or_default() } else { 0 };
        let hook = Hook::new(&config);
        let matched = Match { hook: hook.id, event: Arc::new(event), subscription, milestone };
        let token = if config.oauth.enabled { stand_ins(&config) } else { Map::new() };
        let mut parcel = matched.into_parcel(DeliveryId::new(now, &clock.randomness()));
        let (class, quiet) = (Class::of(&parcel.matched.event), hook.quiet.as_ref());
        parcel.silent = quiet.is_some_and(|quiet| quiet.verdict(class, now, utc_offset) == Verdict::Silent);
        let quiet_hours = quiet.and_then(|quiet| quiet.foretell(class, now, utc_offset));
        Self { hook, parcel, token, quiet_hours }
    }

    /// The request as it would be sent; `picture_size` is that of the latest picture, in bytes.
    pub(crate) fn preview(&self, picture_size: Option<usize>) -> Result<Preview, Vec<Problem>> {
        let recipe = self.hook.recipe.as_ref().map_err(Clone::clone)?;
        let (composed, cover, request) = self.composed(recipe, &self.parcel, picture_size)?;
        let picture_body = matches!(composed.encoded, Encoded::Picture { .. });
        let (address, whole) = (address(&composed, &cover), is_whole(&composed));
        let follow_up = self.preview_of_follow_up(recipe, picture_size);
        Ok(Preview { request, address, picture_body, whole, problems: composed.problems, follow_up })
    }

    /// The second form, where this event takes it once there is a first message.
    fn preview_of_follow_up(&self, recipe: &Recipe, picture_size: Option<usize>) -> Option<FollowUpPreview> {
        recipe.follow_up.as_ref().filter(|follow_up| follow_up.takes(&self.parcel.matched.event))?;
        let message = MESSAGE_TO_BE_NAMED;
        let parcel = Parcel { message: Some(message.into()), ..self.parcel.clone() };
        // What keeps it from being made shows when a message is sent; the first form is shown all the same.
        let (composed, _, request) = self.composed(recipe, &parcel, picture_size).ok()?;
        Some(FollowUpPreview { request, message, problems: composed.problems })
    }

    fn composed(
        &self,
        recipe: &Recipe,
        parcel: &Parcel,
        picture_size: Option<usize>,
    ) -> Result<(Composed, Cover, Shown), Vec<Problem>> {
        let token = recipe.oauth.as_ref().map(|_| &self.token);
        let composed = compose(recipe, self.message(), parcel, &made_up(), token);
        let mut composed = composed.map_err(|error| vec![Problem::error("url", error.to_string())])?;
        sign(&mut composed.request, &recipe.signer, parcel.id, parcel.matched.event.at);
        let cover = Cover::of(recipe, None);
        let mut request = show(&composed, &cover);
        for part in request.parts.iter_mut().flatten().filter(|part| part.filename.is_some()) {
            part.size = picture_size;
        }
        if matches!(composed.encoded, Encoded::Picture { .. }) {
            let size = picture_size.map(|size| format!(", {size} bytes")).unwrap_or_default();
            request.body = Some(format!("(a picture{size})"));
        }
        Ok((composed, cover, request))
    }

    /// What the variables stand for, shortened to be looked at.
    pub(crate) fn values(&self, device_identifier: &str) -> Map<String, Value> {
        let values = compose::values(device_identifier, self.message(), &self.parcel, &made_up());
        values.into_iter().map(|(name, value)| (name, shortened(value, 0))).collect()
    }

    fn message(&self) -> Option<&Template> {
        let matched = &self.parcel.matched;
        self.hook.listens.message(matched.subscription, &matched.event.name)
    }
}

/// A cover for every name in a hook that is no variable of ours: with OAuth, it is one of the answer.
fn stand_ins(config: &HookConfig) -> Map<String, Value> {
    let messages = config.events.values().map(|ticked| &ticked.message);
    let custom = config.custom_events.iter().map(|custom| &custom.message);
    let texts = [&config.url, &config.headers, &config.data].into_iter().chain(messages).chain(custom);
    let mut token = Map::new();
    for template in texts.map(|text| Template::parse(text)) {
        let roots = template.names().map(|name| name.split('.').next().unwrap_or(name));
        let others = roots.filter(|root| root_of(root, is_built_in).is_none());
        token.extend(others.map(|root| (root.to_owned(), Value::String(COVER.to_owned()))));
    }
    token
}

/// What nobody asks OctoPrint for while somebody types.
fn made_up() -> Enrichment {
    Enrichment {
        metadata: Some(sample::metadata()),
        pictures: vec![Picture::of_camera(Bytes::from_static(b"(a picture)"))],
        picture_missing: None,
    }
}

/// Nobody reads more than this of one text, in characters.
const SHORT_TEXT: usize = 160;

/// Nobody chooses from more entries of one value than these.
const MOST_ENTRIES: usize = 60;

/// Deeper than this no template reaches.
const DEEPEST: usize = 6;

/// A value in short: whoever looks wants to know its names and what they may hold.
fn shortened(value: Value, depth: usize) -> Value {
    match value {
        Value::String(text) if text.chars().count() > SHORT_TEXT => {
            Value::String(text.chars().take(SHORT_TEXT).chain(['…']).collect())
        }
        Value::Object(_) | Value::Array(_) if depth == DEEPEST => Value::Null,
        Value::Object(fields) => {
            fields.into_iter().take(MOST_ENTRIES).map(|(key, value)| (key, shortened(value, depth + 1))).collect()
        }
        Value::Array(items) => items.into_iter().take(3).map(|item| shortened(item, depth + 1)).collect(),
        other => other,
    }
}

/// A custom event that bears the name of a happening that is not ticked.
fn listens_by_name_only(config: &HookConfig, topic: Topic) -> bool {
    let ticked = config.events.get(&topic).is_some_and(|event| event.enabled);
    let key = event_key(topic.event_name());
    !ticked && config.custom_events.iter().any(|custom| event_key(&custom.event) == key)
}

/// Puts a test's end into words.
pub(crate) fn tell(id: String, rehearsal: &Rehearsal, sent: &Sent, problems: Vec<Problem>) -> TestResult {
    let attempt = &sent.attempt;
    let success = rehearsal.hook.recipe.as_ref().ok().and_then(|recipe| recipe.success.as_ref());
    let circumstances = Circumstances { success, ..Circumstances::default() };
    let (ok, headline) = match (etiquette::read(attempt, circumstances).meaning, &rehearsal.hook.recipe) {
        (Meaning::Delivered { warning }, _) => {
            let status = attempt.outcome.as_ref().map_or(0, |answer| answer.status);
            let took = attempt.phases.total.as_millis();
            let warning = warning.as_deref().map(|text| format!(" {text}")).unwrap_or_default();
            (true, format!("Delivered: {} in {took} ms.{warning}", name_of(status)))
        }
        (_, Err(problems)) => (false, explain(problems)),
        (meaning, Ok(_)) => (false, meaning.because().to_owned()),
    };
    let headline = match sent.before.last() {
        Some(refused) => [headline.as_str(), refused.because.as_str(), refused.what_was_done()].join(" "),
        None => headline,
    };
    let composed = sent.composed.as_ref();
    let mut all = composed.map(|composed| composed.problems.clone()).unwrap_or_default();
    all.extend(problems);
    all.extend(rehearsal.quiet_hours.as_ref().map(|sentence| Problem::note("quiet", sentence)));
    all.extend(unnamed(rehearsal, attempt).filter(|_| ok));
    TestResult {
        id,
        ok,
        headline,
        words: attempt.outcome.as_ref().ok().filter(|_| !ok).and_then(words_of).map(|words| sent.cover.apply(&words)),
        advice: advice(attempt),
        request: composed.map(|composed| show(composed, &sent.cover)),
        answer: attempt.outcome.as_ref().ok().map(|answer| show_answer(answer, &sent.cover)),
        failure: attempt
            .outcome
            .as_ref()
            .err()
            .map(|failure| ShownFailure { kind: failure.kind, message: failure.message.clone() }),
        phases: composed.map(|_| show_phases(&attempt.phases)),
        oauth: sent.oauth.clone(),
        problems: all,
    }
}

/// What is wrong where the message is to be named by an answer that does not.
fn unnamed(rehearsal: &Rehearsal, attempt: &Attempt) -> Option<Problem> {
    let follow_up = rehearsal.hook.recipe.as_ref().ok()?.follow_up.as_ref()?;
    let is_named = follow_up.name_in(attempt.outcome.as_ref().ok()?).is_some();
    let message = "The answer to this test does not name the message there: every message would be a new one.";
    (!is_named).then(|| Problem::warning("follow_up.id_at", message))
}

fn show_answer(answer: &Answer, cover: &Cover) -> ShownAnswer {
    let text = String::from_utf8_lossy(&answer.body);
    let body = cover.apply_cut(&text, SHOWN_ANSWER, answer.truncated);
    let open = |name: &str| !matches!(name, "set-cookie" | "authorization" | "location" | "www-authenticate");
    let headers = answer.headers.iter().filter(|(name, _)| open(name.as_str())).take(50);
    ShownAnswer {
        status: answer.status,
        reason: name_of(answer.status).split_once(' ').map(|(_, reason)| reason.to_owned()).unwrap_or_default(),
        headers: headers
            .map(|(name, value)| (name.to_string(), cover.apply(&String::from_utf8_lossy(value.as_bytes()))))
            .collect(),
        truncated: answer.truncated || text.chars().count() > SHOWN_ANSWER,
        body,
    }
}

fn show_phases(phases: &Phases) -> ShownPhases {
    let millis = |span: std::time::Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    ShownPhases {
        dns_ms: phases.dns.map(millis),
        connect_ms: phases.connect.map(millis),
        tls_ms: phases.tls.map(millis),
        first_byte_ms: phases.first_byte.map(millis),
        body_ms: phases.body.map(millis),
        total_ms: millis(phases.total),
    }
}

/// What to do about the usual ends, where the headline does not say it yet.
fn advice(attempt: &Attempt) -> Option<&'static str> {
    match &attempt.outcome {
        Ok(answer) => match answer.status {
            401 | 403 => Some("The receiver wants other credentials: look at the headers, the API secret, or OAuth."),
            404 => Some("The receiver has nothing at this address: look at the path of the URL."),
            405 => Some("The receiver does not take this method: try another one."),
            400 | 415 | 422 => Some(
                "The receiver does not take this data: compare it with the service's documentation. Its answer often says what is missing.",
            ),
            429 => Some("The receiver got too many requests: wait, or send less often (cooldown, progress interval)."),
            500..=599 => Some("The fault is on the receiver's side; its log knows more."),
            _ => None,
        },
        Err(failure) => match failure.kind {
            FailureKind::TimedOut => {
                Some("The receiver took too long. If it does answer later, it should answer before it does its work.")
            }
            FailureKind::CertificateUnknown => Some(
                "For a server of your own, enter its authority or pin its certificate in the TLS settings of the hook.",
            ),
            FailureKind::AddressRefused => Some("Webhooks do not go to this address, to keep this machine safe."),
            _ => None,
        },
    }
}
