//! Fetching customers' files from the provider, and from nowhere else.

use crate::{
    config::WhatsappConfig,
    domain::attachment::{Attachment, MAX_ATTACHMENTS},
    egress::{Answer, Client},
    ports::egress::Purpose,
};
use reqwest::{Method, RequestBuilder, Url, header};
use std::time::Duration;

/// For all files of one message: providers wait some fifteen seconds for our answer.
const ALL_FILES: Duration = Duration::from_secs(8);
/// A file may move to another machine of the provider's so many times.
const REDIRECTS: usize = 2;

/// Gets files.
pub struct Media {
    client: Client,
    base: Url,
    hosts: Vec<String>,
    limit_bytes: usize,
}

/// A file to get.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub url: Url,
    /// As the sender named it; empty where the provider tells no name.
    pub name: String,
    /// What the provider says it is.
    pub claimed_type: String,
}

impl Media {
    pub fn new(config: &WhatsappConfig, base: Url, client: Client) -> Self {
        Self { client, base, hosts: config.media_hosts.clone(), limit_bytes: config.max_media_bytes }
    }

    /// The files that could be fetched in time, and the kinds of the others. `sign` adds the account's proof to a request.
    pub async fn fetch_all(
        &self,
        wanted: Vec<Wanted>,
        sign: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> (Vec<Attachment>, Vec<String>) {
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        let end = tokio::time::Instant::now() + ALL_FILES;
        for (index, file) in wanted.into_iter().enumerate() {
            let content = if index < MAX_ATTACHMENTS {
                tokio::time::timeout_at(end, self.fetch(file.url.clone(), &sign)).await.ok().flatten()
            } else {
                None
            };
            match content {
                Some(content) => found.push(attachment(&file, index, content)),
                None => missing.push(file.claimed_type),
            }
        }
        (found, missing)
    }

    /// The provider's own machine sees the account's proof; the machines it sends us on to see none.
    async fn fetch(&self, mut url: Url, sign: &impl Fn(RequestBuilder) -> RequestBuilder) -> Option<Vec<u8>> {
        for _ in 0..=REDIRECTS {
            if !self.is_allowed(&url) {
                tracing::warn!(
                    host = url.host_str().unwrap_or_default(),
                    "a file lies on a machine that is not allowed (media_hosts)"
                );
                return None;
            }
            let request = self.client.request(Method::GET, url.clone());
            // Meta's file machine wants the proof as well; others of the list never get it.
            let request = if self.knows_us(&url) { sign(request) } else { request };
            let answer = self.client.fetch(Purpose::Whatsapp, None, request, self.limit_bytes).await;
            match answer {
                Ok(Answer { status: 200, body, .. }) => return Some(body),
                Ok(Answer { status: 301..=308, headers, .. }) => {
                    let to = headers.get(header::LOCATION)?.to_str().ok()?;
                    url = url.join(to).ok()?;
                }
                Ok(answer) => {
                    tracing::warn!(status = answer.status, "a customer's file could not be fetched");
                    return None;
                }
                Err(error) => {
                    tracing::warn!(%error, "a customer's file could not be fetched");
                    return None;
                }
            }
        }
        None
    }

    /// The provider's API itself, or a listed machine over TLS.
    pub fn is_allowed(&self, url: &Url) -> bool {
        let listed = url.scheme() == "https"
            && url.port().is_none()
            && self.hosts.iter().any(|host| url.host_str() == Some(host));
        self.is_base(url) || listed
    }

    fn is_base(&self, url: &Url) -> bool {
        url.origin() == self.base.origin()
    }

    fn knows_us(&self, url: &Url) -> bool {
        self.is_base(url) || url.host_str() == Some("lookaside.fbsbx.com")
    }
}

/// What the bytes are decides; a name from outside loses its folders.
fn attachment(file: &Wanted, index: usize, content: Vec<u8>) -> Attachment {
    let sniffed = infer::get(&content);
    let is_text = file.claimed_type.starts_with("text/plain") && std::str::from_utf8(&content).is_ok();
    let (media_type, extension) = match sniffed {
        Some(kind) => (kind.mime_type(), kind.extension()),
        None if is_text => ("text/plain", "txt"),
        None => ("application/octet-stream", "bin"),
    };
    let base = file.name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = base.chars().filter(|c| !c.is_control()).take(255).collect();
    let name = if name.trim().is_empty() { format!("file-{}.{extension}", index + 1) } else { name };
    Attachment { name, media_type: media_type.to_owned(), content_id: None, content }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_is_its_bytes_say() {
        let file = |name: &str, claimed: &str| Wanted {
            url: "https://api.twilio.com/x".parse().expect("a URL"),
            name: name.to_owned(),
            claimed_type: claimed.to_owned(),
        };
        let png = b"\x89PNG\r\n\x1a\n0000".to_vec();
        let found = attachment(&file("", "application/pdf"), 0, png);
        assert_eq!((found.name.as_str(), found.media_type.as_str()), ("file-1.png", "image/png"));
        let found = attachment(&file("../../etc/notes.txt", "text/plain"), 1, b"hello".to_vec());
        assert_eq!((found.name.as_str(), found.media_type.as_str()), ("notes.txt", "text/plain"));
        let found = attachment(&file("page.html", "image/png"), 2, b"<script>".to_vec());
        assert_ne!(found.media_type, "image/png", "a picture that is none must not be shown as one");
    }
}
