//! Keys in the spelling of Standard Webhooks: `whsec_…` for HMAC-SHA256, `whsk_…` for Ed25519.
//!
//! Comes in: the text that the user has, or random bytes for a new key. Goes out: a key that signs. An error never
//! repeats anything of the text.

use std::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use ed25519_dalek::{Signer as _, SigningKey};
use zeroize::Zeroizing;

use super::hmac;
use crate::secret::Secret;

const HMAC_PREFIX: &str = "whsec_";
const ED25519_PREFIX: &str = "whsk_";
/// How the public half of an Ed25519 key begins.
pub const PUBLIC_PREFIX: &str = "whpk_";

/// How many bytes a key for HMAC has.
const HMAC_LENGTH: std::ops::RangeInclusive<usize> = 24..=64;

/// Padded or not: people lose the last `=` when they copy.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A key that signs.
pub enum Key {
    /// Sender and receiver share it.
    Hmac(Zeroizing<Vec<u8>>),
    /// The receiver has only its public half.
    Ed25519(Box<SigningKey>),
}

/// Why a text is no key. A sentence for the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// There is nothing.
    #[error("This key is empty. Enter one, or remove it.")]
    Empty,
    /// It begins with something else.
    #[error("A signing key begins with whsec_ (HMAC-SHA256) or whsk_ (Ed25519).")]
    UnknownKind,
    /// It is the half that does not sign.
    #[error("This is a public key, which belongs to the receiver. The key that signs begins with whsk_.")]
    Public,
    /// The rest cannot be decoded.
    #[error("What follows {0} is not base64. Was all of the key copied?")]
    NotBase64(&'static str),
    /// Too short to be safe, or too long.
    #[error("A whsec_ key holds 24 to 64 bytes, and this one {0}. Was all of it copied?")]
    HmacLength(usize),
    /// Neither a seed nor a seed with its public key.
    #[error("A whsk_ key holds 64 bytes, and this one {0}. Was all of it copied?")]
    Ed25519Length(usize),
    /// The public key in it is that of another one.
    #[error("The two halves of this whsk_ key do not belong together. Was it changed?")]
    Torn,
}

impl Key {
    /// Reads a key; blanks around it do not matter.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        if text.is_empty() {
            Err(KeyError::Empty)
        } else if let Some(rest) = text.strip_prefix(HMAC_PREFIX) {
            let bytes = decode(rest).ok_or(KeyError::NotBase64(HMAC_PREFIX))?;
            let length = bytes.len();
            HMAC_LENGTH.contains(&length).then(|| Self::Hmac(bytes)).ok_or(KeyError::HmacLength(length))
        } else if let Some(rest) = text.strip_prefix(ED25519_PREFIX) {
            ed25519(&decode(rest).ok_or(KeyError::NotBase64(ED25519_PREFIX))?)
        } else if text.starts_with(PUBLIC_PREFIX) {
            Err(KeyError::Public)
        } else {
            Err(KeyError::UnknownKind)
        }
    }

    /// A new key for HMAC, of bytes that nobody can guess.
    pub fn new_hmac(random: &[u8; 32]) -> Self {
        Self::Hmac(Zeroizing::new(random.to_vec()))
    }

    /// A new key for Ed25519, of bytes that nobody can guess.
    pub fn new_ed25519(random: &[u8; 32]) -> Self {
        Self::Ed25519(Box::new(SigningKey::from_bytes(random)))
    }

    /// The text that [`Self::parse`] reads.
    pub fn text(&self) -> Secret {
        match self {
            Self::Hmac(bytes) => Secret::new(format!("{HMAC_PREFIX}{}", STANDARD.encode(bytes.as_slice()))),
            Self::Ed25519(key) => {
                let pair = Zeroizing::new(key.to_keypair_bytes());
                Secret::new(format!("{ED25519_PREFIX}{}", STANDARD.encode(pair.as_slice())))
            }
        }
    }

    /// What the receiver of an Ed25519 key gets; it may be seen. HMAC has no such thing.
    pub fn public(&self) -> Option<String> {
        match self {
            Self::Hmac(_) => None,
            Self::Ed25519(key) => Some(format!("{PUBLIC_PREFIX}{}", STANDARD.encode(key.verifying_key().as_bytes()))),
        }
    }

    /// The kind, as the API names it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Hmac(_) => "hmac",
            Self::Ed25519(_) => "ed25519",
        }
    }

    /// One signature as it stands in the header, over a head and a body.
    pub(super) fn sign(&self, head: &[u8], body: &[u8]) -> String {
        match self {
            Self::Hmac(key) => format!("v1,{}", STANDARD.encode(hmac(key, &[head, body]))),
            // Ed25519 reads what it signs twice, so that it wants it in one piece.
            Self::Ed25519(key) => format!("v1a,{}", STANDARD.encode(key.sign(&[head, body].concat()).to_bytes())),
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Key({})", self.kind())
    }
}

fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    LENIENT.decode(text).ok().map(Zeroizing::new)
}

/// Svix and the specification write the seed and the public key; the seed alone is the whole key as well.
fn ed25519(bytes: &[u8]) -> Result<Key, KeyError> {
    let key = if let Ok(seed) = <&[u8; 32]>::try_from(bytes) {
        SigningKey::from_bytes(seed)
    } else if let Ok(pair) = <&[u8; 64]>::try_from(bytes) {
        SigningKey::from_keypair_bytes(pair).map_err(|_| KeyError::Torn)?
    } else {
        return Err(KeyError::Ed25519Length(bytes.len()));
    };
    Ok(Key::Ed25519(Box::new(key)))
}
