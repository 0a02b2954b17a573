//! A webhook in, one JSON object on one line out, for scripts.
//!
//! Everything is in it exactly as it arrived: text as text, anything else in base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::arrive::Webhook;
use super::content::{Content, Part};
use super::visible::visible_json;

/// The line without its line break.
pub(super) fn json_line(webhook: &Webhook, content: &Content<'_>) -> String {
    let headers: Vec<Value> = webhook.header_texts().map(|(name, value)| json!([name, value])).collect();
    let mut line = Map::new();
    line.insert("at".to_owned(), Value::from(webhook.at.strftime("%Y-%m-%dT%H:%M:%S.%3f%:z").to_string()));
    line.insert("from".to_owned(), Value::from(webhook.from.to_string()));
    line.insert("method".to_owned(), Value::from(webhook.method.as_str()));
    line.insert("target".to_owned(), Value::from(webhook.target.as_str()));
    line.insert("headers".to_owned(), Value::from(headers));
    match (&webhook.body, content) {
        (Err(refused), _) => {
            line.insert("refused".to_owned(), Value::from(refused.to_string()));
        }
        (Ok(_), Content::Parts(parts)) => {
            line.insert("parts".to_owned(), parts.iter().map(part).collect());
        }
        (Ok(body), content) => {
            insert_body(&mut line, body);
            insert_saved(&mut line, content);
        }
    }
    visible_json(&Value::from(line).to_string())
}

fn part(part: &Part<'_>) -> Value {
    let mut object = Map::new();
    object.insert("name".to_owned(), Value::from(part.name.as_str()));
    object.insert("filename".to_owned(), Value::from(part.filename.as_deref()));
    object.insert("content_type".to_owned(), Value::from(part.content_type.as_str()));
    insert_body(&mut object, part.body);
    insert_saved(&mut object, &part.content);
    Value::from(object)
}

fn insert_body(object: &mut Map<String, Value>, body: &[u8]) {
    match std::str::from_utf8(body) {
        Ok(text) => object.insert("body".to_owned(), Value::from(text)),
        Err(_) => object.insert("body_base64".to_owned(), Value::from(STANDARD.encode(body))),
    };
}

fn insert_saved(object: &mut Map<String, Value>, content: &Content<'_>) {
    if let Content::Picture(picture) = content
        && let Some(path) = &picture.saved
    {
        object.insert("saved".to_owned(), Value::from(path.to_string_lossy()));
    }
}
