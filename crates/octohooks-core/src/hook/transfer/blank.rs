//! Texts with secrets in, texts without them out. Where it is not certain that a piece is none, it goes.

use serde_json::{Map, Value};
use url::Url;

use crate::secret::safe_origin;
use crate::template::{Renderer, Scope, Template};
use crate::variables;

/// Headers whose values are never secrets.
const OPEN_HEADERS: [&str; 3] = ["content-type", "accept", "user-agent"];

/// What may stand beside variables in the value of a header: the names of the usual ways to authenticate.
const SCHEMES: [&str; 3] = ["", "Bearer ", "Basic "];

/// Keys of OAuth data whose texts are never secrets.
const OPEN_OAUTH_KEYS: [&str; 2] = ["grant_type", "scope"];

/// Keys that OAuth servers answer with. Any other word behind an `@` could be a password that begins with one.
const OAUTH_ANSWER: [&str; 5] = ["access_token", "id_token", "refresh_token", "token", "token_type"];

/// `scheme://host[:port]/` of a URL, without user and password; empty where it has none. A variable that the host
/// begins with stays.
pub(super) fn origin_of(url: &str) -> String {
    let Some((scheme, after_scheme)) = url.trim().split_once("://") else { return String::new() };
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return String::new();
    }
    let authority = after_scheme.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let (variable, host) = match authority.rsplit_once('@') {
        Some((_, host)) if begins_with_variable(host) => ("@", host),
        Some((_, host)) => ("", host),
        None => ("", authority),
    };
    // An empty host would make the parser take what follows for one.
    let Some(parsed) = Url::parse(&format!("{scheme}://{host}/")).ok().filter(|_| !host.is_empty()) else {
        return String::new();
    };
    if variable.is_empty() {
        format!("{}/", safe_origin(parsed.as_str()))
    } else {
        format!("{}://@{host}/", parsed.scheme())
    }
}

fn begins_with_variable(host: &str) -> bool {
    host.split(|letter: char| !letter.is_ascii_alphanumeric()).next().is_some_and(variables::is_built_in)
}

/// JSON text of headers with each value judged by `blank`; `{}` where it is no object.
pub(super) fn blank_headers(headers: &str, blank: impl Fn(&str) -> String) -> String {
    let Ok(headers) = serde_json::from_str::<Map<String, Value>>(headers) else { return "{}".to_owned() };
    let blanked: Map<String, Value> = headers
        .into_iter()
        .map(|(name, value)| {
            let is_open = OPEN_HEADERS.contains(&name.trim().to_ascii_lowercase().as_str());
            let value = match value {
                Value::String(text) if is_open => text,
                Value::String(text) => blank(&text),
                _ => String::new(),
            };
            (name, Value::String(value))
        })
        .collect();
    pretty(&Value::Object(blanked))
}

/// The value of a header if it is made of variables alone, or of variables behind `Bearer ` or `Basic `.
pub(super) fn blank_header(value: &str, oauth_on: bool) -> String {
    // A tag of Jinja may hold a secret in quotes: only `@name` is certain to hold none.
    let template = Template::parse(value);
    // Against a scope in which every variable is nothing, what is left is the user's own text.
    let answer: Map<String, Value> = OAUTH_ANSWER.map(|key| (key.to_owned(), Value::Null)).into_iter().collect();
    let scope = if oauth_on { Scope::default().with_oauth(&answer) } else { Scope::default() };
    let mut renderer = Renderer::new(&scope);
    let own_text = renderer.text(&template).ok().filter(|_| renderer.unknown().is_empty());
    let is_open = own_text.is_some_and(|text| SCHEMES.contains(&text.as_str()));
    if is_open { value.to_owned() } else { String::new() }
}

/// The value of a header of the OAuth request: no variables there, so nothing but a scheme can stay.
pub(super) fn blank_oauth_header(value: &str) -> String {
    if SCHEMES.contains(&value) { value.to_owned() } else { String::new() }
}

/// JSON text with every text and number emptied, but for the grant and its scope; `{}` where it is no JSON.
pub(super) fn blank_data(data: &str) -> String {
    match serde_json::from_str::<Value>(data) {
        Ok(mut value) => {
            blank_leaves(&mut value);
            pretty(&value)
        }
        Err(_) => "{}".to_owned(),
    }
}

fn blank_leaves(value: &mut Value) {
    match value {
        Value::String(_) | Value::Number(_) => *value = Value::String(String::new()),
        Value::Array(items) => items.iter_mut().for_each(blank_leaves),
        Value::Object(fields) => {
            let secret = fields
                .iter_mut()
                .filter(|(key, value)| !(value.is_string() && OPEN_OAUTH_KEYS.contains(&key.as_str())));
            secret.for_each(|(_, value)| blank_leaves(value));
        }
        Value::Null | Value::Bool(_) => {}
    }
}

fn pretty(value: &Value) -> String {
    format!("{value:#}")
}
