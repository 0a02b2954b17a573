//! The services that a hook can be made for: one file each in `services/catalogue/`, and the way from a person's answers to a
//! draft.
//!
//! A file says what a service asks for in its own words, and how a hook for it looks with `{answers}` in it. [`fill`] checks
//! the answers and encodes each for the place where it stands; a pasted address is taken apart on the way. What is a key of
//! somebody's goes into the hook's write-only secret wherever the service lets it.

mod fill;
mod pattern;
mod shape;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

pub use fill::{Filled, Remark, Wish, fill, recognise};
use shape::Shape;

use crate::hook::follow_up::Mode;
use crate::topic::Topic;

/// A service. What serialises of it is what a page needs to ask; the rest stays here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Names it in the program.
    pub key: String,
    /// Names it on the page.
    pub name: String,
    /// What it is for.
    pub group: Group,
    /// What it does, a sentence or two; for a service without questions also what is to be filled in afterwards.
    pub description: String,
    /// Where the service explains how to get what is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help_url: Option<String>,
    /// What it does not take, in words.
    #[serde(default)]
    pub limits: String,
    /// What it asks for, in order.
    #[serde(default)]
    pub asks: Vec<Ask>,
    /// Texts that are pasted whole and hold several answers.
    #[serde(default, skip_serializing)]
    paste: Vec<String>,
    /// What is computed of the answers before they are put in.
    #[serde(default, skip_serializing)]
    make: Vec<Making>,
    /// The happenings that are worth telling it, where these are not the usual ones.
    #[serde(default = "usual_events")]
    pub events: Vec<Topic>,
    /// The hook, with the answers' places in it.
    #[serde(skip_serializing)]
    hook: Map<String, Value>,
    /// How it takes a picture, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<PictureWay>,
    /// How what follows the first message of a print goes, by what it may do: change that message, or go on in its thread. A page
    /// needs to know which of the two there are.
    #[serde(default, serialize_with = "keys_of", skip_serializing_if = "BTreeMap::is_empty")]
    pub follow_up: BTreeMap<Mode, Map<String, Value>>,
}

/// How a service takes a picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PictureWay {
    /// In words.
    pub how: String,
    /// What is different in the hook.
    #[serde(skip_serializing)]
    hook: Map<String, Value>,
}

/// What services are for: the groups of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each says itself")]
pub enum Group {
    Own,
    Chat,
    Push,
    Home,
    Automation,
    Sms,
    Switch,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// Names the answer.
    pub key: String,
    /// The question, in the service's own word.
    pub label: String,
    /// Where to find it.
    #[serde(default)]
    pub help: String,
    /// What kind of answer it is.
    #[serde(default)]
    pub kind: Kind,
    /// Whether it may stay empty.
    #[serde(default)]
    pub optional: bool,
    /// What an answer looks like.
    #[serde(default)]
    pub example: String,
    /// What stands there to begin with.
    #[serde(default)]
    pub default: String,
    /// The answers there are, of a choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    /// What an answer has to be like.
    #[serde(default, skip_serializing)]
    shape: Shape,
    /// Said when it is not so.
    #[serde(default, skip_serializing)]
    otherwise: String,
    /// The forms that an address may have, with names for its parts.
    #[serde(default, skip_serializing)]
    parts: Vec<String>,
    /// What the parts have to be like.
    #[serde(default, skip_serializing)]
    pieces: BTreeMap<String, Shape>,
}

/// The kinds of answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A text in one line.
    #[default]
    Text,
    /// One that nobody should read over somebody's shoulder.
    Secret,
    /// A whole number.
    Number,
    /// One of several.
    Choice,
    /// Several texts, with commas between them.
    List,
    /// An address that is taken as it is.
    Url,
    /// Scheme and host of a server, perhaps with a path that everything of it begins with.
    Server,
    /// An address that is taken apart.
    Address,
}

/// One answer of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The answer.
    pub value: String,
    /// In words.
    pub label: String,
}

/// A value that is computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Making {
    key: String,
    of: String,
    how: How,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum How {
    Base64,
    Before(String),
    After(String),
    Choose(BTreeMap<String, String>),
}

macro_rules! catalogue {
    ($($key:literal)*) => {
        const FILES: &[(&str, &str)] = &[$(($key, include_str!(concat!("services/catalogue/", $key, ".json")))),*];
    };
}

// In the order of the page, within each group.
catalogue! {
    "discord" "slack" "slack_bot" "telegram" "matrix" "teams" "google_chat" "mattermost" "rocket_chat" "synology_chat" "signal"
    "whatsapp_callmebot" "whatsapp_cloud"
    "ntfy" "pushover" "gotify" "pushbullet" "prowl" "bark" "alexa_notify_me"
    "home_assistant_webhook" "home_assistant_notify" "node_red"
    "ifttt" "zapier" "n8n" "apprise"
    "twilio" "plivo"
    "tasmota" "shelly" "wled"
    "simple" "signed" "full_data" "snapshot" "dot_notation" "oauth"
}

static ALL: LazyLock<Vec<Service>> =
    LazyLock::new(|| FILES.iter().filter_map(|(_, file)| serde_json::from_str(file).ok()).collect());

/// All of them, in the order of the page. The files are part of the program and read by a test.
pub fn all() -> &'static [Service] {
    &ALL
}

/// The one with a key.
pub fn by_key(key: &str) -> Option<&'static Service> {
    ALL.iter().find(|service| service.key == key)
}

fn keys_of<S: Serializer>(ways: &BTreeMap<Mode, Map<String, Value>>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(ways.keys())
}

/// What people want to hear of a print.
fn usual_events() -> Vec<Topic> {
    vec![
        Topic::PrintStarted,
        Topic::PrintPaused,
        Topic::PrintDone,
        Topic::PrintFailed,
        Topic::PrintCancelled,
        Topic::UserActionNeeded,
    ]
}
