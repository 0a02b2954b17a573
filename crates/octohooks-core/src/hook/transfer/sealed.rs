//! A text under a passphrase: what comes in is a text, a passphrase and random bytes, what goes out is JSON that says how it
//! was made, and back. Argon2id makes the key, `XChaCha20-Poly1305` encrypts and notices every change (`docs/export.md`).
//!
//! How much work it is stands in the file, and is bounded before any of it is done: whoever gives somebody a file must not
//! be able to occupy a small computer with it.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::Deserialize;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{FILE, FILE_VERSION, newer};
use crate::problem::Problem;
use crate::secret::Secret;

/// The key that tells such a file, with the format's version.
pub(super) const SEALED_KEY: &str = "octoprint_webhooks_sealed";

/// Random bytes for one file: salt and nonce.
pub const RANDOM_BYTES: usize = SALT_BYTES + NONCE_BYTES;

/// Fewer are guessed too soon.
pub const LEAST_CHARACTERS: usize = 10;

const SALT_BYTES: usize = 16;
const NONCE_BYTES: usize = 24;

/// Half a second on a Raspberry Pi 4, two on a Pi Zero 2, whose memory it also fits.
const EFFORT: Effort = Effort { memory_kib: 32 * 1024, passes: 3, lanes: 1 };

/// What a file may ask for: a quarter of the memory of the smallest Pi, and some seconds.
const MOST_MEMORY_KIB: u32 = 128 * 1024;
const MOST_WORK_KIB: u64 = 1024 * 1024;
const MOST_LANES: u32 = 4;

const KDF: &str = "argon2id";
const CIPHER: &str = "xchacha20-poly1305";

#[derive(Clone, Copy)]
struct Effort {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    #[serde(rename = "octoprint_webhooks_sealed")]
    _version: u64,
    key: KeyWay,
    cipher: String,
    nonce: String,
    #[serde(rename = "sealed")]
    content: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyWay {
    from: String,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: String,
}

/// Encrypts a text.
///
/// # Errors
/// The passphrase is too short, or there is not enough memory just now.
pub(super) fn seal(text: &str, passphrase: &Secret, random: &[u8; RANDOM_BYTES]) -> Result<Value, Problem> {
    if passphrase.expose().chars().count() < LEAST_CHARACTERS {
        let message = format!("A passphrase has at least {LEAST_CHARACTERS} characters: several words, for example.");
        return Err(Problem::error("passphrase", message));
    }
    let (salt, nonce) = random.split_at(SALT_BYTES);
    let encrypted = cipher(passphrase, EFFORT, salt)?
        .encrypt(&nonce_of(nonce)?, Payload { msg: text.as_bytes(), aad: header(EFFORT).as_bytes() })
        .map_err(|_| damaged())?;
    Ok(json!({
        SEALED_KEY: FILE_VERSION,
        "key": {
            "from": KDF,
            "memory_kib": EFFORT.memory_kib,
            "passes": EFFORT.passes,
            "lanes": EFFORT.lanes,
            "salt": STANDARD.encode(salt),
        },
        "cipher": CIPHER,
        "nonce": STANDARD.encode(nonce),
        "sealed": STANDARD.encode(encrypted),
    }))
}

/// Decrypts a file that [`SEALED_KEY`] told.
///
/// # Errors
/// It is damaged, of a later version, asks for too much, or the passphrase is another one.
pub(super) fn open(file: &Value, passphrase: &Secret) -> Result<Zeroizing<String>, Problem> {
    match file.get(SEALED_KEY).and_then(Value::as_u64) {
        Some(FILE_VERSION) => {}
        Some(version) if version > FILE_VERSION => return Err(newer(version)),
        _ => return Err(damaged()),
    }
    let Sealed { key, cipher: named, nonce, content, .. } = Sealed::deserialize(file).map_err(|_| damaged())?;
    if key.from != KDF || named != CIPHER {
        return Err(Problem::error(FILE, "This file is encrypted in a way that is not known here. Update the plugin."));
    }
    let effort = Effort { memory_kib: key.memory_kib, passes: key.passes, lanes: key.lanes };
    let work = u64::from(effort.memory_kib) * u64::from(effort.passes);
    if effort.memory_kib > MOST_MEMORY_KIB || work > MOST_WORK_KIB || effort.lanes > MOST_LANES {
        let message = "This file asks for more memory and time than a printer's computer should give. Webhooks writes none like it.";
        return Err(Problem::error(FILE, message));
    }
    let bytes = |text: &str| STANDARD.decode(text).map_err(|_| damaged());
    let (salt, nonce, encrypted) = (bytes(&key.salt)?, bytes(&nonce)?, bytes(&content)?);
    if salt.len() != SALT_BYTES {
        return Err(damaged());
    }
    let text = cipher(passphrase, effort, &salt)?
        .decrypt(&nonce_of(&nonce)?, Payload { msg: &encrypted, aad: header(effort).as_bytes() })
        .map_err(|_| {
            Problem::error("passphrase", "The passphrase is not right, or the file was changed. Try again.")
        })?;
    String::from_utf8(text).map(Zeroizing::new).map_err(|_| damaged())
}

/// What is not encrypted, and must not be changed either.
fn header(Effort { memory_kib, passes, lanes }: Effort) -> String {
    format!("{SEALED_KEY} {FILE_VERSION} {KDF} {memory_kib} {passes} {lanes} {CIPHER}")
}

/// The memory is asked for in a way that may fail: a process of OctoPrint's must not end for want of it.
fn cipher(passphrase: &Secret, effort: Effort, salt: &[u8]) -> Result<XChaCha20Poly1305, Problem> {
    let params = Params::new(effort.memory_kib, effort.passes, effort.lanes, Some(32)).map_err(|_| damaged())?;
    let mut memory: Vec<Block> = Vec::new();
    memory.try_reserve_exact(params.block_count()).map_err(|_| {
        Problem::error(FILE, "There is not enough memory for the passphrase just now. Try again when nothing prints.")
    })?;
    memory.resize(params.block_count(), Block::new());
    let mut key = Zeroizing::new([0_u8; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(passphrase.expose().as_bytes(), salt, key.as_mut(), &mut memory)
        .map_err(|_| damaged())?;
    XChaCha20Poly1305::new_from_slice(key.as_ref()).map_err(|_| damaged())
}

fn nonce_of(bytes: &[u8]) -> Result<XNonce, Problem> {
    <[u8; NONCE_BYTES]>::try_from(bytes).map(XNonce::from).map_err(|_| damaged())
}

fn damaged() -> Problem {
    Problem::error(FILE, "This file is damaged. Export it again.")
}
