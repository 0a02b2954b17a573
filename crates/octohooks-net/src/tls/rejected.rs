//! A certificate that was not accepted, with what the person who has to decide about it wants to know. It travels through
//! rustls as an error and is put into words by [`crate::explain`].

use std::fmt;
use std::sync::Arc;

use octohooks_core::trust::Fingerprint;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::{CertificateError, Error, OtherError};

/// What was seen, and why it did not do.
#[derive(Debug, Clone)]
pub(crate) struct Rejected {
    pub(crate) cause: Cause,
    /// Of the certificate that the server showed.
    pub(crate) seen: Fingerprint,
    /// What this machine takes for the time.
    pub(crate) now: UnixTime,
}

#[derive(Debug, Clone)]
pub(crate) enum Cause {
    /// It does not pass the usual checks.
    Unsound(CertificateError),
    /// It is not one that the user has pinned.
    NotPinned,
}

impl Rejected {
    /// As rustls carries it.
    pub(super) fn into_error(cause: Cause, certificate: &CertificateDer<'_>, now: UnixTime) -> Error {
        let rejected = Self { cause, seen: Fingerprint::of(certificate), now };
        Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(rejected))))
    }

    /// What rustls carried, if it is that.
    pub(crate) fn of(error: &CertificateError) -> Option<&Self> {
        match error {
            CertificateError::Other(OtherError(error)) => error.downcast_ref(),
            _ => None,
        }
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the certificate {} was not accepted", self.seen)
    }
}

impl std::error::Error for Rejected {}
