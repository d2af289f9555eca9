//! Which tickets a mail names, and who its sender is in them: what the rule in `domain::mail_thread` decides on.

use super::{
    tickets::{self, TicketHead},
    values::id,
};
use crate::domain::{
    formatting::bare_subject,
    ids::{MessageId, TicketId},
    inbound::{Inbound, MailHeaders},
    mail_thread::{Candidate, Link, Standing},
};
use crate::ports::store::StoreError;
use rusqlite::{Connection, OptionalExtension, params};

/// So many tickets a mail names are looked at.
const MAX_CANDIDATES: usize = 20;

/// The tickets a mail names, in the order in which they are to be believed.
pub(super) fn candidates(
    connection: &Connection,
    inbound: &Inbound,
    mail: &MailHeaders,
) -> Result<Vec<Candidate>, StoreError> {
    let mut named: Vec<(TicketId, Link)> = Vec::new();
    for message in &mail.answers {
        add(&mut named, ticket_of_ours(connection, *message)?, Link::Signed);
    }
    for reference in mail.references.iter().rev() {
        for ticket in tickets_of_theirs(connection, reference, &inbound.account)? {
            add(&mut named, Some(ticket), Link::Plain);
        }
    }
    named.truncate(MAX_CANDIDATES);
    named.into_iter().map(|(ticket, link)| candidate(connection, ticket, link, &inbound.account, mail)).collect()
}

/// The subject, when it is another than the ticket's.
pub(super) fn changed_subject<'a>(
    connection: &Connection,
    ticket: TicketId,
    inbound: &'a Inbound,
) -> Result<Option<&'a str>, StoreError> {
    let Some(subject) = inbound.subject.as_deref().map(bare_subject) else { return Ok(None) };
    let of_ticket: String = connection
        .prepare_cached("SELECT subject FROM tickets WHERE id = ?1")?
        .query_row([ticket.0.into_bytes()], |row| row.get(0))?;
    let same = bare_subject(&of_ticket).to_lowercase() == subject.to_lowercase();
    Ok(Some(subject).filter(|_| !same))
}

fn add(named: &mut Vec<(TicketId, Link)>, ticket: Option<TicketId>, link: Link) {
    if let Some(ticket) = ticket
        && !named.iter().any(|(known, _)| *known == ticket)
    {
        named.push((ticket, link));
    }
}

fn ticket_of_ours(connection: &Connection, message: MessageId) -> Result<Option<TicketId>, StoreError> {
    let sql = "SELECT ticket_id FROM messages WHERE id = ?1 AND direction = 'outbound' AND channel = 'email'";
    let found = connection
        .prepare_cached(sql)?
        .query_row([message.0.into_bytes()], |row| id(row, "ticket_id"))
        .optional()?;
    Ok(found.map(TicketId))
}

/// Anybody may use any id, so several mails can bear one; all their tickets are looked at.
fn tickets_of_theirs(
    connection: &Connection,
    reference: &str,
    account: &str,
) -> Result<Vec<TicketId>, StoreError> {
    let sql = "SELECT DISTINCT messages.ticket_id AS ticket_id
               FROM mail_headers JOIN messages ON messages.id = mail_headers.message_id
               WHERE mail_headers.rfc_message_id = ?1 AND messages.account = ?2
               ORDER BY messages.sequence DESC LIMIT 5";
    let found = connection
        .prepare_cached(sql)?
        .query_map(params![reference, account], |row| id(row, "ticket_id"))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(found.into_iter().map(TicketId).collect())
}

fn candidate(
    connection: &Connection,
    ticket: TicketId,
    link: Link,
    account: &str,
    mail: &MailHeaders,
) -> Result<Candidate, StoreError> {
    let head = tickets::head(connection, ticket)?;
    let sql = "SELECT 1 FROM messages WHERE ticket_id = ?1 AND channel = 'email' AND direction = 'inbound' AND account = ?2";
    let same_account =
        connection.prepare_cached(sql)?.exists(params![ticket.0.into_bytes(), account])?;
    Ok(Candidate {
        ticket,
        reference: head.reference.as_str().to_owned(),
        link,
        standing: standing(connection, &head, account, &mail.from)?,
        same_account,
        proven: head.verified,
    })
}

fn standing(
    connection: &Connection,
    head: &TicketHead,
    account: &str,
    from: &str,
) -> Result<Standing, StoreError> {
    let sql = "SELECT 1 FROM identifiers JOIN customers ON customers.id = identifiers.customer_id
               WHERE identifiers.kind = 'email' AND identifiers.value = ?1
                 AND coalesce(customers.merged_into, customers.id) = ?2";
    if connection.prepare_cached(sql)?.exists(params![from, head.place.customer.0.into_bytes()])? {
        return Ok(Standing::Customer);
    }
    // Who was addressed by the customer; a mail that is held adds nobody, or strangers could bring each other in.
    let sql = "SELECT 1 FROM messages JOIN mail_headers ON mail_headers.message_id = messages.id
               WHERE messages.ticket_id = ?1 AND messages.account = ?2 AND messages.held IS NULL
                 AND (mail_headers.reply_to = ?3
                      OR EXISTS (SELECT 1 FROM json_each(mail_headers.recipients) WHERE json_each.value = ?3))";
    let copied =
        connection.prepare_cached(sql)?.exists(params![head.place.ticket.0.into_bytes(), account, from])?;
    Ok(if copied { Standing::Copied } else { Standing::Stranger })
}
