//! One-time codes: sent to an address somebody says is theirs, and tried when digits come back. No code is ever stored: it is derived
//! from its row's id under the box's secret.

use super::{
    Store, code_redemption, conversations, customers, merges,
    messages::{self, Place},
    outbox, tickets,
    tickets::TicketHead,
    values::{id, micros},
};
use crate::domain::{
    channel::Channel,
    customer::Identifier,
    identity::{ASKER_WINDOW, CODE_LASTS, CODE_TRIES, Claim, TARGET_WINDOW, may_send},
    ids::{CustomerId, MergeId, MessageId, TicketId},
    inbound::{Extras, Inbound},
    progress::Stage,
    ticket::{Category, Priority, TicketStatus},
};
use crate::ports::{
    identity::{Ask, Asked, CODE_PLACE, Identity, Redeemed},
    store::{LeasedDelivery, NewReply, StoreError},
};
use async_trait::async_trait;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};
use sha2::Sha256;
use uuid::Uuid;

/// Shown in the stored message where the code stood: whoever reads the conversation later must not find it.
const HIDDEN: &str = "······";

#[async_trait]
impl Identity for Store {
    async fn ask(&self, ask: Ask, now: Timestamp) -> Result<Asked, StoreError> {
        let prefix = self.options().ticket_prefix.clone();
        self.write(move |connection| send(connection, &prefix, &ask, now)).await
    }

    async fn redeem(
        &self,
        ticket: TicketId,
        message: MessageId,
        code: &str,
        bare: bool,
        now: Timestamp,
    ) -> Result<Redeemed, StoreError> {
        let code = code.to_owned();
        self.write(move |connection| code_redemption::redeem(connection, ticket, message, &code, bare, now))
            .await
    }

    async fn merge(
        &self,
        winner: CustomerId,
        loser: CustomerId,
        operator: &str,
        now: Timestamp,
    ) -> Result<MergeId, StoreError> {
        let operator = operator.to_owned();
        self.write(move |connection| merges::merge(connection, winner, loser, &operator, now)).await
    }

    async fn undo_merge(&self, merge: MergeId, operator: &str, now: Timestamp) -> Result<(), StoreError> {
        let operator = operator.to_owned();
        self.write(move |connection| merges::undo(connection, merge, &operator, now)).await
    }
}

/// Six digits for a row. The key is the box's own secret, so that a copy of the row alone tells nothing.
pub(super) fn code_of(connection: &Connection, row: Uuid) -> Result<String, StoreError> {
    let secret: [u8; 32] =
        connection
            .query_row("SELECT value FROM settings WHERE name = 'instance_secret'", [], |row| row.get(0))?;
    let mut mac =
        Hmac::<Sha256>::new_from_slice(&secret).map_err(|error| super::error::failed(error.to_string()))?;
    mac.update(b"one-time code");
    mac.update(row.as_bytes());
    let digest = mac.finalize().into_bytes();
    let number = digest[..8].iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
    Ok(format!("{:06}", number % 1_000_000))
}

/// Puts the code into a message that is about to leave.
pub(super) fn fill_in(connection: &Connection, delivery: &mut LeasedDelivery) -> Result<(), StoreError> {
    if !delivery.message.parts.iter().any(|part| part.contains(CODE_PLACE)) {
        return Ok(());
    }
    let row = connection
        .prepare_cached("SELECT id FROM one_time_codes WHERE code_message_id = ?1")?
        .query_row([delivery.message_id.0.into_bytes()], |row| id(row, "id"))
        .optional()?;
    if let Some(row) = row {
        let code = code_of(connection, row)?;
        for part in &mut delivery.message.parts {
            *part = part.replace(CODE_PLACE, &code);
        }
    }
    Ok(())
}

fn send(connection: &Connection, prefix: &str, ask: &Ask, now: Timestamp) -> Result<Asked, StoreError> {
    let repeated = connection
        .prepare_cached("SELECT 1 FROM one_time_codes WHERE asked_by_message_id = ?1")?
        .exists([ask.message.0.into_bytes()])?;
    if repeated {
        return Ok(Asked::Sent);
    }
    if !is_a_persons(connection, ask.message)? {
        return Ok(Asked::Unproven);
    }
    let asker = tickets::head(connection, ask.ticket)?;
    // On the web the ticket's token proves the ticket, and the ticket alone will move.
    if !asker.verified && asker.channel != Channel::Web {
        return Ok(Asked::Unproven);
    }
    let owner = owner(connection, &ask.claim)?;
    if asker.verified && owner.is_some_and(|owner| owner.customer == asker.place.customer && owner.proven) {
        return Ok(Asked::Known);
    }
    if !rationed(connection, &asker, &ask.claim, now)? {
        return Ok(Asked::TooMany);
    }
    // Whoever types into a form proves nothing yet: only who wrote to us before gets mail for it, and the form does not tell who did.
    if !asker.verified && !owner.is_some_and(|owner| owner.proven) {
        let said = "SELECT 1 FROM messages WHERE ticket_id = ?1 AND role = 'system'
                    AND sequence > (SELECT sequence FROM messages WHERE id = ?2)";
        let values = params![ask.ticket.0.into_bytes(), ask.message.0.into_bytes()];
        if !connection.prepare_cached(said)?.exists(values)? {
            queue_notice(connection, asker.place, &ask.notice, now)?;
        }
        return Ok(Asked::Sent);
    }
    let target = open_target(connection, prefix, ask, now)?;
    let close = "UPDATE one_time_codes SET state = 'replaced'
                 WHERE state = 'open' AND (asker_ticket_id = ?1 OR asker_customer_id = ?2 AND ?3) AND kind = ?4 AND value = ?5";
    connection.prepare_cached(close)?.execute(params![
        ask.ticket.0.into_bytes(),
        asker.place.customer.0.into_bytes(),
        asker.verified,
        ask.claim.kind.as_str(),
        ask.claim.value
    ])?;
    queue_code(connection, target, &ask.code, now)?;
    let sql = "INSERT INTO one_time_codes (id, asker_ticket_id, asker_customer_id, asked_by_message_id, kind, value,
                   target_customer_id, code_message_id, created_at, expires_at, tries_left)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    connection.prepare_cached(sql)?.execute(params![
        Uuid::new_v4().into_bytes(),
        ask.ticket.0.into_bytes(),
        asker.place.customer.0.into_bytes(),
        ask.message.0.into_bytes(),
        ask.claim.kind.as_str(),
        ask.claim.value,
        target.customer.0.into_bytes(),
        ask.code.message_id.0.into_bytes(),
        micros(now),
        micros(now.saturating_add(CODE_LASTS).unwrap_or(Timestamp::MAX)),
        CODE_TRIES
    ])?;
    queue_notice(connection, asker.place, &ask.notice, now)?;
    Ok(Asked::Sent)
}

fn queue_notice(
    connection: &Connection,
    place: Place,
    notice: &NewReply,
    now: Timestamp,
) -> Result<(), StoreError> {
    messages::insert_reply(connection, place, notice, false, now)?;
    outbox::queue(connection, place, notice, now).map(drop)
}

/// Not written by a machine (an out-of-office reply quotes what it answers) and not set aside for a person.
pub(super) fn is_a_persons(connection: &Connection, message: MessageId) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM messages WHERE id = ?1 AND direction = 'inbound' AND automatic_mail IS NULL AND held IS NULL")?
        .exists([message.0.into_bytes()])?)
}

/// Whose an address is, as far as we know.
#[derive(Clone, Copy)]
pub(super) struct Owner {
    pub customer: CustomerId,
    pub proven: bool,
}

pub(super) fn owner(connection: &Connection, claim: &Claim) -> Result<Option<Owner>, StoreError> {
    let sql = "SELECT customer_id, verified FROM identifiers WHERE kind = ?1 AND value = ?2";
    let read = |row: &Row<'_>| {
        Ok(Owner { customer: CustomerId(id(row, "customer_id")?), proven: row.get("verified")? })
    };
    Ok(connection
        .prepare_cached(sql)?
        .query_row(params![claim.kind.as_str(), claim.value], read)
        .optional()?)
}

fn rationed(
    connection: &Connection,
    asker: &TicketHead,
    claim: &Claim,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let since = |window: SignedDuration| micros(now.saturating_sub(window).unwrap_or(Timestamp::MIN));
    // What somebody asked for in a form under another's address is not counted against that other.
    let by_asker = "SELECT count(*) FROM one_time_codes
                    JOIN tickets ON tickets.id = asker_ticket_id
                    JOIN conversations ON conversations.id = tickets.conversation_id
                    WHERE (asker_ticket_id = ?1 OR (?4 AND trust = 'verified' AND asker_customer_id = ?2))
                      AND one_time_codes.created_at > ?3";
    let by_asker: u32 = connection.prepare_cached(by_asker)?.query_row(
        params![
            asker.place.ticket.0.into_bytes(),
            asker.place.customer.0.into_bytes(),
            since(ASKER_WINDOW),
            asker.verified
        ],
        |row| row.get(0),
    )?;
    let to_target = "SELECT count(*) FROM one_time_codes WHERE kind = ?1 AND value = ?2 AND created_at > ?3";
    let to_target: u32 = connection
        .prepare_cached(to_target)?
        .query_row(params![claim.kind.as_str(), claim.value, since(TARGET_WINDOW)], |row| row.get(0))?;
    Ok(may_send(by_asker, to_target))
}

/// A closed ticket of the claimed address for the message with the code. It must not stand in the asker's: an answer to it would be
/// shown there, and the page of a web ticket would show the code's message to the one who has to bring it from elsewhere.
fn open_target(
    connection: &Connection,
    prefix: &str,
    ask: &Ask,
    now: Timestamp,
) -> Result<Place, StoreError> {
    let channel = ask.claim.channel();
    let inbound = Inbound {
        channel,
        account: String::new(),
        provider_message_id: String::new(),
        identifiers: vec![Identifier {
            kind: ask.claim.kind,
            value: ask.claim.value.clone(),
            verified: false,
        }],
        customer_name: None,
        plan: None,
        subject: Some("Confirming an address".to_owned()),
        text: String::new(),
        raw: Vec::new(),
        category: Category::General,
        priority: Priority::Medium,
        ticket: None,
        received_at: now,
        extras: Extras::default(),
    };
    let customer = customers::resolve(connection, &inbound)?;
    let conversation = conversations::find_or_open(connection, customer.id, false, channel, now)?;
    let place = tickets::open(connection, prefix, &customer, conversation, &inbound)?.place;
    tickets::set_status(connection, place, TicketStatus::Resolved, Stage::Answered, now)?;
    Ok(place)
}

fn queue_code(
    connection: &Connection,
    place: Place,
    code: &NewReply,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut shown = code.clone();
    for part in &mut shown.parts {
        *part = part.replace(CODE_PLACE, HIDDEN);
    }
    messages::insert_reply(connection, place, &shown, false, now)?;
    outbox::queue(connection, place, code, now)?;
    Ok(())
}
