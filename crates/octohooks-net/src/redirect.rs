//! One hop after the other: what is sent first, and whether and how an answer sends us on.
//!
//! Comes in: a request, then for every answer its status and `Location`. Goes out: the next hop, or the sentence that says
//! why it is not taken. This is pure. Whatever may be a secret never reaches another origin than the one that the user
//! wrote down, and nothing ever goes from https to http.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HOST, TRANSFER_ENCODING, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use octohooks_core::attempt::Failure;
use octohooks_core::request::Request;
use octohooks_core::secret::safe_origin;
use url::Url;

use crate::connect::Target;
use crate::explain;
use crate::progress::Place;
use crate::tls::Terms;

/// More redirects than this are not followed.
pub(crate) const MOST_REDIRECTS: u8 = 5;

/// Headers that another origin may see: they say how something is sent, not who sends it.
const HARMLESS: [http::HeaderName; 3] = [CONTENT_TYPE, ACCEPT, USER_AGENT];

/// One request of a chain.
pub(crate) struct Hop {
    pub(crate) method: Method,
    /// http or https, with a host, without user name and fragment.
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) target: Target,
}

impl Hop {
    /// The request as it was composed, less the headers that belong to the transport.
    pub(crate) fn first(request: &Request) -> Result<Self, Failure> {
        let mut headers = request.headers.clone();
        for transport_header in [HOST, CONTENT_LENGTH, TRANSFER_ENCODING] {
            headers.remove(transport_header);
        }
        let terms = Terms { verify: request.transport.verify_tls, trust: Arc::clone(&request.transport.trust) };
        let (url, target) = destination(request.url.clone(), terms).ok_or_else(explain::not_a_web_address)?;
        Ok(Self { method: request.method.clone(), url, headers, body: request.body.clone(), target })
    }
}

/// What an answer asks for.
pub(crate) enum Next {
    /// It is the end of the chain.
    Stay,
    /// It is a redirect that is not followed: why, with scheme and host of its target.
    Refuse(String),
    /// It is a redirect that is followed.
    Follow(Box<Hop>),
}

/// The step after an answer with this status and `Location`.
pub(crate) fn next(hop: &Hop, status: StatusCode, location: Option<&HeaderValue>) -> Next {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Next::Stay;
    }
    let Some(location) = location else { return Next::Stay };
    let joined = location.to_str().ok().and_then(|location| hop.url.join(location).ok());
    let Some((url, mut target)) = joined.and_then(|url| destination(url, hop.target.terms.clone())) else {
        return Next::Refuse("The server redirects to something that is not a web address.".to_owned());
    };
    let (origin, same_origin) = (safe_origin(url.as_str()), url.origin() == hop.url.origin());
    if hop.target.secure && !target.secure {
        return Next::Refuse(format!("The server redirects from https to {origin}; that is never followed."));
    }
    if hop.method != Method::GET && !matches!(status.as_u16(), 307 | 308) {
        return Next::Refuse(format!(
            "The server redirects to {origin} with status {}, which only GET follows. {REMEDY}",
            status.as_u16()
        ));
    }
    if !same_origin && !hop.body.is_empty() {
        return Next::Refuse(format!(
            "The server redirects to {origin}. What this hook sends may hold secrets, so it was not sent there. {REMEDY}"
        ));
    }
    let mut headers = hop.headers.clone();
    if !same_origin {
        target.terms = target.terms.for_another_server();
        headers = headers
            .iter()
            .filter(|(name, _)| HARMLESS.contains(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
    }
    Next::Follow(Box::new(Hop { method: hop.method.clone(), url, headers, body: hop.body.clone(), target }))
}

const REMEDY: &str = "If it belongs there, write that address into the hook's URL.";

/// Without user name, password and fragment: a server that redirects does not choose how we log in.
fn destination(mut url: Url, terms: Terms) -> Option<(Url, Target)> {
    let secure = match url.scheme() {
        "http" => false,
        "https" => true,
        _ => return None,
    };
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    url.set_fragment(None);
    let place = Place::of(&url)?;
    Some((url, Target { place, secure, terms }))
}

#[cfg(test)]
mod tests;
