//! Headers and data as a person writes them, parsed once, with the field and the place of what is wrong.

use http::{HeaderName, HeaderValue};

use crate::hook::{ContentType, HookConfig, HttpMethod};
use crate::problem::Problem;
use crate::template::{Grammar, JsonTemplate};

/// Headers that belong to the transport: what a hook says of them is not sent.
pub(crate) const NOT_THE_USERS: [&str; 6] =
    ["host", "content-length", "transfer-encoding", "connection", "proxy-authorization", "expect"];

pub(super) fn parse_headers(
    field: &str,
    source: &str,
    grammar: Grammar,
) -> Result<Vec<(HeaderName, JsonTemplate)>, Problem> {
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

pub(super) fn literal_headers(field: &str, source: &str) -> Result<Vec<(HeaderName, HeaderValue)>, Problem> {
    let mut headers = Vec::new();
    for (name, template) in parse_headers(field, source, Grammar::default())? {
        let Some(value) = template.source_value() else { continue };
        let value = HeaderValue::from_bytes(value.as_bytes())
            .map_err(|_| Problem::error(field, format!("The value of {name} holds a character that no header can.")))?;
        headers.push((name, value));
    }
    Ok(headers)
}

pub(super) fn parse_data(
    field: &str,
    source: &str,
    config: &HookConfig,
    grammar: Grammar,
) -> Result<JsonTemplate, Problem> {
    parse_data_for(field, source, (config.method, config.content_type), grammar)
}

pub(in crate::hook) fn parse_data_for(
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
