//! Notices as JSON to an address of yours, signed.

use crate::{
    config::Secret,
    egress::Client,
    ports::{
        egress::Purpose,
        notify::{NotTold, Notice, Notifier},
    },
};
use async_trait::async_trait;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// `sha256=` and the hexadecimal HMAC of the body under the shared secret.
const SIGNATURE: &str = "x-frontdesk-signature";
const WAY: &str = "webhook";

/// Posts notices.
pub struct WebhookNotifier {
    pub client: Client,
    pub url: url::Url,
    /// Empty signs nothing.
    pub secret: Secret,
}

#[async_trait]
impl Notifier for WebhookNotifier {
    async fn notify(&self, notice: &Notice) -> Result<(), NotTold> {
        let not_told = |reason: String| NotTold { way: WAY, reason };
        let body = serde_json::to_vec(notice).map_err(|error| not_told(error.to_string()))?;
        let mut headers = vec![("content-type", "application/json".to_owned())];
        if self.secret.is_set() {
            headers.push((SIGNATURE, signature(self.secret.expose(), &body)));
        }
        let answer = self.client.post(Purpose::Notification, self.url.clone(), &headers, body).await;
        match answer {
            Ok(status) if (200..300).contains(&status) => Ok(()),
            Ok(status) => Err(not_told(format!("the other side answered {status}"))),
            Err(error) => Err(not_told(error.to_string())),
        }
    }
}

fn signature(secret: &str, body: &[u8]) -> String {
    // Any length is a key to HMAC.
    Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_or_else(
        |_| String::new(),
        |mut mac| {
            mac.update(body);
            format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::signature;

    #[test]
    fn the_signature_is_the_one_everybody_computes() {
        // RFC 4231, test case 2.
        assert_eq!(
            signature("Jefe", b"what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
