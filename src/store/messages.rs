//! Messages in and out, in the order in which they were accepted.

use super::{
    attachments, mail_headers,
    values::{bounded, from_json, id, json, micros, named, optional_name, time},
};
use crate::domain::{
    channel::Channel,
    customer::IdentifierKind,
    ids::{ConversationId, CustomerId, MessageId, TicketId},
    inbound::{Inbound, MailAuthentication},
    message::Message,
    sentiment::Sentiment,
    triage::Intent,
};
use crate::ports::store::{NewReply, StoreError};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub conversation: ConversationId,
    pub customer: CustomerId,
    pub ticket: TicketId,
}

/// The message with this provider id, when it was accepted before.
pub(super) fn find_accepted(
    connection: &Connection,
    channel: Channel,
    provider_message_id: &str,
) -> Result<Option<(MessageId, TicketId)>, StoreError> {
    let found = connection
        .prepare_cached("SELECT id, ticket_id FROM messages WHERE channel = ?1 AND provider_message_id = ?2")?
        .query_row(params![channel.as_str(), provider_message_id], |row| {
            Ok((MessageId(id(row, "id")?), TicketId(id(row, "ticket_id")?)))
        })
        .optional()?;
    Ok(found)
}

/// Stores a customer's message, the clean text and the raw bytes.
pub(super) fn insert_inbound(
    connection: &Connection,
    place: Place,
    inbound: &Inbound,
    changed_subject: Option<&str>,
) -> Result<MessageId, StoreError> {
    let message = MessageId::new();
    let sql = "INSERT INTO messages
               (id, conversation_id, ticket_id, direction, role, channel, provider_message_id, sender, content, created_at,
                account, model_text, html, automatic_mail, held, acknowledgements_unwanted)
               VALUES (?1, ?2, ?3, 'inbound', 'customer', ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
    connection.prepare_cached(sql)?.execute(params![
        message.0.into_bytes(),
        place.conversation.0.into_bytes(),
        place.ticket.0.into_bytes(),
        inbound.channel.as_str(),
        inbound.provider_message_id,
        answer_address(inbound),
        inbound.text,
        micros(inbound.received_at),
        inbound.account,
        inbound.extras.model_text,
        inbound.extras.html,
        inbound.extras.automatic_mail,
        inbound.extras.held,
        inbound.extras.acknowledgements_unwanted
    ])?;
    connection
        .prepare_cached("INSERT INTO message_raw (message_id, raw) VALUES (?1, ?2)")?
        .execute(params![message.0.into_bytes(), inbound.raw])?;
    if let Some(mail) = &inbound.extras.mail {
        mail_headers::insert(connection, message, mail, changed_subject)?;
    }
    attachments::insert(connection, message, &inbound.extras.attachments)?;
    Ok(message)
}

/// Stores a reply, still to be delivered. `answers` is false when it only says that a person will look.
pub(super) fn insert_reply(
    connection: &Connection,
    place: Place,
    reply: &NewReply,
    answers: bool,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO messages
               (id, conversation_id, ticket_id, direction, role, channel, content, created_at, sources, automatic,
                answers, delivery_status)
               VALUES (?1, ?2, ?3, 'outbound', ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'pending')";
    connection.prepare_cached(sql)?.execute(params![
        reply.message_id.0.into_bytes(),
        place.conversation.0.into_bytes(),
        place.ticket.0.into_bytes(),
        reply.role.as_str(),
        reply.channel.as_str(),
        reply.parts.join("\n\n"),
        micros(at),
        json(&reply.sources)?,
        reply.automatic,
        answers
    ])?;
    Ok(())
}

/// What an answer on this channel is addressed to. Where a mail wants its answer counts only when its sender is proven: else
/// anybody could have another's answers sent to themselves.
fn answer_address(inbound: &Inbound) -> Option<&str> {
    let mail = inbound.extras.mail.as_ref();
    let proven = mail.filter(|mail| mail.authenticated == MailAuthentication::Pass);
    if let Some(address) = proven.and_then(|mail| mail.reply_to.as_deref()) {
        return Some(address);
    }
    let wanted: &[IdentifierKind] = match inbound.channel {
        Channel::Web | Channel::Email => &[IdentifierKind::Email],
        Channel::Whatsapp => &[IdentifierKind::Phone, IdentifierKind::Whatsapp],
    };
    let of_kind =
        |kind: &IdentifierKind| inbound.identifiers.iter().find(|identifier| identifier.kind == *kind);
    wanted.iter().find_map(of_kind).map(|identifier| identifier.value.as_str())
}

/// A stored message and what only the queue needs to know of it.
pub(super) struct StoredMessage {
    pub message: Message,
    pub inbound: bool,
    pub sender: Option<String>,
    pub answers: bool,
    pub set_aside: bool,
    /// What the model reads, where it differs.
    pub model_text: Option<String>,
    pub automatic_mail: bool,
    pub held: Option<String>,
    pub acknowledgements_unwanted: bool,
}

impl StoredMessage {
    /// A machine's mail that nobody has to see to: it moves nothing along.
    pub fn is_only_kept(&self) -> bool {
        self.automatic_mail && self.held.is_none()
    }

    /// The message as the pipeline reads it.
    pub fn for_the_model(self) -> Message {
        match self.model_text {
            Some(content) => Message { content, ..self.message },
            None => self.message,
        }
    }
}

const COLUMNS: &str =
    "id, role, channel, content, created_at, sentiment_score, delivery_status, sources, direction,
                       sender, answers, set_aside, model_text, automatic_mail, held, acknowledgements_unwanted";

/// The newest `limit` messages of a ticket, oldest first.
pub(super) fn of_ticket(
    connection: &Connection,
    ticket: TicketId,
    limit: usize,
) -> Result<Vec<StoredMessage>, StoreError> {
    newest(connection, "ticket_id", ticket.0.into_bytes(), limit)
}

/// The newest `limit` messages of a conversation, oldest first.
pub(super) fn of_conversation(
    connection: &Connection,
    conversation: ConversationId,
    limit: usize,
) -> Result<Vec<StoredMessage>, StoreError> {
    newest(connection, "conversation_id", conversation.0.into_bytes(), limit)
}

fn newest(
    connection: &Connection,
    key: &str,
    value: [u8; 16],
    limit: usize,
) -> Result<Vec<StoredMessage>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM messages WHERE {key} = ?1 ORDER BY sequence DESC LIMIT ?2");
    let mut found = connection
        .prepare_cached(&sql)?
        .query_map(params![value, i64::try_from(limit).unwrap_or(i64::MAX)], read)?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    found.reverse();
    Ok(found)
}

fn read(row: &Row<'_>) -> rusqlite::Result<StoredMessage> {
    Ok(StoredMessage {
        message: Message {
            id: MessageId(id(row, "id")?),
            role: named(row, "role")?,
            channel: named(row, "channel")?,
            content: row.get("content")?,
            created_at: time(row, "created_at")?,
            sentiment: row.get("sentiment_score")?,
            delivery_status: optional_name(row, "delivery_status")?,
            sources: from_json(row, "sources")?,
        },
        inbound: row.get::<_, String>("direction")? == "inbound",
        sender: row.get("sender")?,
        answers: row.get("answers")?,
        set_aside: row.get("set_aside")?,
        model_text: row.get("model_text")?,
        automatic_mail: row.get::<_, Option<String>>("automatic_mail")?.is_some(),
        held: row.get("held")?,
        acknowledgements_unwanted: row.get("acknowledgements_unwanted")?,
    })
}

/// The newest customer message of a ticket; a machine's only where there is no other.
pub(super) fn newest_inbound(
    connection: &Connection,
    ticket: TicketId,
) -> Result<Option<MessageId>, StoreError> {
    let sql = "SELECT id FROM messages WHERE ticket_id = ?1 AND direction = 'inbound'
               ORDER BY automatic_mail IS NOT NULL AND held IS NULL, sequence DESC LIMIT 1";
    let found =
        connection.prepare_cached(sql)?.query_row([ticket.0.into_bytes()], |row| id(row, "id")).optional()?;
    Ok(found.map(MessageId))
}

/// When the customer wrote the oldest message of a ticket that nothing has answered and no turn set aside.
pub(super) fn waiting_since(connection: &Connection, ticket: TicketId) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT min(created_at) FROM messages
               WHERE ticket_id = ?1 AND direction = 'inbound' AND set_aside = 0 AND sequence > (
                   SELECT coalesce(max(sequence), 0) FROM messages WHERE ticket_id = ?1 AND answers = 1)";
    Ok(connection.prepare_cached(sql)?.query_row([ticket.0.into_bytes()], |row| row.get(0))?)
}

/// Keeps what triage read in a customer's message.
pub(super) fn record_reading(
    connection: &Connection,
    message: MessageId,
    sentiment: Sentiment,
    intent: Intent,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE messages SET sentiment_score = ?2, intent = ?3 WHERE id = ?1")?
        .execute(params![message.0.into_bytes(), bounded(sentiment.score, -1.0, 1.0), intent.as_str()])?;
    Ok(())
}

/// A turn decided that these customer messages need no answer.
pub(super) fn set_aside(connection: &Connection, ids: &[MessageId]) -> Result<(), StoreError> {
    let mut statement = connection
        .prepare_cached("UPDATE messages SET set_aside = 1 WHERE id = ?1 AND direction = 'inbound'")?;
    for message in ids {
        statement.execute([message.0.into_bytes()])?;
    }
    Ok(())
}
