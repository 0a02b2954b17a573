//! Data to bytes: JSON, form, query, or multipart, and the Content-Type that goes with it.

use std::ops::Range;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use serde_json::Value;
use url::Url;

use crate::hook::ready::Recipe;
use crate::hook::{ContentType, HttpMethod};
use crate::ids::DeliveryId;
use crate::template::text_of;

/// How the data became the request, for showing it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Encoded {
    /// It became the query.
    Query {
        /// How many pairs the URL had of its own; the data's come after them.
        own_pairs: usize,
    },
    /// The body is JSON.
    Json,
    /// The body is a form.
    Form,
    /// The body has parts.
    Multipart(Vec<Part>),
    /// The body is the picture itself, or empty, and the data became the query.
    Picture {
        /// How many pairs the URL had of its own; the data's come after them.
        own_pairs: usize,
    },
}

/// What goes in of a picture.
#[derive(Clone, Copy)]
pub(super) struct Picture<'a> {
    /// The key of the data that it has.
    pub(super) key: Option<&'a str>,
    /// The picture, where there is one.
    pub(super) jpeg: Option<&'a Bytes>,
}

/// What a picture is called.
const FILE_NAME: &str = "snapshot.jpg";

/// A part of a multipart body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The field's name.
    pub name: String,
    /// The file name, of a picture.
    pub filename: Option<&'static str>,
    /// The type, of a picture.
    pub content_type: Option<&'static str>,
    /// Where in the body it stands.
    pub range: Range<usize>,
}

/// Encodes the data of a webhook; with a picture's key, as multipart, whether there is a picture or not.
pub(super) fn encode(
    recipe: &Recipe,
    delivery: DeliveryId,
    data: &Value,
    picture: Picture<'_>,
    url: &mut Url,
    headers: &mut HeaderMap,
) -> (Bytes, Encoded) {
    if recipe.method == HttpMethod::Get {
        return encode_plain(recipe.method, recipe.content_type, data, url, headers);
    }
    if recipe.content_type == ContentType::Picture {
        return itself(picture, data, url, headers);
    }
    match picture.key {
        Some(key) => {
            // The id is fresh and random in every delivery, so that no value can hold the boundary.
            let boundary = format!("octohooks-{delivery}");
            let (body, parts) = multipart(&boundary, data, key, picture.jpeg);
            if let Ok(value) = HeaderValue::from_str(&format!("multipart/form-data; boundary={boundary}")) {
                headers.insert(header::CONTENT_TYPE, value);
            }
            (body, Encoded::Multipart(parts))
        }
        None => encode_plain(recipe.method, recipe.content_type, data, url, headers),
    }
}

/// Encodes data without a picture.
pub(super) fn encode_plain(
    method: HttpMethod,
    content_type: ContentType,
    data: &Value,
    url: &mut Url,
    headers: &mut HeaderMap,
) -> (Bytes, Encoded) {
    match (method, content_type) {
        (HttpMethod::Get, _) => {
            let own_pairs = url.query_pairs().count();
            append_query(url, data);
            (Bytes::new(), Encoded::Query { own_pairs })
        }
        (_, ContentType::Json) => {
            ensure_content_type(headers, "application/json");
            (Bytes::from(data.to_string()), Encoded::Json)
        }
        (_, ContentType::Picture) => itself(Picture { key: None, jpeg: None }, data, url, headers),
        (_, ContentType::Form) => {
            ensure_content_type(headers, "application/x-www-form-urlencoded");
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(pairs(data));
            (Bytes::from(form.finish()), Encoded::Form)
        }
    }
}

/// The picture as the body. Without one the body is empty, and so is what would have named it.
fn itself(picture: Picture<'_>, data: &Value, url: &mut Url, headers: &mut HeaderMap) -> (Bytes, Encoded) {
    let own_pairs = url.query_pairs().count();
    append_query(url, data);
    let Some(jpeg) = picture.jpeg else { return (Bytes::new(), Encoded::Picture { own_pairs }) };
    if let Some(key) = picture.key {
        url.query_pairs_mut().append_pair(key, FILE_NAME);
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg"));
    (jpeg.clone(), Encoded::Picture { own_pairs })
}

/// The type that goes with the body, unless what stands there contains it already.
fn ensure_content_type(headers: &mut HeaderMap, needed: &'static str) {
    let stands = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !stands.is_some_and(|value| value.to_ascii_lowercase().contains(needed)) {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(needed));
    }
}

/// Appends the data to the query that the URL may have already. A list repeats its key.
fn append_query(url: &mut Url, data: &Value) {
    let Value::Object(fields) = data else { return };
    let pairs: Vec<(&str, String)> = fields
        .iter()
        .flat_map(|(key, value)| {
            let values = match value {
                Value::Array(items) => items.as_slice(),
                other => std::slice::from_ref(other),
            };
            values.iter().filter(|value| !value.is_null()).map(|value| (key.as_str(), text_of(value)))
        })
        .collect();
    if !pairs.is_empty() {
        url.query_pairs_mut().extend_pairs(pairs);
    }
}

/// The fields of a form: null is left out, nested values are JSON text.
fn pairs(data: &Value) -> impl Iterator<Item = (&str, String)> {
    data.as_object()
        .into_iter()
        .flatten()
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| (key.as_str(), text_of(value)))
}

fn multipart(boundary: &str, data: &Value, key: &str, picture: Option<&Bytes>) -> (Bytes, Vec<Part>) {
    let mut body = Vec::with_capacity(picture.map_or(0, Bytes::len) + 1024);
    let mut parts = Vec::new();
    let mut add = |name: &str, file: Option<(&'static str, &'static str)>, content: &[u8]| {
        let name_escaped = escape_name(name);
        body.extend_from_slice(
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name_escaped}\"").as_bytes(),
        );
        if let Some((filename, content_type)) = file {
            body.extend_from_slice(format!("; filename=\"{filename}\"\r\nContent-Type: {content_type}").as_bytes());
        }
        body.extend_from_slice(b"\r\n\r\n");
        let start = body.len();
        body.extend_from_slice(content);
        parts.push(Part {
            name: name.to_owned(),
            filename: file.map(|(filename, _)| filename),
            content_type: file.map(|(_, content_type)| content_type),
            range: start..body.len(),
        });
        body.extend_from_slice(b"\r\n");
    };
    for (name, text) in pairs(data) {
        add(name, None, text.as_bytes());
    }
    if let Some(picture) = picture {
        add(key, Some((FILE_NAME, "image/jpeg")), picture);
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (Bytes::from(body), parts)
}

/// A field's name in quotes, as the WHATWG has it (HTML, "multipart/form-data encoding algorithm").
fn escape_name(name: &str) -> String {
    name.replace('\r', "%0D").replace('\n', "%0A").replace('"', "%22")
}
