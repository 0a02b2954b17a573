//! An authority for one test, and certificates with or without a flaw.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};

/// An authority that nobody knows unless a test says so.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// What is wrong with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing: it is for `localhost` and 127.0.0.1, and valid for many years.
    None,
    /// It has expired.
    Expired,
    /// It will be valid one day.
    NotValidYet,
    /// It is for `elsewhere.test`.
    WrongName,
    /// It is signed by itself.
    SelfSigned,
}

/// A certificate with its key, ready for a server.
#[derive(Clone)]
pub struct Identity {
    pub(crate) server: Arc<ServerConfig>,
    certificate: CertificateDer<'static>,
    key: Arc<KeyPair>,
}

/// A certificate with its key, ready for a client, in PEM.
pub struct ClientPair {
    /// The certificate.
    pub certificate: String,
    /// The private key.
    pub key: String,
}

impl Authority {
    /// A new one.
    pub fn new() -> Self {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name.push(DnType::CommonName, "Authority of a test");
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        Self { issuer: CertifiedIssuer::self_signed(parameters, key).expect("an authority signs itself") }
    }

    /// Its certificate (DER), for whoever is to trust it.
    pub fn certificate(&self) -> Vec<u8> {
        self.issuer.der().to_vec()
    }

    /// The same in PEM.
    pub fn certificate_pem(&self) -> String {
        self.issuer.pem()
    }

    /// A client's certificate.
    pub fn client(&self) -> ClientPair {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name.push(DnType::CommonName, "A client of a test");
        let key = KeyPair::generate().expect("a key");
        let certificate = parameters.signed_by(&key, &self.issuer).expect("a certificate");
        ClientPair { certificate: certificate.pem(), key: key.serialize_pem() }
    }

    /// A server's certificate.
    pub fn identity(&self, flaw: Flaw) -> Identity {
        let names = if flaw == Flaw::WrongName { vec!["elsewhere.test"] } else { vec!["localhost", "127.0.0.1"] };
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        let mut parameters = CertificateParams::new(names).expect("these are names");
        match flaw {
            Flaw::Expired => {
                parameters.not_before = date_time_ymd(2001, 1, 1);
                parameters.not_after = date_time_ymd(2002, 1, 1);
            }
            Flaw::NotValidYet => parameters.not_before = date_time_ymd(4000, 1, 1),
            Flaw::None | Flaw::WrongName | Flaw::SelfSigned => {}
        }
        let key = KeyPair::generate().expect("a key");
        let certificate = match flaw {
            Flaw::SelfSigned => parameters.self_signed(&key),
            _ => parameters.signed_by(&key, &self.issuer),
        };
        let certificate = certificate.expect("a certificate").der().clone();
        Identity { server: server(certificate.clone(), &key, None), certificate, key: Arc::new(key) }
    }
}

impl Identity {
    /// The certificate (DER).
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// The same for a server that demands a certificate of this authority from its clients, over this version of
    /// TLS: the versions differ in when a client hears that it is refused.
    #[must_use]
    pub fn demanding(&self, authority: &Authority, version: &'static SupportedProtocolVersion) -> Self {
        let server = server(self.certificate.clone(), &self.key, Some((authority, version)));
        Self { server, certificate: self.certificate.clone(), key: Arc::clone(&self.key) }
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

fn server(
    certificate: CertificateDer<'static>,
    key: &KeyPair,
    demanded: Option<(&Authority, &'static SupportedProtocolVersion)>,
) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("rcgen writes PKCS #8");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let (clients, versions) = match demanded {
        None => (WebPkiClientVerifier::no_client_auth(), rustls::DEFAULT_VERSIONS.to_vec()),
        Some((authority, version)) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.issuer.der().clone()).expect("an authority is a root");
            let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
            (builder.build().expect("there is a root"), vec![version])
        }
    };
    let configuration = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&versions)
        .expect("ring has ciphers for these versions")
        .with_client_cert_verifier(clients)
        .with_single_cert(vec![certificate], key)
        .expect("the key belongs to the certificate");
    Arc::new(configuration)
}
