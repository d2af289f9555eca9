//! Accepting a customer's message: one transaction from the provider's id to the queued job.

use super::{
    Store, conversations, customers, error::failed, events, feedback, jobs, mail_threads, messages,
    messages::Place, tickets,
};
use crate::domain::{
    channel::Channel,
    escalation::{HandOver, Route},
    ids::{EscalationId, MessageId},
    inbound::{Accepted, Inbound, MAX_TEXT_CHARS, MailHeaders},
    mail_thread::{self, Placement},
    ticket::{Feedback, TicketReference, TicketView},
};
use crate::ports::store::{Inbox, StoreError};
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::Connection;
use tickets::TicketHead;

#[async_trait]
impl Inbox for Store {
    async fn accept(&self, inbound: Inbound) -> Result<Accepted, StoreError> {
        let prefix = self.options().ticket_prefix.clone();
        self.write(move |connection| accept(connection, &prefix, inbound)).await
    }

    async fn record_feedback(
        &self,
        reference: &TicketReference,
        feedback: Feedback,
        comment: Option<String>,
        escalation: Option<(EscalationId, HandOver, Route)>,
        now: Timestamp,
    ) -> Result<TicketView, StoreError> {
        let reference = reference.clone();
        self.write(move |connection| {
            feedback::record(connection, &reference, feedback, comment.as_deref(), escalation.as_ref(), now)
        })
        .await
    }
}

fn accept(connection: &Connection, prefix: &str, mut inbound: Inbound) -> Result<Accepted, StoreError> {
    if let Some((message, ticket)) =
        messages::find_accepted(connection, inbound.channel, &inbound.provider_message_id)?
    {
        return Ok(accepted(tickets::head(connection, ticket)?, message, true));
    }
    if inbound.text.chars().nth(MAX_TEXT_CHARS).is_some() {
        return Err(failed(format!("a message may have at most {MAX_TEXT_CHARS} characters")));
    }
    let placed = match (&inbound.ticket, &inbound.extras.mail) {
        (Some(reference), _) => Placed::joined(named_ticket(connection, reference, &inbound)?, None),
        (None, Some(mail)) => mails_ticket(connection, prefix, &inbound, mail)?,
        (None, None) => senders_ticket(connection, prefix, &inbound)?,
    };
    let Placed { ticket, joined, held } = placed;
    inbound.extras.held = inbound.extras.held.or(held);
    let Place { conversation, ticket: ticket_id, .. } = ticket.place;
    let changed_subject =
        if joined { mail_threads::changed_subject(connection, ticket_id, &inbound)? } else { None };
    let message = messages::insert_inbound(connection, ticket.place, &inbound, changed_subject)?;
    events::message_received(connection, &ticket, message, !joined, &inbound)?;
    let only_kept = inbound.extras.automatic_mail.is_some() && inbound.extras.held.is_none();
    if joined && only_kept {
        // A machine's mail is kept beside what people wrote. It opens nothing again, and no turn answers for it.
        messages::set_aside(connection, &[message])?;
        return Ok(accepted(ticket, message, false));
    }
    if inbound.extras.automatic_mail.is_none() {
        tickets::reopen(connection, ticket_id, inbound.received_at)?;
    }
    conversations::touch(connection, conversation, inbound.channel, inbound.received_at)?;
    conversations::refresh_status(connection, conversation, inbound.received_at)?;
    jobs::queue(connection, ticket.place, message, inbound.received_at)?;
    Ok(accepted(ticket, message, false))
}

/// The ticket of a message, and what finding it told.
struct Placed {
    ticket: TicketHead,
    /// It was there before.
    joined: bool,
    /// Why only a person may see to the message.
    held: Option<String>,
}

impl Placed {
    fn joined(ticket: TicketHead, held: Option<String>) -> Self {
        Self { ticket, joined: true, held }
    }
}

/// The ticket a mail's thread leads to, else one of its own: a subject or a sender alone joins no ticket.
fn mails_ticket(
    connection: &Connection,
    prefix: &str,
    inbound: &Inbound,
    mail: &MailHeaders,
) -> Result<Placed, StoreError> {
    let candidates = mail_threads::candidates(connection, inbound, mail)?;
    let automatic = inbound.extras.automatic_mail.is_some();
    match mail_thread::place(&candidates, mail.authenticated, automatic) {
        Placement::Join { ticket, held } => {
            let ticket = tickets::head(connection, ticket)?;
            customers::confirm(connection, ticket.place.customer, &inbound.identifiers)?;
            Ok(Placed::joined(ticket, held))
        }
        Placement::Apart { held } => {
            let customer = customers::resolve(connection, inbound)?;
            let (trusted, at) = (customer.verified, inbound.received_at);
            let conversation =
                conversations::find_or_open(connection, customer.id, trusted, inbound.channel, at)?;
            let ticket = tickets::open(connection, prefix, &customer, conversation, inbound)?;
            Ok(Placed { ticket, joined: false, held })
        }
    }
}

/// The ticket the channel proved this to be an answer to. Who wrote is then the ticket's customer; addresses add nothing.
fn named_ticket(
    connection: &Connection,
    reference: &TicketReference,
    inbound: &Inbound,
) -> Result<TicketHead, StoreError> {
    let ticket = tickets::head_by_reference(connection, reference)?.ok_or(StoreError::NotFound("ticket"))?;
    customers::confirm(connection, ticket.place.customer, &inbound.identifiers)?;
    Ok(ticket)
}

/// The ticket found by who wrote. A web form always opens one: two people may type one address, and each sees their own.
fn senders_ticket(connection: &Connection, prefix: &str, inbound: &Inbound) -> Result<Placed, StoreError> {
    let customer = customers::resolve(connection, inbound)?;
    let conversation = conversations::find_or_open(
        connection,
        customer.id,
        customer.verified,
        inbound.channel,
        inbound.received_at,
    )?;
    let joined = match inbound.channel {
        Channel::Web => None,
        Channel::Email | Channel::Whatsapp => {
            tickets::newest_open(connection, conversation, inbound.channel, customer.verified)?
        }
    };
    if let Some(ticket) = joined {
        return Ok(Placed::joined(ticket, None));
    }
    let ticket = tickets::open(connection, prefix, &customer, conversation, inbound)?;
    Ok(Placed { ticket, joined: false, held: None })
}

fn accepted(ticket: TicketHead, message_id: MessageId, duplicate: bool) -> Accepted {
    Accepted {
        ticket_id: ticket.place.ticket,
        reference: ticket.reference,
        conversation_id: ticket.place.conversation,
        customer_id: ticket.place.customer,
        message_id,
        plan: ticket.plan,
        duplicate,
    }
}
