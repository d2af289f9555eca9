//! Addresses that may carry a password, kept apart from it so that no message and no other host gets to see it.

use super::settings::host_of;
use base64::Engine as _;

/// An address and what proves our right to it.
#[derive(Clone)]
pub(in crate::catalog) struct Address {
    pub(super) url: String,
    pub(super) authorization: Option<String>,
}

impl Address {
    /// Takes `user:password@` out of the address and turns it into a header.
    pub(in crate::catalog) fn new(address: &str) -> Self {
        let Ok(mut url) = url::Url::parse(address) else {
            return Self { url: address.to_owned(), authorization: None };
        };
        let authorization = (!url.username().is_empty() || url.password().is_some()).then(|| {
            let decode = |text: &str| percent_decode(text);
            let pair = format!("{}:{}", decode(url.username()), decode(url.password().unwrap_or_default()));
            format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
        });
        let _ = url.set_username("");
        let _ = url.set_password(None);
        Self { url: url.to_string(), authorization }
    }

    /// The same address with a bearer token.
    pub(in crate::catalog) fn with_token(mut self, token: Option<&str>) -> Self {
        if let Some(token) = token {
            self.authorization = Some(format!("Bearer {token}"));
        }
        self
    }

    /// Where a link on the page at this address leads. The credentials go along to the same host only.
    pub(in crate::catalog) fn follow(&self, link: &str) -> Option<Self> {
        let base = url::Url::parse(&self.url).ok()?;
        let target = base.join(link).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let same_host = target.origin() == base.origin();
        let mut next = Self::new(target.as_str());
        if same_host && next.authorization.is_none() {
            next.authorization.clone_from(&self.authorization);
        }
        Some(next)
    }

    /// The host, for messages.
    pub(in crate::catalog) fn host(&self) -> String {
        host_of(&self.url)
    }

    /// The last part of the path, for messages.
    pub(super) fn what(&self) -> String {
        let path = url::Url::parse(&self.url).map(|url| url.path().to_owned()).unwrap_or_default();
        path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned()
    }
}

/// Undoes `%41` in a user or password.
fn percent_decode(text: &str) -> String {
    let query = format!("v={}", text.replace('+', "%2B"));
    url::form_urlencoded::parse(query.as_bytes())
        .map(|(_, value)| value.into_owned())
        .next()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    // A company index with a password must work, and the password must not go to the host the files lie on.
    #[test]
    fn credentials_follow_links_to_the_same_host_only() {
        let index = Address::new("https://user:pass%40word@mirror.example/simple/");
        assert_eq!(index.url, "https://mirror.example/simple/");
        assert_eq!(index.authorization.as_deref(), Some("Basic dXNlcjpwYXNzQHdvcmQ="));
        let same = index.follow("../files/a.whl#sha256=00").expect("a good link");
        assert_eq!(same.url, "https://mirror.example/files/a.whl#sha256=00");
        assert!(same.authorization.is_some());
        let other = index.follow("https://files.example/a.whl").expect("a good link");
        assert!(other.authorization.is_none());
        assert!(index.follow("file:///etc/passwd").is_none(), "a page must not lead to this box's own files");
    }
}
