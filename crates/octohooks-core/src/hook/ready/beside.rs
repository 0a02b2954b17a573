//! What stands beside a hook's request: the one that fetches a token before it, what is sent where there is no picture, and by
//! what a success is known.

use std::fmt;

use http::{HeaderName, HeaderValue};
use url::Url;

use super::parsing::{literal_headers, parse_data, parse_data_for};
use crate::hook::check::origin_of;
use crate::hook::receiver::ReceiverConfig;
use crate::hook::{ContentType, HookConfig, HttpMethod, OauthConfig};
use crate::problem::Problem;
use crate::request::Transport;
use crate::template::{Grammar, JsonTemplate, UrlTemplate};

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

impl WithoutPicture {
    /// `None` where nothing else is sent than with a picture.
    pub(super) fn new(config: &HookConfig) -> Result<Option<Self>, Vec<Problem>> {
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
    pub(super) fn new(receiver: &ReceiverConfig) -> Result<Option<Self>, Problem> {
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

impl OauthRecipe {
    pub(super) fn new(config: &OauthConfig, transport: Transport) -> Result<Self, Vec<Problem>> {
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
