//! Hooks as pages see them: the whole one for an editor, and the summary for a list.

use octohooks_core::hook::HookConfig;
use octohooks_core::hook::check::{check, check_texts};
use octohooks_core::problem::{Problem, Severity};
use octohooks_core::secret::{Secret, safe_origin};
use octohooks_core::sign::Key;
use octohooks_core::topic::Topic;
use octohooks_engine::Engine;
use octohooks_engine::journal::without_answer;
use octohooks_engine::shelf::etag_of;
use serde_json::{Value, json};

use crate::caller::Caller;

/// A hook for an editor: everything but what is write-only, of which only is said whether it is set. Of a signing key its
/// kind is told as well, and the public half that an Ed25519 key has.
pub(crate) fn whole(config: &HookConfig) -> Value {
    json!({
        "hook": draft_of(config),
        "etag": etag_of(config),
        "problems": check_texts(config),
        "api_secret_set": config.api_secret.is_set(),
        "signing_keys": config.signing.keys.iter().map(signing_key).collect::<Vec<_>>(),
        "body_signature_secret_set": config.signing.body_signature_secret.is_set(),
        "client_key_set": config.tls.client_key.is_set(),
    })
}

fn signing_key(text: &Secret) -> Value {
    let key = Key::parse(text.expose()).ok();
    json!({"kind": key.as_ref().map(Key::kind), "public_key": key.as_ref().and_then(Key::public)})
}

/// A hook as a draft: the write-only fields left empty.
pub(crate) fn draft_of(config: &HookConfig) -> Value {
    let mut draft = serde_json::to_value(config).unwrap_or_default();
    if let Some(fields) = draft.as_object_mut() {
        fields.insert("api_secret".to_owned(), Value::Null);
        let mut tls = json!(config.tls);
        tls["client_key"] = Value::Null;
        fields.insert("tls".to_owned(), tls);
        let header = &config.signing.body_signature_header;
        let signing = json!({"keys": null, "body_signature_header": header, "body_signature_secret": null});
        fields.insert("signing".to_owned(), signing);
    }
    draft
}

/// A hook in a list: nothing in it may be secret.
pub(crate) fn summary(config: &HookConfig, engine: &Engine, caller: Caller) -> Value {
    let deliveries = engine.journal().of_hook(config.id);
    let last = deliveries.last.map(|entry| if caller.sees_answers() { entry } else { without_answer(entry) });
    let ticked = |topic: &Topic| config.events.get(topic).is_some_and(|event| event.enabled);
    let topics = Topic::ALL.into_iter().filter(ticked).map(|topic| topic.title().to_owned());
    let custom = config.custom_events.iter().map(|custom| custom.event.clone());
    let (paused, halted) = engine.standing(config.id);
    json!({
        "paused": paused,
        "halted": halted,
        "id": config.id.to_string(),
        "name": config.name,
        "enabled": config.enabled,
        "origin": if config.url.trim().is_empty() { String::new() } else { safe_origin(config.url.trim()) },
        "method": config.method,
        "events": topics.chain(custom.filter(|name| !name.is_empty())).collect::<Vec<_>>(),
        "problems": if caller.sees_answers() { check(config) } else { without_quotes(check(config)) },
        "last": last,
        "waiting": deliveries.on_their_way,
        "waiting_more": deliveries.more,
        "etag": etag_of(config),
    })
}

/// Problems for those who may not see the hook's texts: where something is wrong, but none of what stands there.
fn without_quotes(problems: Vec<Problem>) -> Vec<Problem> {
    let message = |severity| match severity {
        Severity::Error => "Something here keeps it from being sent.",
        Severity::Warning | Severity::Note => "Something here may not be as it was meant.",
    };
    problems.into_iter().map(|problem| Problem { message: message(problem.severity).to_owned(), ..problem }).collect()
}
