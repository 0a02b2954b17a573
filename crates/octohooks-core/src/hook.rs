//! What the user configured: one hook as it is stored, edited and exported.
//!
//! [`HookConfig`] is the raw form: any text a person can type fits into it, a broken one included, so that nothing typed
//! is ever lost. [`check`] says what is wrong with it; [`ready`] makes of it the [`ready::Hook`] that matching and
//! composing work with.

pub mod check;
pub mod follow_up;
pub mod reading;
pub mod ready;
pub mod receiver;
pub mod transfer;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::follow_up::FollowUpConfig;
use self::receiver::ReceiverConfig;
use crate::condition::ConditionConfig;
use crate::ids::HookId;
use crate::milestones::MilestonesConfig;
use crate::picture::{PictureConfig, Source};
use crate::problem::Problem;
use crate::quiet::QuietConfig;
use crate::schedule::Patience;
use crate::secret::Secret;
use crate::template::Grammar;
use crate::topic::Topic;

/// The version of the hooks file that this program writes. A file of a later version is not touched.
pub const HOOKS_FILE_VERSION: u32 = 1;

/// The hooks file: everything that the user configured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HooksFile {
    /// The version of this format: 1.
    pub version: u32,
    /// Counts every change, so that two editors do not overwrite each other.
    #[serde(default)]
    pub revision: u64,
    /// The hooks in the user's order.
    pub hooks: Vec<HookConfig>,
}

impl Default for HooksFile {
    fn default() -> Self {
        Self { version: HOOKS_FILE_VERSION, revision: 0, hooks: Vec::new() }
    }
}

/// One hook: where to send what, and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the page")]
pub struct HookConfig {
    /// Names the hook for as long as it lives.
    #[schemars(with = "String")]
    pub id: HookId,
    /// What the user calls it.
    #[serde(default)]
    pub name: String,
    /// Whether it sends at all.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Ids of the printers it listens to; none listed means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub printers: Vec<String>,
    /// Where to send; may hold variables after the host. Everything after the host is a secret.
    #[serde(default)]
    pub url: String,
    /// The HTTP method.
    #[serde(default)]
    pub method: HttpMethod,
    /// How the data is encoded.
    #[serde(default)]
    pub content_type: ContentType,
    /// JSON text: an object of header names and values, with variables.
    #[serde(default = "default_headers")]
    pub headers: String,
    /// JSON text of any shape, with variables: what is sent.
    #[serde(default = "default_data")]
    pub data: String,
    /// Whether Jinja (`{{ }}`, `{% %}`, `{# #}`) means something in URL, headers, data, and messages, beside `@name`. Off in
    /// hooks taken over from 4.4.0, whose texts go out as they are.
    #[serde(default)]
    pub jinja: bool,
    /// The value of `@apiSecret`. Write-only on the page.
    #[serde(default)]
    pub api_secret: Secret,
    /// The value of `@deviceIdentifier`.
    #[serde(default)]
    pub device_identifier: String,
    /// Which happenings are sent, with a message each. One that is not listed is off.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Subscription>")]
    pub events: BTreeMap<Topic, Subscription>,
    /// Progress is sent at every multiple of this many percent, 1 to 99; never at 0 and 100. 0 is not by percent.
    #[serde(default = "default_progress_interval")]
    pub progress_interval_percent: u8,
    /// Where else progress is sent.
    #[serde(default, skip_serializing_if = "MilestonesConfig::is_default")]
    pub milestones: MilestonesConfig,
    /// What Temperature tells, a rule per line: a heater (`tool0`, `bed`, `chamber`, `any`) and `reached`, `held 10` (minutes at
    /// its target; `held 90 s` for seconds), or `below 40` (°C).
    #[serde(default = "default_temperature_rules", skip_serializing_if = "are_default_rules")]
    pub temperature_rules: String,
    /// Which lines Terminal Line tells: regular expressions, one per line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub terminal_patterns: String,
    /// Any other event of OctoPrint's event bus, by name, upper and lower case alike.
    #[serde(default)]
    pub custom_events: Vec<CustomEvent>,
    /// After an event was sent, the same event is skipped for this many seconds; 0 is off.
    #[serde(default)]
    pub cooldown_seconds: u32,
    /// What has to hold for an event to be sent.
    #[serde(default, skip_serializing_if = "ConditionConfig::is_empty")]
    pub condition: ConditionConfig,
    /// Whether a cancelled print also counts as failed, for a hook that does not ask for cancelled ones. 4.4.0 did so:
    /// hooks taken over from it have this set.
    #[serde(default)]
    pub cancelled_counts_as_failed: bool,
    /// Whether an HTTPS server has to show a trusted certificate.
    #[serde(default = "yes")]
    pub verify_tls: bool,
    /// Whom to trust beside the system's authorities, and what to show a server that asks.
    #[serde(default, skip_serializing_if = "TlsConfig::is_empty")]
    pub tls: TlsConfig,
    /// How requests are signed. Nothing in it: they are not.
    #[serde(default, skip_serializing_if = "SigningConfig::is_empty")]
    pub signing: SigningConfig,
    /// A request that is made first, and whose answer gives variables (a token) to the webhook.
    #[serde(default)]
    pub oauth: OauthConfig,
    /// How long a delivery that does not arrive is tried, and what is said of late ones.
    #[serde(default, skip_serializing_if = "Patience::is_default")]
    pub patience: Patience,
    /// When it keeps still, and what becomes of events meanwhile.
    #[serde(default, skip_serializing_if = "QuietConfig::is_default")]
    pub quiet: QuietConfig,
    /// What the receiver is like: its markup, its limits, what it wants without a picture, how it says that it succeeded.
    #[serde(default, skip_serializing_if = "ReceiverConfig::is_default")]
    pub receiver: ReceiverConfig,
    /// Where its picture comes from, where it takes one.
    #[serde(default, skip_serializing_if = "PictureConfig::is_default")]
    pub picture: PictureConfig,
    /// Whether there is one message per print, which changes, or one thread.
    #[serde(default, skip_serializing_if = "FollowUpConfig::is_default")]
    pub follow_up: FollowUpConfig,
    /// What an import could not take over as it stood. Gone when the hook is saved from the editor.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Problem>,
}

/// Whether and with which message a happening is sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// Whether it is sent.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// The value of `@message`, itself with variables.
    #[serde(default)]
    pub message: String,
    /// What has to hold for this one to be sent, beside what has to hold for all.
    #[serde(default, skip_serializing_if = "ConditionConfig::is_empty")]
    pub condition: ConditionConfig,
}

/// A subscription to an event by its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomEvent {
    /// The event's name on OctoPrint's bus (`MovieDone`, `plugin_softwareupdate_update_succeeded`).
    pub event: String,
    /// The value of `@message`, itself with variables.
    #[serde(default)]
    pub message: String,
    /// What has to hold for this one to be sent, beside what has to hold for all.
    #[serde(default, skip_serializing_if = "ConditionConfig::is_empty")]
    pub condition: ConditionConfig,
}

/// The OAuth request. No variables in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OauthConfig {
    /// Whether it is made at all.
    #[serde(default)]
    pub enabled: bool,
    /// Where to.
    #[serde(default)]
    pub url: String,
    /// The HTTP method.
    #[serde(default)]
    pub method: HttpMethod,
    /// How the data is encoded.
    #[serde(default)]
    pub content_type: ContentType,
    /// JSON text: an object of header names and values.
    #[serde(default = "default_headers")]
    pub headers: String,
    /// JSON text: what is sent.
    #[serde(default = "default_oauth_data")]
    pub data: String,
}

/// Signatures by which a receiver knows that a request is ours and unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SigningConfig {
    /// Keys of Standard Webhooks, `whsec_…` (HMAC-SHA256) or `whsk_…` (Ed25519): every request bears one signature for
    /// each. More than one while receivers change from an old key to a new one. Write-only on the page.
    #[serde(default)]
    pub keys: Vec<Secret>,
    /// The name of a header with `sha256=` and the HMAC-SHA256 of the body in hexadecimal digits, as GitHub sends it:
    /// `X-Hub-Signature-256`. Empty is none.
    #[serde(default)]
    pub body_signature_header: String,
    /// The secret of that HMAC, any text, the same as in the receiver. Write-only on the page.
    #[serde(default)]
    pub body_signature_secret: Secret,
}

/// TLS settings of one hook beyond those of the system.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// Certificates (PEM) of authorities to trust beside the system's.
    #[serde(default)]
    pub ca: String,
    /// SHA-256 of the one certificate to accept, whoever signed it; several are separated by commas. Hexadecimal digits
    /// or base64.
    #[serde(default)]
    pub pinned_sha256: String,
    /// The certificate (PEM) to show a server that asks for one, with those that lead to its authority.
    #[serde(default)]
    pub client_certificate: String,
    /// Its private key (PEM), without a password. Write-only on the page.
    #[serde(default)]
    pub client_key: Secret,
}

/// The methods a hook can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum HttpMethod {
    /// `GET`: the data becomes the query.
    Get,
    /// `POST`.
    #[default]
    Post,
    /// `PUT`.
    Put,
    /// `PATCH`.
    Patch,
    /// `DELETE`, with a body.
    Delete,
}

/// How data becomes a body. With `@snapshot` on its first level it becomes multipart, whatever stands here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ContentType {
    /// `application/json`.
    #[default]
    Json,
    /// `application/x-www-form-urlencoded`, nested values as JSON text.
    Form,
    /// The body is the picture itself, and the data becomes the query; the key with `@snapshot` has the file's name.
    Picture,
}

impl HttpMethod {
    /// As the `http` crate has it.
    pub const fn as_http(self) -> http::Method {
        match self {
            Self::Get => http::Method::GET,
            Self::Post => http::Method::POST,
            Self::Put => http::Method::PUT,
            Self::Patch => http::Method::PATCH,
            Self::Delete => http::Method::DELETE,
        }
    }
}

impl Subscription {
    /// One without a condition of its own.
    pub fn new(enabled: bool, message: &str) -> Self {
        Self { enabled, message: message.to_owned(), condition: ConditionConfig::default() }
    }
}

impl CustomEvent {
    /// One without a condition of its own.
    pub fn new(event: &str, message: &str) -> Self {
        let condition = ConditionConfig::default();
        Self { event: event.to_owned(), message: message.to_owned(), condition }
    }
}

impl SigningConfig {
    /// Whether nothing is signed, and nothing is kept for it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Every secret in it that is set.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.keys.iter().chain([&self.body_signature_secret]).filter(|secret| secret.is_set())
    }
}

impl TlsConfig {
    /// Whether the system's trust is all there is.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl HookConfig {
    /// What is more than text in its texts.
    pub fn grammar(&self) -> Grammar {
        Grammar { jinja: self.jinja, any_root: self.oauth.enabled }
    }

    /// The conditions of what it listens to, each with its field; its own first.
    pub fn conditions(&self) -> Vec<(String, &ConditionConfig)> {
        let own = std::iter::once(("condition".to_owned(), &self.condition));
        let topics = self.events.iter().filter(|(_, event)| event.enabled);
        let topics = topics.map(|(topic, event)| (format!("events.{}.condition", topic.key()), &event.condition));
        let custom = self.custom_events.iter().enumerate();
        let custom = custom.map(|(index, custom)| (format!("custom_events.{index}.condition"), &custom.condition));
        own.chain(topics).chain(custom).filter(|(_, condition)| !condition.is_empty()).collect()
    }

    /// The messages of what it listens to, each with its field.
    pub fn messages(&self) -> Vec<(String, &str)> {
        let topics = self.events.iter().filter(|(_, event)| event.enabled);
        let topics = topics.map(|(topic, event)| (format!("events.{}.message", topic.key()), event.message.as_str()));
        let custom = self.custom_events.iter().enumerate();
        let custom = custom.map(|(index, custom)| (format!("custom_events.{index}.message"), custom.message.as_str()));
        topics.chain(custom).collect()
    }

    /// A new hook as the page offers it: every happening but progress, the end that others tell already, words of the
    /// print, and news of other hooks; the five documented keys as data.
    pub fn new(id: HookId) -> Self {
        let events = Topic::ALL
            .into_iter()
            .map(|topic| {
                let asked_for = matches!(
                    topic,
                    Topic::PrintProgress
                        | Topic::PrintEnded
                        | Topic::FirstLayerDone
                        | Topic::Temperature
                        | Topic::UserActionOver
                        | Topic::TerminalLine
                        | Topic::DisplayMessage
                        | Topic::WebhookCommand
                        | Topic::WebhookTrouble
                );
                let enabled = !asked_for;
                (topic, Subscription::new(enabled, topic.default_message()))
            })
            .collect();
        Self {
            id,
            name: String::new(),
            enabled: true,
            printers: Vec::new(),
            url: String::new(),
            method: HttpMethod::default(),
            content_type: ContentType::default(),
            headers: default_headers(),
            data: default_data(),
            jinja: true,
            api_secret: Secret::default(),
            device_identifier: String::new(),
            events,
            progress_interval_percent: default_progress_interval(),
            milestones: MilestonesConfig::default(),
            temperature_rules: default_temperature_rules(),
            terminal_patterns: String::new(),
            custom_events: Vec::new(),
            cooldown_seconds: 0,
            condition: ConditionConfig::default(),
            cancelled_counts_as_failed: false,
            verify_tls: true,
            tls: TlsConfig::default(),
            signing: SigningConfig::default(),
            oauth: OauthConfig::default(),
            patience: Patience::default(),
            quiet: QuietConfig::default(),
            receiver: ReceiverConfig::default(),
            picture: PictureConfig { source: Source::CameraOrThumbnail, ..PictureConfig::default() },
            follow_up: FollowUpConfig::default(),
            notes: Vec::new(),
        }
    }
}

impl Default for OauthConfig {
    fn default() -> Self {
        Self {
            enabled: false,
            url: String::new(),
            method: HttpMethod::default(),
            content_type: ContentType::default(),
            headers: default_headers(),
            data: default_oauth_data(),
        }
    }
}

const fn yes() -> bool {
    true
}

const fn default_progress_interval() -> u8 {
    50
}

/// What a new hook is told of temperatures once it asks for them.
const TEMPERATURE_RULES: &str = "any reached\nany below 40";

pub(crate) fn default_temperature_rules() -> String {
    TEMPERATURE_RULES.to_owned()
}

fn are_default_rules(rules: &str) -> bool {
    rules == TEMPERATURE_RULES
}

/// `{"Content-Type": "application/json"}`, laid out for an editor.
pub fn default_headers() -> String {
    "{\n  \"Content-Type\": \"application/json\"\n}".to_owned()
}

/// The five documented keys, laid out for an editor.
pub fn default_data() -> String {
    "{\n  \"deviceIdentifier\": \"@deviceIdentifier\",\n  \"apiSecret\": \"@apiSecret\",\n  \"topic\": \"@topic\",\n  \
     \"message\": \"@message\",\n  \"extra\": \"@extra\"\n}"
        .to_owned()
}

/// A client-credentials request to fill in.
pub fn default_oauth_data() -> String {
    "{\n  \"client_id\": \"myClient\",\n  \"client_secret\": \"mySecret\",\n  \"grant_type\": \"client_credentials\"\n}"
        .to_owned()
}
