//! Signing in to Google as an installed app: the person opens an address, agrees, and pastes back the address the browser then
//! tries to open. Nothing has to reach the box. RFC 8252 (loopback redirect), RFC 7636 (PKCE).

use super::{Granted, Provider, TokenError, answer::read, post_form};
use crate::{config::Secret, egress::Client};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::RngCore;
use reqwest::Url;
use sha2::{Digest, Sha256};

/// Google sends the browser here; nothing listens, and nothing needs to.
pub const REDIRECT: &str = "http://127.0.0.1:1/frontdesk";

pub(super) fn defaults(gmail_api: bool, pull: bool) -> Provider {
    let mut scopes = if gmail_api {
        "https://www.googleapis.com/auth/gmail.readonly https://www.googleapis.com/auth/gmail.send".to_owned()
    } else {
        "https://mail.google.com/".to_owned()
    };
    if pull {
        scopes.push_str(" https://www.googleapis.com/auth/pubsub");
    }
    Provider {
        authorize_url: "https://accounts.google.com/o/oauth2/v2/auth".to_owned(),
        token_url: "https://oauth2.googleapis.com/token".to_owned(),
        device_url: String::new(),
        scopes,
        connect: "frontdesk channels connect gmail",
    }
}

/// A sign-in that has begun.
pub struct Begun {
    /// What the person opens.
    pub url: Url,
    state: String,
    verifier: String,
}

/// Begins a sign-in.
///
/// # Errors
/// When the configured address cannot be read.
pub fn begin(provider: &Provider, client_id: &str, address: &str) -> Result<Begun, TokenError> {
    let mut url = Url::parse(&provider.authorize_url)
        .map_err(|_| TokenError::Refused("oauth.authorize_url is no address".to_owned()))?;
    let (state, verifier) = (random(), random());
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    url.query_pairs_mut().extend_pairs([
        ("response_type", "code"),
        ("client_id", client_id),
        ("redirect_uri", REDIRECT),
        ("scope", &provider.scopes),
        ("state", &state),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        // A refresh token comes only with these two.
        ("access_type", "offline"),
        ("prompt", "consent"),
        ("login_hint", address),
    ]);
    Ok(Begun { url, state, verifier })
}

fn random() -> String {
    let mut bytes = [0u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Begun {
    /// The code in the address that was pasted back.
    ///
    /// # Errors
    /// A sentence that says what was pasted instead.
    pub fn code(&self, pasted: &str) -> Result<String, TokenError> {
        let refused = |text: &str| TokenError::Refused(text.to_owned());
        let url = Url::parse(pasted.trim()).map_err(|_| {
            refused("that is no address; paste the whole line of the browser's address bar, from http:// on")
        })?;
        let value =
            |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        if let Some(error) = value("error") {
            return Err(refused(&format!("Google did not agree: {}", super::answer::short(&error))));
        }
        let code = value("code").ok_or_else(|| {
            refused("there is no code in that address; paste the one the browser shows after you agreed")
        })?;
        if value("state").as_deref() != Some(self.state.as_str()) {
            return Err(refused(
                "that address belongs to another sign-in; open the address above and try again",
            ));
        }
        Ok(code)
    }

    /// Trades the code for a refresh token.
    ///
    /// # Errors
    /// What Google said, and what to do.
    pub async fn finish(
        &self,
        client: &Client,
        provider: &Provider,
        client_id: &str,
        client_secret: &Secret,
        code: String,
    ) -> Result<String, TokenError> {
        let form = [
            ("grant_type", "authorization_code".to_owned()),
            ("code", code),
            ("client_id", client_id.to_owned()),
            ("client_secret", client_secret.expose().to_owned()),
            ("redirect_uri", REDIRECT.to_owned()),
            ("code_verifier", self.verifier.clone()),
        ];
        let answer = post_form(client, &provider.token_url, &form).await?;
        let Granted { refresh_token, .. } =
            read(&answer, "codes last a few minutes and work once; start again")?;
        refresh_token.ok_or_else(|| {
            TokenError::Refused(
                "Google gave no lasting sign-in; remove the app at https://myaccount.google.com/permissions and try again"
                    .to_owned(),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_address_of_this_sign_in_is_taken() {
        let begun = begin(&defaults(true, false), "client", "support@example.com").expect("begins");
        let shown: std::collections::HashMap<_, _> = begun.url.query_pairs().collect();
        assert_eq!(
            shown["code_challenge"],
            URL_SAFE_NO_PAD.encode(Sha256::digest(begun.verifier.as_bytes()))
        );
        let pasted = format!(" {REDIRECT}?state={}&code=4%2Fabc&scope=x\n", begun.state);
        assert_eq!(begun.code(&pasted), Ok("4/abc".to_owned()));
        for (wrong, told) in [
            ("4/abc".to_owned(), "no address"),
            (format!("{REDIRECT}?state=other&code=4"), "another sign-in"),
            (format!("{REDIRECT}?code=4"), "another sign-in"),
            (format!("{REDIRECT}?error=access_denied&state={}", begun.state), "access_denied"),
            (begun.url.to_string(), "no code"),
        ] {
            let error = begun.code(&wrong).expect_err("refused").to_string();
            assert!(error.contains(told), "{wrong}: {error}");
        }
    }
}
