//! An authority for one test, and certificates with or without a flaw.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

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
        Identity { server: server(certificate.expect("a certificate").der().clone(), &key) }
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

fn server(certificate: CertificateDer<'static>, key: &KeyPair) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("rcgen writes PKCS #8");
    let configuration = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has ciphers for the default versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("the key belongs to the certificate");
    Arc::new(configuration)
}
