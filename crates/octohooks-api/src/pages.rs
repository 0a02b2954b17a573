//! The files of the pages, built in. Their path holds a hash of all of them, so they may be kept for good.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::header;

use crate::error::ApiError;

mod table {
    include!(concat!(env!("OUT_DIR"), "/pages.rs"));
}

/// Where the pages begin, relative to the router: `pages/<hash>/main.js`.
pub fn entry() -> String {
    format!("pages/{}/main.js", table::HASH)
}

/// All files with their sizes in bytes.
pub fn files() -> impl Iterator<Item = (&'static str, usize)> {
    table::FILES.iter().map(|(name, content)| (*name, content.len()))
}

pub(crate) async fn serve(Path((hash, file)): Path<(String, String)>) -> Result<Response, ApiError> {
    let found = table::FILES.iter().find(|(name, _)| *name == file && hash == table::HASH);
    let (name, content) =
        found.ok_or_else(|| ApiError::not_found("There is no such page. Reload the browser's window."))?;
    let headers = [
        (header::CONTENT_TYPE, content_type(name)),
        (header::CACHE_CONTROL, "private, max-age=31536000, immutable"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, *content).into_response())
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
