//! One-time codes: sent to an address somebody says is theirs, and tried when digits come back. No code is ever stored: it is derived
//! from its row's id under the box's secret.

use super::{
    Store, conversations, customers, merges,
    messages::{self, Place},
    outbox, tickets,
    tickets::TicketHead,
    values::{from_micros, id, micros},
};
use crate::domain::{
    channel::Channel,
    customer::Identifier,
    identity::{
        ASKER_WINDOW, CODE_LASTS, CODE_TRIES, Claim, Standing, TARGET_WINDOW, Verdict, first_stays, judge,
        may_send,
    },
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
use subtle::ConstantTimeEq;
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
        self.write(move |connection| redeem(connection, ticket, message, &code, bare, now)).await
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
fn code_of(connection: &Connection, row: Uuid) -> Result<String, StoreError> {
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
fn is_a_persons(connection: &Connection, message: MessageId) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM messages WHERE id = ?1 AND direction = 'inbound' AND automatic_mail IS NULL AND held IS NULL")?
        .exists([message.0.into_bytes()])?)
}

/// Whose an address is, as far as we know.
#[derive(Clone, Copy)]
struct Owner {
    customer: CustomerId,
    proven: bool,
}

fn owner(connection: &Connection, claim: &Claim) -> Result<Option<Owner>, StoreError> {
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

/// A code that was sent.
struct Sent {
    id: Uuid,
    asker_ticket: TicketId,
    asker_customer: CustomerId,
    claim: Claim,
    expires_at: Timestamp,
    tries_left: u32,
    state: String,
    tried_by: Option<Uuid>,
}

fn read(row: &Row<'_>) -> rusqlite::Result<Sent> {
    let tried_by: Option<[u8; 16]> = row.get("tried_by_message_id")?;
    Ok(Sent {
        id: id(row, "id")?,
        asker_ticket: TicketId(id(row, "asker_ticket_id")?),
        asker_customer: CustomerId(id(row, "asker_customer_id")?),
        claim: Claim { kind: super::values::named(row, "kind")?, value: row.get("value")? },
        expires_at: from_micros(row.get("expires_at")?)?,
        tries_left: row.get("tries_left")?,
        state: row.get("state")?,
        tried_by: tried_by.map(Uuid::from_bytes),
    })
}

/// The newest code that whoever writes in this ticket may bring: one asked for in this ticket or by this proven customer; or, as bare
/// digits from the very address it was sent to, one that a proven customer asked for: a code typed there is a word of consent.
fn find(
    connection: &Connection,
    writer: &TicketHead,
    message: MessageId,
    bare: bool,
    now: Timestamp,
) -> Result<Option<Sent>, StoreError> {
    let sql = "SELECT one_time_codes.* FROM one_time_codes
               JOIN tickets ON tickets.id = asker_ticket_id
               JOIN conversations AS asker ON asker.id = tickets.conversation_id
               WHERE (state = 'open' OR tried_by_message_id = ?1) AND one_time_codes.created_at > ?2
                 AND (asker_ticket_id = ?3
                      OR (?4 AND asker.trust = 'verified' AND asker_customer_id = ?5)
                      OR (?4 AND ?6 AND asker.trust = 'verified' AND value = (SELECT sender FROM messages WHERE id = ?1)))
               ORDER BY one_time_codes.created_at DESC LIMIT 1";
    let since = now.saturating_sub(TARGET_WINDOW).unwrap_or(Timestamp::MIN);
    let values = params![
        message.0.into_bytes(),
        micros(since),
        writer.place.ticket.0.into_bytes(),
        writer.verified,
        writer.place.customer.0.into_bytes(),
        bare
    ];
    Ok(connection.prepare_cached(sql)?.query_row(values, read).optional()?)
}

fn redeem(
    connection: &Connection,
    ticket: TicketId,
    message: MessageId,
    code: &str,
    bare: bool,
    now: Timestamp,
) -> Result<Redeemed, StoreError> {
    if !is_a_persons(connection, message)? {
        return Ok(Redeemed::NoneOpen);
    }
    let writer = tickets::head(connection, ticket)?;
    let Some(sent) = find(connection, &writer, message, bare, now)? else { return Ok(Redeemed::NoneOpen) };
    if sent.tried_by == Some(message.0) {
        return Ok(match sent.state.as_str() {
            "proven" => Redeemed::Joined,
            "open" => Redeemed::Wrong { tries_left: sent.tries_left },
            _ => Redeemed::Spent,
        });
    }
    let fits: bool = code_of(connection, sent.id)?.as_bytes().ct_eq(code.as_bytes()).into();
    let verdict = judge(fits, sent.tries_left, sent.expires_at, now);
    let (state, tries_left, result) = match verdict {
        Verdict::Proven => ("proven", sent.tries_left, Redeemed::Joined),
        Verdict::Wrong { tries_left: 0 } => ("spent", 0, Redeemed::Spent),
        Verdict::Wrong { tries_left } => ("open", tries_left, Redeemed::Wrong { tries_left }),
        Verdict::Spent => ("spent", 0, Redeemed::Spent),
    };
    let sql = "UPDATE one_time_codes SET state = ?2, tries_left = ?3, tried_by_message_id = ?4, proven_at = ?5 WHERE id = ?1";
    let proven_at = (verdict == Verdict::Proven).then(|| micros(now));
    connection.prepare_cached(sql)?.execute(params![
        sent.id.into_bytes(),
        state,
        tries_left,
        message.0.into_bytes(),
        proven_at
    ])?;
    if verdict == Verdict::Proven {
        join(connection, &sent, now)?;
    }
    Ok(result)
}

/// The address is proven to be the asker's.
fn join(connection: &Connection, sent: &Sent, now: Timestamp) -> Result<(), StoreError> {
    let owner = owner(connection, &sent.claim)?.ok_or(StoreError::NotFound("identifier"))?;
    let asker = tickets::head(connection, sent.asker_ticket)?;
    let (target_standing, asker_standing) =
        (standing(connection, owner.customer)?, standing(connection, sent.asker_customer)?);
    connection
        .prepare_cached("UPDATE identifiers SET verified = 1 WHERE kind = ?1 AND value = ?2")?
        .execute(params![sent.claim.kind.as_str(), sent.claim.value])?;
    let details = serde_json::json!({ "code": sent.id.to_string(), "ticket": sent.asker_ticket.to_string() });
    merges::audit(connection, "code", "prove_address", owner.customer, &details, now)?;
    if !asker.verified {
        return join_ticket(connection, &asker, owner.customer, now);
    }
    if owner.customer == sent.asker_customer {
        return Ok(());
    }
    let (winner, loser) = if first_stays(asker_standing, target_standing) {
        (sent.asker_customer, owner.customer)
    } else {
        (owner.customer, sent.asker_customer)
    };
    merges::merge(connection, winner, loser, "code", now).map(drop)
}

/// A web ticket comes to the customer whose address its holder proved; the address typed into its form still proves nothing.
fn join_ticket(
    connection: &Connection,
    ticket: &TicketHead,
    customer: CustomerId,
    now: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE tickets SET customer_id = ?1 WHERE id = ?2")?
        .execute(params![customer.0.into_bytes(), ticket.place.ticket.0.into_bytes()])?;
    let home = conversations::find_or_open(connection, customer, true, ticket.channel, now)?;
    merges::move_ticket(connection, ticket.place.ticket, home)?;
    let sql = "UPDATE one_time_codes SET asker_customer_id = ?1 WHERE asker_ticket_id = ?2";
    connection
        .prepare_cached(sql)?
        .execute(params![customer.0.into_bytes(), ticket.place.ticket.0.into_bytes()])?;
    merges::settle(connection, ticket.place.conversation, now)?;
    merges::settle(connection, home, now)
}

fn standing(connection: &Connection, customer: CustomerId) -> Result<Standing, StoreError> {
    let sql = "SELECT created_at, EXISTS (SELECT 1 FROM identifiers WHERE customer_id = ?1 AND verified = 1) AS proven
               FROM customers WHERE id = ?1";
    let read = |row: &Row<'_>| {
        Ok(Standing { proven: row.get("proven")?, created_at: from_micros(row.get("created_at")?)? })
    };
    Ok(connection.prepare_cached(sql)?.query_row([customer.0.into_bytes()], read)?)
}
