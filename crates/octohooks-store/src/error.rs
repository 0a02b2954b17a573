//! What can go wrong with storage, told apart by who acts on it. Sentences for the user.

use std::io;

use rusqlite::ErrorCode;

/// Why the store did not do something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no space. Worth another try when there is some.
    #[error("the disk is full")]
    Full,
    /// The file system takes no writes: often a card that is about to die.
    #[error("the disk takes no writes (it is read-only)")]
    ReadOnly,
    /// What was read makes no sense. The file has to be put aside.
    #[error("the file is damaged ({0})")]
    Damaged(String),
    /// Another process has the file.
    #[error("another process uses it")]
    InUse,
    /// The file was made by a later version and is not touched.
    #[error("it was made by a later version of this plugin (form {found}, known up to {known})")]
    LaterVersion {
        /// The form of the file.
        found: i64,
        /// The latest form that this version knows.
        known: i64,
    },
    /// The disk or the system failed.
    #[error("the disk does not work: {0}")]
    Disk(String),
    /// A fault of this program.
    #[error("a fault of this plugin: {0}")]
    Fault(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let text = error.to_string();
        let is_not_what_was_written = matches!(
            error,
            rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::Utf8Error(..)
        );
        if is_not_what_was_written {
            return Self::Damaged(text);
        }
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(text),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed) => {
                Self::InUse
            }
            Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::OutOfMemory) => Self::Disk(text),
            _ => Self::Fault(text),
        }
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => Self::ReadOnly,
            _ => Self::Disk(error.to_string()),
        }
    }
}
