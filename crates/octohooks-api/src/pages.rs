//! The files of the pages, built in, packed. Their path holds a hash of all of them, so they may be kept for good.

use std::io::Read as _;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use http::{HeaderMap, HeaderValue, header};

use crate::error::ApiError;

#[allow(clippy::unreadable_literal, reason = "the build script writes sizes as they are, and not all are that long")]
mod table {
    use super::File;

    include!(concat!(env!("OUT_DIR"), "/pages.rs"));
}

/// One file.
#[derive(Debug, Clone, Copy)]
pub struct File {
    /// Its name, relative to the others.
    pub name: &'static str,
    /// Its size, in bytes.
    pub size: usize,
    /// Its content, packed: what goes to a browser.
    pub gzip: &'static [u8],
}

/// Where the pages begin, relative to the router: `pages/<hash>/main.js`.
pub fn entry() -> String {
    format!("pages/{}/main.js", table::HASH)
}

/// All files.
pub const fn files() -> &'static [File] {
    table::FILES
}

pub(crate) async fn serve(Path((hash, name)): Path<(String, String)>, asked: HeaderMap) -> Result<Response, ApiError> {
    let found = table::FILES.iter().find(|file| file.name == name && hash == table::HASH);
    let file = found.ok_or_else(|| ApiError::not_found("There is no such page. Reload the browser's window."))?;
    let headers = [
        (header::CONTENT_TYPE, content_type(file.name)),
        (header::CACHE_CONTROL, "private, max-age=31536000, immutable"),
        (header::VARY, "Accept-Encoding"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    if takes_gzip(&asked) {
        let mut response = (headers, file.gzip).into_response();
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        return Ok(response);
    }
    Ok((headers, file.unpacked()).into_response())
}

impl File {
    /// Its content as it was written.
    fn unpacked(&self) -> Vec<u8> {
        let mut content = Vec::with_capacity(self.size);
        // It was packed by the build script; a reader of a slice has no other way to fail.
        GzDecoder::new(self.gzip).read_to_end(&mut content).map(|_| content).unwrap_or_default()
    }
}

/// An answer packed for whoever can unpack. For what holds no secret: the size of what is packed tells of its content.
pub(crate) fn packed(asked: &HeaderMap, answer: &serde_json::Value) -> Response {
    let mut response = axum::Json(answer).into_response();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    if takes_gzip(asked)
        && serde_json::to_writer(&mut encoder, answer).is_ok()
        && let Ok(gzip) = encoder.finish()
    {
        *response.body_mut() = gzip.into();
        response.headers_mut().remove(header::CONTENT_LENGTH);
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    response
}

/// Whether whoever asks can unpack; `gzip;q=0` says that it cannot.
fn takes_gzip(asked: &HeaderMap) -> bool {
    let named = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    named.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let is_refused = weight.trim().strip_prefix("q=").is_some_and(|weight| weight.parse() == Ok(0.0));
        name.trim().eq_ignore_ascii_case("gzip") && !is_refused
    })
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}
