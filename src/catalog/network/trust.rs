//! What the HTTP client trusts and goes through: this box's certificates and its proxy.

use super::settings::NetworkSettings;
use crate::catalog::error::PullError;
use ureq::Proxy;
use ureq::tls::{Certificate, PemItem, RootCerts, parse_pem};

/// The system's certificates and the operator's own; the built-in list where the system has none.
pub(super) fn root_certificates(settings: &NetworkSettings) -> Result<RootCerts, PullError> {
    let system = rustls_native_certs::load_native_certs().certs;
    let mut certificates: Vec<Certificate<'static>> =
        system.iter().map(|certificate| Certificate::from_der(certificate.as_ref()).to_owned()).collect();
    if let Some(path) = &settings.certificate_file {
        let bad = |reason: String| PullError::BadSetting {
            setting: format!("certificate file {}", path.display()),
            reason,
        };
        let text = std::fs::read(path).map_err(|error| bad(error.to_string()))?;
        for item in parse_pem(&text) {
            if let PemItem::Certificate(certificate) = item.map_err(|error| bad(error.to_string()))? {
                certificates.push(certificate);
            }
        }
    }
    Ok(if certificates.is_empty() { RootCerts::WebPki } else { RootCerts::from(certificates) })
}

/// The proxy, with the hosts that are reached without it.
pub(super) fn proxy(settings: &NetworkSettings) -> Result<Option<Proxy>, PullError> {
    let Some(address) = &settings.proxy else { return Ok(None) };
    let bad = |_| PullError::BadSetting {
        setting: "proxy (HTTPS_PROXY)".to_owned(),
        reason: "it must look like http://host:port".to_owned(),
    };
    let given = Proxy::new(address).map_err(bad)?;
    let mut builder = Proxy::builder(given.protocol()).host(given.host()).port(given.port());
    if let Some(username) = given.username() {
        builder = builder.username(username);
    }
    if let Some(password) = given.password() {
        builder = builder.password(password);
    }
    for host in settings.no_proxy.iter().flat_map(|list| list.split(',')).map(str::trim) {
        // Everywhere else `example.com` in NO_PROXY also stands for what is below it.
        builder = builder.no_proxy(host).no_proxy(&format!(".{}", host.trim_start_matches(['.', '*'])));
    }
    builder.build().map(Some).map_err(bad)
}
