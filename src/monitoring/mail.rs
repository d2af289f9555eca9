//! Notices by mail, through the mailbox that customers are answered from.

use crate::{
    domain::ids::{MessageId, OutboxId, TicketId},
    ports::{
        delivery::{OutboundChannel, OutboundMessage},
        notify::{NotTold, Notice, Notifier},
    },
};
use async_trait::async_trait;
use std::sync::Arc;

/// Mails notices to one address.
pub struct MailNotifier {
    pub channel: Arc<dyn OutboundChannel>,
    pub recipient: String,
}

#[async_trait]
impl Notifier for MailNotifier {
    async fn notify(&self, notice: &Notice) -> Result<(), NotTold> {
        let message_id = MessageId::new();
        let message = OutboundMessage {
            outbox_id: OutboxId::new(),
            message_id,
            // Of no ticket: an id that no row bears.
            ticket_id: TicketId::new(),
            account: String::new(),
            idempotency_key: message_id.to_string(),
            recipient: Some(self.recipient.clone()),
            subject: Some(notice.title.clone()),
            parts: vec![notice.text.clone()],
            automatic: true,
            last_inbound_at: None,
            references: Vec::new(),
        };
        let sent = self.channel.deliver(&message).await;
        sent.map(|_| ()).map_err(|error| NotTold { way: "mail", reason: error.to_string() })
    }
}
