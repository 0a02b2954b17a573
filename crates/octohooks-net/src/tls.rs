//! TLS with the system's trust, or with none.
//!
//! Comes in: a stream and the name of who should be at its other end. Goes out: the same stream, encrypted. Roots are
//! loaded once. There is never a global provider, and never a check that is left out without being asked for.

use std::sync::Arc;

use octohooks_core::attempt::Failure;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, Error, RootCertStore, SignatureScheme,
};
use tokio_rustls::TlsConnector;
use url::Host;

use crate::connect::Stream;
use crate::explain;
use crate::progress::Place;

/// An authority that was handed in is not a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnreadableAuthority;

impl std::fmt::Display for UnreadableAuthority {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("an authority to trust cannot be read as a certificate")
    }
}

impl std::error::Error for UnreadableAuthority {}

/// Two ready configurations. They share nothing: a session that began unchecked is never resumed as a checked one.
pub(crate) struct Tls {
    checked: Arc<ClientConfig>,
    unchecked: Arc<ClientConfig>,
}

impl Tls {
    /// Reads the system's roots, which takes a moment. `authorities` are certificates in DER that are trusted as well.
    pub(crate) fn load(authorities: Vec<Vec<u8>>) -> Result<Self, UnreadableAuthority> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let checking = Arc::new(SystemThenBuiltIn::load(authorities, &provider)?);
        let trusting = Arc::new(AnyCertificate { provider: Arc::clone(&provider) });
        Ok(Self { checked: configuration(&provider, checking), unchecked: configuration(&provider, trusting) })
    }

    /// The handshake.
    pub(crate) async fn wrap(
        &self,
        stream: Box<dyn Stream>,
        place: &Place,
        verify: bool,
    ) -> Result<Box<dyn Stream>, Failure> {
        let name = server_name(&place.host).ok_or_else(|| explain::name_not_for_tls(place))?;
        let configuration = if verify { &self.checked } else { &self.unchecked };
        match TlsConnector::from(Arc::clone(configuration)).connect(name, stream).await {
            Ok(stream) => Ok(Box::new(stream)),
            Err(error) => Err(explain::handshake(&error, place)),
        }
    }
}

fn configuration(provider: &Arc<CryptoProvider>, verifier: Arc<dyn ServerCertVerifier>) -> Arc<ClientConfig> {
    let mut configuration = ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()
        .expect("ring has ciphers for the versions that rustls is built with")
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    configuration.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(configuration)
}

fn server_name(host: &Host<String>) -> Option<ServerName<'static>> {
    match host {
        Host::Domain(name) => ServerName::try_from(name.trim_end_matches('.').to_owned()).ok(),
        Host::Ipv4(ip) => Some(ServerName::from(std::net::IpAddr::V4(*ip))),
        Host::Ipv6(ip) => Some(ServerName::from(std::net::IpAddr::V6(*ip))),
    }
}

/// First the system, with what its owner has added; if it does not know the issuer, the roots that came with this
/// program. Old images of a Pi have trust stores from which today's roots are missing.
#[derive(Debug)]
struct SystemThenBuiltIn {
    system: Option<rustls_platform_verifier::Verifier>,
    built_in: Arc<WebPkiServerVerifier>,
}

impl SystemThenBuiltIn {
    fn load(authorities: Vec<Vec<u8>>, provider: &Arc<CryptoProvider>) -> Result<Self, UnreadableAuthority> {
        let authorities: Vec<_> = authorities.into_iter().map(CertificateDer::from).collect();
        let mut roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
        for authority in &authorities {
            roots.add(authority.clone()).map_err(|_| UnreadableAuthority)?;
        }
        let built_in = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
            .build()
            .expect("the built-in roots are not empty, and there are no revocation lists");
        // A system without a trust store is no reason to send nothing.
        let system = rustls_platform_verifier::Verifier::new_with_extra_roots(authorities, Arc::clone(provider)).ok();
        Ok(Self { system, built_in })
    }
}

impl ServerCertVerifier for SystemThenBuiltIn {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(system) = &self.system {
            match system.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
                Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {}
                decided => return decided,
            }
        }
        self.built_in.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.built_in.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.built_in.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.built_in.supported_verify_schemes()
    }

    fn root_hint_subjects(&self) -> Option<&[DistinguishedName]> {
        None
    }
}

/// The user has turned verification off: any certificate will do, also one that only old devices still make. A check
/// of the signature would prove nothing about a key that nobody vouches for.
#[derive(Debug)]
struct AnyCertificate {
    provider: Arc<CryptoProvider>,
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
