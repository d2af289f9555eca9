//! A hand-over as a signed POST.

use crate::{
    config::Secret,
    domain::{
        event::VERSION,
        notification::{Notification, WebhookBody, console_url},
    },
    egress::{Client, EgressError},
    ports::{
        clock::Clock,
        egress::Purpose,
        notifications::{Notifier, NotifyError},
    },
};
use async_trait::async_trait;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Method, Url, header};
use sha2::Sha256;
use std::sync::Arc;

/// Seconds since 1970, signed along, so that a request somebody caught cannot be used later.
pub const TIME_HEADER: &str = "x-frontdesk-timestamp";
/// `v1=` and the hexadecimal HMAC-SHA256 under the shared secret over the time, a dot and the body.
pub const SIGNATURE_HEADER: &str = "x-frontdesk-signature";
const ID_HEADER: &str = "x-frontdesk-notification";
/// Nobody reads what the webhook answers.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// The way to the owner's webhook.
pub struct Webhook {
    pub url: Url,
    pub secret: Secret,
    /// Where operators reach the console.
    pub public_url: String,
    pub client: Client,
    pub clock: Arc<dyn Clock>,
}

/// What [`SIGNATURE_HEADER`] holds.
pub fn signature(secret: &str, time: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    for piece in [time.as_bytes(), b".", body] {
        mac.update(piece);
    }
    format!("v1={}", hex::encode(mac.finalize().into_bytes()))
}

#[async_trait]
impl Notifier for Webhook {
    async fn notify(&self, note: &Notification) -> Result<(), NotifyError> {
        let body = serde_json::to_vec(&WebhookBody {
            notification_id: note.id,
            event: "escalation_raised",
            version: VERSION,
            console_url: console_url(&self.public_url, &note.escalation.ticket),
            escalated: &note.escalation,
        })
        .map_err(|error| NotifyError::Permanent { reason: error.to_string() })?;
        let time = self.clock.now().as_second().to_string();
        let request = self
            .client
            .request(Method::POST, self.url.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header(ID_HEADER, note.id.to_string())
            .header(SIGNATURE_HEADER, signature(self.secret.expose(), &time, &body))
            .header(TIME_HEADER, time)
            .body(body);
        let answer =
            self.client.fetch(Purpose::Notification, Some(note.ticket_id), request, MAX_ANSWER_BYTES).await;
        match answer {
            Ok(answer) => {
                let retry_after = answer
                    .headers
                    .get(header::RETRY_AFTER)
                    .and_then(|value| value.to_str().ok()?.trim().parse().ok());
                verdict(answer.status, retry_after)
            }
            // It was taken; what it said beyond that is nobody's business.
            Err(EgressError::TooLarge { .. }) => Ok(()),
            Err(error) => Err(NotifyError::Retryable { reason: error.to_string(), retry_after_ms: None }),
        }
    }
}

/// What a status means. A receiver that refuses the signature or the address will do so again.
fn verdict(status: u16, retry_after_s: Option<u64>) -> Result<(), NotifyError> {
    let reason = format!("the webhook answered {status}");
    match status {
        200..=299 => Ok(()),
        408 | 425 | 429 | 500..=599 => Err(NotifyError::Retryable {
            reason,
            retry_after_ms: retry_after_s.map(|wait| wait.saturating_mul(1000)),
        }),
        _ => Err(NotifyError::Permanent { reason }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(204, None, "taken")]
    #[case(503, None, "again")]
    #[case(429, Some(7), "again")]
    #[case(401, None, "never")]
    #[case(302, None, "never")]
    fn a_status_is_taken_tried_again_or_given_up(
        #[case] status: u16,
        #[case] retry_after_s: Option<u64>,
        #[case] expected: &str,
    ) {
        let found = match verdict(status, retry_after_s) {
            Ok(()) => "taken",
            Err(NotifyError::Retryable { retry_after_ms, .. }) => {
                assert_eq!(retry_after_ms, retry_after_s.map(|wait| wait * 1000));
                "again"
            }
            Err(NotifyError::Permanent { .. }) => "never",
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn the_signature_covers_time_and_body() {
        let signed = signature("a-secret", "1700000000", b"{}");
        // printf '1700000000.{}' | openssl dgst -sha256 -hmac a-secret
        assert_eq!(signed, "v1=b0546aecc0be12b10534102065b471d9d43df820624b63746cebf0a40f589fe6");
        assert_ne!(signed, signature("a-secret", "1700000001", b"{}"));
        assert_ne!(signed, signature("another", "1700000000", b"{}"));
    }
}
