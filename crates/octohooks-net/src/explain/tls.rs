//! Why TLS did not come to stand, by the variants of rustls.

use std::io::{self, ErrorKind};

use octohooks_core::attempt::{Failure, FailureKind};
use octohooks_core::time::UnixMillis;
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error};

use super::failure;
use crate::progress::Place;
use crate::tls::{Cause, Rejected};

const TRUST_IT: &str = "If it is your own server, enter its authority or pin its certificate in this hook, or install the \
                        certificate of its authority on this machine.";

const WHOM_IT_SHOWS: &str = "Enter one that this server accepts into this hook, with its private key.";

/// The handshake failed.
pub(crate) fn handshake(error: &io::Error, place: &Place) -> Failure {
    if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        return tls(error, place);
    }
    if error.kind() == ErrorKind::UnexpectedEof {
        return failure(
            FailureKind::TlsFailed,
            format!("{place} hung up when TLS was offered. If it speaks plain HTTP, write http:// in the URL."),
        );
    }
    failure(
        FailureKind::ConnectionReset,
        format!("{place} cut the connection when TLS was offered. If it speaks plain HTTP, write http:// in the URL."),
    )
}

/// The host of the URL cannot be the name in a certificate.
pub(crate) fn name_not_for_tls(place: &Place) -> Failure {
    failure(FailureKind::TlsFailed, format!("{} is not a name that a certificate can be for.", place.host))
}

/// An authority of the hook's own is no certificate, although it looked like one.
pub(crate) fn unreadable_authority() -> Failure {
    let message = "One of the authorities in this hook cannot be read as a certificate. Was all of it copied?";
    failure(FailureKind::CannotCompose, message.to_owned())
}

/// The client certificate of the hook cannot be shown.
pub(crate) fn unusable_identity(error: &Error) -> Failure {
    let message = match error {
        Error::InconsistentKeys(_) => "The client certificate of this hook and its private key do not belong together.",
        _ => "The client certificate of this hook or its private key cannot be read. RSA, EC, and Ed25519 are known.",
    };
    failure(FailureKind::CannotCompose, message.to_owned())
}

/// Any error of rustls, also one that comes after the handshake.
pub(super) fn tls(error: &Error, place: &Place) -> Failure {
    match error {
        Error::InvalidCertificate(error) => certificate(error, place),
        Error::InvalidMessage(_) | Error::InappropriateMessage { .. } => failure(
            FailureKind::TlsFailed,
            format!("{place} does not speak TLS. If it speaks plain HTTP, write http:// in the URL."),
        ),
        Error::AlertReceived(AlertDescription::CertificateRequired) => failure(
            FailureKind::TlsFailed,
            format!("{place} asks for a client certificate, and this hook has none. {WHOM_IT_SHOWS}"),
        ),
        // These alerts are about what we have shown, not about what the server did.
        Error::AlertReceived(
            AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
            | AlertDescription::DecryptError,
        ) => failure(
            FailureKind::TlsFailed,
            format!("{place} does not accept the client certificate of this hook. {WHOM_IT_SHOWS}"),
        ),
        Error::AlertReceived(alert @ AlertDescription::HandshakeFailure) => failure(
            FailureKind::TlsFailed,
            format!("{place} refused the TLS connection ({alert:?}). Does it want another client certificate?"),
        ),
        Error::AlertReceived(AlertDescription::UnrecognisedName) => failure(
            FailureKind::TlsFailed,
            format!("{place} is not set up for this name. Use the name that its certificate is for."),
        ),
        Error::AlertReceived(AlertDescription::ProtocolVersion) | Error::PeerIncompatible(_) => failure(
            FailureKind::TlsFailed,
            format!("{place} has only an old or unusual TLS that is not spoken here. Bring its software up to date."),
        ),
        Error::AlertReceived(alert) => {
            failure(FailureKind::TlsFailed, format!("{place} refused the TLS connection ({alert:?})."))
        }
        _ => failure(FailureKind::TlsFailed, format!("TLS with {place} failed.")),
    }
}

fn certificate(error: &CertificateError, place: &Place) -> Failure {
    let Some(rejected) = Rejected::of(error) else {
        let message = format!("The certificate of {place} does not fit to what the server does.");
        return failure(FailureKind::CertificateUnknown, message);
    };
    let (kind, message) = match &rejected.cause {
        Cause::NotPinned => (
            FailureKind::CertificateUnknown,
            format!(
                "{place} shows another certificate than the pinned one. The SHA-256 fingerprint of what it shows is {}. \
                 If the server got a new certificate, enter that one; if not, somebody may stand in between.",
                rejected.seen
            ),
        ),
        Cause::Unsound(error) => unsound(error, rejected, place),
    };
    failure(kind, message)
}

fn unsound(error: &CertificateError, rejected: &Rejected, place: &Place) -> (FailureKind, String) {
    let today = date(rejected.now);
    let trust_it = format!("{TRUST_IT} Its SHA-256 fingerprint is {}.", rejected.seen);
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            let until = match error {
                CertificateError::ExpiredContext { not_after, .. } => format!(" on {}", date(*not_after)),
                _ => String::new(),
            };
            let message = format!(
                "The certificate of {place} has expired{until}. On the clock of this machine it is {today}: if that is \
                 wrong, set the clock; if it is right, the server needs a new certificate."
            );
            (FailureKind::CertificateExpired, message)
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            let from = match error {
                CertificateError::NotValidYetContext { not_before, .. } => {
                    format!(" before {}", date(*not_before))
                }
                _ => " yet".to_owned(),
            };
            let message = format!(
                "The certificate of {place} is not valid{from}. On the clock of this machine it is {today}: most likely \
                 that is wrong. Set the clock."
            );
            (FailureKind::CertificateExpired, message)
        }
        CertificateError::UnknownIssuer => (
            FailureKind::CertificateUnknown,
            format!("The certificate of {place} is not from an authority that this machine trusts. {trust_it}"),
        ),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => (
            FailureKind::CertificateUnknown,
            format!(
                "The certificate of {place} is for another name. Write the name that it was made for into the URL, or \
                 pin the certificate in this hook. Its SHA-256 fingerprint is {}.",
                rejected.seen
            ),
        ),
        CertificateError::Revoked => {
            (FailureKind::CertificateUnknown, format!("The certificate of {place} has been revoked."))
        }
        // Among these are certificates that sign themselves, as many devices make them.
        _ => (FailureKind::CertificateUnknown, format!("The certificate of {place} cannot be trusted. {trust_it}")),
    }
}

/// The day, in UTC.
fn date(time: UnixTime) -> String {
    let millis = i64::try_from(time.as_secs()).unwrap_or(i64::MAX).saturating_mul(1000);
    UnixMillis(millis).rfc3339().get(..10).unwrap_or("a day beyond all calendars").to_owned()
}
