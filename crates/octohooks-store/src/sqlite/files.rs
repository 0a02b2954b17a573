//! The files of a database in a folder: made so that only the owner reads them, found unclean, put aside when damaged.
//!
//! Knows nothing of what is in them.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use octohooks_core::time::UnixMillis;

/// As many damaged files are kept of each kind; they are for whoever wants to look, and cards are small.
const KEPT: usize = 2;

/// A database file with its write-ahead log.
#[derive(Debug, Clone)]
pub struct Files {
    folder: PathBuf,
    stem: &'static str,
}

/// What is left of a damaged file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// Where it lies now.
    pub moved_to: PathBuf,
    /// What was wrong with it.
    pub because: String,
    /// As many events were taken over into the new file.
    pub salvaged: usize,
}

impl Files {
    /// The files `STEM.db` and `STEM.db-wal` in a folder.
    pub fn new(folder: &Path, stem: &'static str) -> Self {
        Self { folder: folder.to_owned(), stem }
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.folder.join(format!("{}.db", self.stem))
    }

    /// Its write-ahead log.
    pub fn log(&self) -> PathBuf {
        log_of(&self.database())
    }

    /// Whether the last one to use it was stopped in the middle. The log goes with the last connection, so its being there
    /// says so without a byte being written at a start.
    pub fn are_unclean(&self) -> bool {
        fs::metadata(self.log()).is_ok_and(|log| log.len() > 0)
    }

    /// The file that is locked by whoever uses the others; nothing is in it, and it stays.
    pub fn lock_file(&self) -> io::Result<File> {
        self.create_folder()?;
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(self.folder.join(format!("{}.lock", self.stem)))
    }

    /// Makes the folder and an empty file where there is none, and makes sure that they are still there after a power cut.
    pub fn create(&self) -> io::Result<()> {
        self.create_folder()?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(self.database()) {
            Ok(file) => {
                file.sync_all()?;
                self.sync_folder()
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn create_folder(&self) -> io::Result<()> {
        if self.folder.is_dir() {
            return Ok(());
        }
        fs::create_dir_all(&self.folder)?;
        self.folder.parent().map_or(Ok(()), sync_folder)
    }

    /// Whether the folder takes a new name, which is taken back at once.
    pub fn try_name(&self) -> io::Result<()> {
        let path = self.folder.join(format!("{}.try", self.stem));
        OpenOptions::new().write(true).create(true).truncate(true).open(&path)?;
        fs::remove_file(path)
    }

    /// Removes both.
    pub fn remove(&self) -> io::Result<()> {
        for path in [self.log(), self.database()] {
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        self.sync_folder()
    }

    /// Makes names that were added to the folder last.
    pub fn sync_folder(&self) -> io::Result<()> {
        sync_folder(&self.folder)
    }

    /// Puts a damaged database aside under a name with its date, its log with it. The oldest such ones go.
    pub fn put_aside(&self, now: UnixMillis) -> io::Result<PathBuf> {
        let date = now.rfc3339().replace(':', "-");
        let name = |number: u32| match number {
            1 => format!("{}.damaged-{date}.db", self.stem),
            number => format!("{}.damaged-{date}-{number}.db", self.stem),
        };
        let free = (1..1000).map(|number| self.folder.join(name(number))).find(|path| !path.exists());
        let aside = free.ok_or_else(|| io::Error::from(io::ErrorKind::AlreadyExists))?;
        // The log first: a database without its log would be read as if what was in it had never been.
        if self.log().exists() {
            fs::rename(self.log(), log_of(&aside))?;
        }
        match fs::rename(self.database(), &aside) {
            // A former process came as far as this.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            renamed => renamed?,
        }
        self.sync_folder()?;
        self.remove_oldest_aside();
        Ok(aside)
    }

    /// Gives a database that is closed, and so has no log, the name of another one. All of it is there after a power cut, or
    /// its old name is.
    pub fn rename(&self, other: &Self) -> io::Result<()> {
        File::open(self.database())?.sync_all()?;
        fs::rename(self.database(), other.database())?;
        self.sync_folder()
    }

    fn remove_oldest_aside(&self) {
        let prefix = format!("{}.damaged-", self.stem);
        let is_aside = |path: &PathBuf| {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            name.starts_with(&prefix) && path.extension().is_some_and(|extension| extension == "db")
        };
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        let mut aside: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_aside).collect();
        aside.sort_by_key(|path| fs::metadata(path).and_then(|file| file.modified()).ok());
        for path in aside.iter().rev().skip(KEPT) {
            // One more that stays does no harm.
            drop(fs::remove_file(log_of(path)));
            drop(fs::remove_file(path));
        }
    }
}

fn log_of(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

/// Has the system begin to write a file from here to its end, without waiting for it and without a flush: on storage without a
/// cache of its own, which is what cards are, it is there a moment later. A hint: where it does nothing, the system
/// writes when it likes.
#[cfg(target_os = "linux")]
pub(super) fn write_soon(file: &Path, from: u64) {
    use rustix::fs::{Advice, fadvise};
    // Linux begins to write what is dirty before it lets go of what is not (mm/fadvise.c).
    drop(File::open(file).map(|file| fadvise(file, from, None, Advice::DontNeed)));
}

#[cfg(not(target_os = "linux"))]
pub(super) fn write_soon(_file: &Path, _from: u64) {}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}
