//! TLS for who comes: rustls, with ring. The certificate and its key are PEM files, and read again when they have changed.
//!
//! What renews certificates writes two files, one after the other: as long as the key is not the certificate's, or a file
//! cannot be read, the last pair that was good is shown, and the log says why.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use server::http::{Handshake, Stream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring::{default_provider, sign::any_supported_type};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{ServerConfig, version};

use super::watched_file::WatchedFile;

/// A handshake that shows the certificate in these files. Fails if it cannot be used now.
pub fn handshake(cert_file: &Path, key_file: &Path) -> Result<Handshake> {
    let shown = Shown::new(cert_file, key_file)?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&version::TLS13, &version::TLS12])
        .context("TLS cannot be spoken")?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(shown));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    Ok(Arc::new(move |stream| {
        let shaken = acceptor.accept(stream);
        Box::pin(async move { Ok(Box::new(shaken.await?) as Box<dyn Stream>) })
    }))
}

/// The pair that is shown.
#[derive(Debug)]
struct Shown {
    cert_file: PathBuf,
    key_file: PathBuf,
    pair: WatchedFile<CertifiedKey, 2>,
}

impl Shown {
    fn new(cert_file: &Path, key_file: &Path) -> Result<Shown> {
        let (cert_file, key_file) = (cert_file.to_owned(), key_file.to_owned());
        let pair = WatchedFile::read([cert_file.clone(), key_file.clone()], || pair(&cert_file, &key_file))?;
        Ok(Shown { cert_file, key_file, pair })
    }

    fn now(&self) -> Arc<CertifiedKey> {
        self.pair.now(|| {
            let pair = pair(&self.cert_file, &self.key_file)?;
            tracing::info!(file = %self.cert_file.display(), "the certificate was read again");
            anyhow::Ok(pair)
        })
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.now())
    }
}

/// A certificate with those that vouch for it, and its key.
fn pair(cert_file: &Path, key_file: &Path) -> Result<CertifiedKey> {
    let read = |file: &Path| std::fs::read(file).with_context(|| format!("cannot read {}", file.display()));
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&read(cert_file)?)
        .collect::<Result<_, _>>()
        .with_context(|| format!("{} is no PEM file of certificates", cert_file.display()))?;
    if certificates.is_empty() {
        bail!("there is no certificate in {}", cert_file.display());
    }
    let key = PrivateKeyDer::from_pem_slice(&read(key_file)?)
        .with_context(|| format!("there is no private key in {}", key_file.display()))?;
    let key = any_supported_type(&key).with_context(|| format!("the key in {} cannot be used", key_file.display()))?;
    let pair = CertifiedKey::new(certificates, key);
    pair.keys_match().with_context(|| {
        format!("the key in {} is not that of the certificate in {}", key_file.display(), cert_file.display())
    })?;
    Ok(pair)
}
