//! Fields of a hook that go in and never out: the API secret, the keys of signatures, the key of the client certificate.
//!
//! Comes in: a draft as JSON. Goes out: the hook with these fields as the draft says, or as they are saved. What is saved
//! is kept only while the hook goes to the same server: otherwise whoever edits could send it somewhere else. `null`
//! and a field that is missing mean "as it is saved"; a text sets, an empty one clears.

use octohooks_core::hook::HookConfig;
use octohooks_core::hook::check::{inherited_secret, same_origin};
use octohooks_core::problem::Problem;
use octohooks_core::secret::Secret;
use serde_json::{Map, Value};

/// What a draft says about them.
pub(crate) struct WriteOnly {
    api_secret: Option<Secret>,
    /// `None`: the draft does not speak of signatures, so that all of it stays.
    signing: Option<Signing>,
    /// `None`: the draft does not speak of TLS, so that all of it stays.
    tls: Option<Tls>,
}

struct Signing {
    keys: Option<Vec<GivenKey>>,
    body_secret: Option<Secret>,
}

struct Tls {
    client_key: Option<Secret>,
}

/// One key of the list that a draft gives.
enum GivenKey {
    New(Secret),
    /// The saved one at this place of the saved list, from 0: a new key goes beside the old one, which nobody sees.
    Saved(usize),
}

impl WriteOnly {
    /// Takes them out of a draft.
    pub(crate) fn take_from(draft: &mut Map<String, Value>) -> Result<Self, Problem> {
        let api_secret = text(draft, "api_secret", "api_secret", "The API secret is a text.")?;
        let signing = match present(draft, "signing") {
            None => None,
            Some(fields) => {
                let field = "signing.body_signature_secret";
                let body_secret = text(fields, "body_signature_secret", field, "The secret is a text.")?;
                Some(Signing { keys: keys(fields)?, body_secret })
            }
        };
        let tls = match present(draft, "tls") {
            None => None,
            Some(fields) => {
                Some(Tls { client_key: text(fields, "client_key", "tls.client_key", "The private key is a text.")? })
            }
        };
        Ok(Self { api_secret, signing, tls })
    }

    /// Puts them into the hook that was read from the rest of the draft.
    pub(crate) fn put_into(self, config: &mut HookConfig, saved: Option<&HookConfig>) -> Result<(), Vec<Problem>> {
        let Some(saved) = saved else { return self.put_into_new(config) };
        let mut problems = Vec::new();
        let moved = !same_origin(config, self.api_secret.as_ref(), saved);
        match inherited_secret(self.api_secret, config, saved) {
            Some(secret) => config.api_secret = secret,
            None => problems.push(again("api_secret", "the API secret again, or clear it")),
        }
        let mut kept = Kept { moved, problems };
        match self.signing {
            None => {
                config.signing = saved.signing.clone();
                config.signing.keys.iter().for_each(|key| kept.key(key));
                kept.body_secret(&config.signing.body_signature_secret);
            }
            Some(Signing { keys, body_secret }) => {
                let all = || (0..saved.signing.keys.len()).map(GivenKey::Saved).collect();
                for key in keys.unwrap_or_else(all) {
                    match key {
                        GivenKey::New(key) => config.signing.keys.push(key),
                        GivenKey::Saved(index) => match saved.signing.keys.get(index) {
                            Some(key) => {
                                kept.key(key);
                                config.signing.keys.push(key.clone());
                            }
                            None => kept.problems.push(gone()),
                        },
                    }
                }
                config.signing.body_signature_secret = body_secret.unwrap_or_else(|| {
                    kept.body_secret(&saved.signing.body_signature_secret);
                    saved.signing.body_signature_secret.clone()
                });
            }
        }
        match self.tls {
            None => {
                config.tls = saved.tls.clone();
                kept.client_key(&config.tls.client_key);
            }
            Some(Tls { client_key: Some(key) }) => config.tls.client_key = key,
            // Without its certificate a key is of no use.
            Some(Tls { client_key: None }) if config.tls.client_certificate.trim().is_empty() => {}
            Some(Tls { client_key: None }) => {
                config.tls.client_key = saved.tls.client_key.clone();
                kept.client_key(&config.tls.client_key);
            }
        }
        if kept.problems.is_empty() { Ok(()) } else { Err(kept.problems) }
    }

    /// There is nothing to keep.
    fn put_into_new(self, config: &mut HookConfig) -> Result<(), Vec<Problem>> {
        config.api_secret = self.api_secret.unwrap_or_default();
        if let Some(Signing { keys, body_secret }) = self.signing {
            for key in keys.unwrap_or_default() {
                match key {
                    GivenKey::New(key) => config.signing.keys.push(key),
                    GivenKey::Saved(_) => return Err(vec![gone()]),
                }
            }
            config.signing.body_signature_secret = body_secret.unwrap_or_default();
        }
        if let Some(Tls { client_key }) = self.tls {
            config.tls.client_key = client_key.unwrap_or_default();
        }
        Ok(())
    }
}

/// Complains about saved secrets in a hook that goes to another server now.
struct Kept {
    moved: bool,
    problems: Vec<Problem>,
}

impl Kept {
    fn key(&mut self, key: &Secret) {
        self.secret(key, "signing.keys", "the signing keys again, or remove them");
    }

    fn body_secret(&mut self, secret: &Secret) {
        self.secret(secret, "signing.body_signature_secret", "the secret of the signature again, or clear it");
    }

    fn client_key(&mut self, key: &Secret) {
        self.secret(key, "tls.client_key", "the private key again, or clear it");
    }

    fn secret(&mut self, secret: &Secret, field: &str, what: &str) {
        let problem = again(field, what);
        if self.moved && secret.is_set() && !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}

fn gone() -> Problem {
    Problem::error("signing.keys", "A key that should stay is not there any more. Load the hook again.")
}

fn again(field: &str, what: &str) -> Problem {
    Problem::error(field, format!("The URL goes to another server than before. Enter {what}."))
}

/// The fields of an object in a draft. What is no object is left for the reader of the rest to complain about.
fn present<'draft>(draft: &'draft mut Map<String, Value>, name: &str) -> Option<&'draft mut Map<String, Value>> {
    if draft.get(name).is_some_and(Value::is_null) {
        draft.remove(name);
    }
    draft.get_mut(name).and_then(Value::as_object_mut)
}

fn text(fields: &mut Map<String, Value>, name: &str, field: &str, complaint: &str) -> Result<Option<Secret>, Problem> {
    match fields.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(Secret::new(text))),
        Some(_) => Err(Problem::error(field, complaint)),
    }
}

fn keys(fields: &mut Map<String, Value>) -> Result<Option<Vec<GivenKey>>, Problem> {
    let complaint = || {
        Problem::error("signing.keys", "Signing keys are a list: of texts, and of numbers for saved keys that stay.")
    };
    let list = match fields.remove("keys") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(complaint()),
    };
    let given = list.into_iter().map(|key| match key {
        Value::String(text) => Ok(GivenKey::New(Secret::new(text))),
        Value::Number(index) => {
            let index = index.as_u64().and_then(|index| usize::try_from(index).ok());
            index.map(GivenKey::Saved).ok_or_else(complaint)
        }
        _ => Err(complaint()),
    });
    given.collect::<Result<_, _>>().map(Some)
}
