//! Telling teams of hand-overs, composed.

use crate::{
    channels::notification::{TeamMail, TeamNotes, Webhook},
    config::Config,
    domain::{channel::Channel, notification::NotificationWay},
    egress::{Client, ClientSettings, Gate},
    ports::{clock::Clock, delivery::OutboundChannel, link_health::LinksHealth, notifications::Notifier},
    store::Store,
};
use anyhow::Context;
use std::{collections::HashMap, sync::Arc};
use tokio_util::sync::CancellationToken;

/// Starts telling teams, if anything is set; ends with `stop`.
///
/// # Errors
/// When the webhook's address is none.
pub(super) fn start(
    config: &Config,
    store: &Store,
    gate: Gate,
    outbound: &HashMap<Channel, Arc<dyn OutboundChannel>>,
    board: Arc<dyn LinksHealth>,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let notes = &config.notifications;
    let public_url = &config.server.public_url;
    let mut ways: HashMap<NotificationWay, Arc<dyn Notifier>> = HashMap::new();
    if !notes.webhook_url.is_empty() {
        let webhook = Webhook {
            url: notes.webhook_url.parse().context("notifications.webhook_url is no address")?,
            secret: notes.webhook_secret.clone(),
            public_url: public_url.clone(),
            client: Client::new(gate, ClientSettings::default())?,
            clock: clock.clone(),
        };
        ways.insert(NotificationWay::Webhook, Arc::new(webhook));
    }
    if let (true, Some(email)) = (notes.mail, outbound.get(&Channel::Email)) {
        let mail = TeamMail { email: email.clone(), public_url: public_url.clone() };
        ways.insert(NotificationWay::Mail, Arc::new(mail));
    }
    // Also with nothing set: notes that an earlier setting queued are settled.
    let notes = TeamNotes { queue: Arc::new(store.clone()), ways, board, clock };
    tokio::spawn(notes.run(stop));
    Ok(())
}
