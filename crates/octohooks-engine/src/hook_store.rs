//! The hooks file: read at the start, written atomically at every change, the version before kept beside it.
//!
//! A file that cannot be read is put aside under a name with its date and the version before is used. A file of a later
//! version of this program is not touched. Nothing else of this program writes into the user's configuration.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use octohooks_core::hook::{HOOKS_FILE_VERSION, HooksFile, reading};
use octohooks_core::time::UnixMillis;
use serde_json::Value;

/// Where hooks are kept. The plugin and the daemon have a file; tests may have something else.
pub trait HookStore: Send {
    /// Reads what is there.
    fn load(&mut self, now: UnixMillis) -> Loaded;
    /// Writes everything.
    ///
    /// # Errors
    /// Why it could not be written, a sentence for the user.
    fn save(&mut self, hooks: &HooksFile) -> Result<(), SaveError>;
}

/// What reading gave.
#[derive(Debug)]
pub struct Loaded {
    /// The hooks; `None` when there never were any.
    pub hooks: Option<HooksFile>,
    /// What the user has to know about it.
    pub message: Option<String>,
}

/// Why hooks could not be saved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SaveError {
    /// The disk said no.
    #[error("The hooks could not be saved to {path}: {source}.")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file there is of a later version.
    #[error(
        "The hooks were saved by a later version of this plugin, so this version does not change them. Update the plugin."
    )]
    LaterVersion,
    /// The file there could not be read at the start.
    #[error("The hooks file could not be read, so it is not overwritten. Mend its permissions and restart OctoPrint.")]
    Unreadable,
}

/// Hooks in one JSON file.
#[derive(Debug)]
pub struct JsonFile {
    path: PathBuf,
    /// Why this file must not be written.
    locked: Option<fn() -> SaveError>,
}

impl JsonFile {
    /// A store in `folder/hooks.json`.
    pub fn new(folder: &Path) -> Self {
        Self { path: folder.join("hooks.json"), locked: None }
    }

    fn previous(&self) -> PathBuf {
        self.path.with_extension("json.previous")
    }

    fn load_previous(&mut self, now: UnixMillis, why: &str) -> Loaded {
        match read(&self.previous()) {
            Reading::Hooks(hooks) => {
                Loaded { hooks: Some(hooks), message: Some(format!("{why} The version before it is used.")) }
            }
            Reading::Missing => Loaded { hooks: None, message: None },
            Reading::Damaged(_) => {
                let aside = put_aside(&self.previous(), now);
                Loaded { hooks: None, message: Some(format!("{why} The version before it is damaged too{aside}.")) }
            }
            Reading::LaterVersion | Reading::Unreadable(_) => Loaded { hooks: None, message: Some(why.to_owned()) },
        }
    }
}

impl HookStore for JsonFile {
    fn load(&mut self, now: UnixMillis) -> Loaded {
        match read(&self.path) {
            Reading::Hooks(hooks) => Loaded { hooks: Some(hooks), message: None },
            Reading::Missing => self.load_previous(now, "The hooks file is missing."),
            Reading::Damaged(error) => {
                let aside = put_aside(&self.path, now);
                let mut loaded = self.load_previous(now, &format!("The hooks file was damaged ({error}){aside}."));
                // A damaged file means that there were hooks: an import must not bring back older ones instead.
                loaded.hooks.get_or_insert_default();
                loaded.message.get_or_insert_with(|| {
                    format!("The hooks file was damaged ({error}){aside}. There is no version before it.")
                });
                loaded
            }
            Reading::LaterVersion => {
                self.locked = Some(|| SaveError::LaterVersion);
                Loaded { hooks: Some(HooksFile::default()), message: Some(SaveError::LaterVersion.to_string()) }
            }
            Reading::Unreadable(error) => {
                self.locked = Some(|| SaveError::Unreadable);
                let message = format!("The hooks file {} cannot be read: {error}.", self.path.display());
                Loaded { hooks: Some(HooksFile::default()), message: Some(message) }
            }
        }
    }

    fn save(&mut self, hooks: &HooksFile) -> Result<(), SaveError> {
        if let Some(why) = self.locked {
            return Err(why());
        }
        let failed = |source| SaveError::Write { path: self.path.clone(), source };
        let text = serde_json::to_vec_pretty(hooks).map_err(|error| failed(error.into()))?;
        // Only a good version is worth keeping: one that somebody damaged meanwhile must not take the place of it.
        if let Reading::Hooks(_) = read(&self.path) {
            fs::read(&self.path).and_then(|before| write_atomically(&self.previous(), &before)).map_err(failed)?;
        }
        write_atomically(&self.path, &text).map_err(failed)
    }
}

enum Reading {
    Hooks(HooksFile),
    Missing,
    Damaged(String),
    LaterVersion,
    Unreadable(io::Error),
}

fn read(path: &Path) -> Reading {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Reading::Missing,
        Err(error) => return Reading::Unreadable(error),
    };
    let json = match serde_json::from_slice::<Value>(&text) {
        Ok(json) => json,
        Err(error) => return Reading::Damaged(place(&error)),
    };
    let version = json.get("version").and_then(Value::as_u64);
    if version.is_some_and(|version| version > u64::from(HOOKS_FILE_VERSION)) {
        return Reading::LaterVersion;
    }
    match reading::read(json) {
        Ok(hooks) => Reading::Hooks(hooks),
        Err(misfit) if misfit.path.is_empty() => Reading::Damaged("it is not a hooks file".to_owned()),
        Err(misfit) => Reading::Damaged(format!("what stands at {} does not fit there", misfit.path)),
    }
}

/// Where and what, without the text itself, which may hold secrets.
fn place(error: &serde_json::Error) -> String {
    let what = if error.is_eof() { "it ends too early" } else { "it is not JSON" };
    format!("{what} at line {}, column {}", error.line(), error.column())
}

/// Moves a file out of the way; says where to, as the end of a sentence.
fn put_aside(path: &Path, now: UnixMillis) -> String {
    let date: String = now.rfc3339().chars().filter(char::is_ascii_alphanumeric).collect();
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".damaged-{date}"));
    let aside = path.with_file_name(&name);
    match fs::rename(path, &aside) {
        Ok(()) => format!("; it is kept as {}", name.to_string_lossy()),
        Err(error) => format!("; it could not be put aside: {error}"),
    }
}

/// Writes beside the file, flushes, and puts it in place: after a power cut there is the old or the new one. Only the
/// owner may read it.
pub(crate) fn write_atomically(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| without_path(&error))?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    #[cfg(unix)]
    fs::File::open(folder)?.sync_all()?;
    Ok(())
}

/// What the system says, without the name of a file that nobody knows.
fn without_path(error: &io::Error) -> io::Error {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<io::Error>());
    let code = error.raw_os_error().or_else(|| source.and_then(io::Error::raw_os_error));
    code.map_or_else(|| error.kind().into(), io::Error::from_raw_os_error)
}
