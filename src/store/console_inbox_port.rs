//! The console's reading port: each method one transaction on the aggregate that does it.

use super::{Store, console_detail, context, escalation_list, inbox, merges, messages, search, tickets};
use crate::domain::{
    ids::{CustomerId, EscalationId, MergeId, MessageId, OperatorId, TicketId},
    ticket::TicketReference,
};
use crate::ports::{
    console::{
        ConsoleInbox, ConversationDetail, Counts, CustomerHit, EscalationView, InboxQuery, LabelCount,
        Position, ReplyContextRecord, Row, SearchHit, TicketGlance,
    },
    store::{StoreError, TurnContext},
};
use async_trait::async_trait;
use jiff::Timestamp;
use uuid::Uuid;

#[async_trait]
impl ConsoleInbox for Store {
    async fn inbox(&self, query: InboxQuery) -> Result<Vec<Row>, StoreError> {
        self.read(move |connection| inbox::page(connection, &query)).await
    }

    async fn counts(&self, operator: Option<OperatorId>, now: Timestamp) -> Result<Counts, StoreError> {
        self.read(move |connection| inbox::counts(connection, operator, now)).await
    }

    async fn search(
        &self,
        words: Vec<String>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<SearchHit>, StoreError> {
        self.read(move |connection| search::tickets(connection, &words, limit, now)).await
    }

    async fn row(&self, reference: &TicketReference, now: Timestamp) -> Result<Row, StoreError> {
        let reference = reference.clone();
        self.read(move |connection| inbox::row(connection, &reference, now)).await
    }

    async fn glance(&self, ticket: TicketId) -> Result<Option<TicketGlance>, StoreError> {
        self.read(move |connection| inbox::glance(connection, ticket)).await
    }

    async fn labels(&self) -> Result<Vec<LabelCount>, StoreError> {
        self.read(inbox::labels).await
    }

    async fn conversation_detail(
        &self,
        reference: &TicketReference,
        now: Timestamp,
    ) -> Result<ConversationDetail, StoreError> {
        let reference = reference.clone();
        self.read(move |connection| console_detail::read(connection, &reference, now)).await
    }

    async fn raw_message(
        &self,
        reference: &TicketReference,
        message: MessageId,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let reference = reference.clone();
        self.read(move |connection| console_detail::raw_message(connection, &reference, message)).await
    }

    async fn reply_context(&self, reference: &TicketReference) -> Result<ReplyContextRecord, StoreError> {
        let reference = reference.clone();
        self.read(move |connection| console_detail::reply_context(connection, &reference)).await
    }

    async fn newest_turn(&self, reference: &TicketReference) -> Result<TurnContext, StoreError> {
        let reference = reference.clone();
        self.read(move |connection| {
            let ticket = tickets::head_by_reference(connection, &reference)?
                .ok_or(StoreError::NotFound("conversation"))?
                .place
                .ticket;
            let newest =
                messages::newest_inbound(connection, ticket)?.ok_or(StoreError::NotFound("message"))?;
            context::read(connection, ticket, newest)
        })
        .await
    }

    async fn escalations(
        &self,
        open: bool,
        team: Option<String>,
        after: Option<Position>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<EscalationView>, StoreError> {
        self.read(move |connection| {
            escalation_list::list(connection, open, team.as_deref(), after, limit, now)
        })
        .await
    }

    async fn resolve_escalation(
        &self,
        id: EscalationId,
        notes: Option<String>,
        actor: &str,
        now: Timestamp,
    ) -> Result<EscalationView, StoreError> {
        let actor = actor.to_owned();
        self.write(move |connection| escalation_list::resolve(connection, id, notes.as_deref(), &actor, now))
            .await
    }

    async fn customers(&self, words: Vec<String>, limit: usize) -> Result<Vec<CustomerHit>, StoreError> {
        self.read(move |connection| search::customers(connection, &words, limit)).await
    }

    async fn merge_customers(
        &self,
        customer: CustomerId,
        other: CustomerId,
        actor: &str,
        now: Timestamp,
    ) -> Result<Uuid, StoreError> {
        let actor = actor.to_owned();
        self.write(move |connection| {
            let merge = merges::merge(connection, customer, other, &actor, now).map_err(not_two)?;
            Ok(merge.0)
        })
        .await
    }

    async fn undo_merge(&self, merge: Uuid, actor: &str, now: Timestamp) -> Result<(), StoreError> {
        let actor = actor.to_owned();
        self.write(move |connection| merges::undo(connection, MergeId(merge), &actor, now)).await
    }
}

/// Why two customers cannot be joined, for people.
fn not_two(error: StoreError) -> StoreError {
    match error {
        StoreError::Conflict => StoreError::Refused {
            code: "merged_already",
            detail: "This is the same customer, or one of the two is part of another one already.",
        },
        other => other,
    }
}
