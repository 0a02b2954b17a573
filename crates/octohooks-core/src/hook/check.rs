//! What is wrong with a hook as it stands, and what may not be meant: every problem with its field and its remedy.
//!
//! Errors keep it from sending; warnings do not. Works on any text at all, so that it can run while somebody types.

mod details;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use super::follow_up::FollowUp;
use super::ready::{Hook, NOT_THE_USERS, Recipe, event_key};
use super::{HookConfig, HttpMethod};
use crate::picture::file_name;
use crate::problem::Problem;
use crate::secret::{Secret, safe_origin};
use crate::template::{JsonTemplate, Template, UrlTemplate, root_of};
use crate::variables;

/// More than this nobody reads.
const MOST_PROBLEMS: usize = 100;

/// Everything to tell the user about a hook, what its import had to say included.
pub fn check(config: &HookConfig) -> Vec<Problem> {
    let mut problems = check_texts(config);
    problems.extend(config.notes.iter().cloned());
    problems.sort_by_key(|problem| std::cmp::Reverse(problem.severity));
    problems
}

/// What is wrong with a hook as it stands: errors first, then warnings and notes in the order of the editor.
pub fn check_texts(config: &HookConfig) -> Vec<Problem> {
    let hook = Hook::new(config);
    let mut problems = Vec::new();
    match &hook.recipe {
        Ok(recipe) => check_recipe(config, recipe, &mut problems),
        Err(errors) => problems.extend(errors.iter().cloned()),
    }
    check_events(config, &mut problems);
    check_messages(config, &mut problems);
    check_headers(config, &mut problems);
    check_data(config, &mut problems);
    problems.sort_by_key(|problem| std::cmp::Reverse(problem.severity));
    problems
}

fn check_recipe(config: &HookConfig, recipe: &Recipe, problems: &mut Vec<Problem>) {
    if recipe.uses("apiSecret") && !config.api_secret.is_set() {
        problems.push(Problem::note("api_secret", "@apiSecret is used, but no API secret is set."));
    }
    if recipe.snapshot_key.is_some() && config.method == HttpMethod::Get {
        problems.push(Problem::warning("data", "GET cannot carry a picture: the key with @snapshot is left out."));
    }
    if config.url.trim_start().starts_with("http://") && config.verify_tls && is_public(&config.url) {
        let origin = safe_origin(config.url.trim());
        problems.push(Problem::note("url", format!("{origin} is not encrypted. Use https:// if the server has it.")));
    }
    check_trust(config, recipe, problems);
    if let Some(follow_up) = &recipe.follow_up {
        check_follow_up(config, follow_up, problems);
    }
    if let Some(template) = &recipe.file_name {
        check_template("picture.file_name", template, config.oauth.enabled, problems);
        problems.extend(file_name::check(template));
        let follow_up_key = recipe.follow_up.as_ref().and_then(|follow_up| follow_up.snapshot_key.as_ref());
        if recipe.snapshot_key.is_none() && follow_up_key.is_none() {
            let message = "No file goes with this webhook that could have a name. Add \"@snapshot\" to the data.";
            problems.push(Problem::note("picture.file_name", message));
        }
    }
    for name in recipe.url.names().filter(|name| is_unknown(name)) {
        problems.push(unknown("url", name, config.oauth.enabled, false));
    }
    if recipe.without_picture.is_some() && !recipe.takes_picture() {
        let message = "It never takes a picture, so this is always what is sent. Add \"@snapshot\" to the data.";
        problems.push(Problem::warning("receiver.without_picture_data", message));
    }
    if recipe.without_picture.as_ref().is_some_and(|plain| plain.url.names().any(is_unknown)) {
        let message = "There is a name behind @ in it that is not a variable.";
        problems.push(Problem::warning("receiver.without_picture_url", message));
    }
}

/// A second form that cannot say which message it is about, or names what is no variable.
fn check_follow_up(config: &HookConfig, follow_up: &FollowUp, problems: &mut Vec<Problem>) {
    let in_urls = || follow_up.urls().flat_map(UrlTemplate::names);
    let templates = || follow_up.all_data().flat_map(JsonTemplate::templates);
    let names_it = |name: &str| root_of(name, variables::is_built_in) == Some("messageId");
    if !in_urls().any(names_it) && !templates().any(|(_, text)| text.names().any(names_it)) {
        let message = "@messageId stands neither in this address nor in its data: the receiver cannot know which message is meant.";
        problems.push(Problem::warning("follow_up.url", message));
    }
    if in_urls().any(is_unknown) {
        let message = "There is a name behind @ in it that is not a variable.";
        problems.push(Problem::warning("follow_up.url", message));
    }
    for (_, text) in templates() {
        check_template("follow_up.data", text, config.oauth.enabled, problems);
    }
}

/// Settings of TLS and of signatures that do nothing, or less than one may think.
fn check_trust(config: &HookConfig, recipe: &Recipe, problems: &mut Vec<Problem>) {
    let trust = &recipe.transport.trust;
    let pinned = !trust.pins.is_empty();
    let mut note = |field: &str, message: &str| problems.push(Problem::note(field, message));
    if !trust.authorities.is_empty() && pinned {
        note("tls.ca", "With a pinned certificate, authorities do not matter to this server.");
    } else if !trust.authorities.is_empty() && !config.verify_tls {
        note("tls.ca", "Without verification of certificates, authorities do not matter.");
    }
    if pinned && !config.verify_tls {
        note("tls.pinned_sha256", "The pinned certificate is demanded, although verification is off otherwise.");
    }
    let encrypted = !config.url.trim_start().to_ascii_lowercase().starts_with("http://");
    if !encrypted && (pinned || trust.identity.is_some()) {
        let field = if pinned { "tls.pinned_sha256" } else { "tls.client_certificate" };
        problems.push(Problem::warning(field, "A URL that begins with http:// has no TLS, so that this is not used."));
    }
    if config.method == HttpMethod::Get && recipe.signing_secrets.iter().any(Secret::is_set) {
        let message = "With GET the data goes into the URL, which no signature covers. Use POST.";
        problems.push(Problem::warning("signing", message));
    }
    if config.signing.body_signature_header.trim().is_empty() && config.signing.body_signature_secret.is_set() {
        let message = "This secret is not used: the name of its header is missing.";
        problems.push(Problem::note("signing.body_signature_header", message));
    }
    let replaced = recipe.headers.iter().find(|(name, _)| recipe.signer.sets(name));
    if let Some((name, _)) = replaced {
        problems.push(Problem::note("headers", format!("{name} is set by the signature and replaced.")));
    }
}

fn check_events(config: &HookConfig, problems: &mut Vec<Problem>) {
    let listens = config.events.values().any(|event| event.enabled);
    let named = config.custom_events.iter().any(|custom| !custom.event.trim().is_empty());
    if !listens && !named {
        problems.push(Problem::warning("events", "This hook listens to nothing. Tick an event."));
    }
    details::check(config, problems);
    let topics = config.events.iter().filter(|(_, event)| event.enabled);
    let topics: HashSet<String> = topics.map(|(topic, _)| event_key(topic.event_name())).collect();
    let mut seen = HashSet::new();
    for (index, custom) in config.custom_events.iter().enumerate() {
        let field = format!("custom_events.{index}.event");
        let key = event_key(&custom.event);
        if key.is_empty() {
            problems.push(Problem::warning(field, "This custom event has no name, so it never happens."));
        } else if topics.contains(&key) {
            let message = "This event is ticked above as well; it is sent once, with the message from there.";
            problems.push(Problem::note(field, message));
        } else if !seen.insert(key) {
            problems.push(Problem::note(field, "This event stands above already; only the first one counts."));
        }
    }
}

fn check_messages(config: &HookConfig, problems: &mut Vec<Problem>) {
    for (field, message) in config.messages() {
        let Ok(template) = Template::of_field(&field, message, config.grammar()) else { continue };
        check_template(&field, &template, config.oauth.enabled, problems);
        if template.names().any(|name| name == "message") {
            problems.push(Problem::warning(field, "@message in a message is nothing: a message cannot hold itself."));
        }
    }
}

fn check_headers(config: &HookConfig, problems: &mut Vec<Problem>) {
    let Some(fields) =
        JsonTemplate::parse_as("headers", &config.headers, config.grammar()).ok().and_then(JsonTemplate::into_fields)
    else {
        return;
    };
    for (name, template) in fields {
        if NOT_THE_USERS.contains(&name.trim().to_ascii_lowercase().as_str()) {
            problems.push(Problem::note("headers", format!("{name} is set by the connection itself and not sent.")));
        }
        for (_, text) in template.templates() {
            check_template("headers", text, config.oauth.enabled, problems);
        }
    }
}

fn check_data(config: &HookConfig, problems: &mut Vec<Problem>) {
    if let Ok(plain) = JsonTemplate::parse_as("", &config.receiver.without_picture_data, config.grammar()) {
        for (_, text) in plain.templates() {
            check_template("receiver.without_picture_data", text, config.oauth.enabled, problems);
        }
    }
    let Ok(data) = JsonTemplate::parse_as("data", &config.data, config.grammar()) else { return };
    let picture = data.snapshot_key().map(str::to_owned);
    for (path, text) in data.templates() {
        check_template("data", text, config.oauth.enabled, problems);
        let takes_picture = text.names().any(|name| name == "snapshot");
        if takes_picture && picture.as_deref() != Some(path.as_str()) {
            let message = format!(
                "@snapshot at {path:?} becomes nothing: a picture goes on the first level of the data, as the whole \
                 value of one key. Elsewhere in JSON, @snapshotBase64 is the picture as text."
            );
            problems.push(Problem::warning("data", message));
        }
    }
}

/// Names that are no variables: a slip where one is alike, and an empty value where one is the whole text.
fn check_template(field: &str, template: &Template, oauth: bool, problems: &mut Vec<Problem>) {
    let is_whole = template.whole().is_some();
    for name in template.names().filter(|name| is_unknown(name)) {
        if problems.len() >= MOST_PROBLEMS {
            return;
        }
        if is_whole || oauth || alike(name).is_some() {
            let problem = unknown(field, name, oauth, is_whole);
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
    }
}

fn unknown(field: &str, name: &str, oauth: bool, is_whole: bool) -> Problem {
    let hint = alike(name).map(|known| format!(" Is @{known} meant?")).unwrap_or_default();
    if oauth {
        let message = format!("@{name} is not a variable; it is a value only if the OAuth answer has that key.{hint}");
        return Problem::note(field, message);
    }
    let what = if is_whole { "it becomes an empty text" } else { "it is sent as it stands" };
    Problem::warning(field, format!("@{name} is not a variable: {what}.{hint}"))
}

fn is_unknown(name: &str) -> bool {
    root_of(name, variables::is_built_in).is_none()
}

/// The variable that may be meant.
fn alike(name: &str) -> Option<&'static str> {
    variables::alike(name.split(['.', '-']).next().unwrap_or(name), variables::ALL.iter().map(|variable| variable.name))
}

/// Whether a plain-HTTP URL goes out into the world: a name with a dot that is not a home network's.
fn is_public(url: &str) -> bool {
    let Ok(url) = url::Url::parse(url.trim()) else { return false };
    match url.host() {
        Some(url::Host::Domain(name)) => {
            let home = [".local", ".lan", ".home", ".internal", ".home.arpa", ".localdomain", ".box"];
            name.contains('.') && !home.iter().any(|suffix| name.ends_with(suffix))
        }
        _ => false,
    }
}

/// Whether a draft may use the secrets of the saved hook: only while it goes to the same scheme, host, and port, with the
/// values that each of them puts into its URL.
pub fn same_origin(draft: &HookConfig, draft_secret: Option<&Secret>, saved: &HookConfig) -> bool {
    let unchanged = draft.url.trim() == saved.url.trim() && draft.device_identifier == saved.device_identifier;
    let new_secret = draft_secret.unwrap_or(&saved.api_secret).expose();
    let draft_origin = origin_of(&draft.url, &draft.device_identifier, new_secret);
    let saved_origin = origin_of(&saved.url, &saved.device_identifier, saved.api_secret.expose());
    match (draft_origin, saved_origin) {
        (Some(draft), Some(saved)) => draft == saved,
        // A URL that is none sends nothing anywhere, and may stay as it is.
        (None, None) => unchanged,
        _ => false,
    }
}

/// Scheme, host, and port of a URL with the hook's own values put in.
pub(super) fn origin_of(url: &str, device_identifier: &str, api_secret: &str) -> Option<url::Origin> {
    UrlTemplate::parse(url).ok()?.origin(device_identifier, api_secret)
}

/// A saved secret for a draft: the draft's own where it has one, the saved one only for the same origin.
pub fn inherited_secret(secret: Option<Secret>, draft: &HookConfig, saved: &HookConfig) -> Option<Secret> {
    match secret {
        Some(secret) => Some(secret),
        None if !saved.api_secret.is_set() => Some(Secret::default()),
        None => same_origin(draft, None, saved).then(|| saved.api_secret.clone()),
    }
}
