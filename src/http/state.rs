//! What the handlers share.

use super::{
    client_address::Network,
    console_state::ConsoleState,
    live::TicketHub,
    rate_limit::{RateLimit, TokenKey},
    status_token::StatusTokens,
};
use crate::{
    config::{Secret, ServerConfig},
    domain::{ids::TicketId, progress::TicketEvent},
    pipeline::{Corrections, Routing},
    ports::{
        channel_health::ChannelsHealth,
        clock::Clock,
        events::TicketEvents,
        knowledge::KnowledgeIndex,
        model::{ChatModel, Embedder},
        monitoring::MetricsPage,
        store::{Inbox, Reports},
        webhook::Webhooks,
    },
};
use std::sync::Arc;
use tokio::sync::{Notify, Semaphore};

/// Turns a document's Markdown into safe HTML.
pub type HelpRenderer = fn(&str) -> String;

/// What customers may know of the company.
#[derive(Debug, Clone)]
pub struct PublicSettings {
    pub company: String,
    pub product: String,
    pub support_email: String,
    pub disclosure: String,
    pub privacy_note: Option<String>,
    pub ask_plan: bool,
}

/// Shared by all handlers; cheap to clone.
#[derive(Clone)]
pub struct HttpState {
    pub inbox: Arc<dyn Inbox>,
    pub reports: Arc<dyn Reports>,
    pub knowledge: Arc<dyn KnowledgeIndex>,
    pub chat: Arc<dyn ChatModel>,
    pub embedder: Arc<dyn Embedder>,
    pub corrections: Arc<Corrections>,
    pub clock: Arc<dyn Clock>,
    pub hub: Arc<TicketHub>,
    pub tokens: Arc<StatusTokens>,
    pub routing: Arc<Routing>,
    pub public: Arc<PublicSettings>,
    pub server: Arc<ServerConfig>,
    pub operator_token: Secret,
    /// Of one address and of one token, over all routes that do something.
    pub requests: Option<Arc<RateLimit>>,
    pub token_calls: Option<Arc<RateLimit<TokenKey>>>,
    pub submissions: Arc<RateLimit>,
    /// Providers' ways in.
    pub webhooks: Arc<Webhooks>,
    pub webhook_calls: Arc<RateLimit>,
    pub event_streams: Arc<Semaphore>,
    pub help: HelpRenderer,
    /// Answers come from passages alone: readiness does not wait for the chat model.
    pub passage_only: bool,
    /// Told when a message was accepted.
    pub wake: Arc<Notify>,
    /// What Prometheus reads, and the networks that may read it without a token.
    pub metrics_page: Arc<dyn MetricsPage>,
    pub metrics_allow: Arc<Vec<Network>>,
    /// How the channels' connections stand.
    pub channels: Arc<dyn ChannelsHealth>,
    /// What the operators' console needs.
    pub console: Arc<ConsoleState>,
}

impl HttpState {
    /// Tells those who watch the ticket, on its page and in the console.
    pub fn publish(&self, ticket: TicketId, event: TicketEvent) {
        self.hub.publish(ticket, event.clone());
        TicketEvents::publish(&*self.console.hub, ticket, event);
    }

    /// What customers may know of the company, as it is now.
    pub fn public(&self) -> PublicSettings {
        let company = self.console.company.now();
        PublicSettings {
            company: company.name.clone(),
            product: company.product.clone(),
            support_email: company.support_email.clone(),
            disclosure: company.disclosure.clone(),
            ..(*self.public).clone()
        }
    }
}
