//! The tools and the texts for other assistants, put together.

use super::Assistant;
use crate::{
    config::{AnswerMode, Config},
    domain::{
        escalation::{EscalationCategory, Route, Urgency},
        ids::TicketId,
        operator::OperatorRole,
    },
    http::{StatusTokens, console::ConsoleHub},
    mcp::{Library, McpDesk, McpServer},
    pipeline::{LiveSettings, RatingLinks},
    ports::{
        clock::{Clock, SystemClock},
        store::Reports as _,
        tools::{Presentation, ToolDesk},
    },
    tools::{Caller, ToolTurns, Toolbox, TurnLimits},
};
use jiff::Timestamp;
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;

/// The desk as the tools see it.
pub struct DeskPort {
    pub settings: LiveSettings,
    pub tokens: StatusTokens,
    pub public_url: String,
    /// Who is told of changes; nobody where the desk runs in another process, which looks by itself.
    pub told: Option<(Arc<ConsoleHub>, Arc<Notify>)>,
}

impl ToolDesk for DeskPort {
    fn route(&self, category: EscalationCategory, urgency: Urgency, now: Timestamp) -> Route {
        self.settings.now().routing.route(category, urgency, now)
    }

    fn presentation(&self) -> Presentation {
        let now = self.settings.now();
        Presentation {
            company: now.company.clone(),
            support_email: now.support_email.clone(),
            voice: now.voice.clone(),
        }
    }

    fn status_link(&self, reference: &str, ticket: TicketId) -> String {
        format!("{}/status/{reference}#{}", self.public_url.trim_end_matches('/'), self.tokens.token(ticket))
    }

    fn changed(&self, ticket: TicketId, message: bool) {
        if let Some((hub, wake)) = &self.told {
            hub.ticket_changed(ticket, message);
            wake.notify_one();
        }
    }
}

/// Tools and texts over one store.
pub fn mcp_desk(assistant: &Assistant, desk: DeskPort) -> McpDesk {
    let store = Arc::new(assistant.store.clone());
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    McpDesk {
        tools: Arc::new(Toolbox {
            retriever: assistant.retriever.clone(),
            triager: assistant.triager.clone(),
            inbox: store.clone(),
            reports: store.clone(),
            store: store.clone(),
            desk: Arc::new(desk),
            clock: clock.clone(),
        }),
        library: Library {
            documents: store.clone(),
            reports: store.clone(),
            inbox: store,
            clock,
            escalation_rules: assistant.policies.escalation_rules(),
            brand_voice: assistant.policies.text_of("voice.toml").to_owned(),
        },
    }
}

/// The local model with tools, where the owner turned it on.
pub fn tool_turns(config: &Config, assistant: &Assistant, desk: &McpDesk) -> Option<Arc<ToolTurns>> {
    (config.answers.tools && assistant.answerer.uses_model()).then(|| {
        Arc::new(ToolTurns {
            chat: assistant.chat.clone(),
            tools: desk.tools.clone(),
            limits: TurnLimits {
                steps: config.answers.tool_steps,
                tokens: config.answers.max_tokens * config.answers.tool_steps,
                time: Duration::from_millis(config.answers.model_timeout_ms),
            },
            company: config.company.product.clone(),
        })
    })
}

/// Serves the tools over standard input and output until the other side closes. What it queues, a serving desk on the same data folder
/// takes up. No chat model is loaded.
///
/// # Errors
/// When the store or the policies cannot be used, or the other side does not speak the protocol.
pub async fn serve_mcp(mut config: Config, read_only: bool) -> anyhow::Result<()> {
    "none".clone_into(&mut config.models.chat);
    config.answers.mode = AnswerMode::Passage;
    let assistant = Assistant::open(&config)?;
    let (settings, _) =
        super::console::desk_settings(&config, &assistant, Vec::new(), RatingLinks::default()).await?;
    let desk = DeskPort {
        settings,
        tokens: StatusTokens::new(assistant.store.instance_secret().await?),
        public_url: config.server.public_url.clone(),
        told: None,
    };
    let role = if read_only { OperatorRole::Viewer } else { OperatorRole::Operator };
    let server = McpServer::new(Arc::new(mcp_desk(&assistant, desk)), Caller::program("mcp", role));
    let ended = server.over_stdio().await;
    assistant.store.close().await;
    ended.map_err(|error| anyhow::anyhow!("the other side broke off: {error}"))
}

#[cfg(test)]
#[path = "tools_tests.rs"]
mod tests;
