//! What the connection to the broker trusts, and what it shows of itself.

use crate::config::MqttConfig;
use std::{path::Path, sync::Arc};
use tokio_rustls::rustls::{
    self, ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject as _},
};

/// Why no connection can be secured.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{path} cannot be read as PEM: {source}")]
    File { path: String, source: pem::Error },
    #[error("{0} holds no certificate (PEM)")]
    Empty(String),
    #[error("the certificate and key for the broker do not fit: {0}")]
    Unusable(#[from] rustls::Error),
}

/// The machine's authorities and the configured one; with the box's own certificate where one is set.
///
/// # Errors
/// When a file cannot be read or the certificate does not fit its key.
pub fn client_config(config: &MqttConfig) -> Result<Arc<ClientConfig>, TlsError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = &config.certificate_authority_file {
        roots.add_parsable_certificates(certificates(path)?);
    }
    // Named, for other crates bring a second provider along, and rustls refuses to choose between two.
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots);
    let config = match (&config.client_certificate_file, &config.client_key_file) {
        (Some(certificate), Some(key)) => {
            let key_der = PrivateKeyDer::from_pem_file(key)
                .map_err(|source| TlsError::File { path: key.display().to_string(), source })?;
            builder.with_client_auth_cert(certificates(certificate)?, key_der)?
        }
        _ => builder.with_no_client_auth(),
    };
    Ok(Arc::new(config))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let shown = path.display().to_string();
    let unreadable = |source| TlsError::File { path: shown.clone(), source };
    let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).map_err(unreadable)?.collect();
    let found = found.map_err(unreadable)?;
    if found.is_empty() { Err(TlsError::Empty(shown.clone())) } else { Ok(found) }
}
