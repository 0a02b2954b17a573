//! Why TLS did not come to stand, by the variants of rustls.

use std::io::{self, ErrorKind};

use octohooks_core::attempt::{Failure, FailureKind};
use rustls::{AlertDescription, CertificateError, Error};

use super::failure;
use crate::progress::Place;

const TRUST_IT: &str = "If it is your own server, turn off the verification of certificates for this hook, or install the \
                        certificate of its authority on this machine.";

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
            format!("{place} asks for a certificate of this machine, and there is none to show."),
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
    let (kind, message) = match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => (
            FailureKind::CertificateExpired,
            format!("The certificate of {place} has expired. If it should be good, check the clock of this machine."),
        ),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => (
            FailureKind::CertificateExpired,
            format!("The certificate of {place} is not valid yet. Most likely the clock of this machine is wrong."),
        ),
        CertificateError::UnknownIssuer => (
            FailureKind::CertificateUnknown,
            format!("The certificate of {place} is not from an authority that this machine trusts. {TRUST_IT}"),
        ),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => (
            FailureKind::CertificateUnknown,
            format!(
                "The certificate of {place} is for another name. Write the name that it was made for into the URL, or \
                 turn off the verification of certificates for this hook."
            ),
        ),
        CertificateError::Revoked => {
            (FailureKind::CertificateUnknown, format!("The certificate of {place} has been revoked."))
        }
        // Among these are certificates that sign themselves, as many devices make them.
        _ => (FailureKind::CertificateUnknown, format!("The certificate of {place} cannot be trusted. {TRUST_IT}")),
    };
    failure(kind, message)
}
