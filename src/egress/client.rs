//! HTTP requests to other machines.

use super::{EgressError, Gate};
use crate::{domain::ids::TicketId, ports::egress::Purpose};
use reqwest::{
    Method, Request, Response, Url,
    header::{self, HeaderMap, HeaderName, HeaderValue},
};
use std::time::Duration;

/// How long the client waits.
#[derive(Debug, Clone, Copy)]
pub struct ClientSettings {
    pub connect_timeout: Duration,
    /// For a whole request, its answer included.
    pub timeout: Duration,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self { connect_timeout: Duration::from_secs(10), timeout: Duration::from_secs(30) }
    }
}

/// The one HTTP client. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    inner: reqwest::Client,
    gate: Gate,
}

/// What a server answered, read whole.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Client {
    /// # Errors
    /// When the machine's certificates cannot be read.
    pub fn new(gate: Gate, settings: ClientSettings) -> Result<Self, reqwest::Error> {
        let inner = reqwest::Client::builder()
            // The ledger counts what HTTP/1.1 writes, to the byte.
            .http1_only()
            .no_gzip()
            .connect_timeout(settings.connect_timeout)
            .timeout(settings.timeout)
            // A redirect would leave for somewhere the ledger does not name.
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { inner, gate })
    }

    /// Starts a request; send it with [`Client::send`].
    pub fn request(&self, method: Method, url: Url) -> reqwest::RequestBuilder {
        self.inner.request(method, url)
    }

    /// Records the request and sends it. Any status is an answer; its body comes as a stream.
    ///
    /// # Errors
    /// See [`EgressError`]: only [`EgressError::Unreachable`] and what comes before it mean that nothing was sent.
    pub async fn send(
        &self,
        purpose: Purpose,
        ticket: Option<TicketId>,
        request: reqwest::RequestBuilder,
    ) -> Result<Response, EgressError> {
        let mut request = request.build().map_err(|error| EgressError::Unreachable {
            destination: "the configured address".to_owned(),
            reason: error.to_string(),
        })?;
        complete_headers(&mut request);
        let destination = destination(request.url());
        let head = head(&request);
        let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
        self.gate.pass(purpose, &destination, ticket, &[head.as_bytes(), body]).await?;
        self.inner.execute(request).await.map_err(|error| failure(destination, &error))
    }

    /// As [`Client::send`], with the answer's body read up to `limit_bytes`.
    ///
    /// # Errors
    /// As [`Client::send`], and when the body is larger or breaks off.
    pub async fn fetch(
        &self,
        purpose: Purpose,
        ticket: Option<TicketId>,
        request: reqwest::RequestBuilder,
        limit_bytes: usize,
    ) -> Result<Answer, EgressError> {
        let mut response = self.send(purpose, ticket, request).await?;
        let destination = destination(response.url());
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(piece) =
            response.chunk().await.map_err(|error| failure(destination.clone(), &error.without_url()))?
        {
            if body.len() + piece.len() > limit_bytes {
                return Err(EgressError::TooLarge { destination, limit_bytes });
            }
            body.extend_from_slice(&piece);
        }
        Ok(Answer { status, headers, body })
    }
}

impl Client {
    /// Posts a body; the answer's status. Its text is not read.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub async fn post(
        &self,
        purpose: Purpose,
        url: Url,
        headers: &[(&'static str, String)],
        body: Vec<u8>,
    ) -> Result<u16, EgressError> {
        let mut request = self.request(Method::POST, url).body(body);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        Ok(self.send(purpose, None, request).await?.status().as_u16())
    }
}

fn destination(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default())
}

/// Sets every header that the HTTP library would add by itself, so that what is recorded is what is sent.
fn complete_headers(request: &mut Request) {
    let url = request.url();
    let host = match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (host, _) => host.unwrap_or_default().to_owned(),
    };
    let length = request.body().and_then(reqwest::Body::as_bytes).map(<[u8]>::len);
    let headers = request.headers_mut();
    let mut add = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.entry(name).or_insert(value);
        }
    };
    add(header::HOST, &host);
    add(header::ACCEPT, "*/*");
    add(header::USER_AGENT, concat!("frontdesk/", env!("CARGO_PKG_VERSION")));
    if let Some(length) = length {
        add(header::CONTENT_LENGTH, &length.to_string());
    }
}

/// The request's line and headers as HTTP/1.1 writes them. Only their length and digest are kept.
fn head(request: &Request) -> String {
    let url = request.url();
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut head = format!("{} {}{query} HTTP/1.1\r\n", request.method(), url.path());
    for (name, value) in request.headers() {
        head.push_str(&format!("{name}: {}\r\n", String::from_utf8_lossy(value.as_bytes())));
    }
    head + "\r\n"
}

/// The address of a request may hold a secret: it stays out of the reason.
fn failure(destination: String, error: &reqwest::Error) -> EgressError {
    let mut reason = if error.is_timeout() { "it took too long".to_owned() } else { String::new() };
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(error) = cause {
        if reason.is_empty() || error.source().is_none() {
            reason = error.to_string();
        }
        cause = error.source();
    }
    if error.is_connect() {
        EgressError::Unreachable { destination, reason }
    } else {
        EgressError::NoAnswer { destination, reason }
    }
}
