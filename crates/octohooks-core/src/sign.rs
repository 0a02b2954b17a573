//! Signatures that let a receiver know who sent a request, and that nobody changed it on its way.
//!
//! Comes in: a finished request, a delivery's id, the time of the attempt. Goes out: the same request with the headers
//! of Standard Webhooks 1.0 (`webhook-id`, `webhook-timestamp`, `webhook-signature`), and, where the hook asks for it, one
//! with a signature of the body alone, as GitHub sends it and as most receivers at home check it. What is signed are the
//! bytes as they are sent. Nothing here reads a clock, rolls dice, or shows a key.

mod key;
#[cfg(test)]
mod tests;

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderName, HeaderValue};
use sha2::Sha256;

pub use key::{Key, KeyError, PUBLIC_PREFIX};

use crate::hook::SigningConfig;
use crate::hook::ready::NOT_THE_USERS;
use crate::ids::DeliveryId;
use crate::problem::Problem;
use crate::request::Request;
use crate::secret::Secret;
use crate::time::UnixMillis;

/// Names the delivery; the same for every attempt of it.
pub const ID: HeaderName = HeaderName::from_static("webhook-id");
/// When the attempt was made, in seconds; part of what is signed, so that an old request cannot be sent again.
pub const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
/// One signature for each key.
pub const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// More keys than this are not in rotation, and the header has its limits.
const MOST_KEYS: usize = 8;

/// How a hook signs. The default signs nothing.
#[derive(Default)]
pub struct Signer {
    keys: Vec<Key>,
    body: Option<BodySigner>,
}

/// Signs the body alone.
struct BodySigner {
    header: HeaderName,
    secret: Secret,
}

impl Signer {
    /// Reads the keys of a hook.
    ///
    /// # Errors
    /// Every key that cannot be used, by its place in the list.
    pub fn new(config: &SigningConfig) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut keys = Vec::new();
        for (index, text) in config.keys.iter().enumerate() {
            match Key::parse(text.expose()) {
                Ok(key) => keys.push(key),
                Err(error) => problems.push(Problem::error(format!("signing.keys.{index}"), error.to_string())),
            }
        }
        if keys.len() > MOST_KEYS {
            let message = format!("More than {MOST_KEYS} keys at once make the header too long. Remove old ones.");
            problems.push(Problem::error("signing.keys", message));
        }
        let body = BodySigner::new(config).unwrap_or_else(|problem| {
            problems.push(problem);
            None
        });
        if problems.is_empty() { Ok(Self { keys, body }) } else { Err(problems) }
    }

    /// Whether a request gets a signature with a time in it, which a receiver compares with its own clock.
    pub fn needs_the_time(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Whether a header is one that it sets.
    pub fn sets(&self, name: &HeaderName) -> bool {
        let standard = !self.keys.is_empty() && [ID, TIMESTAMP, SIGNATURE].contains(name);
        standard || self.body.as_ref().is_some_and(|body| body.header == *name)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Signer").field("keys", &self.keys.len()).field("body", &self.body.is_some()).finish()
    }
}

impl BodySigner {
    fn new(config: &SigningConfig) -> Result<Option<Self>, Problem> {
        const HEADER: &str = "signing.body_signature_header";
        let name = config.body_signature_header.trim();
        if name.is_empty() {
            return Ok(None);
        }
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
            Problem::error(HEADER, format!("{name:?} cannot be a header's name. Use letters, digits, and dashes."))
        })?;
        if NOT_THE_USERS.contains(&header.as_str()) || [ID, TIMESTAMP, SIGNATURE].contains(&header) {
            return Err(Problem::error(
                HEADER,
                format!("{name} has another use. Most receivers read X-Hub-Signature-256."),
            ));
        }
        if !config.body_signature_secret.is_set() {
            let message = format!("{name} needs the secret that the receiver checks it with.");
            return Err(Problem::error("signing.body_signature_secret", message));
        }
        Ok(Some(Self { header, secret: config.body_signature_secret.clone() }))
    }

    /// `sha256=` and the HMAC of the body in hexadecimal digits; its key are the bytes of the secret as it was typed.
    fn sign(&self, body: &[u8]) -> String {
        use std::fmt::Write as _;
        let mut text = "sha256=".to_owned();
        for byte in hmac(self.secret.expose().as_bytes(), &[body]) {
            // Writing into a String cannot fail.
            write!(text, "{byte:02x}").ok();
        }
        text
    }
}

/// Signs a request as it stands. Every attempt of a delivery is signed anew, under the same id and with its own time. What
/// the hook itself has under these names gives way.
pub fn sign(request: &mut Request, signer: &Signer, id: DeliveryId, at: UnixMillis) {
    if !signer.keys.is_empty() {
        let (id, timestamp) = (id.to_string(), at.seconds().to_string());
        let head = format!("{id}.{timestamp}.");
        let signatures: Vec<_> = signer.keys.iter().map(|key| key.sign(head.as_bytes(), &request.body)).collect();
        insert(&mut request.headers, ID, &id);
        insert(&mut request.headers, TIMESTAMP, &timestamp);
        insert(&mut request.headers, SIGNATURE, &signatures.join(" "));
    }
    if let Some(body) = &signer.body {
        insert(&mut request.headers, body.header.clone(), &body.sign(&request.body));
    }
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    // Ids, numbers, base64, and hexadecimal digits always fit into a header.
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// HMAC-SHA256 over pieces, one behind the other.
fn hmac(key: &[u8], pieces: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key for an HMAC may have any length");
    for piece in pieces {
        mac.update(piece);
    }
    mac.finalize().into_bytes().into()
}
