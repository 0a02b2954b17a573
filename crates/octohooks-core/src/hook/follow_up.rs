//! What a hook does with the second message about a print: the receiver has named the first one in its answer, and a second
//! form of the request changes that one, or goes on in its thread.
//!
//! Comes in: the texts as they were typed. Goes out: a [`FollowUp`], parsed once, or what is wrong. Which messages there are is
//! remembered elsewhere ([`crate::messages`]).

use std::hash::{DefaultHasher, Hash, Hasher};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::check::origin_of;
use super::ready::{WithoutPicture, parse_data_for};
use super::{HookConfig, HttpMethod};
use crate::attempt::Answer;
use crate::event::Event;
use crate::problem::Problem;
use crate::schedule::Class;
use crate::template::{JsonTemplate, UrlTemplate};
use crate::topic::Topic;

/// No service has longer names for its messages; Matrix has the longest.
const LONGEST_NAME: usize = 300;

/// How what follows a first message about a print goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FollowUpConfig {
    /// Whether there is one message per print, and what changes it.
    pub mode: Mode,
    /// Where in its JSON answer the receiver names the message, a JSON pointer (`/id`): the value of `@messageId` from then on.
    pub id_at: String,
    /// The method of what follows; missing is the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<HttpMethod>,
    /// Where what follows goes, at the same server. Empty is the same URL.
    pub url: String,
    /// JSON text: what is sent then. Empty is the same data.
    pub data: String,
    /// Where it goes when there is no picture. Empty is as with one.
    pub without_picture_url: String,
    /// JSON text: what is sent then. Empty is the same data, the picture left out.
    pub without_picture_data: String,
    /// What a refusal says where there was nothing to change: it counts as delivered. Empty: no refusal does.
    pub unchanged_says: String,
}

/// Whether there is one message per print.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "FollowUpMode")]
pub enum Mode {
    /// No: every message is a new one.
    #[default]
    Off,
    /// One that changes; what ends the print or needs somebody is a new one, since a change makes no sound.
    Change,
    /// One that changes, to the end.
    ChangeAll,
    /// One, which all that follows goes with.
    Thread,
}

/// The second form of a hook's request.
pub struct FollowUp {
    /// What goes so.
    pub mode: Mode,
    /// Where in an answer the message is named.
    pub id_at: String,
    /// Where to.
    pub url: UrlTemplate,
    /// The method.
    pub method: HttpMethod,
    /// The data, the picture's key left out.
    pub data: JsonTemplate,
    /// Under which key of the data the picture goes.
    pub snapshot_key: Option<String>,
    /// What is sent instead where there is no picture.
    pub without_picture: Option<WithoutPicture>,
    /// What a refusal says where there was nothing to change.
    pub unchanged_says: Option<String>,
    /// The same for the same address and data: a message that was sent otherwise is none of these.
    pub fingerprint: String,
}

impl FollowUpConfig {
    /// Whether nothing is set.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl FollowUp {
    /// `None` where every message is a new one.
    ///
    /// # Errors
    /// What keeps the hook from sending.
    pub fn new(hook: &HookConfig) -> Result<Option<Self>, Vec<Problem>> {
        let config = &hook.follow_up;
        if config.mode == Mode::Off {
            return Ok(None);
        }
        let mut problems = Vec::new();
        let id_at = config.id_at.trim();
        if !id_at.starts_with('/') {
            let message = "Write where in its answer the receiver names the message, beginning with a slash: /id.";
            problems.push(Problem::error("follow_up.id_at", message));
        }
        let method = config.method.unwrap_or(hook.method);
        let mut form = |url: &str, data: &str, url_field: &str, data_field: &str| {
            let own = |url: &str| origin_of(url, &hook.device_identifier, hook.api_secret.expose());
            if own(url) != own(&hook.url) {
                let message = "What follows has to go to the same server: copy scheme and host of the URL.";
                problems.push(Problem::error(url_field, message));
            }
            let url = UrlTemplate::parse_as(url, hook.grammar()).map_err(|error| error.in_field(url_field));
            let data = parse_data_for(data_field, data, (method, hook.content_type), hook.grammar());
            match (url, data) {
                (Ok(url), Ok(data)) => Some((url, data)),
                (url, data) => {
                    problems.extend(url.err().into_iter().chain(data.err()));
                    None
                }
            }
        };
        let (url, data) = (or(&config.url, &hook.url), or(&config.data, &hook.data));
        let made = form(url, data, "follow_up.url", "follow_up.data");
        // What is the same as in the first message is so without a picture as well.
        let of_first = |own: &str, first| if is_blank(own) { first } else { "" };
        let plain_url = or(&config.without_picture_url, of_first(&config.url, &hook.receiver.without_picture_url));
        let plain_data = or(&config.without_picture_data, of_first(&config.data, &hook.receiver.without_picture_data));
        let plain = (!is_blank(plain_url) || !is_blank(plain_data)).then(|| {
            let (url, data) = (or(plain_url, url), or(plain_data, data));
            form(url, data, "follow_up.without_picture_url", "follow_up.without_picture_data")
        });
        let Some((url, data)) = made.filter(|_| problems.is_empty()) else { return Err(problems) };
        let (snapshot_key, data) = without_snapshot(data);
        let says = config.unchanged_says.trim();
        Ok(Some(Self {
            mode: config.mode,
            id_at: id_at.to_owned(),
            url,
            method,
            data,
            snapshot_key,
            without_picture: plain.flatten().map(|(url, data)| WithoutPicture { url, data: without_snapshot(data).1 }),
            unchanged_says: (!says.is_empty()).then(|| says.to_lowercase()),
            fingerprint: fingerprint_of(hook),
        }))
    }

    /// Whether an event belongs to the one message of its print.
    pub fn takes(&self, event: &Event) -> bool {
        event.job.is_some() && (self.mode != Mode::Change || !is_worth_a_sound(event))
    }

    /// The name that a receiver gives the message in its answer; `None` where there is none that could be one.
    pub fn name_in(&self, answer: &Answer) -> Option<Value> {
        let answer: Value = serde_json::from_slice(&answer.body).ok()?;
        let named = answer.pointer(&self.id_at)?;
        let is_name = match named {
            Value::String(text) => {
                !text.is_empty() && text.len() <= LONGEST_NAME && !text.chars().any(char::is_control)
            }
            Value::Number(_) => true,
            _ => false,
        };
        is_name.then(|| named.clone())
    }

    /// Whether a receiver refuses a change because the message says so already.
    pub fn is_unchanged(&self, answer: &Answer) -> bool {
        let says = self.unchanged_says.as_ref();
        (400..500).contains(&answer.status)
            && says.is_some_and(|says| String::from_utf8_lossy(&answer.body).to_lowercase().contains(says))
    }

    /// Every address of it.
    pub fn urls(&self) -> impl Iterator<Item = &UrlTemplate> {
        std::iter::once(&self.url).chain(self.without_picture.iter().map(|plain| &plain.url))
    }

    /// All data of it.
    pub fn all_data(&self) -> impl Iterator<Item = &JsonTemplate> {
        std::iter::once(&self.data).chain(self.without_picture.iter().map(|plain| &plain.data))
    }
}

/// Whether the end of a print, or something that needs somebody.
fn is_worth_a_sound(event: &Event) -> bool {
    Class::of(event) == Class::Critical || event.topic.is_some_and(Topic::ends_print)
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

fn or<'a>(text: &'a str, otherwise: &'a str) -> &'a str {
    if is_blank(text) { otherwise } else { text }
}

/// The key of the picture, and the data without it.
fn without_snapshot(data: JsonTemplate) -> (Option<String>, JsonTemplate) {
    match data.snapshot_key().map(str::to_owned) {
        Some(key) => {
            let rest = data.without(&key);
            (Some(key), rest)
        }
        None => (None, data),
    }
}

/// Where and as what the first message goes, and how the next one names it. A name for it that may be written down.
fn fingerprint_of(hook: &HookConfig) -> String {
    let FollowUpConfig { id_at, method, url, data, .. } = &hook.follow_up;
    let mut hasher = DefaultHasher::new();
    (hook.url.trim(), &hook.data, hook.api_secret.expose(), &hook.device_identifier).hash(&mut hasher);
    (id_at, method.map(HttpMethod::as_http), url, data).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests;
