//! Events that were made here, as they are fired on the source's bus for whoever listens there. Pure: an event comes in, and the
//! notice that the shell fires it by goes out.

use octohooks_core::detect::ECHO_KEY;
use octohooks_core::event::Event;
use octohooks_core::topic::Topic;
use serde_json::{Map, Value};

use crate::notice::Notice;

/// How an event is fired; `None` for those that are not. Progress only where a hook passed a milestone: then it was `sent`.
pub(super) fn fired(event: &Event, sent: bool) -> Option<Notice> {
    let name = match event.topic? {
        Topic::UserActionNeeded => "notify",
        Topic::PrintProgress if sent => "progress",
        Topic::ConnectionLost => "connection_lost",
        Topic::WebhookTrouble => "trouble",
        Topic::UserActionOver => "notify_over",
        Topic::PrintEnded => "print_ended",
        Topic::PrintInterrupted => "print_interrupted",
        _ => return None,
    };
    let mut payload = Map::new();
    payload.insert(ECHO_KEY.to_owned(), Value::String(event.id.to_string()));
    if let Value::Object(own) = &event.payload {
        // Everybody hears the bus; what webhooks are called is for who may view them.
        let is_open = |key: &str| event.topic != Some(Topic::WebhookTrouble) || matches!(key, "hook_id" | "state");
        let open = own.iter().filter(|(key, _)| is_open(key));
        payload.extend(open.map(|(key, value)| (key.clone(), value.clone())));
    }
    Some(Notice::Fire { event: name, payload: Value::Object(payload) })
}
