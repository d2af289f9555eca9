//! What the operators' console reads and does. Its views are written as JSON as they stand: a second set of types would only
//! drift from this one.

mod actions;
mod backups;
mod detail;
mod inbox;
mod intake;
mod reports;
mod settings;

pub use actions::{Acted, Action, ConsoleActions, NewPersonalReply};
pub use backups::{BackupList, BackupView, Backups};
pub use detail::{
    AssistantPanel, AttachmentView, ConversationDetail, CustomerPanel, CustomerTicket, DecisionView,
    DraftView, EgressView, EscalationText, EscalationView, MergeView, MoodPoint, PendingReply,
    ReplyContextRecord, ThreadEvent, ThreadItem, ThreadMessage, ThreadNote, TicketContact, TriageEscalation,
    TriageView,
};
pub use inbox::{
    AssigneeView, Counts, CustomerHit, CustomerName, InboxFilter, InboxQuery, InboxSort, InboxView,
    LabelCount, LastMessage, OpenEscalation, Position, Row, SearchHit, SentimentBand, TicketGlance,
};
pub use intake::{IntakeError, IntakeJob, IntakeState, IntakeWork, KnowledgeIntake};
pub use reports::{
    Analytics, AnalyticsQuery, AuditEntry, AuditFilter, ConsoleReports, Gap, RatingView, ReportColumn,
    ReportKind, ReportTable,
};
pub use settings::{COMPANY_SETTING, CompanySettings, ConsoleSettings, HOURS_SETTING, MacroView, NewMacro};

use super::store::{StoreError, TurnContext};
use crate::domain::{
    ids::{CustomerId, EscalationId, MessageId, OperatorId, TicketId},
    ticket::TicketReference,
};
use async_trait::async_trait;
use jiff::Timestamp;

/// Reading for the console.
#[async_trait]
pub trait ConsoleInbox: Send + Sync {
    /// One page of a view. Walks one index; the position of the last row leads to the next page.
    async fn inbox(&self, query: InboxQuery) -> Result<Vec<Row>, StoreError>;
    async fn counts(&self, operator: Option<OperatorId>, now: Timestamp) -> Result<Counts, StoreError>;
    /// Words over messages, subjects, references, customers' names and addresses; newest first.
    async fn search(
        &self,
        words: Vec<String>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<SearchHit>, StoreError>;
    async fn row(&self, reference: &TicketReference, now: Timestamp) -> Result<Row, StoreError>;
    /// What a live event says of a ticket.
    async fn glance(&self, ticket: TicketId) -> Result<Option<TicketGlance>, StoreError>;
    async fn labels(&self) -> Result<Vec<LabelCount>, StoreError>;
    async fn conversation_detail(
        &self,
        reference: &TicketReference,
        now: Timestamp,
    ) -> Result<ConversationDetail, StoreError>;
    /// What came in, untouched.
    async fn raw_message(
        &self,
        reference: &TicketReference,
        message: MessageId,
    ) -> Result<Option<Vec<u8>>, StoreError>;
    /// What formatting a reply on this ticket needs.
    async fn reply_context(&self, reference: &TicketReference) -> Result<ReplyContextRecord, StoreError>;
    /// All that answering the newest message of a ticket would look at.
    async fn newest_turn(&self, reference: &TicketReference) -> Result<TurnContext, StoreError>;
    /// Open: soonest due first; resolved: newest first. `after` is the last one of the page before.
    async fn escalations(
        &self,
        open: bool,
        team: Option<String>,
        after: Option<Position>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<EscalationView>, StoreError>;
    async fn resolve_escalation(
        &self,
        id: EscalationId,
        notes: Option<String>,
        actor: &str,
        now: Timestamp,
    ) -> Result<EscalationView, StoreError>;
    async fn customers(&self, words: Vec<String>, limit: usize) -> Result<Vec<CustomerHit>, StoreError>;
    /// `other` becomes part of `customer`; the number takes it back.
    async fn merge_customers(
        &self,
        customer: CustomerId,
        other: CustomerId,
        actor: &str,
        now: Timestamp,
    ) -> Result<uuid::Uuid, StoreError>;
    async fn undo_merge(&self, merge: uuid::Uuid, actor: &str, now: Timestamp) -> Result<(), StoreError>;
}
