//! The settings of OctoPrint-Webhooks 1 to 4.4.0 in, hooks out.
//!
//! Comes in: the raw `plugins.webhooks` block of OctoPrint's config.yaml, whichever of the five schemas wrote it; they
//! are told apart by their shape. Goes out: hooks that send what they sent there. Whatever does not fit is taken over
//! as near as it can be, with a note that says so; nothing in the block makes an import fail, and no note ever holds
//! what may be a secret. The old names of settings live here and nowhere else.

mod custom_events;
mod names;
mod values;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use self::custom_events::custom_events_of;
use self::names::Names;
use self::values::{OldValues, kind_of, quoted_name};
use crate::condition::ConditionConfig;
use crate::hook::follow_up::FollowUpConfig;
use crate::hook::receiver::ReceiverConfig;
use crate::hook::{HookConfig, OauthConfig, SigningConfig, Subscription, TlsConfig};
use crate::ids::HookId;
use crate::milestones::MilestonesConfig;
use crate::picture::PictureConfig;
use crate::problem::Problem;
use crate::quiet::QuietConfig;
use crate::schedule::Patience;
use crate::secret::Secret;
use crate::topic::Topic;

/// The list of hooks, since schema 2. Before, the settings of the only hook stood in its place.
const HOOKS: &str = "hooks";

const URL: &str = "url";
const API_SECRET: &str = "apiSecret";
const DEVICE_IDENTIFIER: &str = "deviceIdentifier";
const ENABLED: &str = "webhook_enabled";
const METHOD: &str = "http_method";
const CONTENT_TYPE: &str = "content_type";
const HEADERS: &str = "headers";
const DATA: &str = "data";
const PROGRESS_INTERVAL: &str = "event_print_progress_interval";
const CUSTOM_EVENTS: &str = "customEvents";
const CUSTOM_EVENT_NAME: &str = "name";
const CUSTOM_EVENT_MESSAGE: &str = "message";
const COOLDOWN: &str = "event_cooldown";
const VERIFY_TLS: &str = "verify_ssl";
const OAUTH: &str = "oauth";
const OAUTH_URL: &str = "oauth_url";
const OAUTH_METHOD: &str = "oauth_http_method";
const OAUTH_CONTENT_TYPE: &str = "oauth_content_type";
const OAUTH_HEADERS: &str = "oauth_headers";
const OAUTH_DATA: &str = "oauth_data";

/// The key of a happening's tick box, the key of its message, and whether it was ticked by default.
const EVENTS: [(Topic, &str, &str, bool); 7] = [
    (Topic::PrintStarted, "eventPrintStarted", "eventPrintStartedMessage", true),
    (Topic::PrintDone, "eventPrintDone", "eventPrintDoneMessage", true),
    (Topic::PrintFailed, "eventPrintFailed", "eventPrintFailedMessage", true),
    (Topic::PrintPaused, "eventPrintPaused", "eventPrintPausedMessage", true),
    (Topic::UserActionNeeded, "eventUserActionNeeded", "eventUserActionNeededMessage", true),
    (Topic::PrintProgress, "event_print_progress", "eventPrintProgressMessage", false),
    (Topic::Error, "eventError", "eventErrorMessage", true),
];

/// The keys that are read, beside those of [`EVENTS`].
const SETTINGS: [&str; 19] = [
    URL,
    API_SECRET,
    DEVICE_IDENTIFIER,
    ENABLED,
    METHOD,
    CONTENT_TYPE,
    HEADERS,
    DATA,
    PROGRESS_INTERVAL,
    CUSTOM_EVENTS,
    COOLDOWN,
    VERIFY_TLS,
    OAUTH,
    OAUTH_URL,
    OAUTH_METHOD,
    OAUTH_CONTENT_TYPE,
    OAUTH_HEADERS,
    OAUTH_DATA,
    HOOKS,
];

/// Keys that mean nothing for what is sent: what the test button was set to, versions, a template's own description.
const LEFTOVERS: [&str; 5] = ["test_event", "settings_version", "_config_version", TEMPLATE_NAME, "_description"];

/// What an exported template called itself.
const TEMPLATE_NAME: &str = "_name";

/// More unknown keys than this are only counted: notes are for reading.
const MOST_NOTES_ON_KEYS: usize = 20;

/// The data of a hook that never changed it.
const DEFAULT_DATA: &str = r#"{
  "deviceIdentifier": "@deviceIdentifier",
  "apiSecret": "@apiSecret",
  "topic": "@topic",
  "message": "@message",
  "extra": "@extra",
  "state": "@state",
  "job": "@job",
  "progress": "@progress",
  "currentZ": "@currentZ",
  "offsets": "@offsets",
  "meta": "@meta",
  "currentTime": "@currentTime",
  "snapshot": "@snapshot"
}"#;

/// The hooks of an old `plugins.webhooks` block, in their order; none where it holds none.
///
/// A list of hooks wins over settings beside it, an empty list too: those are what schema 1 left behind, and sent
/// nothing any more.
pub fn import(old: &Value, new_id: &mut dyn FnMut() -> HookId) -> Vec<HookConfig> {
    let Some(block) = old.as_object() else { return Vec::new() };
    let mut names = Names::default();
    match block.get(HOOKS) {
        Some(Value::Array(hooks)) => hooks.iter().map(|hook| hook_of_any(hook, new_id(), &mut names)).collect(),
        Some(Value::Null) | None if holds_settings(block) => vec![hook_of(block, new_id(), &mut names)],
        Some(Value::Null) | None => Vec::new(),
        Some(only) => {
            let mut hook = hook_of_any(only, new_id(), &mut names);
            let what = kind_of(only);
            hook.notes
                .push(Problem::note("hook", format!("The old settings held {what} in place of a list of hooks.")));
            vec![hook]
        }
    }
}

/// Whether a block holds old settings that somebody may want to take over, or to see gone from config.yaml.
pub fn holds_old_settings(old: &Value) -> bool {
    let Some(block) = old.as_object() else { return false };
    let holds_hooks = match block.get(HOOKS) {
        None | Some(Value::Null) => false,
        Some(Value::Array(hooks)) => !hooks.is_empty(),
        Some(Value::Object(hooks)) => !hooks.is_empty(),
        Some(_) => true,
    };
    holds_hooks || holds_settings(block)
}

/// The name that an exported template of 4.4.0 gave itself, if somebody filled it in.
pub fn template_name(old: &Value) -> Option<&str> {
    let name = old.get(TEMPLATE_NAME)?.as_str()?.trim();
    (!name.is_empty() && !name.starts_with("TODO")).then_some(name)
}

/// Whether any setting of a hook stands right in the block: schema 1.
fn holds_settings(block: &Map<String, Value>) -> bool {
    block.iter().any(|(key, value)| key != HOOKS && is_setting(key) && !value.is_null())
}

fn is_setting(key: &str) -> bool {
    SETTINGS.contains(&key) || EVENTS.iter().any(|(_, enabled, message, _)| key == *enabled || key == *message)
}

/// One entry of the list of hooks. One that is no mapping becomes a hook that is off, so that somebody sees it.
fn hook_of_any(old: &Value, id: HookId, names: &mut Names) -> HookConfig {
    if let Some(settings) = old.as_object() {
        return hook_of(settings, id, names);
    }
    let mut hook = hook_of(&Map::new(), id, names);
    hook.enabled = false;
    let what = kind_of(old);
    let kept = match old {
        Value::String(text) => {
            hook.url.clone_from(text);
            " The text stands as the URL now."
        }
        _ => "",
    };
    hook.notes.push(Problem::warning(
        "hook",
        format!(
            "The old settings held {what} where a hook was expected.{kept} \
             The hook is switched off; fill it in or delete it."
        ),
    ));
    hook
}

fn hook_of(settings: &Map<String, Value>, id: HookId, names: &mut Names) -> HookConfig {
    let mut old = OldValues::new(settings);
    let defaults = OauthConfig::default();
    let url = old.text(URL, "url", "");
    let mut hook = HookConfig {
        name: names.next(&url),
        url,
        enabled: old.flag(ENABLED, "enabled", true),
        printers: Vec::new(),
        method: old.method(METHOD, "method"),
        content_type: old.content_type(CONTENT_TYPE, "content_type"),
        headers: old.json_text(HEADERS, "headers", &crate::hook::default_headers()),
        data: old.json_text(DATA, "data", DEFAULT_DATA),
        jinja: false,
        api_secret: Secret::new(old.text(API_SECRET, "api_secret", "")),
        device_identifier: old.text(DEVICE_IDENTIFIER, "device_identifier", ""),
        events: events_of(&mut old),
        progress_interval_percent: 50,
        milestones: MilestonesConfig::default(),
        temperature_rules: crate::hook::default_temperature_rules(),
        terminal_patterns: String::new(),
        custom_events: custom_events_of(&mut old),
        cooldown_seconds: old.cooldown(COOLDOWN, "cooldown_seconds"),
        condition: ConditionConfig::default(),
        cancelled_counts_as_failed: true,
        verify_tls: old.flag(VERIFY_TLS, "verify_tls", true),
        tls: TlsConfig::default(),
        signing: SigningConfig::default(),
        patience: Patience::default(),
        quiet: QuietConfig::default(),
        receiver: ReceiverConfig::default(),
        picture: PictureConfig::default(),
        follow_up: FollowUpConfig::default(),
        oauth: OauthConfig {
            enabled: old.flag(OAUTH, "oauth.enabled", false),
            url: old.text(OAUTH_URL, "oauth.url", ""),
            method: old.method(OAUTH_METHOD, "oauth.method"),
            content_type: old.content_type(OAUTH_CONTENT_TYPE, "oauth.content_type"),
            headers: old.json_text(OAUTH_HEADERS, "oauth.headers", &defaults.headers),
            data: old.json_text(OAUTH_DATA, "oauth.data", &defaults.data),
        },
        notes: Vec::new(),
        id,
    };
    take_progress_interval(&mut old, &mut hook);
    hook.notes = old.into_notes();
    note_unknown_keys(settings, &mut hook.notes);
    hook
}

fn events_of(old: &mut OldValues<'_>) -> BTreeMap<Topic, Subscription> {
    EVENTS
        .into_iter()
        .map(|(topic, enabled_key, message_key, ticked)| {
            let field = format!("events.{}", topic.key());
            let enabled = old.flag(enabled_key, &format!("{field}.enabled"), ticked);
            let message = old.text(message_key, &format!("{field}.message"), topic.default_message());
            (topic, Subscription::new(enabled, &message))
        })
        .collect()
}

/// The interval as 4.4.0 understood it: the sign did not matter, and beyond 99 no milestone was ever reached.
fn take_progress_interval(old: &mut OldValues<'_>, hook: &mut HookConfig) {
    let field = "progress_interval_percent";
    let Some(interval) = old.whole_number(PROGRESS_INTERVAL, field, 50) else { return };
    match (interval.unsigned_abs(), u8::try_from(interval.unsigned_abs())) {
        (1..=99, Ok(percent)) => {
            hook.progress_interval_percent = percent;
            if interval < 0 {
                old.note(Problem::note(field, format!("The interval was {interval}; {percent} was taken instead.")));
            }
        }
        (0, _) => old.note(Problem::warning(
            field,
            "The interval was 0, which 4.4.0 could not work with; 50 was taken instead.",
        )),
        _ => {
            hook.progress_interval_percent = 99;
            let progress = hook.events.get_mut(&Topic::PrintProgress).filter(|progress| progress.enabled);
            let switched_off = progress.is_some();
            if let Some(progress) = progress {
                progress.enabled = false;
            }
            let and_off = if switched_off {
                " With the old interval no progress was ever sent, so Print Progress is switched off."
            } else {
                ""
            };
            old.note(Problem::warning(
                field,
                format!("The interval was {interval}, beyond 99; 99 was taken instead.{and_off}"),
            ));
        }
    }
}

/// Keys that no version had. Their names are told, their values may be anything.
fn note_unknown_keys(settings: &Map<String, Value>, notes: &mut Vec<Problem>) {
    let mut unknown = settings.keys().filter(|key| !is_setting(key) && !LEFTOVERS.contains(&key.as_str()));
    for key in unknown.by_ref().take(MOST_NOTES_ON_KEYS) {
        let key = quoted_name(key);
        notes.push(Problem::note("hook", format!("The old setting {key} is not known and was left out.")));
    }
    let more = unknown.count();
    if more > 0 {
        notes.push(Problem::note("hook", format!("{more} more old settings are not known and were left out.")));
    }
}
