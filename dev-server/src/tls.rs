//! TLS for the accept loop, which browsers require for HTTP/2.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use sha2::{Digest as _, Sha256};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A certificate and its private key, for serving HTTPS with HTTP/2 or HTTP/1.1, as the client prefers.
#[derive(Clone)]
pub struct Tls {
    pub(crate) acceptor: TlsAcceptor,
    fingerprint: String,
}

impl Tls {
    /// Makes a self-signed certificate for this machine's names and for `names`.
    ///
    /// # Errors
    /// If one of the names is invalid.
    pub fn self_signed(names: &[String]) -> io::Result<Self> {
        let local = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
        let all: Vec<_> = local.into_iter().chain(names.iter().cloned()).collect();
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(all).map_err(invalid)?;
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).map_err(invalid)?;
        Self::new(vec![cert.der().clone()], key)
    }

    /// Reads a certificate chain, the server's own first, and its private key, both in PEM format.
    ///
    /// # Errors
    /// If a file can't be read, or has no certificate or key, or if the key does not match the certificate.
    pub fn from_pem_files(certificates: impl AsRef<Path>, key: impl AsRef<Path>) -> io::Result<Self> {
        let chain = CertificateDer::pem_file_iter(certificates).and_then(Iterator::collect).map_err(invalid)?;
        Self::new(chain, PrivateKeyDer::from_pem_file(key).map_err(invalid)?)
    }

    fn new(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> io::Result<Self> {
        let first = chain.first().ok_or_else(|| invalid("the certificate file has no PEM certificate"))?;
        let bytes: Vec<_> = Sha256::digest(first).iter().map(|byte| format!("{byte:02X}")).collect();
        let fingerprint = bytes.join(":");
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().map_err(invalid)?.with_no_client_auth();
        let mut config = builder.with_single_cert(chain, key).map_err(invalid)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), fingerprint })
    }

    /// The SHA-256 fingerprint of the certificate, as browsers show it: `0A:1B:…`.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

impl fmt::Debug for Tls {
    /// Leaves out the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("fingerprint", &self.fingerprint).finish_non_exhaustive()
    }
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, error)
}
