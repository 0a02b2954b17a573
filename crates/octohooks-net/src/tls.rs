//! TLS on a hook's terms: with the system's trust, with some more, with one certificate and no other, or with none.
//!
//! Comes in: a stream, the name of who should be at its other end, and the terms. Goes out: the same stream, encrypted.
//! The system's roots are loaded once. Each kind of terms has a configuration of its own, and with it its own memory of
//! sessions: one that began on other terms is never resumed. There is never a global provider, and never a check that is
//! left out without being asked for.

mod rejected;
mod verify;

use std::sync::{Arc, Mutex, PoisonError};

use octohooks_core::attempt::Failure;
use octohooks_core::trust::{ClientIdentity, KeyFormat, Trust};
use rustls::ClientConfig;
use rustls::client::danger::ServerCertVerifier;
use rustls::client::{Resumption, WantsClientCert};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::TlsConnector;
use url::Host;

pub use self::verify::UnreadableAuthority;
use self::verify::{AnyCertificate, OnlyPinned, SystemAndOwn, SystemThenBuiltIn};
use crate::connect::Stream;
use crate::explain;
use crate::progress::Place;

pub(crate) use self::rejected::{Cause, Rejected};

/// As many configurations are kept at hand. With more kinds of terms than these, they are made again.
const KEPT: usize = 32;

/// As many servers are remembered by each configuration of a hook's own.
const REMEMBERED_SERVERS: usize = 8;

/// On which terms a connection is encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Terms {
    /// Whether the certificate has to be a good one. Pins hold all the same.
    pub(crate) verify: bool,
    /// What goes beyond the system.
    pub(crate) trust: Arc<Trust>,
}

impl Terms {
    /// Those of the system.
    pub(crate) fn usual() -> Self {
        Self { verify: true, trust: Arc::default() }
    }

    /// For a server that somebody else than the user has named.
    pub(crate) fn for_another_server(&self) -> Self {
        Self { verify: self.verify, trust: Arc::new(self.trust.for_another_server()) }
    }
}

/// Makes configurations, and keeps them.
pub(crate) struct Tls {
    provider: Arc<CryptoProvider>,
    system: Arc<SystemThenBuiltIn>,
    ready: Mutex<Vec<(Terms, Arc<ClientConfig>)>>,
}

impl Tls {
    /// Reads the system's roots, which takes a moment. `authorities` are certificates in DER that are trusted as well.
    pub(crate) fn load(authorities: Vec<Vec<u8>>) -> Result<Self, UnreadableAuthority> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let system = Arc::new(SystemThenBuiltIn::load(authorities, &provider)?);
        Ok(Self { provider, system, ready: Mutex::default() })
    }

    /// The handshake.
    pub(crate) async fn wrap(
        &self,
        stream: Box<dyn Stream>,
        place: &Place,
        terms: &Terms,
    ) -> Result<Box<dyn Stream>, Failure> {
        let name = server_name(&place.host).ok_or_else(|| explain::name_not_for_tls(place))?;
        let configuration = self.configuration(terms)?;
        match TlsConnector::from(configuration).connect(name, stream).await {
            Ok(stream) => Ok(Box::new(stream)),
            Err(error) => Err(explain::handshake(&error, place)),
        }
    }

    fn configuration(&self, terms: &Terms) -> Result<Arc<ClientConfig>, Failure> {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, configuration)) = ready.iter().find(|(known, _)| known == terms) {
            return Ok(Arc::clone(configuration));
        }
        let configuration = Arc::new(self.make(terms)?);
        if ready.len() == KEPT {
            ready.remove(0);
        }
        ready.push((terms.clone(), Arc::clone(&configuration)));
        Ok(configuration)
    }

    fn make(&self, terms: &Terms) -> Result<ClientConfig, Failure> {
        let builder = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()
            .expect("ring has ciphers for the versions that rustls is built with")
            .dangerous()
            .with_custom_certificate_verifier(self.verifier(terms)?);
        let mut configuration = match &terms.trust.identity {
            None => builder.with_no_client_auth(),
            Some(identity) => showing(builder, identity)?,
        };
        configuration.resumption = Resumption::in_memory_sessions(REMEMBERED_SERVERS);
        configuration.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(configuration)
    }

    fn verifier(&self, terms: &Terms) -> Result<Arc<dyn ServerCertVerifier>, Failure> {
        let Trust { authorities, pins, .. } = &*terms.trust;
        Ok(if !pins.is_empty() {
            Arc::new(OnlyPinned { pins: pins.clone(), provider: Arc::clone(&self.provider) })
        } else if !terms.verify {
            Arc::new(AnyCertificate { provider: Arc::clone(&self.provider) })
        } else {
            let own = SystemAndOwn::new(Arc::clone(&self.system), authorities, &self.provider);
            Arc::new(own.map_err(|UnreadableAuthority| explain::unreadable_authority())?)
        })
    }
}

fn showing(
    builder: rustls::ConfigBuilder<ClientConfig, WantsClientCert>,
    identity: &ClientIdentity,
) -> Result<ClientConfig, Failure> {
    let key = identity.key.to_vec();
    let key = match identity.key_format {
        KeyFormat::Pkcs8 => PrivateKeyDer::Pkcs8(key.into()),
        KeyFormat::Pkcs1 => PrivateKeyDer::Pkcs1(key.into()),
        KeyFormat::Sec1 => PrivateKeyDer::Sec1(key.into()),
    };
    let chain = identity.chain.iter().cloned().map(CertificateDer::from).collect();
    builder.with_client_auth_cert(chain, key).map_err(|error| explain::unusable_identity(&error))
}

fn server_name(host: &Host<String>) -> Option<ServerName<'static>> {
    match host {
        Host::Domain(name) => ServerName::try_from(name.trim_end_matches('.').to_owned()).ok(),
        Host::Ipv4(ip) => Some(ServerName::from(std::net::IpAddr::V4(*ip))),
        Host::Ipv6(ip) => Some(ServerName::from(std::net::IpAddr::V6(*ip))),
    }
}
