//! Data to bytes: JSON, form, query, or multipart, and the Content-Type that goes with it.

use std::ops::Range;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use serde_json::Value;
use url::Url;

use crate::hook::{ContentType, HttpMethod};
use crate::ids::DeliveryId;
use crate::picture::Picture;
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

impl Encoded {
    /// How many pictures there is room for in it: as many files as it has, and elsewhere one.
    pub(super) fn pictures(&self) -> usize {
        match self {
            Self::Multipart(parts) => parts.iter().filter(|part| part.filename.is_some()).count(),
            Self::Query { .. } | Self::Json | Self::Form | Self::Picture { .. } => 1,
        }
    }
}

/// What goes in of pictures.
#[derive(Clone, Copy)]
pub(super) struct Pictures<'a> {
    /// The key of the data that they have.
    pub(super) key: Option<&'a str>,
    /// Those that there are.
    pub(super) all: &'a [Picture],
    /// What the file of each is called.
    pub(super) names: &'a [String],
}

/// A part of a multipart body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The field's name.
    pub name: String,
    /// The file name, of a picture.
    pub filename: Option<String>,
    /// The type, of a picture.
    pub content_type: Option<&'static str>,
    /// Where in the body it stands.
    pub range: Range<usize>,
}

/// Encodes the data of a webhook; with a picture's key, as multipart, whether there is a picture or not.
pub(super) fn encode(
    (method, content_type): (HttpMethod, ContentType),
    delivery: DeliveryId,
    data: &Value,
    pictures: Pictures<'_>,
    url: &mut Url,
    headers: &mut HeaderMap,
) -> (Bytes, Encoded) {
    if method == HttpMethod::Get {
        return encode_plain(method, content_type, data, url, headers);
    }
    if content_type == ContentType::Picture {
        return itself(pictures, data, url, headers);
    }
    match pictures.key {
        Some(key) => {
            // The id is fresh and random in every delivery, so that no value can hold the boundary.
            let boundary = format!("octohooks-{delivery}");
            let (body, parts) = multipart(&boundary, data, key, pictures);
            if let Ok(value) = HeaderValue::from_str(&format!("multipart/form-data; boundary={boundary}")) {
                headers.insert(header::CONTENT_TYPE, value);
            }
            (body, Encoded::Multipart(parts))
        }
        None => encode_plain(method, content_type, data, url, headers),
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
        (_, ContentType::Picture) => itself(Pictures { key: None, all: &[], names: &[] }, data, url, headers),
        (_, ContentType::Form) => {
            ensure_content_type(headers, "application/x-www-form-urlencoded");
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(pairs(data));
            (Bytes::from(form.finish()), Encoded::Form)
        }
    }
}

/// The picture as the body. Without one the body is empty, and so is what would have named it.
fn itself(pictures: Pictures<'_>, data: &Value, url: &mut Url, headers: &mut HeaderMap) -> (Bytes, Encoded) {
    let own_pairs = url.query_pairs().count();
    append_query(url, data);
    let Some(picture) = pictures.all.first() else { return (Bytes::new(), Encoded::Picture { own_pairs }) };
    if let (Some(key), Some(name)) = (pictures.key, pictures.names.first()) {
        url.query_pairs_mut().append_pair(key, name);
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(picture.format.media_type()));
    (picture.bytes.clone(), Encoded::Picture { own_pairs })
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

fn multipart(boundary: &str, data: &Value, key: &str, pictures: Pictures<'_>) -> (Bytes, Vec<Part>) {
    let size: usize = pictures.all.iter().map(|picture| picture.bytes.len()).sum();
    let mut body = Vec::with_capacity(size + 1024);
    let mut parts = Vec::new();
    let mut add = |name: &str, file: Option<(&String, &'static str)>, content: &[u8]| {
        let name_escaped = escape_name(name);
        body.extend_from_slice(
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name_escaped}\"").as_bytes(),
        );
        if let Some((filename, content_type)) = &file {
            let filename = escape_name(filename);
            body.extend_from_slice(format!("; filename=\"{filename}\"\r\nContent-Type: {content_type}").as_bytes());
        }
        body.extend_from_slice(b"\r\n\r\n");
        let start = body.len();
        body.extend_from_slice(content);
        parts.push(Part {
            name: name.to_owned(),
            content_type: file.as_ref().map(|(_, content_type)| *content_type),
            filename: file.map(|(filename, _)| filename.clone()),
            range: start..body.len(),
        });
        body.extend_from_slice(b"\r\n");
    };
    for (name, text) in pairs(data) {
        add(name, None, text.as_bytes());
    }
    for (number, (picture, name)) in pictures.all.iter().zip(pictures.names).enumerate() {
        let file = (name, picture.format.media_type());
        add(&key_of(key, number), Some(file), &picture.bytes);
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (Bytes::from(body), parts)
}

/// The key of one of several files, counted from 0: `files[0]` is followed by `files[1]`, `files[]` by itself, and `picture` by
/// `picture2`.
fn key_of(key: &str, number: usize) -> String {
    if number == 0 || key.ends_with("[]") {
        return key.to_owned();
    }
    let index = key.strip_suffix(']').and_then(|key| key.rsplit_once('['));
    match index.and_then(|(stem, index)| Some((stem, index.parse::<usize>().ok()?))) {
        Some((stem, index)) => format!("{stem}[{}]", index.saturating_add(number)),
        None => format!("{key}{}", number + 1),
    }
}

/// A field's name in quotes, as the WHATWG has it (HTML, "multipart/form-data encoding algorithm").
fn escape_name(name: &str) -> String {
    name.replace('\r', "%0D").replace('\n', "%0A").replace('"', "%22")
}
