//! Text that must not be seen: it has no `Debug`, no `Display` and no accidental `Serialize`.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

/// A text that never shows in logs, notices, errors or the journal. Empty means "not set".
///
/// It serialises, because the hooks file has to hold it; what leaves the engine is a view without it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, to be used where it is needed and nowhere else.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is one at all.
    pub fn is_set(&self) -> bool {
        !self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.is_set() { "Secret(set)" } else { "Secret(not set)" })
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// Scheme and host of a URL, and nothing that follows: paths of webhook services are passwords.
///
/// A text that is not a URL shows as `(not a URL)`.
pub fn safe_origin(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(url) if url.has_host() => {
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            format!("{}://{}{port}", url.scheme(), url.host_str().unwrap_or_default())
        }
        _ => "(not a URL)".to_owned(),
    }
}
