//! The assistant's six tools, typed once. Whoever calls them (a program over MCP, a local model in its turn) brings an identity that
//! the server made; what it allows is checked here, effects happen once, and every call stands in the audit log.

mod acting;
mod arguments;
mod caller;
mod error;
mod reading;
mod turn;

#[cfg(test)]
mod tests;

pub use arguments::{
    AnalyzeSentiment, CALL_BYTES, CreateTicket, EscalateToHuman, GetCustomerHistory, SearchKnowledgeBase,
    SendResponse, ToolCall,
};
pub use caller::{Caller, Reach};
pub use error::ToolError;
pub use turn::{Ending, ToolTurn, ToolTurns, TurnLimits, call_shapes, read_call};

use crate::ports::{
    clock::Clock,
    console::{ConsoleInbox, ConsoleReports},
    retrieval::Retriever,
    tools::{ToolDesk, ToolStore},
    triage::Triager,
};
use serde_json::{Map, Value};
use std::sync::Arc;

/// One of the six.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tool {
    SearchKnowledgeBase,
    CreateTicket,
    GetCustomerHistory,
    EscalateToHuman,
    SendResponse,
    AnalyzeSentiment,
}

impl Tool {
    pub const ALL: [Self; 6] = [
        Self::SearchKnowledgeBase,
        Self::CreateTicket,
        Self::GetCustomerHistory,
        Self::EscalateToHuman,
        Self::SendResponse,
        Self::AnalyzeSentiment,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::SearchKnowledgeBase => "search_knowledge_base",
            Self::CreateTicket => "create_ticket",
            Self::GetCustomerHistory => "get_customer_history",
            Self::EscalateToHuman => "escalate_to_human",
            Self::SendResponse => "send_response",
            Self::AnalyzeSentiment => "analyze_sentiment",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }

    /// Whether it changes anything.
    pub fn acts(self) -> bool {
        matches!(self, Self::CreateTicket | Self::EscalateToHuman | Self::SendResponse)
    }

    /// For the model that chooses.
    pub fn description(self) -> &'static str {
        match self {
            Self::SearchKnowledgeBase => {
                "Finds passages of the company's documents that answer a question, whole and with their address. \
                 An empty list means that the documents do not answer it: do not make an answer up."
            }
            Self::CreateTicket => {
                "Opens a ticket for a customer; the desk then works on it like on any other. Returns its reference and the page \
                 where the customer follows it."
            }
            Self::GetCustomerHistory => {
                "Shows a customer's plan, mood, earlier conversations and last messages. What nobody proved to be theirs is not shown \
                 inside a conversation."
            }
            Self::EscalateToHuman => {
                "Hands a ticket to the right team with a record of why. Returns the team, the hand-over's number and by when a person \
                 looks. Fails when a person has it already."
            }
            Self::SendResponse => {
                "Sends an answer to the customer by the channel they wrote on, formatted by the desk. Fails when a person has the \
                 ticket or the customer wrote again meanwhile."
            }
            Self::AnalyzeSentiment => {
                "Reads the mood of a text: a score from -1 to 1, a label and how sure it is."
            }
        }
    }

    /// What its arguments must look like.
    pub fn schema(self) -> Map<String, Value> {
        arguments::schema(self)
    }

    fn audit_action(self) -> &'static str {
        match self {
            Self::SearchKnowledgeBase => "tool.search_knowledge_base",
            Self::CreateTicket => "tool.create_ticket",
            Self::GetCustomerHistory => "tool.get_customer_history",
            Self::EscalateToHuman => "tool.escalate_to_human",
            Self::SendResponse => "tool.send_response",
            Self::AnalyzeSentiment => "tool.analyze_sentiment",
        }
    }
}

/// The tools with what they work on.
pub struct Toolbox {
    pub retriever: Arc<dyn Retriever>,
    pub triager: Arc<dyn Triager>,
    pub inbox: Arc<dyn ConsoleInbox>,
    pub reports: Arc<dyn ConsoleReports>,
    pub store: Arc<dyn ToolStore>,
    pub desk: Arc<dyn ToolDesk>,
    pub clock: Arc<dyn Clock>,
}

impl Toolbox {
    /// Reads a call, checks it against the caller's rights and runs it.
    ///
    /// # Errors
    /// [`ToolError`]; nothing was done then.
    pub async fn call(
        &self,
        caller: &Caller,
        name: &str,
        arguments: Map<String, Value>,
    ) -> Result<Value, ToolError> {
        let result = match ToolCall::read(name, arguments) {
            Ok(call) => self.run(caller, call).await,
            Err(error) => Err(error),
        };
        if let Err(error) = &result {
            // A name nobody knows may be anything: it is not repeated.
            let tool = Tool::named(name).map_or("?", Tool::name);
            tracing::info!(caller = caller.name(), tool, code = error.code(), "a tool call was refused");
            let subject = format!("{tool}: {}", error.code());
            let noted = self.reports.record(caller.name(), "tool.refused", &subject, self.clock.now()).await;
            if let Err(error) = noted {
                tracing::error!(%error, "a refused tool call could not be noted");
            }
        }
        result
    }

    async fn run(&self, caller: &Caller, call: ToolCall) -> Result<Value, ToolError> {
        let tool = call.tool();
        caller.require(tool)?;
        let result = match call {
            ToolCall::SearchKnowledgeBase(asked) => self.search(&asked).await,
            ToolCall::GetCustomerHistory(asked) => self.history(caller, &asked).await,
            ToolCall::AnalyzeSentiment(asked) => self.sentiment(&asked).await,
            ToolCall::CreateTicket(asked) => self.create_ticket(caller, asked).await,
            ToolCall::EscalateToHuman(asked) => self.escalate(caller, asked).await,
            ToolCall::SendResponse(asked) => self.send(caller, asked).await,
        }?;
        if !tool.acts() {
            // What acts is noted in the transaction that does it.
            self.reports.record(caller.name(), tool.audit_action(), "", self.clock.now()).await?;
        }
        Ok(result)
    }
}
