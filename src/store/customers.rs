//! Who writes to us: customers and the identifiers that lead to them. A typed-in identifier leads to its customer but
//! proves nothing, and nothing unproven is ever linked to a customer who exists.

use super::values::{cut, id, micros, optional_name};
use crate::domain::{
    customer::{Identifier, Plan},
    ids::CustomerId,
    inbound::Inbound,
};
use crate::ports::store::StoreError;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

/// The customer a message belongs to.
pub(super) struct Resolved {
    pub id: CustomerId,
    /// The sender proved an identifier with this very message.
    pub verified: bool,
    /// What the company knows of the plan.
    pub known_plan: Option<Plan>,
}

/// Finds or makes the customer of a message. The writer is alone, so two first messages make one customer.
///
/// Several identifiers are taken together only when all are proven; else the best one alone decides and the others
/// are left out: otherwise typing somebody's number beside one's own address would tie the two for good.
pub(super) fn resolve(connection: &Connection, inbound: &Inbound) -> Result<Resolved, StoreError> {
    let best =
        inbound.identifiers.iter().find(|identifier| identifier.verified).or(inbound.identifiers.first());
    let best = best
        .ok_or_else(|| super::error::failed("a message without any sender's address cannot be accepted"))?;
    let all_verified = inbound.identifiers.iter().all(|identifier| identifier.verified);
    let considered: Vec<&Identifier> =
        if all_verified { inbound.identifiers.iter().collect() } else { vec![best] };

    let mut known = None;
    for identifier in &considered {
        if known.is_none() {
            known = owner(connection, identifier)?;
        }
    }
    let at = inbound.received_at;
    let customer = match known {
        Some(customer) => customer,
        None => create(connection, inbound.customer_name.as_deref(), at)?,
    };
    for identifier in considered {
        attach(connection, customer, identifier, at)?;
    }
    touch(connection, customer, best.verified, inbound)?;
    let known_plan = connection
        .prepare_cached("SELECT plan FROM customers WHERE id = ?1")?
        .query_row([customer.0.into_bytes()], |row| optional_name(row, "plan"))?;
    Ok(Resolved { id: customer, verified: best.verified, known_plan })
}

/// Raises `verified` on identifiers this customer already has. Used where a ticket, not an address, says whose message it is.
pub(super) fn confirm(
    connection: &Connection,
    customer: CustomerId,
    identifiers: &[Identifier],
) -> Result<(), StoreError> {
    for identifier in identifiers.iter().filter(|identifier| identifier.verified) {
        connection
            .prepare_cached(
                "UPDATE identifiers SET verified = 1 WHERE kind = ?1 AND value = ?2 AND customer_id = ?3",
            )?
            .execute(params![identifier.kind.as_str(), identifier.value, customer.0.into_bytes()])?;
    }
    Ok(())
}

fn owner(connection: &Connection, identifier: &Identifier) -> Result<Option<CustomerId>, StoreError> {
    let sql = "SELECT coalesce(customers.merged_into, customers.id) AS customer_id
               FROM identifiers JOIN customers ON customers.id = identifiers.customer_id
               WHERE identifiers.kind = ?1 AND identifiers.value = ?2";
    let found = connection
        .prepare_cached(sql)?
        .query_row(params![identifier.kind.as_str(), identifier.value], |row| id(row, "customer_id"))
        .optional()?;
    Ok(found.map(CustomerId))
}

fn create(connection: &Connection, name: Option<&str>, at: Timestamp) -> Result<CustomerId, StoreError> {
    let customer = CustomerId::new();
    connection
        .prepare_cached(
            "INSERT INTO customers (id, name, created_at, last_contact_at) VALUES (?1, ?2, ?3, ?3)",
        )?
        .execute(params![customer.0.into_bytes(), name.map(|name| cut(name, 300)), micros(at)])?;
    Ok(customer)
}

/// An identifier that belongs to somebody else stays theirs: joining two customers takes an operator's merge.
fn attach(
    connection: &Connection,
    customer: CustomerId,
    identifier: &Identifier,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO identifiers (kind, value, customer_id, verified, created_at) VALUES (?1, ?2, ?3, ?4, ?5)
               ON CONFLICT (kind, value) DO UPDATE SET verified = max(verified, excluded.verified)";
    connection.prepare_cached(sql)?.execute(params![
        identifier.kind.as_str(),
        identifier.value,
        customer.0.into_bytes(),
        identifier.verified,
        micros(at)
    ])?;
    Ok(())
}

/// A proven sender may correct the name; a typed-in one must not rename anybody.
fn touch(
    connection: &Connection,
    customer: CustomerId,
    verified: bool,
    inbound: &Inbound,
) -> Result<(), StoreError> {
    let sql = "UPDATE customers SET last_contact_at = max(last_contact_at, ?2),
               name = CASE WHEN ?3 THEN coalesce(?4, name) ELSE name END WHERE id = ?1";
    connection.prepare_cached(sql)?.execute(params![
        customer.0.into_bytes(),
        micros(inbound.received_at),
        verified,
        inbound.customer_name.as_deref().map(|name| cut(name, 300))
    ])?;
    Ok(())
}
