//! Signing in to a mailbox by tokens: getting them, renewing them before they end, and saying when a person must sign in again.

mod answer;
pub mod google;
pub mod microsoft;
mod service_account;

pub use service_account::{KeyFileError, ServiceAccount};

use crate::{
    config::{MailboxConfig, Secret, SignIn, Transport},
    domain::channel::Channel,
    egress::Client,
    ports::{channel_state::ChannelState, egress::Purpose},
};
use answer::read;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tokio::sync::Mutex;

/// The name under which the token that renews others is kept.
pub const REFRESH_TOKEN: &str = "refresh_token";
/// The largest answer of a token endpoint.
const ANSWER_LIMIT: usize = 256 * 1024;
/// Tokens are renewed this long before they end, or at half their time if they are short-lived.
const BEFORE_END: SignedDuration = SignedDuration::from_mins(5);

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Trying again changes nothing: a person must act.
    #[error("{0}")]
    Refused(String),
    #[error("{0}")]
    Unavailable(String),
}

/// Where tokens come from.
enum Source {
    /// A refresh token that signing in once left in the channel's memory.
    Refresh {
        provider: Provider,
        client_id: String,
        client_secret: Secret,
    },
    ServiceAccount(ServiceAccount),
}

/// Whose endpoints are asked, with what the settings say otherwise.
#[derive(Debug, Clone)]
pub struct Provider {
    pub authorize_url: String,
    pub token_url: String,
    pub device_url: String,
    pub scopes: String,
    /// What a person runs to sign in again.
    pub connect: &'static str,
}

impl Provider {
    /// The provider of a mailbox that signs in by tokens.
    pub fn of(mailbox: &MailboxConfig) -> Self {
        let oauth = &mailbox.oauth;
        let defaults = if mailbox.sign_in == SignIn::Microsoft {
            microsoft::defaults(&oauth.tenant)
        } else {
            google::defaults(mailbox.transport == Transport::Gmail, !mailbox.gmail.subscription.is_empty())
        };
        let or = |own: &String, default: String| if own.is_empty() { default } else { own.clone() };
        Self {
            authorize_url: or(&oauth.authorize_url, defaults.authorize_url),
            token_url: or(&oauth.token_url, defaults.token_url),
            device_url: or(&oauth.device_url, defaults.device_url),
            scopes: or(&oauth.scopes, defaults.scopes),
            connect: defaults.connect,
        }
    }
}

#[derive(Default)]
struct Held {
    access: Option<(String, Timestamp)>,
    /// The refresh token that was refused, and why: it is not asked with again.
    refused: Option<(String, String)>,
    /// The refresh token that was used last.
    used: Option<String>,
}

/// The tokens of one mailbox.
pub struct Tokens {
    account: String,
    source: Source,
    client: Client,
    state: Arc<dyn ChannelState>,
    held: Mutex<Held>,
}

/// A token and until when it may be used.
pub(crate) struct Granted {
    pub access_token: String,
    pub refresh_token: Option<String>,
    pub seconds: i64,
}

impl Tokens {
    /// # Errors
    /// When the key file of a service account cannot be used.
    pub fn new(
        account: &str,
        mailbox: &MailboxConfig,
        client: Client,
        state: Arc<dyn ChannelState>,
    ) -> Result<Self, KeyFileError> {
        let provider = Provider::of(mailbox);
        let source = if mailbox.sign_in == SignIn::GoogleServiceAccount {
            let path = mailbox.oauth.service_account_file.as_deref().unwrap_or(std::path::Path::new(""));
            Source::ServiceAccount(ServiceAccount::read(
                path,
                mailbox.user(),
                &provider.scopes,
                &mailbox.oauth.token_url,
            )?)
        } else {
            Source::Refresh {
                provider,
                client_id: mailbox.oauth.client_id.clone(),
                client_secret: mailbox.oauth.client_secret.clone(),
            }
        };
        Ok(Self { account: account.to_owned(), source, client, state, held: Mutex::default() })
    }

    /// A token that is good for some minutes yet; renewed first where needed.
    ///
    /// # Errors
    /// [`TokenError`]; a refused refresh token is not sent again.
    pub async fn access(&self) -> Result<String, TokenError> {
        Ok(self.access_or_renew().await?.0)
    }

    /// As [`Tokens::access`], with whether the token was asked for just now.
    ///
    /// # Errors
    /// As [`Tokens::access`].
    pub async fn access_or_renew(&self) -> Result<(String, bool), TokenError> {
        let mut held = self.held.lock().await;
        let now = Timestamp::now();
        if let Some((token, renew_at)) = &held.access
            && now < *renew_at
        {
            return Ok((token.clone(), false));
        }
        let granted = match &self.source {
            Source::Refresh { provider, client_id, client_secret } => {
                self.renew(provider, client_id, client_secret, &mut held).await?
            }
            Source::ServiceAccount(account) => {
                let form = account.form(now).map_err(|error| TokenError::Refused(error.to_string()))?;
                self.ask(
                    &account.token_url,
                    &form,
                    "check the service account and its domain-wide delegation",
                )
                .await?
            }
        };
        let lasts = SignedDuration::from_secs(granted.seconds.clamp(1, 86_400));
        let renew_at = now + if lasts > BEFORE_END * 2 { lasts - BEFORE_END } else { lasts / 2 };
        held.access = Some((granted.access_token.clone(), renew_at));
        Ok((granted.access_token, true))
    }

    /// The provider refused the token before its time: the next one is asked for anew.
    pub async fn forget(&self) {
        self.held.lock().await.access = None;
    }

    /// Whether somebody signed in again since the last token was asked for.
    pub async fn renewed_since(&self) -> bool {
        let Source::Refresh { .. } = self.source else { return false };
        let stored = self.state.load(Channel::Email, &self.account, REFRESH_TOKEN).await.ok().flatten();
        let mut held = self.held.lock().await;
        let renewed = stored.is_some() && stored != held.used;
        if renewed {
            held.access = None;
        }
        renewed
    }

    async fn renew(
        &self,
        provider: &Provider,
        client_id: &str,
        client_secret: &Secret,
        held: &mut Held,
    ) -> Result<Granted, TokenError> {
        let load = self.state.load(Channel::Email, &self.account, REFRESH_TOKEN).await;
        let refresh_token =
            load.map_err(|error| TokenError::Unavailable(error.to_string()))?.ok_or_else(|| {
                TokenError::Refused(format!("nobody has signed in yet: run `{}`", provider.connect))
            })?;
        if let Some((refused, reason)) = &held.refused
            && *refused == refresh_token
        {
            return Err(TokenError::Refused(reason.clone()));
        }
        held.used = Some(refresh_token.clone());
        let mut form = vec![
            ("grant_type", "refresh_token".to_owned()),
            ("client_id", client_id.to_owned()),
            ("refresh_token", refresh_token.clone()),
        ];
        if client_secret.is_set() {
            form.push(("client_secret", client_secret.expose().to_owned()));
        }
        let again = format!("sign in again with `{}`", provider.connect);
        let granted = match self.ask(&provider.token_url, &form, &again).await {
            Err(TokenError::Refused(reason)) => {
                held.refused = Some((refresh_token, reason.clone()));
                return Err(TokenError::Refused(reason));
            }
            other => other?,
        };
        if let Some(renewed) = granted.refresh_token.as_deref().filter(|token| *token != refresh_token) {
            keep_refresh_token(&*self.state, &self.account, renewed).await?;
            held.used = Some(renewed.to_owned());
        }
        Ok(granted)
    }

    async fn ask(
        &self,
        url: &str,
        form: &[(&'static str, String)],
        advice: &str,
    ) -> Result<Granted, TokenError> {
        let answer = post_form(&self.client, url, form).await?;
        read(&answer, advice)
    }
}

/// Keeps what renews tokens for a mailbox.
///
/// # Errors
/// When the store cannot be written.
pub async fn keep_refresh_token(
    state: &dyn ChannelState,
    account: &str,
    token: &str,
) -> Result<(), TokenError> {
    state
        .save(Channel::Email, account, REFRESH_TOKEN, token, Timestamp::now())
        .await
        .map_err(|error| TokenError::Unavailable(format!("the sign-in could not be kept: {error}")))
}

pub(crate) async fn post_form(
    client: &Client,
    url: &str,
    form: &[(&'static str, String)],
) -> Result<crate::egress::Answer, TokenError> {
    let url =
        reqwest::Url::parse(url).map_err(|_| TokenError::Refused(format!("oauth: {url:?} is no address")))?;
    let request = client.request(reqwest::Method::POST, url).form(form);
    client
        .fetch(Purpose::SignIn, None, request, ANSWER_LIMIT)
        .await
        .map_err(|error| TokenError::Unavailable(error.to_string()))
}
