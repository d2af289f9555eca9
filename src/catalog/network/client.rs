//! One HTTP client for all sources: short waits to connect, trust from this box, transfers that go on where they broke.

use super::address::Address;
use super::departures::{Departures, NotLeft, RecordedConnector, destination};
use super::settings::NetworkSettings;
use super::trust::{proxy, root_certificates};
use crate::catalog::checksum::HashingFile;
use crate::catalog::error::{PullError, SourceFailure};
use crate::catalog::space::write_error;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use ureq::http::Response;
use ureq::tls::TlsConfig;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::{Agent, Body};

/// An index page or package document larger than this is not one.
const PAGE_LIMIT_BYTES: u64 = 32 << 20;
/// So many broken transfers in a row without a single byte end the attempt.
const FRUITLESS_TRIES: u32 = 4;
const BUFFER_BYTES: usize = 1 << 18;

/// A text the server sent.
pub(in crate::catalog) struct Page {
    pub content_type: String,
    pub text: String,
}

/// What the hub says about a file before sending it.
#[derive(Default)]
pub(in crate::catalog) struct Announcement {
    pub sha256: Option<String>,
}

/// Fetches pages and files.
pub(in crate::catalog) struct Client {
    agent: Agent,
    departures: Arc<dyn Departures>,
    retry_pause: Duration,
}

impl Client {
    /// Builds the client; reads the system's certificates once. What it says is shown to `departures` first.
    pub(in crate::catalog) fn new(
        settings: &NetworkSettings,
        departures: Arc<dyn Departures>,
    ) -> Result<Self, PullError> {
        let milliseconds = |value| Some(Duration::from_millis(value));
        let config = Agent::config_builder()
            .proxy(proxy(settings)?)
            .tls_config(TlsConfig::builder().root_certs(root_certificates(settings)?).build())
            .timeout_resolve(milliseconds(settings.connect_timeout_ms))
            .timeout_connect(milliseconds(settings.connect_timeout_ms))
            .timeout_recv_response(milliseconds(settings.idle_timeout_ms))
            .timeout_per_read(milliseconds(settings.idle_timeout_ms))
            .redirect_auth_headers(ureq::config::RedirectAuthHeaders::SameHost)
            .user_agent(concat!("frontdesk/", env!("CARGO_PKG_VERSION")))
            .http_status_as_error(false)
            .build();
        let connector = RecordedConnector::new(departures.clone());
        let agent = Agent::with_parts(config, connector, DefaultResolver::default());
        Ok(Self { agent, departures, retry_pause: Duration::from_millis(settings.retry_pause_ms) })
    }

    /// Refuses before the name is even looked up: that, too, would leave.
    fn permit(&self, address: &Address) -> Result<(), SourceFailure> {
        let url = url::Url::parse(&address.url).ok();
        let part = url.as_ref();
        let place = destination(
            part.map(url::Url::scheme),
            part.and_then(url::Url::host_str),
            part.and_then(url::Url::port),
        );
        let refused = |reason| SourceFailure::MustNotLeave { host: address.host(), reason };
        self.departures.permits(&place).map_err(refused)
    }

    /// Fetches a small text.
    pub(in crate::catalog) fn page(&self, address: &Address, accept: &str) -> Result<Page, SourceFailure> {
        self.permit(address)?;
        let mut request = self.agent.get(&address.url).header("Accept", accept);
        if let Some(authorization) = &address.authorization {
            request = request.header("Authorization", authorization);
        }
        let mut response = request.call().map_err(|error| failure(address, &error))?;
        if !response.status().is_success() {
            return Err(refused(address, &response));
        }
        let content_type = header(&response, "content-type").unwrap_or_default();
        let text =
            response.body_mut().with_config().limit(PAGE_LIMIT_BYTES).read_to_string().map_err(|error| {
                SourceFailure::BadAnswer { host: address.host(), reason: error.to_string() }
            })?;
        Ok(Page { content_type, text })
    }

    /// Asks the hub what checksum it has for a file, without fetching it.
    pub(in crate::catalog) fn announcement(&self, address: &Address) -> Result<Announcement, SourceFailure> {
        self.permit(address)?;
        let request = self.agent.get(&address.url).config().max_redirects(0).max_redirects_will_error(false);
        let mut request = request.build().header("Range", "bytes=0-0");
        if let Some(authorization) = &address.authorization {
            request = request.header("Authorization", authorization);
        }
        let response = request.call().map_err(|error| failure(address, &error))?;
        if response.status().is_client_error() || response.status().is_server_error() {
            return Err(refused(address, &response));
        }
        let etag = header(&response, "x-linked-etag").unwrap_or_default();
        let sha256 =
            Some(etag.trim_matches('"').to_owned()).filter(|tag| crate::catalog::check::is_sha256(tag));
        Ok(Announcement { sha256 })
    }

    /// Fetches a file into `into`, going on after what is already there. Tells `on_position` how far it is.
    /// At most `limit_bytes` are taken. A transfer that breaks is taken up again as long as something arrives.
    pub(in crate::catalog) fn fetch(
        &self,
        address: &Address,
        into: (&mut HashingFile, &Path),
        limit_bytes: Option<u64>,
        on_position: &mut dyn FnMut(u64),
    ) -> Result<(), SourceFailure> {
        self.permit(address)?;
        let (file, path) = into;
        let mut fruitless = 0;
        let mut anything_came = false;
        loop {
            let before = file.length();
            let outcome = self.fetch_once(address, (&mut *file, path), limit_bytes, on_position);
            let progressed = file.length() > before;
            anything_came |= progressed;
            match outcome {
                Ok(()) => return Ok(()),
                Err(Broken::Failure(reason)) => return Err(reason),
                Err(Broken::Transfer(reason)) if !anything_came => return Err(reason),
                Err(Broken::Transfer(_)) => {
                    fruitless = if progressed { 0 } else { fruitless + 1 };
                    if fruitless >= FRUITLESS_TRIES {
                        return Err(SourceFailure::Interrupted { host: address.host() });
                    }
                    std::thread::sleep(self.retry_pause * (1 << fruitless));
                }
            }
        }
    }

    fn fetch_once(
        &self,
        address: &Address,
        (file, path): (&mut HashingFile, &Path),
        limit_bytes: Option<u64>,
        on_position: &mut dyn FnMut(u64),
    ) -> Result<(), Broken> {
        let local = |reason| {
            Broken::Failure(SourceFailure::Local(Box::new(write_error("cannot write", path, reason))))
        };
        let offset = file.length();
        // Compressed on the way, a range would count other bytes than the file's.
        let mut request = self.agent.get(&address.url).header("Accept-Encoding", "identity");
        if offset > 0 {
            request = request.header("Range", format!("bytes={offset}-"));
        }
        if let Some(authorization) = &address.authorization {
            request = request.header("Authorization", authorization);
        }
        let response = request.call().map_err(|error| Broken::Transfer(failure(address, &error)))?;
        let total = match (response.status().as_u16(), range_of(&response)) {
            (206, Some((start, total))) if start == offset => total,
            (416, Some((_, Some(total)))) if total == offset => return Ok(()),
            // The server sends all of it, or another stretch than asked for: what is here cannot be added to.
            (200, _) if offset == 0 => length_of(&response),
            (200, _) => {
                file.restart().map_err(local)?;
                length_of(&response)
            }
            (206 | 416, _) if offset > 0 => {
                file.restart().map_err(local)?;
                return Err(Broken::Transfer(SourceFailure::BadAnswer {
                    host: address.host(),
                    reason: "it sent another stretch of the file than it was asked for".to_owned(),
                }));
            }
            (500..=599 | 429, _) => return Err(Broken::Transfer(refused(address, &response))),
            _ => return Err(Broken::Failure(refused(address, &response))),
        };
        if let (Some(total), Some(limit)) = (total, limit_bytes)
            && total > limit
        {
            return Err(Broken::Failure(too_large(address, limit)));
        }
        let mut reader = response.into_body().into_reader();
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            let read = match reader.read(&mut buffer) {
                Ok(read) => read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    let reason = error.to_string();
                    return Err(Broken::Transfer(SourceFailure::Unreachable {
                        host: address.host(),
                        reason,
                    }));
                }
            };
            if read == 0 {
                break;
            }
            if limit_bytes.is_some_and(|limit| file.length() + read as u64 > limit) {
                return Err(Broken::Failure(too_large(address, limit_bytes.unwrap_or_default())));
            }
            file.write_all(&buffer[..read]).map_err(local)?;
            on_position(file.length());
        }
        if total.is_some_and(|total| file.length() < total) {
            let reason = "the transfer ended early".to_owned();
            return Err(Broken::Transfer(SourceFailure::Unreachable { host: address.host(), reason }));
        }
        Ok(())
    }
}

enum Broken {
    /// Trying again may help.
    Transfer(SourceFailure),
    /// It will not.
    Failure(SourceFailure),
}

fn too_large(address: &Address, limit: u64) -> SourceFailure {
    SourceFailure::BadAnswer {
        host: address.host(),
        reason: format!("it sends more than the {limit} bytes the catalog promises"),
    }
}

fn header(response: &Response<Body>, name: &str) -> Option<String> {
    Some(response.headers().get(name)?.to_str().ok()?.to_owned())
}

fn length_of(response: &Response<Body>) -> Option<u64> {
    header(response, "content-length")?.parse().ok()
}

/// `bytes 5-9/10` gives (5, Some(10)); `bytes */10` gives (0, Some(10)).
fn range_of(response: &Response<Body>) -> Option<(u64, Option<u64>)> {
    parse_content_range(&header(response, "content-range")?)
}

fn parse_content_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    let start = if range == "*" { 0 } else { range.split_once('-')?.0.parse().ok()? };
    Some((start, total.parse().ok()))
}

fn refused(address: &Address, response: &Response<Body>) -> SourceFailure {
    let (host, what, status) = (address.host(), address.what(), response.status().as_u16());
    if status == 404 {
        SourceFailure::NotThere { host, what }
    } else {
        SourceFailure::Refused { host, status, what }
    }
}

fn failure(address: &Address, error: &ureq::Error) -> SourceFailure {
    use ureq::Error;
    let host = address.host();
    let reason = match error {
        Error::HostNotFound => "its name cannot be resolved".to_owned(),
        Error::Timeout(_) => "it did not answer in time".to_owned(),
        Error::ConnectProxyFailed(reason) => format!("the proxy refused: {reason}"),
        Error::Rustls(reason) => {
            format!("{reason}. If your network has its own certificate, name it in SSL_CERT_FILE")
        }
        Error::TooManyRedirects | Error::Protocol(_) | Error::BadUri(_) => {
            return SourceFailure::BadAnswer { host, reason: error.to_string() };
        }
        Error::Io(reason) if reason.to_string().contains("failed to lookup") => {
            "its name cannot be resolved".to_owned()
        }
        Error::Io(reason) => reason.to_string(),
        Error::Other(reason) if reason.is::<NotLeft>() => {
            return SourceFailure::MustNotLeave { host, reason: reason.to_string() };
        }
        other => other.to_string(),
    };
    SourceFailure::Unreachable { host, reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("bytes 5-9/10", Some((5, Some(10))))]
    #[case("bytes 0-0/*", Some((0, None)))]
    #[case("bytes */10", Some((0, Some(10))))]
    #[case("items 0-1/2", None)]
    #[case("bytes x-1/2", None)]
    fn content_ranges_are_read(#[case] text: &str, #[case] expected: Option<(u64, Option<u64>)>) {
        assert_eq!(parse_content_range(text), expected);
    }
}
