//! Trying a number out: whether the provider lets us in, and whether what it calls is a Frontdesk that checks signatures.

use super::{MESSAGES_PATH, refusals};
use crate::{
    config::{WhatsappConfig, WhatsappProvider},
    egress::{Client, EgressError},
    ports::egress::Purpose,
};
use reqwest::{Method, RequestBuilder, Url};

const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// What is wrong, and what to check.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    #[error(
        "WhatsApp is not set up; begin with `frontdesk channels connect twilio` or `frontdesk channels connect meta`"
    )]
    Off,
    #[error("an address in channels.whatsapp is no web address")]
    NoUrl(#[from] url::ParseError),
    #[error(transparent)]
    Egress(#[from] EgressError),
    #[error("the provider refuses the account ({status}): {what_to_do}")]
    Refused { status: u16, what_to_do: &'static str },
    #[error(
        "{url} answered {status}, and not as Frontdesk answers who signs nothing: does channels.whatsapp.public_url lead to this box or its relay, \
         and is the server running?"
    )]
    LeadsElsewhere { url: String, status: u16 },
}

/// Asks the provider for the account and the public address for a refusal. Sends no message.
///
/// # Errors
/// [`TrialError`].
pub async fn try_out(config: &WhatsappConfig, server_url: &str, client: &Client) -> Result<(), TrialError> {
    let account = client.fetch(Purpose::Whatsapp, None, account(config, client)?, MAX_ANSWER_BYTES).await?;
    if account.status != 200 {
        let what_to_do = match config.provider {
            WhatsappProvider::Twilio => refusals::twilio_hint(20003),
            WhatsappProvider::Meta | WhatsappProvider::Off => refusals::meta_hint(190),
        };
        let what_to_do = what_to_do.unwrap_or_default();
        return Err(TrialError::Refused { status: account.status, what_to_do });
    }
    let base = if config.public_url.is_empty() { server_url } else { &config.public_url };
    let url = format!("{base}{MESSAGES_PATH}");
    let request = client.request(Method::POST, url.parse()?);
    let answer = client.fetch(Purpose::Whatsapp, None, request, MAX_ANSWER_BYTES).await?;
    let refused_by_us = answer.status == 403 && String::from_utf8_lossy(&answer.body).contains("unproven");
    // The relay passes the box's status on, not its words.
    let relayed = answer.status == 403 && answer.body.is_empty();
    if refused_by_us || relayed {
        Ok(())
    } else {
        Err(TrialError::LeadsElsewhere { url, status: answer.status })
    }
}

/// A question that only who has the account may ask, and that changes nothing.
fn account(config: &WhatsappConfig, client: &Client) -> Result<RequestBuilder, TrialError> {
    let place = |base: &str, steps: &[&str]| {
        let mut url: Url = base.parse()?;
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(steps);
        }
        Ok::<Url, url::ParseError>(url)
    };
    match config.provider {
        WhatsappProvider::Off => Err(TrialError::Off),
        WhatsappProvider::Twilio => {
            let twilio = &config.twilio;
            let account = format!("{}.json", twilio.account_sid);
            let url = place(&twilio.api_url, &["2010-04-01", "Accounts", &account])?;
            Ok(client
                .request(Method::GET, url)
                .basic_auth(&twilio.account_sid, Some(twilio.auth_token.expose())))
        }
        WhatsappProvider::Meta => {
            let meta = &config.meta;
            let url = place(&meta.api_url, &[&meta.api_version, &meta.phone_number_id])?;
            Ok(client.request(Method::GET, url).bearer_auth(meta.access_token.expose()))
        }
    }
}
