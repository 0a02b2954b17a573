//! A hook made ready: what it listens to, and the recipe of its request with every text parsed once.
//!
//! Comes in: a [`HookConfig`] with whatever a person typed. Goes out: a [`Hook`]. Listening never fails, so that an event
//! for a hook that cannot be composed is still seen and told as such; the recipe is there or is a list of errors.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use url::Url;

use super::check::origin_of;
use super::follow_up::FollowUp;
use super::receiver::{Markup, ReceiverConfig};
use super::{ContentType, HookConfig, HttpMethod, OauthConfig};
use crate::condition::{Asked, Condition, ConditionConfig};
use crate::event::Event;
use crate::heat;
use crate::ids::HookId;
use crate::milestones::Milestones;
use crate::picture::{Wishes, file_name};
use crate::problem::Problem;
use crate::quiet::Quiet;
use crate::request::Transport;
use crate::schedule::{Class, Patience};
use crate::secret::Secret;
use crate::shown::Cover;
use crate::sign::Signer;
use crate::template::{Grammar, JsonTemplate, Template, UrlTemplate};
use crate::terminal;
use crate::topic::Topic;
use crate::trust::Trust;

/// Progress is told at multiples of this many percent at least; see [`HookConfig::progress_interval_percent`].
pub const PROGRESS_INTERVAL: std::ops::RangeInclusive<u8> = 1..=99;

/// A hook as matching and composing use it.
#[derive(Debug)]
pub struct Hook {
    /// Names it.
    pub id: HookId,
    /// What the user calls it.
    pub name: String,
    /// Whether it sends at all.
    pub enabled: bool,
    /// What it listens to.
    pub listens: Listens,
    /// How long its deliveries are tried.
    pub patience: Patience,
    /// When it keeps still.
    pub quiet: Option<Quiet>,
    /// How its request is made, or why it cannot be.
    pub recipe: Result<Recipe, Vec<Problem>>,
}

/// What a hook listens to.
#[derive(Debug)]
pub struct Listens {
    printers: Vec<String>,
    topics: HashMap<Topic, Template>,
    custom_events: HashMap<String, Template>,
    /// Where progress is told; not by percent where the hook's own number makes no sense.
    pub milestones: Milestones,
    /// What is told of temperatures.
    pub temperature_rules: Vec<heat::Rule>,
    /// Which lines of the terminal are told.
    pub terminal_patterns: Vec<String>,
    device_identifier: String,
    condition: Option<Condition>,
    topic_conditions: HashMap<Topic, Condition>,
    custom_conditions: HashMap<String, Condition>,
    /// The same event is skipped for this long after it was sent.
    pub cooldown: Duration,
    /// Whether a cancelled print is told as failed where cancelled is not asked for.
    pub cancelled_counts_as_failed: bool,
}

/// By which of its subscriptions a hook wants an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subscription {
    /// By a tick box of its own.
    Topic(Topic),
    /// By the event's name.
    CustomEvent,
}

impl Subscription {
    /// The value of `@topic`.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Topic(topic) => topic.title(),
            Self::CustomEvent => "Custom Event",
        }
    }
}

/// How a request is made: everything that can be known before an event is.
pub struct Recipe {
    /// Where to.
    pub url: UrlTemplate,
    /// The method.
    pub method: HttpMethod,
    /// How the data is encoded, unless a picture makes it multipart.
    pub content_type: ContentType,
    /// Header names and the templates of their values, in the user's order.
    pub headers: Vec<(HeaderName, JsonTemplate)>,
    /// The data, the picture's key left out.
    pub data: JsonTemplate,
    /// Which picture it takes, where it takes one.
    pub wishes: Wishes,
    /// The receiver takes no more pictures in one message.
    pub most_pictures: usize,
    /// What the files of its pictures are called, where they have names of their own.
    pub file_name: Option<Template>,
    /// Under which key of the data the picture goes.
    pub snapshot_key: Option<String>,
    /// What is sent instead where there is no picture.
    pub without_picture: Option<WithoutPicture>,
    /// How what follows a first message about a print goes.
    pub follow_up: Option<FollowUp>,
    /// The markup that the receiver reads.
    pub markup: Markup,
    /// The message is cut to this length.
    pub message_limit: Option<usize>,
    /// By what a success is known beside the status.
    pub success: Option<SuccessSign>,
    /// The value of `@apiSecret`.
    pub api_secret: Secret,
    /// The value of `@deviceIdentifier`.
    pub device_identifier: String,
    /// How the request is carried.
    pub transport: Transport,
    /// How the request is signed.
    pub signer: Signer,
    /// The texts of the hook's signing keys, to cover them wherever they might show.
    pub signing_secrets: Vec<Secret>,
    /// The request that is made first.
    pub oauth: Option<Arc<OauthRecipe>>,
    /// The roots of all variables that stand anywhere in the hook.
    roots: HashSet<String>,
    /// What covers its secrets, once somebody has asked.
    pub(crate) cover: OnceLock<Cover>,
}

/// What is sent where there is no picture.
pub struct WithoutPicture {
    /// Where to.
    pub url: UrlTemplate,
    /// The data.
    pub data: JsonTemplate,
}

/// What an answer has to hold to be a success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuccessSign {
    /// A JSON pointer into it; empty is its whole text.
    pub at: String,
    /// What has to stand there.
    pub is: String,
}

/// The OAuth request, whole: there are no variables in it.
#[derive(Clone, PartialEq)]
pub struct OauthRecipe {
    /// Where to.
    pub url: Url,
    /// The method.
    pub method: HttpMethod,
    /// How the data is encoded.
    pub content_type: ContentType,
    /// Its headers.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Its data.
    pub data: serde_json::Value,
    /// How it is carried.
    pub transport: Transport,
}

impl Hook {
    /// Makes a hook ready.
    pub fn new(config: &HookConfig) -> Self {
        Self {
            id: config.id,
            name: config.name.clone(),
            enabled: config.enabled,
            listens: Listens::new(config),
            patience: config.patience.clone(),
            // Times that are none are told as such where the recipe is made, and keep the hook from sending.
            quiet: Quiet::new(&config.quiet).unwrap_or_default(),
            recipe: Recipe::new(config),
        }
    }

    /// How long a delivery is worth sending, from its event on.
    pub fn lifetime(&self, class: Class, topic: Option<Topic>) -> Duration {
        let longer = self.quiet.as_ref().map_or(Duration::ZERO, |quiet| quiet.longer(class));
        self.patience.lifetime(class, topic, None) + longer
    }

    /// Whether its request needs what is known of the printed file.
    pub fn needs_metadata(&self) -> bool {
        self.recipe.as_ref().is_ok_and(|recipe| recipe.roots.contains("meta"))
    }

    /// Whether it has to know which layer is printed.
    pub fn wants_layers(&self) -> bool {
        let by_progress = self.listens.to_topic(Topic::PrintProgress) && self.listens.milestones.wants_layers();
        by_progress || self.recipe.as_ref().is_ok_and(|recipe| recipe.uses("layer"))
    }

    /// The picture that its request of an event takes, if any.
    pub fn picture_wishes(&self, event: &Event) -> Option<Wishes> {
        self.recipe.as_ref().ok().filter(|recipe| recipe.takes_picture()).map(|recipe| recipe.wishes.of_event(event))
    }
}

impl Listens {
    fn new(config: &HookConfig) -> Self {
        let topics = config.events.iter().filter(|(_, subscription)| subscription.enabled);
        // One that is wrong is told as such where the recipe is made, and keeps the hook from sending.
        let message =
            |text: &str| Template::of_field("", text, config.grammar()).unwrap_or_else(|_| Template::parse(text));
        let condition =
            |config: &ConditionConfig| (!config.is_empty()).then(|| Condition::new("", config).ok()).flatten();
        Self {
            printers: config.printers.clone(),
            topics: topics.map(|(topic, found)| (*topic, message(&found.message))).collect(),
            custom_events: config
                .custom_events
                .iter()
                .rev()
                .map(|custom| (event_key(&custom.event), message(&custom.message)))
                .filter(|(name, _)| !name.is_empty())
                .collect(),
            milestones: Milestones::new(
                &config.milestones,
                Some(config.progress_interval_percent).filter(|interval| PROGRESS_INTERVAL.contains(interval)),
            ),
            temperature_rules: heat::read(&config.temperature_rules).0,
            terminal_patterns: terminal::read(&config.terminal_patterns).0,
            device_identifier: config.device_identifier.clone(),
            condition: condition(&config.condition),
            topic_conditions: config
                .events
                .iter()
                .filter_map(|(topic, found)| Some((*topic, condition(&found.condition)?)))
                .collect(),
            custom_conditions: config
                .custom_events
                .iter()
                .rev()
                .filter_map(|custom| Some((event_key(&custom.event), condition(&custom.condition)?)))
                .collect(),
            cooldown: Duration::from_secs(config.cooldown_seconds.into()),
            cancelled_counts_as_failed: config.cancelled_counts_as_failed,
        }
    }

    /// Whether it listens to this printer.
    pub fn to_printer(&self, id: &str) -> bool {
        self.printers.is_empty() || self.printers.iter().any(|printer| printer == id)
    }

    /// Whether a happening is ticked.
    pub fn to_topic(&self, topic: Topic) -> bool {
        self.topics.contains_key(&topic)
    }

    /// Whether one of its own rules or patterns is what an event tells: others have others.
    pub fn to_payload(&self, topic: Option<Topic>, payload: &serde_json::Value) -> bool {
        let text = |key: &str| payload.get(key).and_then(serde_json::Value::as_str).unwrap_or_default();
        match topic {
            Some(Topic::Temperature) => self.temperature_rules.iter().any(|rule| rule.to_string() == text("rule")),
            Some(Topic::TerminalLine) => self.terminal_patterns.iter().any(|pattern| pattern == text("pattern")),
            _ => true,
        }
    }

    /// By which subscription it listens to an event; a tick box goes before a name.
    pub fn to(&self, topic: Option<Topic>, name: &str) -> Option<Subscription> {
        match topic {
            Some(topic) if self.to_topic(topic) => Some(Subscription::Topic(topic)),
            _ => self.custom_events.contains_key(&event_key(name)).then_some(Subscription::CustomEvent),
        }
    }

    /// Whether its conditions hold for an event that it listens to by a subscription.
    ///
    /// # Errors
    /// Why not: a part of a sentence.
    pub fn condition_holds(&self, event: &Event, subscription: Subscription, milestone: u8) -> Result<(), String> {
        let asked = Asked { subscription, milestone, device_identifier: &self.device_identifier };
        let own = match subscription {
            Subscription::Topic(topic) => self.topic_conditions.get(&topic),
            Subscription::CustomEvent if self.custom_conditions.is_empty() => None,
            Subscription::CustomEvent => self.custom_conditions.get(&event_key(&event.name)),
        };
        self.condition.iter().chain(own).try_for_each(|condition| condition.holds(event, &asked))
    }

    /// The message that goes with a subscription; nothing when the hook no longer has it.
    pub fn message(&self, subscription: Subscription, name: &str) -> Option<&Template> {
        match subscription {
            Subscription::Topic(topic) => self.topics.get(&topic),
            Subscription::CustomEvent => self.custom_events.get(&event_key(name)),
        }
    }

    /// The names of events it listens to, in the form of [`event_key`].
    pub fn event_keys(&self) -> impl Iterator<Item = String> {
        self.topics.keys().map(|topic| event_key(topic.event_name())).chain(self.custom_events.keys().cloned())
    }
}

/// An event's name as it is compared: upper and lower case alike, no blanks around it.
pub fn event_key(name: &str) -> String {
    name.trim().to_lowercase()
}

impl Recipe {
    /// Parses every text of a hook.
    ///
    /// # Errors
    /// Everything that keeps the hook from sending, with the place in its field.
    pub fn new(config: &HookConfig) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let grammar = config.grammar();
        let mut keep = |result: Result<(), Problem>| problems.extend(result.err());
        let mut url = None;
        keep(
            UrlTemplate::parse_as(&config.url, grammar)
                .map(|parsed| url = Some(parsed))
                .map_err(|error| error.in_field("url")),
        );
        let mut headers = None;
        keep(parse_headers("headers", &config.headers, grammar).map(|parsed| headers = Some(parsed)));
        let mut data = None;
        keep(parse_data("data", &config.data, config, grammar).map(|parsed| data = Some(parsed)));
        for (field, message) in config.messages() {
            keep(Template::of_field(&field, message, grammar).map(drop));
        }
        for (field, condition) in config.conditions() {
            problems.extend(Condition::new(&field, condition).err().into_iter().flatten());
        }
        problems.extend(Quiet::new(&config.quiet).err());
        problems.extend(config.picture.check());
        let file_name = file_name::template_of(config).unwrap_or_else(|found| {
            problems.push(found);
            None
        });
        let mut trust = Arc::default();
        match Trust::new(&config.tls) {
            Ok(read) => trust = Arc::new(read),
            Err(found) => problems.extend(found),
        }
        let signer = Signer::new(&config.signing).unwrap_or_else(|found| {
            problems.extend(found);
            Signer::default()
        });
        let transport = Transport { verify_tls: config.verify_tls, trust, ..Transport::default() };
        let mut oauth = None;
        if config.oauth.enabled {
            // A pin is of one server, and the certificate of this machine is for one server as well.
            let mut transport = transport.clone();
            let own = origin_of(&config.url, &config.device_identifier, config.api_secret.expose());
            if own.is_none() || own != origin_of(&config.oauth.url.replace('@', "@@"), "", "") {
                transport.trust = Arc::new(transport.trust.for_another_server());
            }
            match OauthRecipe::new(&config.oauth, transport) {
                Ok(parsed) => oauth = Some(Arc::new(parsed)),
                Err(found) => problems.extend(found),
            }
        }
        let without_picture = WithoutPicture::new(config).unwrap_or_else(|found| {
            problems.extend(found);
            None
        });
        let follow_up = FollowUp::new(config).unwrap_or_else(|found| {
            problems.extend(found);
            None
        });
        let success = SuccessSign::new(&config.receiver).unwrap_or_else(|found| {
            problems.push(found);
            None
        });
        let (Some(url), Some(headers), Some(data)) = (url, headers, data) else { return Err(problems) };
        if !problems.is_empty() {
            return Err(problems);
        }
        let snapshot_key = data.snapshot_key().map(str::to_owned);
        let data = match &snapshot_key {
            Some(key) => data.without(key),
            None => data,
        };
        let mut recipe = Self {
            url,
            method: config.method,
            content_type: config.content_type,
            headers,
            data,
            wishes: config.picture.wishes(),
            most_pictures: usize::try_from(config.picture.most_pictures)
                .ok()
                .filter(|most| *most > 0)
                .unwrap_or(usize::MAX),
            file_name,
            snapshot_key,
            without_picture,
            follow_up,
            markup: config.receiver.markup,
            message_limit: usize::try_from(config.receiver.message_limit).ok().filter(|limit| *limit > 0),
            success,
            api_secret: config.api_secret.clone(),
            device_identifier: config.device_identifier.clone(),
            transport,
            signer,
            signing_secrets: config.signing.secrets().cloned().collect(),
            oauth,
            roots: HashSet::new(),
            cover: OnceLock::new(),
        };
        recipe.roots = recipe.names(config).filter_map(|name| built_in_root(&name)).collect();
        Ok(recipe)
    }

    /// The names behind each `@` in any text of the hook.
    fn names(&self, config: &HookConfig) -> impl Iterator<Item = String> {
        let without_picture = self.without_picture.iter();
        let (follow_up_urls, follow_up_data): (Vec<_>, Vec<_>) = match &self.follow_up {
            Some(follow_up) => (follow_up.urls().collect(), follow_up.all_data().collect()),
            None => Default::default(),
        };
        let urls =
            std::iter::once(&self.url).chain(without_picture.clone().map(|plain| &plain.url)).chain(follow_up_urls);
        let in_urls = urls.flat_map(UrlTemplate::names).map(str::to_owned);
        let templates = self.headers.iter().flat_map(|(_, template)| template.templates());
        let all_data =
            std::iter::once(&self.data).chain(without_picture.map(|plain| &plain.data)).chain(follow_up_data);
        let templates = templates.chain(all_data.flat_map(JsonTemplate::templates));
        let in_templates = templates.flat_map(|(_, template)| template.names()).map(str::to_owned);
        let in_messages = config.messages().into_iter().flat_map(|(field, message)| {
            let template = Template::of_field(&field, message, config.grammar());
            template.iter().flat_map(Template::names).map(str::to_owned).collect::<Vec<_>>()
        });
        let in_file_name = self.file_name.iter().flat_map(Template::names).map(str::to_owned);
        in_urls.chain(in_templates).chain(in_messages).chain(in_file_name).collect::<Vec<_>>().into_iter()
    }

    /// Whether a built-in variable stands anywhere in the hook.
    pub fn uses(&self, root: &str) -> bool {
        self.roots.contains(root)
    }

    /// Whether a picture goes into its request, in whichever way.
    pub fn takes_picture(&self) -> bool {
        let follow_up_key = self.follow_up.as_ref().and_then(|follow_up| follow_up.snapshot_key.as_ref());
        let by_any_way = self.snapshot_key.is_some()
            || follow_up_key.is_some()
            || self.content_type == ContentType::Picture
            || self.uses("snapshotBase64");
        by_any_way && self.method != HttpMethod::Get
    }
}

impl WithoutPicture {
    /// `None` where nothing else is sent than with a picture.
    fn new(config: &HookConfig) -> Result<Option<Self>, Vec<Problem>> {
        let ReceiverConfig { without_picture_url: url, without_picture_data: data, .. } = &config.receiver;
        if url.trim().is_empty() && data.trim().is_empty() {
            return Ok(None);
        }
        let mut problems = Vec::new();
        let url = if url.trim().is_empty() { &config.url } else { url };
        let data = if data.trim().is_empty() { &config.data } else { data };
        let (data_field, url_field) = ("receiver.without_picture_data", "receiver.without_picture_url");
        let own = |url: &str| origin_of(url, &config.device_identifier, config.api_secret.expose());
        if own(url) != own(&config.url) {
            let message = "Without a picture it has to go to the same server: copy scheme and host of the URL.";
            problems.push(Problem::error(url_field, message));
        }
        let url = UrlTemplate::parse_as(url, config.grammar()).map_err(|error| error.in_field(url_field));
        let data = parse_data(data_field, data, config, config.grammar());
        match (url, data) {
            (Ok(url), Ok(data)) if problems.is_empty() => {
                let data = match data.snapshot_key().map(str::to_owned) {
                    Some(key) => data.without(&key),
                    None => data,
                };
                Ok(Some(Self { url, data }))
            }
            (url, data) => {
                problems.extend(url.err().into_iter().chain(data.err()));
                Err(problems)
            }
        }
    }
}

impl SuccessSign {
    fn new(receiver: &ReceiverConfig) -> Result<Option<Self>, Problem> {
        let (at, is) = (receiver.success_at.trim(), receiver.success_is.trim());
        if !at.is_empty() && !at.starts_with('/') {
            let message = "A place in the answer begins with a slash: /ok, /result/state.";
            return Err(Problem::error("receiver.success_at", message));
        }
        if !at.is_empty() && is.is_empty() {
            return Err(Problem::error("receiver.success_is", "Write what has to stand there: true, for example."));
        }
        Ok((!is.is_empty()).then(|| Self { at: at.to_owned(), is: is.to_owned() }))
    }
}

impl fmt::Debug for Recipe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Recipe").field("method", &self.method).finish_non_exhaustive()
    }
}

impl OauthRecipe {
    fn new(config: &OauthConfig, transport: Transport) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut keep = |result: Result<(), Problem>| problems.extend(result.err());
        let mut url = None;
        keep(
            UrlTemplate::parse(&config.url.replace('@', "@@"))
                .and_then(|template| template.literal())
                .map(|parsed| url = Some(parsed))
                .map_err(|error| Problem::error("oauth.url", error.to_string())),
        );
        let mut headers = None;
        keep(literal_headers("oauth.headers", &config.headers).map(|parsed| headers = Some(parsed)));
        let mut data = None;
        keep(
            parse_data_for("oauth.data", &config.data, (config.method, config.content_type), Grammar::default())
                .map(|_| data = serde_json::from_str(&config.data).ok()),
        );
        match (url, headers, data) {
            (Some(url), Some(headers), Some(data)) if problems.is_empty() => {
                Ok(Self { url, method: config.method, content_type: config.content_type, headers, data, transport })
            }
            _ => Err(problems),
        }
    }
}

impl fmt::Debug for OauthRecipe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("OauthRecipe").field("method", &self.method).finish_non_exhaustive()
    }
}

/// Which built-in variable a name would be, if any.
pub(super) fn built_in_root(name: &str) -> Option<String> {
    crate::template::root_of(name, crate::variables::is_built_in).map(str::to_owned)
}

/// Headers that belong to the transport: what a hook says of them is not sent.
pub(crate) const NOT_THE_USERS: [&str; 6] =
    ["host", "content-length", "transfer-encoding", "connection", "proxy-authorization", "expect"];

fn parse_headers(field: &str, source: &str, grammar: Grammar) -> Result<Vec<(HeaderName, JsonTemplate)>, Problem> {
    let Some(fields) = JsonTemplate::parse_as(field, source, grammar)?.into_fields() else {
        return Err(Problem::error(field, "Headers are an object: {\"Name\": \"value\"}."));
    };
    let mut headers = Vec::with_capacity(fields.len());
    for (name, template) in fields {
        let parsed = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| {
            Problem::error(field, format!("{name:?} cannot be a header's name. Use letters, digits, and dashes."))
        })?;
        if template.has_line_break() {
            let message = format!("The value of {name} holds a line break, which no header can.");
            return Err(Problem::error(field, message));
        }
        if !NOT_THE_USERS.contains(&parsed.as_str()) {
            headers.push((parsed, template));
        }
    }
    Ok(headers)
}

fn literal_headers(field: &str, source: &str) -> Result<Vec<(HeaderName, HeaderValue)>, Problem> {
    let mut headers = Vec::new();
    for (name, template) in parse_headers(field, source, Grammar::default())? {
        let Some(value) = template.source_value() else { continue };
        let value = HeaderValue::from_bytes(value.as_bytes())
            .map_err(|_| Problem::error(field, format!("The value of {name} holds a character that no header can.")))?;
        headers.push((name, value));
    }
    Ok(headers)
}

fn parse_data(field: &str, source: &str, config: &HookConfig, grammar: Grammar) -> Result<JsonTemplate, Problem> {
    parse_data_for(field, source, (config.method, config.content_type), grammar)
}

pub(super) fn parse_data_for(
    field: &str,
    source: &str,
    (method, content_type): (HttpMethod, ContentType),
    grammar: Grammar,
) -> Result<JsonTemplate, Problem> {
    let data = JsonTemplate::parse_as(field, source, grammar)?;
    let needs_pairs = method == HttpMethod::Get || content_type != ContentType::Json;
    if needs_pairs && !data.is_object() {
        let what = match content_type {
            _ if method == HttpMethod::Get => "a query (GET)",
            ContentType::Picture => "a query beside the picture",
            ContentType::Json | ContentType::Form => "x-www-form-urlencoded",
        };
        return Err(Problem::error(
            field,
            format!("For {what} the data has to be an object: {{\"name\": \"value\"}}."),
        ));
    }
    Ok(data)
}
