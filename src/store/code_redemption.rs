//! Codes that come back: whose they may be, whether they fit, and what is one customer's from then on.

use super::{
    audit, conversations, merges,
    one_time_codes::{code_of, is_a_persons, owner},
    tickets::{self, TicketHead},
    values::{from_micros, id, micros, named},
};
use crate::domain::{
    identity::{Claim, Standing, TARGET_WINDOW, Verdict, first_stays, judge},
    ids::{CustomerId, MessageId, TicketId},
};
use crate::ports::{identity::Redeemed, store::StoreError};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use subtle::ConstantTimeEq;
use uuid::Uuid;

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
        claim: Claim { kind: named(row, "kind")?, value: row.get("value")? },
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

pub(super) fn redeem(
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
        Verdict::Wrong { tries_left } if tries_left > 0 => {
            ("open", tries_left, Redeemed::Wrong { tries_left })
        }
        Verdict::Wrong { .. } | Verdict::Spent => ("spent", 0, Redeemed::Spent),
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
    audit::note(connection, "code", "prove_address", &owner.customer.to_string(), &details, now)?;
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
