//! A URL in, a name for its hook out: different for each, and without anything of a URL that may be a secret.

use std::collections::BTreeSet;

use url::Url;

use crate::variables;

/// Hands out names: 4.4.0 had none, so a hook is called after the host it sends to.
#[derive(Default)]
pub(super) struct Names {
    taken: BTreeSet<String>,
    given: usize,
}

impl Names {
    pub(super) fn next(&mut self, url: &str) -> String {
        self.given += 1;
        let wanted = host_of(url).unwrap_or_else(|| format!("Webhook {}", self.given));
        let mut name = wanted.clone();
        let mut number = 2;
        while !self.taken.insert(name.clone()) {
            name = format!("{wanted} {number}");
            number += 1;
        }
        name
    }
}

/// The host of an http or https URL, unless a variable stands in it.
fn host_of(url: &str) -> Option<String> {
    let url = url.trim();
    let (_, after_scheme) = url.split_once("://")?;
    let authority = after_scheme.split(['/', '?', '#', '\\']).next()?;
    if let Some((_, behind_at)) = authority.rsplit_once('@') {
        let word = behind_at.split(|letter: char| !letter.is_ascii_alphanumeric()).next()?;
        if variables::is_built_in(word) {
            return None;
        }
    }
    let url = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    // An empty authority would make the parser take the path, which may be a secret, for the host.
    url.host_str().filter(|host| !authority.is_empty() && !host.is_empty()).map(str::to_owned)
}
