//! A hook made ready: what it listens to, and the recipe of its request with every text parsed once.
//!
//! Comes in: a [`HookConfig`] with whatever a person typed. Goes out: a [`Hook`]. Listening never fails, so that an event
//! for a hook that cannot be composed is still seen and told as such; the recipe is there or is a list of errors.

mod beside;
mod listens;
mod parsing;

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::HeaderName;

pub use self::beside::{OauthRecipe, SuccessSign, WithoutPicture};
pub use self::listens::{Listens, PROGRESS_INTERVAL, Subscription, event_key};
pub(crate) use self::parsing::NOT_THE_USERS;
pub(super) use self::parsing::parse_data_for;
use self::parsing::{parse_data, parse_headers};
use super::check::origin_of;
use super::follow_up::FollowUp;
use super::receiver::Markup;
use super::{ContentType, HookConfig, HttpMethod};
use crate::condition::Condition;
use crate::event::Event;
use crate::ids::HookId;
use crate::picture::{Wishes, file_name};
use crate::problem::Problem;
use crate::quiet::Quiet;
use crate::request::Transport;
use crate::schedule::{Class, Patience};
use crate::secret::Secret;
use crate::shown::Cover;
use crate::sign::Signer;
use crate::template::{JsonTemplate, Template, UrlTemplate};
use crate::topic::Topic;
use crate::trust::Trust;

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

impl fmt::Debug for Recipe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Recipe").field("method", &self.method).finish_non_exhaustive()
    }
}

/// Which built-in variable a name would be, if any.
pub(super) fn built_in_root(name: &str) -> Option<String> {
    crate::template::root_of(name, crate::variables::is_built_in).map(str::to_owned)
}
