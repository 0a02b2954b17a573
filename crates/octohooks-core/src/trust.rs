//! Whom a hook trusts over TLS, and what it shows of itself: its texts, read.
//!
//! Comes in: the TLS settings of a hook, as typed. Goes out: a [`Trust`] in bytes, or problems by field and line. Whether a
//! certificate is a good one is decided when it is used, in the network room; here is only read.

mod fingerprint;
mod pem;
#[cfg(test)]
mod tests;

use std::fmt;

use zeroize::Zeroizing;

pub use fingerprint::Fingerprint;

use self::pem::Block;
use crate::hook::TlsConfig;
use crate::problem::Problem;

/// What goes beyond the trust of the system. The default goes nowhere beyond.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Trust {
    /// Certificates (DER) of authorities that are trusted beside those of the system.
    pub authorities: Vec<Vec<u8>>,
    /// Where there are any: the server has to show one of these certificates, and it does not matter who signed it, for
    /// which name, and until when. Whoever pins means exactly this certificate; a device at home often has one without
    /// an authority, for no name, and a clock that starts in 1970. The server still proves that it has the key.
    pub pins: Vec<Fingerprint>,
    /// What this machine shows when a server asks who it is.
    pub identity: Option<ClientIdentity>,
}

/// A certificate with its key.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientIdentity {
    /// The certificate and those that lead to its authority (DER).
    pub chain: Vec<Vec<u8>>,
    /// How the key is written down.
    pub key_format: KeyFormat,
    /// The private key (DER).
    pub key: Zeroizing<Vec<u8>>,
}

/// The ways to write down a private key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFormat {
    /// `PRIVATE KEY`.
    Pkcs8,
    /// `RSA PRIVATE KEY`.
    Pkcs1,
    /// `EC PRIVATE KEY`.
    Sec1,
}

impl Trust {
    /// Reads the settings of a hook.
    ///
    /// # Errors
    /// Everything that is wrong with them, by field and line.
    pub fn new(config: &TlsConfig) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let authorities = certificates("tls.ca", &config.ca).unwrap_or_else(|problem| {
            problems.push(problem);
            Vec::new()
        });
        let pins = Fingerprint::parse_all(&config.pinned_sha256).unwrap_or_else(|error| {
            problems.push(Problem::error("tls.pinned_sha256", error.to_string()));
            Vec::new()
        });
        let identity = ClientIdentity::new(config).unwrap_or_else(|found| {
            problems.extend(found);
            None
        });
        if problems.is_empty() { Ok(Self { authorities, pins, identity }) } else { Err(problems) }
    }

    /// What of it is meant for any server and not for a certain one: the authorities. A pin is one server's, and the
    /// certificate of this machine is nobody's business elsewhere.
    #[must_use]
    pub fn for_another_server(&self) -> Self {
        Self { authorities: self.authorities.clone(), ..Self::default() }
    }
}

/// Sizes alone, because what stands in them is a matter of the owner.
impl fmt::Debug for Trust {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Trust")
            .field("authorities", &self.authorities.len())
            .field("pins", &self.pins.len())
            .field("identity", &self.identity.is_some())
            .finish()
    }
}

impl ClientIdentity {
    fn new(config: &TlsConfig) -> Result<Option<Self>, Vec<Problem>> {
        const CERTIFICATE: &str = "tls.client_certificate";
        const KEY: &str = "tls.client_key";
        let has_certificate = !config.client_certificate.trim().is_empty();
        let has_key = !config.client_key.expose().trim().is_empty();
        match (has_certificate, has_key) {
            (false, false) => return Ok(None),
            (true, false) => return Err(vec![Problem::error(KEY, "A client certificate needs its private key.")]),
            (false, true) => {
                return Err(vec![Problem::error(CERTIFICATE, "A private key needs its client certificate.")]);
            }
            (true, true) => {}
        }
        match (certificates(CERTIFICATE, &config.client_certificate), private_key(KEY, config.client_key.expose())) {
            (Ok(chain), Ok((key_format, key))) => Ok(Some(Self { chain, key_format, key })),
            (chain, key) => Err(chain.err().into_iter().chain(key.err()).collect()),
        }
    }
}

/// Every certificate in a text; none in an empty one.
fn certificates(field: &str, text: &str) -> Result<Vec<Vec<u8>>, Problem> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let blocks = pem::blocks(field, text)?;
    let mut found = Vec::with_capacity(blocks.len());
    for block in blocks {
        let Block { label, line, der } = block;
        let problem = |message: String| Problem::error(field, message).at(line, 1);
        match label.as_str() {
            "CERTIFICATE" if is_whole(&der) => found.push(der.to_vec()),
            "CERTIFICATE" => return Err(problem("This certificate is damaged. Was all of it copied?".to_owned())),
            _ if label.contains("PRIVATE KEY") => {
                return Err(problem("A private key stands here. Only certificates belong into this field.".to_owned()));
            }
            _ => return Err(problem(format!("This is no certificate but a {}.", label.to_lowercase()))),
        }
    }
    if found.is_empty() {
        let message = "This is not a certificate in PEM, which begins with -----BEGIN CERTIFICATE-----.";
        return Err(Problem::error(field, message));
    }
    Ok(found)
}

/// The one private key in a text. Certificates beside it, as in files that hold both, are left alone.
fn private_key(field: &str, text: &str) -> Result<(KeyFormat, Zeroizing<Vec<u8>>), Problem> {
    let mut found = None;
    for Block { label, line, der } in pem::blocks(field, text)? {
        let problem = |message: &str| Problem::error(field, message).at(line, 1);
        let format = match label.as_str() {
            "PRIVATE KEY" => KeyFormat::Pkcs8,
            "RSA PRIVATE KEY" => KeyFormat::Pkcs1,
            "EC PRIVATE KEY" => KeyFormat::Sec1,
            "ENCRYPTED PRIVATE KEY" => return Err(problem(pem::HAS_A_PASSWORD)),
            _ if label.contains("PRIVATE KEY") => {
                return Err(problem("This kind of private key is not known. RSA, EC, and Ed25519 in PKCS #8 are."));
            }
            _ => continue,
        };
        if !is_whole(&der) {
            return Err(problem("This private key is damaged. Was all of it copied?"));
        }
        if found.replace((format, der)).is_some() {
            return Err(problem("This is a second private key; there can be only one."));
        }
    }
    found.ok_or_else(|| {
        Problem::error(field, "This is not a private key in PEM, which begins with -----BEGIN PRIVATE KEY-----.")
    })
}

/// Whether bytes are one ASN.1 sequence from the first to the last: a text that was cut is not.
fn is_whole(der: &[u8]) -> bool {
    let [0x30, length, rest @ ..] = der else { return false };
    if *length < 0x80 {
        return rest.len() == usize::from(*length);
    }
    let digits = usize::from(*length & 0x7f);
    let Some((digits, content)) = rest.split_at_checked(digits).filter(|_| (1..=4).contains(&digits)) else {
        return false;
    };
    content.len() == digits.iter().fold(0, |length, digit| (length << 8) | usize::from(*digit))
}
