//! The server's certificate: files of yours, or one that the box makes for the LAN under an authority of its own.

use crate::{
    config::{Config, TlsConfig},
    ports::clock::{Clock as _, SystemClock},
};
use anyhow::{Context, bail};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio_rustls::rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};

/// How long an authority is good for, and a certificate under it; browsers take no longer ones.
const AUTHORITY_DAYS: i64 = 3650;
const CERTIFICATE_DAYS: i64 = 397;
/// One with fewer days left is made anew at the next start.
const RENEW_BEFORE_DAYS: i64 = 30;

/// What the folder's files are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct About {
    names: Vec<String>,
    authority_until: Timestamp,
    certificate_until: Timestamp,
}

/// A certificate of the box's own authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelfMade {
    /// What people put into their browsers and devices.
    pub authority: PathBuf,
    pub certificate: PathBuf,
    pub key: PathBuf,
    /// SHA-256 of the authority, as browsers show it.
    pub fingerprint: String,
    pub names: Vec<String>,
    pub until: Timestamp,
    /// It was made just now.
    pub new: bool,
}

fn folder(config: &Config) -> PathBuf {
    config.data.directory.join("tls")
}

/// What the server shows, or `None` for plain HTTP.
///
/// # Errors
/// When a file cannot be read or made.
pub(super) fn server_config(config: &Config) -> anyhow::Result<Option<Arc<ServerConfig>>> {
    let tls = &config.server.tls;
    let (certificate, key) = match (&tls.certificate_file, &tls.key_file) {
        (Some(certificate), Some(key)) => (certificate.clone(), key.clone()),
        _ if tls.self_made => {
            let made = self_made(config, &[])?;
            if made.new {
                tracing::info!(fingerprint = %made.fingerprint, until = %made.until, "a certificate for this box was made");
            }
            (made.certificate, made.key)
        }
        _ => return Ok(None),
    };
    let read = |path: &Path| format!("{} cannot be used", path.display());
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&certificate)
        .with_context(|| read(&certificate))?
        .collect::<Result<_, _>>()
        .with_context(|| read(&certificate))?;
    if chain.is_empty() {
        bail!("{} holds no certificate (PEM)", certificate.display());
    }
    let key = PrivateKeyDer::from_pem_file(&key).with_context(|| read(&key))?;
    let mut server = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("the certificate and its key do not fit together")?;
    server.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Some(Arc::new(server)))
}

/// Whole days until the box's own certificate ends; `None` for files of others.
pub(super) fn days_left(config: &Config) -> Option<f64> {
    let TlsConfig { certificate_file, self_made, .. } = &config.server.tls;
    let about = about(&folder(config)).filter(|_| *self_made && certificate_file.is_none())?;
    Some(about.certificate_until.duration_since(SystemClock.now()).as_secs_f64() / 86_400.0)
}

fn about(folder: &Path) -> Option<About> {
    serde_json::from_slice(&std::fs::read(folder.join("about.json")).ok()?).ok()
}

/// The box's own certificate: the one there is, if it has time left and bears the names; else a new one under the authority that is there,
/// so that nobody has to trust another. `names` come besides those of the settings and of this machine.
///
/// # Errors
/// When files cannot be read or written.
pub fn self_made(config: &Config, names: &[String]) -> anyhow::Result<SelfMade> {
    let folder = folder(config);
    let mut wanted = own_names(config);
    wanted.extend(names.iter().cloned());
    make(&folder, wanted, SystemClock.now())
}

fn make(folder: &Path, mut names: Vec<String>, now: Timestamp) -> anyhow::Result<SelfMade> {
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let path = |name: &str| folder.join(name);
    let before = about(folder);
    // Names asked for once stay.
    names.extend(before.iter().flat_map(|about| about.names.iter().cloned()));
    names.sort();
    names.dedup();
    let left = |until: Timestamp| until.duration_since(now).as_hours() / 24;
    let authority_good = before
        .as_ref()
        .is_some_and(|about| left(about.authority_until) > CERTIFICATE_DAYS && path("ca.key").exists());
    let good = authority_good
        && path("server.pem").exists()
        && before
            .as_ref()
            .is_some_and(|about| left(about.certificate_until) > RENEW_BEFORE_DAYS && about.names == names);
    let days =
        |days: i64| now.saturating_add(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MAX);
    let mut about =
        About { names, authority_until: days(AUTHORITY_DAYS), certificate_until: days(CERTIFICATE_DAYS) };
    match before {
        Some(before) if good => about = before,
        before => {
            let authority_key = if authority_good {
                about.authority_until = before.map_or(about.authority_until, |before| before.authority_until);
                KeyPair::from_pem(&std::fs::read_to_string(path("ca.key"))?)
                    .with_context(|| format!("{} is damaged", path("ca.key").display()))?
            } else {
                let key = KeyPair::generate()?;
                let certificate = authority(now, about.authority_until)?.self_signed(&key)?;
                write(&path("ca.key"), &key.serialize_pem(), 0o600)?;
                write(&path("ca.pem"), &certificate.pem(), 0o644)?;
                key
            };
            let issuer = Issuer::new(authority(now, about.authority_until)?, authority_key);
            let key = KeyPair::generate()?;
            let certificate = leaf(&about, now)?.signed_by(&key, &issuer)?;
            write(&path("server.key"), &key.serialize_pem(), 0o600)?;
            write(&path("server.pem"), &certificate.pem(), 0o644)?;
            write(&path("about.json"), &serde_json::to_string_pretty(&about)?, 0o644)?;
        }
    }
    let authority = CertificateDer::from_pem_file(path("ca.pem"))
        .with_context(|| format!("{} cannot be read", path("ca.pem").display()))?;
    Ok(SelfMade {
        authority: path("ca.pem"),
        certificate: path("server.pem"),
        key: path("server.key"),
        fingerprint: fingerprint(&authority),
        names: about.names,
        until: about.certificate_until,
        new: !good,
    })
}

/// `AB:CD:…`, as browsers show it.
fn fingerprint(certificate: &CertificateDer<'_>) -> String {
    let digest = Sha256::digest(certificate.as_ref());
    digest.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
}

fn date(at: Timestamp) -> (i32, u8, u8) {
    let day = at.to_zoned(TimeZone::UTC).date();
    (i32::from(day.year()), day.month().unsigned_abs(), day.day().unsigned_abs())
}

fn valid(params: &mut CertificateParams, now: Timestamp, until: Timestamp) {
    // A day back: clocks on a LAN differ.
    let from = now.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(now);
    let ((year, month, day), end) = (date(from), date(until));
    params.not_before = date_time_ymd(year, month, day);
    params.not_after = date_time_ymd(end.0, end.1, end.2);
}

fn authority(now: Timestamp, until: Timestamp) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.push(DnType::CommonName, "Frontdesk authority of this box");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    valid(&mut params, now, until);
    Ok(params)
}

fn leaf(about: &About, now: Timestamp) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(about.names.clone())?;
    params.distinguished_name.push(DnType::CommonName, "Frontdesk");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    valid(&mut params, now, about.certificate_until);
    Ok(params)
}

/// What this machine is reached by: its name, the public address, what the settings say, and itself.
fn own_names(config: &Config) -> Vec<String> {
    let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
    names.extend(config.server.tls.names.iter().cloned());
    let listen = config.server.listen.ip();
    if !listen.is_unspecified() {
        names.push(listen.to_string());
    }
    if let Some(host) =
        url::Url::parse(&config.server.public_url).ok().and_then(|url| url.host_str().map(str::to_owned))
    {
        names.push(host.trim_matches(['[', ']']).to_owned());
    }
    if let Ok(host) = std::fs::read_to_string("/proc/sys/kernel/hostname") {
        let host = host.trim();
        if !host.is_empty() && !host.contains('.') {
            // How a LAN without a name server finds it.
            names.push(format!("{host}.local"));
        }
        names.extend(Some(host.to_owned()).filter(|host| !host.is_empty()));
    }
    names
}

/// Replaces a file whole, with its permissions from the first byte.
fn write(path: &Path, text: &str, mode: u32) -> anyhow::Result<()> {
    let mut new = tempfile::Builder::new();
    #[cfg(unix)]
    new.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
    let folder = path.parent().unwrap_or(Path::new("."));
    let written = || -> std::io::Result<()> {
        let mut file = new.tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    written().with_context(|| format!("{} cannot be written", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(days: i64) -> Timestamp {
        let start: Timestamp = "2026-11-24T10:00:00Z".parse().expect("a time");
        start + SignedDuration::from_hours(24 * days)
    }

    #[test]
    fn a_certificate_is_made_once_renewed_in_time_and_the_authority_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let make = |names: &[&str], days| {
            super::make(folder.path(), names.iter().map(|name| (*name).to_owned()).collect(), at(days))
                .expect("made")
        };
        let first = make(&["desk.local", "192.168.1.5"], 0);
        assert!(first.new && first.fingerprint.len() == 95, "{first:?}");
        assert!(!make(&["desk.local"], 100).new, "a name asked for before stays");
        let renewed = make(&[], 370);
        assert!(renewed.new, "27 days were left");
        assert_eq!(renewed.fingerprint, first.fingerprint, "nobody has to trust another authority");
        assert!(make(&["desk.example"], 371).new, "another name takes another certificate");
        assert_ne!(
            make(&[], 3400).fingerprint,
            first.fingerprint,
            "an authority that would end too soon is replaced"
        );
    }

    #[cfg(unix)]
    #[test]
    fn keys_are_for_the_owners_eyes() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let made = make(folder.path(), vec!["localhost".to_owned()], at(0)).expect("made");
        for key in [made.key, folder.path().join("ca.key")] {
            let mode = std::fs::metadata(key).expect("a file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
