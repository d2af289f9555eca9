//! Signing in to Microsoft 365 by a device code (RFC 8628): the person types a short code on any machine with a browser.

use super::{
    Granted, Provider, TokenError,
    answer::{Bad, read},
    post_form,
};
use crate::egress::Client;
use serde::Deserialize;
use std::time::Duration;
use tokio::time::Instant;

pub(super) fn defaults(tenant: &str) -> Provider {
    let tenant = if tenant.is_empty() { "organizations" } else { tenant };
    let base = format!("https://login.microsoftonline.com/{tenant}/oauth2/v2.0");
    Provider {
        authorize_url: format!("{base}/authorize"),
        token_url: format!("{base}/token"),
        device_url: format!("{base}/devicecode"),
        scopes: "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access"
            .to_owned(),
        connect: "frontdesk channels connect m365",
    }
}

/// A sign-in that has begun.
#[derive(Debug, Deserialize)]
pub struct Begun {
    device_code: String,
    /// What the person types.
    pub user_code: String,
    /// Where they type it.
    #[serde(alias = "verification_url")]
    pub verification_uri: String,
    expires_in: u64,
    #[serde(default = "five")]
    interval: u64,
}

fn five() -> u64 {
    5
}

/// Asks for a code.
///
/// # Errors
/// What Microsoft said.
pub async fn begin(client: &Client, provider: &Provider, client_id: &str) -> Result<Begun, TokenError> {
    let form = [("client_id", client_id.to_owned()), ("scope", provider.scopes.clone())];
    let answer = post_form(client, &provider.device_url, &form).await?;
    if answer.status != 200 {
        return Err(read(
            &answer,
            "check oauth.client_id and oauth.tenant, and that the app allows public client flows",
        )
        .err()
        .unwrap_or_else(|| TokenError::Unavailable("no code came".to_owned())));
    }
    serde_json::from_slice(&answer.body)
        .map_err(|_| TokenError::Unavailable("the answer cannot be read".to_owned()))
}

impl Begun {
    /// Waits until the person has typed the code, as often as Microsoft allows to ask.
    ///
    /// # Errors
    /// When they declined or the code ended.
    pub async fn finish(
        &self,
        client: &Client,
        provider: &Provider,
        client_id: &str,
    ) -> Result<String, TokenError> {
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code".to_owned()),
            ("client_id", client_id.to_owned()),
            ("device_code", self.device_code.clone()),
        ];
        let end = Instant::now() + Duration::from_secs(self.expires_in);
        let mut interval = Duration::from_secs(self.interval.clamp(1, 60));
        while Instant::now() < end {
            tokio::time::sleep(interval).await;
            let answer = match post_form(client, &provider.token_url, &form).await {
                Ok(answer) => answer,
                // A lost answer is no decline; the code is still good.
                Err(TokenError::Unavailable(_)) => continue,
                Err(refused) => return Err(refused),
            };
            match Bad::of(&answer).error.as_str() {
                "authorization_pending" => {}
                "slow_down" => interval += Duration::from_secs(5),
                "authorization_declined" | "access_denied" => {
                    return Err(TokenError::Refused("the sign-in was declined".to_owned()));
                }
                "expired_token" | "code_expired" => break,
                _ => {
                    let Granted { refresh_token, .. } = read(&answer, "start again")?;
                    return refresh_token.ok_or_else(|| {
                        TokenError::Refused(
                            "no lasting sign-in came: add offline_access to oauth.scopes".to_owned(),
                        )
                    });
                }
            }
        }
        Err(TokenError::Refused("the code ended before it was typed; start again".to_owned()))
    }
}
