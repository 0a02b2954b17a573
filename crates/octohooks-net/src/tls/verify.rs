//! Who decides about a server's certificate.
//!
//! [`SystemThenBuiltIn`] is the trust that all hooks share; [`SystemAndOwn`] adds the authorities of one hook;
//! [`OnlyPinned`] knows certain certificates and nothing else; [`AnyCertificate`] asks for nothing.

use std::sync::Arc;

use octohooks_core::trust::Fingerprint;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use super::rejected::{Cause, Rejected};

/// An authority that was handed in is not a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnreadableAuthority;

impl std::fmt::Display for UnreadableAuthority {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("an authority to trust cannot be read as a certificate")
    }
}

impl std::error::Error for UnreadableAuthority {}

/// First the system, with what its owner has added; if it does not know the issuer, the roots that came with this
/// program. Old images of a Pi have trust stores from which today's roots are missing.
#[derive(Debug)]
pub(super) struct SystemThenBuiltIn {
    system: Option<rustls_platform_verifier::Verifier>,
    built_in: Arc<WebPkiServerVerifier>,
}

impl SystemThenBuiltIn {
    pub(super) fn load(authorities: Vec<Vec<u8>>, provider: &Arc<CryptoProvider>) -> Result<Self, UnreadableAuthority> {
        let built_in = webpki(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect(), &authorities, provider)?;
        let authorities = authorities.into_iter().map(CertificateDer::from);
        // A system without a trust store is no reason to send nothing.
        let system = rustls_platform_verifier::Verifier::new_with_extra_roots(authorities, Arc::clone(provider)).ok();
        Ok(Self { system, built_in })
    }
}

/// The trust that all hooks share, and then the authorities of one hook. What is not accepted is told with its
/// fingerprint and with the time that it was measured by.
#[derive(Debug)]
pub(super) struct SystemAndOwn {
    shared: Arc<SystemThenBuiltIn>,
    own: Option<Arc<WebPkiServerVerifier>>,
}

impl SystemAndOwn {
    pub(super) fn new(
        shared: Arc<SystemThenBuiltIn>,
        authorities: &[Vec<u8>],
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, UnreadableAuthority> {
        let own = match authorities {
            [] => None,
            authorities => Some(webpki(RootCertStore::empty(), authorities, provider)?),
        };
        Ok(Self { shared, own })
    }

    /// Everybody is asked in turn, and the first one who knows the issuer decides.
    fn in_turn(&self) -> impl Iterator<Item = &dyn ServerCertVerifier> {
        let system = self.shared.system.as_ref().map(|system| system as &dyn ServerCertVerifier);
        let own = self.own.as_deref().map(|own| own as &dyn ServerCertVerifier);
        system.into_iter().chain([&*self.shared.built_in as &dyn ServerCertVerifier]).chain(own)
    }
}

fn webpki(
    mut roots: RootCertStore,
    authorities: &[Vec<u8>],
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, UnreadableAuthority> {
    for authority in authorities {
        roots.add(CertificateDer::from(authority.as_slice())).map_err(|_| UnreadableAuthority)?;
    }
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build();
    verifier.map_err(|_| UnreadableAuthority)
}

impl ServerCertVerifier for SystemAndOwn {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let mut decided = Err(Error::InvalidCertificate(CertificateError::UnknownIssuer));
        for verifier in self.in_turn() {
            decided = verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
            if !matches!(decided, Err(Error::InvalidCertificate(CertificateError::UnknownIssuer))) {
                break;
            }
        }
        decided.map_err(|error| match error {
            Error::InvalidCertificate(error) => Rejected::into_error(Cause::Unsound(error), end_entity, now),
            other => other,
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.shared.built_in.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.shared.built_in.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.shared.built_in.supported_verify_schemes()
    }
}

/// The user knows the certificate itself: neither who signed it nor its name nor its dates matter. That the server has
/// its key does, as always.
#[derive(Debug)]
pub(super) struct OnlyPinned {
    pub(super) pins: Vec<Fingerprint>,
    pub(super) provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for OnlyPinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.pins.contains(&Fingerprint::of(end_entity)) {
            return Ok(ServerCertVerified::assertion());
        }
        Err(Rejected::into_error(Cause::NotPinned, end_entity, now))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// The user has turned verification off: any certificate will do, also one that only old devices still make. A check
/// of the signature would prove nothing about a key that nobody vouches for.
#[derive(Debug)]
pub(super) struct AnyCertificate {
    pub(super) provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
