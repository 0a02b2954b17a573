//! Hooks as pages see them: the whole one for an editor, and the summary for a list.

use octohooks_core::hook::HookConfig;
use octohooks_core::hook::check::{check, check_texts};
use octohooks_core::secret::safe_origin;
use octohooks_core::topic::Topic;
use octohooks_engine::Engine;
use octohooks_engine::shelf::etag_of;
use serde_json::{Value, json};

use crate::caller::Caller;

/// A hook for an editor: everything but the API secret, of which only is said whether it is set.
pub(crate) fn whole(config: &HookConfig) -> Value {
    json!({
        "hook": draft_of(config),
        "etag": etag_of(config),
        "problems": check_texts(config),
        "api_secret_set": config.api_secret.is_set(),
    })
}

/// A hook as a draft: the write-only field left empty.
pub(crate) fn draft_of(config: &HookConfig) -> Value {
    let mut draft = serde_json::to_value(config).unwrap_or_default();
    if let Some(fields) = draft.as_object_mut() {
        fields.insert("api_secret".to_owned(), Value::Null);
    }
    draft
}

/// A hook in a list: nothing in it may be secret.
pub(crate) fn summary(config: &HookConfig, engine: &Engine, caller: Caller) -> Value {
    let (last, waiting) = engine.journal().of_hook(config.id);
    let last = last.map(|entry| if caller.manage { entry } else { entry.without_answer() });
    let ticked = |topic: &Topic| config.events.get(topic).is_some_and(|event| event.enabled);
    let topics = Topic::ALL.into_iter().filter(ticked).map(|topic| topic.title().to_owned());
    let custom = config.custom_events.iter().map(|custom| custom.event.clone());
    json!({
        "id": config.id.to_string(),
        "name": config.name,
        "enabled": config.enabled,
        "origin": if config.url.trim().is_empty() { String::new() } else { safe_origin(config.url.trim()) },
        "method": config.method,
        "events": topics.chain(custom.filter(|name| !name.is_empty())).collect::<Vec<_>>(),
        "problems": check(config),
        "last": last,
        "waiting": waiting,
        "etag": etag_of(config),
    })
}
