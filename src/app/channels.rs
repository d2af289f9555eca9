//! Building the channels from the settings: what fetches, what sends, and the board they note their health on.

use crate::{
    channels::{
        email::{
            MailLimits, Mailbox,
            credential::Credential,
            gmail::{
                api::Api,
                fetch::GmailFetcher,
                keys::{Expected, Keys},
                push::{GmailPush, Pushed},
                send::GmailCarrier,
            },
            imap::Fetcher,
            intake::Intake,
            journal::Journal,
            oauth::Tokens,
            pace::Pace,
            sending::{Carrier, EmailOut, Sender},
            smtp::{SentFolder, Smtp},
        },
        health::HealthBoard,
    },
    config::{Config, MailboxConfig, SignIn, Transport, WhatsappConfig, WhatsappProvider},
    domain::{address::normalise_email, channel::Channel},
    egress::{Client, ClientSettings, Dialer, Gate},
    ports::{channel_state::ChannelState, delivery::OutboundChannel, webhook::Webhooks},
    store::Store,
};
use anyhow::{Context, bail};
use std::{collections::HashMap, path::Path, sync::Arc, time::Duration};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// Every channel besides the web form, built and not yet started.
pub struct Channels {
    pub outbound: HashMap<Channel, Arc<dyn OutboundChannel>>,
    pub health: Arc<HealthBoard>,
    pub webhooks: Webhooks,
    fetchers: Vec<Fetcher>,
    gmail_fetchers: Vec<Arc<GmailFetcher>>,
}

/// What a mailbox is built from: shared by the server and by `frontdesk channels test`.
pub struct MailboxParts {
    pub account: String,
    pub settings: MailboxConfig,
    pub mailbox: Arc<Mailbox>,
    pub credential: Credential,
    pub dialer: Dialer,
    pub client: Client,
    pub authorities: Vec<Vec<u8>>,
}

impl Channels {
    /// Builds what the settings name. Nothing is connected yet: an unreachable server is no fault of the settings.
    ///
    /// # Errors
    /// When a key or certificate file cannot be used.
    pub fn build(
        config: &Config,
        store: &Store,
        secret: [u8; 32],
        wake: &Arc<Notify>,
    ) -> anyhow::Result<Self> {
        let state: Arc<dyn ChannelState> = Arc::new(store.clone());
        let health = Arc::new(HealthBoard::new(state.clone()));
        let mut channels = Self {
            outbound: HashMap::new(),
            health: health.clone(),
            webhooks: Webhooks::new(),
            fetchers: Vec::new(),
            gmail_fetchers: Vec::new(),
        };
        let mut pushed = Vec::new();
        let mut out = EmailOut { senders: std::collections::BTreeMap::new() };
        for parts in mailboxes(config, store, secret)? {
            let intake = Intake {
                mailbox: parts.mailbox.clone(),
                inbox: Arc::new(store.clone()),
                reports: Arc::new(store.clone()),
                wake: wake.clone(),
            };
            out.senders.insert(parts.account.clone(), parts.sender(&state, &health));
            if let Some(api) = parts.api() {
                let fetcher = Arc::new(parts.gmail_fetcher(api, intake, &state, &health));
                pushed.extend(parts.pushed(&config.server.public_url, &fetcher));
                channels.gmail_fetchers.push(fetcher);
            } else {
                channels.fetchers.push(parts.fetcher(intake, &state, &health));
            }
        }
        if !pushed.is_empty() {
            channels.webhooks.insert("/webhooks/gmail", Arc::new(GmailPush { mailboxes: pushed }));
        }
        if !out.senders.is_empty() {
            channels.outbound.insert(Channel::Email, Arc::new(out));
        }
        Ok(channels)
    }

    /// Starts fetching; ends with `stop`.
    pub fn start(&mut self, stop: &CancellationToken) {
        for fetcher in self.fetchers.drain(..) {
            tokio::spawn(fetcher.run(stop.clone()));
        }
        for fetcher in self.gmail_fetchers.drain(..) {
            tokio::spawn(fetcher.run(stop.clone()));
        }
    }
}

impl MailboxParts {
    fn fetcher(&self, intake: Intake, state: &Arc<dyn ChannelState>, board: &Arc<HealthBoard>) -> Fetcher {
        Fetcher {
            account: self.account.clone(),
            settings: self.settings.clone(),
            dialer: self.dialer.clone(),
            credential: self.credential.clone(),
            intake,
            state: state.clone(),
            board: board.clone(),
        }
    }

    fn sender(&self, state: &Arc<dyn ChannelState>, board: &Arc<HealthBoard>) -> Sender {
        Sender {
            mailbox: self.mailbox.clone(),
            carrier: self.carrier(),
            journal: Journal { account: self.account.clone(), state: state.clone() },
            pace: Pace::new(self.settings.sends_per_minute).into(),
            turn: tokio::sync::Mutex::default(),
            board: board.clone(),
        }
    }

    /// Calls of Gmail's API, where the mailbox is reached by it.
    pub fn api(&self) -> Option<Api> {
        match &self.credential {
            Credential::Tokens { tokens, .. } if self.settings.transport == Transport::Gmail => Some(Api {
                client: self.client.clone(),
                tokens: tokens.clone(),
                settings: self.settings.gmail.clone(),
            }),
            _ => None,
        }
    }

    fn gmail_fetcher(
        &self,
        api: Api,
        intake: Intake,
        state: &Arc<dyn ChannelState>,
        board: &Arc<HealthBoard>,
    ) -> GmailFetcher {
        GmailFetcher {
            account: self.account.clone(),
            settings: self.settings.clone(),
            api,
            intake,
            state: state.clone(),
            board: board.clone(),
            turn: tokio::sync::Mutex::default(),
            announced: Notify::new(),
        }
    }

    /// How pushed announcements are checked, where the settings name who signs them.
    fn pushed(&self, public_url: &str, fetcher: &Arc<GmailFetcher>) -> Option<Pushed> {
        let gmail = &self.settings.gmail;
        if gmail.push_service_account.is_empty() {
            return None;
        }
        let audience = if gmail.push_audience.is_empty() {
            format!("{public_url}/webhooks/gmail")
        } else {
            gmail.push_audience.clone()
        };
        Some(Pushed {
            address: self.mailbox.address.clone(),
            expected: Expected { audience, service_account: gmail.push_service_account.clone() },
            keys: Arc::new(Keys::new(self.client.clone(), &gmail.keys_url)),
            fetcher: fetcher.clone(),
        })
    }

    /// The way out of this mailbox.
    pub fn carrier(&self) -> Box<dyn Carrier> {
        if let Some(api) = self.api() {
            return Box::new(GmailCarrier { account: self.account.clone(), api });
        }
        Box::new(Smtp {
            account: self.account.clone(),
            dialer: self.dialer.clone(),
            settings: self.settings.smtp.clone(),
            authorities: self.authorities.clone(),
            hello: self.mailbox.domain().to_owned(),
            credential: self.credential.clone(),
            sent: SentFolder {
                dialer: self.dialer.clone(),
                settings: self.settings.imap.clone(),
                credential: self.credential.clone(),
                open: tokio::sync::Mutex::default(),
            },
            saves_sent: self.settings.saves_sent(),
            held: tokio::sync::Mutex::default(),
        })
    }
}

/// A channel account of the settings, for lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelAccount {
    pub channel: Channel,
    pub name: String,
    /// What customers write to.
    pub address: String,
    /// How it is reached.
    pub by: String,
    pub enabled: bool,
}

/// Every account that the settings name, besides the web form.
pub fn channel_accounts(config: &Config) -> Vec<ChannelAccount> {
    let mailboxes = config.channels.email.mailboxes.iter();
    let account = |(name, mailbox): (&String, &MailboxConfig)| ChannelAccount {
        channel: Channel::Email,
        name: name.clone(),
        address: mailbox.address.clone(),
        by: match mailbox.transport {
            Transport::Gmail => "Gmail's API".to_owned(),
            Transport::Imap => format!("IMAP {} and SMTP {}", mailbox.imap.host, mailbox.smtp.host),
        },
        enabled: mailbox.enabled,
    };
    mailboxes.map(account).chain(number(&config.channels.whatsapp)).collect()
}

/// The WhatsApp number, where one is set up.
fn number(config: &WhatsappConfig) -> Option<ChannelAccount> {
    let (address, by) = match config.provider {
        WhatsappProvider::Off => return None,
        WhatsappProvider::Twilio => (&config.twilio.from, "Twilio"),
        WhatsappProvider::Meta => (&config.meta.phone_number_id, "Meta's Cloud API"),
    };
    Some(ChannelAccount {
        channel: Channel::Whatsapp,
        name: config.account.clone(),
        address: address.clone(),
        by: by.to_owned(),
        enabled: true,
    })
}

/// Every enabled mailbox of the settings.
///
/// # Errors
/// When a key or certificate file cannot be used.
pub fn mailboxes(config: &Config, store: &Store, secret: [u8; 32]) -> anyhow::Result<Vec<MailboxParts>> {
    let gate = super::hosted::gate(config, store);
    let state: Arc<dyn ChannelState> = Arc::new(store.clone());
    let email = &config.channels.email;
    let own_addresses: Vec<String> = email
        .mailboxes
        .values()
        .flat_map(|mailbox| std::iter::once(&mailbox.address).chain(&mailbox.aliases))
        .filter_map(|address| normalise_email(address).ok())
        .collect();
    let mut parts = Vec::new();
    for (account, settings) in email.mailboxes.iter().filter(|(_, settings)| settings.enabled) {
        let built = build_mailbox(config, account, settings, &own_addresses, secret, &gate, &state);
        parts.push(built.with_context(|| format!("the mailbox {account} cannot be set up"))?);
    }
    Ok(parts)
}

fn build_mailbox(
    config: &Config,
    account: &str,
    settings: &MailboxConfig,
    own_addresses: &[String],
    secret: [u8; 32],
    gate: &Gate,
    state: &Arc<dyn ChannelState>,
) -> anyhow::Result<MailboxParts> {
    let authorities = match &settings.certificate_authority_file {
        Some(path) => certificates(path)?,
        None => Vec::new(),
    };
    let timeouts = ClientSettings {
        connect_timeout: CONNECT_TIMEOUT,
        timeout: Duration::from_millis(settings.gmail.timeout_ms),
    };
    let client = Client::new(gate.clone(), timeouts)?;
    let user = settings.user().to_owned();
    let credential = if settings.sign_in == SignIn::Password {
        Credential::Password { user, password: settings.password.clone() }
    } else {
        let tokens = Arc::new(Tokens::new(account, settings, client.clone(), state.clone())?);
        Credential::Tokens { user, tokens }
    };
    let non_empty = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let mailbox = Mailbox {
        account: account.to_owned(),
        address: normalise_email(&settings.address).context("address is no mail address")?,
        display_name: non_empty(&settings.sender_name).unwrap_or_else(|| config.company.name.clone()),
        own_addresses: own_addresses.to_vec(),
        authserv_id: non_empty(&settings.authentication_server),
        bounce_address: normalise_email(&settings.bounce_address).ok(),
        plus_addressing: settings.plus_addressing,
        secret,
        limits: MailLimits { max_bytes: settings.max_message_bytes as usize, ..MailLimits::default() },
    };
    Ok(MailboxParts {
        account: account.to_owned(),
        settings: settings.clone(),
        mailbox: Arc::new(mailbox),
        credential,
        dialer: Dialer::new(gate.clone(), &authorities, CONNECT_TIMEOUT),
        client,
        authorities,
    })
}

/// The certificates of a PEM file, as DER.
fn certificates(path: &Path) -> anyhow::Result<Vec<Vec<u8>>> {
    use tokio_rustls::rustls::pki_types::{CertificateDer, pem::PemObject as _};
    let read = || format!("the certificates in {} cannot be read", path.display());
    let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).with_context(read)?.collect();
    let found = found.with_context(read)?;
    if found.is_empty() {
        bail!("{} holds no certificate (PEM)", path.display());
    }
    Ok(found.iter().map(|certificate| certificate.to_vec()).collect())
}
