//! The SHA-256 of a certificate, in the spellings that people meet: browsers and `openssl` show hexadecimal digits with
//! colons, `curl` and others base64.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// A certificate, known by the SHA-256 of all of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

/// A text that should be a fingerprint and is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "A fingerprint of a certificate is its SHA-256: 64 hexadecimal digits, with or without colons, or 44 characters of \
     base64. Several are separated by commas."
)]
pub struct NotAFingerprint;

impl Fingerprint {
    /// Of a certificate (DER).
    pub fn of(certificate: &[u8]) -> Self {
        Self(Sha256::digest(certificate).into())
    }

    /// All fingerprints in a text, separated by commas or lines: a certificate that is going to be replaced stands beside
    /// its successor.
    ///
    /// # Errors
    /// When one of them is none.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, NotAFingerprint> {
        text.split([',', ';', '\n']).map(str::trim).filter(|part| !part.is_empty()).map(Self::parse).collect()
    }

    fn parse(text: &str) -> Result<Self, NotAFingerprint> {
        let text = without_label(text);
        let digits: String = text.chars().filter(|letter| !matches!(letter, ':' | ' ' | '-')).collect();
        let bytes = if digits.len() == 64 { from_hex(&digits) } else { STANDARD.decode(text).ok() };
        bytes.and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or(NotAFingerprint)
    }
}

/// `sha256 Fingerprint=…` of `openssl`, `sha256//…` of `curl`, `sha256:…` and `sha256/…` of others.
fn without_label(text: &str) -> &str {
    let text = match text.split_once("ingerprint=") {
        Some((_, after)) => after,
        None => text,
    };
    match text.get(..6) {
        Some(label) if label.eq_ignore_ascii_case("sha256") => text[6..].trim_start_matches([':', '/', ' ', '=']),
        _ => text.trim(),
    }
}

fn from_hex(digits: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        digits.chars().map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok())).collect();
    Some(digits?.chunks_exact(2).map(|pair| (pair[0] << 4) | pair[1]).collect())
}

/// As `openssl` writes it: `AB:CD:…`.
impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(index, byte)| {
            let colon = if index == 0 { "" } else { ":" };
            write!(formatter, "{colon}{byte:02X}")
        })
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
