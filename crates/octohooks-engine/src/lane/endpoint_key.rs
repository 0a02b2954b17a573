//! The name of an endpoint, by which hooks share a lane. Made of a URL; shows nothing of it.

use std::sync::Arc;

/// Names an endpoint: where a hook sends, as the user wrote it, without the query. May hold a secret, so it shows nothing.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct EndpointKey(pub(super) Arc<str>);

impl EndpointKey {
    /// The endpoint of a hook's URL.
    pub(crate) fn of(url: &str) -> Self {
        let url = url.trim();
        Self(Arc::from(&url[..url.find(['?', '#']).unwrap_or(url.len())]))
    }

    /// A name for it that may be written down.
    pub(crate) fn fingerprint(&self) -> String {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        self.0.hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }
}

impl std::fmt::Debug for EndpointKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("EndpointKey")
    }
}
