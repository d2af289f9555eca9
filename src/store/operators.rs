//! Operators: made, changed, listed, found for signing in; and their second steps.

use super::{
    audit::note,
    values::{count, id, micros, named, time},
};
use crate::domain::{ids::OperatorId, operator::OperatorRole};
use crate::ports::{
    operators::{NewOperator, OperatorAccount, OperatorChange, OperatorView, SecretHash, TotpChange},
    store::StoreError,
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::json;
use uuid::Uuid;

pub(super) fn has_administrator(connection: &Connection) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM operators WHERE role = 'administrator'";
    Ok(connection.prepare_cached(sql)?.exists([])?)
}

pub(super) fn create(
    connection: &Connection,
    operator: &NewOperator,
    only_first: bool,
    actor: &str,
    now: Timestamp,
) -> Result<OperatorView, StoreError> {
    if only_first && has_administrator(connection)? {
        return Err(StoreError::Refused {
            code: "already_set_up",
            detail: "This box has an administrator already; sign in.",
        });
    }
    let taken =
        connection.prepare_cached("SELECT 1 FROM operators WHERE name = ?1")?.exists([&operator.name])?;
    if taken {
        return Err(StoreError::Refused { code: "name_taken", detail: "Somebody has this name already." });
    }
    let operator_id = OperatorId::new();
    let sql = "INSERT INTO operators (id, name, role, password_hash, created_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    connection.prepare_cached(sql)?.execute(params![
        operator_id.0.into_bytes(),
        operator.name,
        operator.role.as_str(),
        operator.password_hash,
        micros(now)
    ])?;
    let details = json!({ "name": operator.name, "role": operator.role.as_str() });
    note(connection, actor, "operator.create", &operator_id.to_string(), &details, now)?;
    view(connection, operator_id)
}

const VIEW: &str =
    "SELECT id, name, role, disabled_at, totp_confirmed, created_at, last_seen_at FROM operators";

pub(super) fn list(connection: &Connection) -> Result<Vec<OperatorView>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("{VIEW} ORDER BY name COLLATE NOCASE"))?;
    let rows = statement.query_map([], read_view)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn view(connection: &Connection, operator: OperatorId) -> Result<OperatorView, StoreError> {
    connection
        .prepare_cached(&format!("{VIEW} WHERE id = ?1"))?
        .query_row([operator.0.into_bytes()], read_view)
        .optional()?
        .ok_or(StoreError::NotFound("operator"))
}

fn read_view(row: &Row<'_>) -> rusqlite::Result<OperatorView> {
    Ok(OperatorView {
        id: OperatorId(id(row, "id")?),
        name: row.get("name")?,
        role: named(row, "role")?,
        disabled: row.get::<_, Option<i64>>("disabled_at")?.is_some(),
        totp: row.get("totp_confirmed")?,
        created_at: time(row, "created_at")?,
        last_seen_at: row
            .get::<_, Option<i64>>("last_seen_at")?
            .map(super::values::from_micros)
            .transpose()?,
    })
}

/// Applies a change; the ids of the sessions that ended by it.
pub(super) fn change(
    connection: &Connection,
    operator: OperatorId,
    change: &OperatorChange,
    actor: &str,
    now: Timestamp,
) -> Result<(OperatorView, Vec<Uuid>), StoreError> {
    let before = view(connection, operator)?;
    let key = operator.0.into_bytes();
    if let Some(role) = change.role {
        connection
            .prepare_cached("UPDATE operators SET role = ?2 WHERE id = ?1")?
            .execute(params![key, role.as_str()])?;
    }
    if let Some(disabled) = change.disabled {
        connection
            .prepare_cached("UPDATE operators SET disabled_at = CASE WHEN ?2 THEN coalesce(disabled_at, ?3) END WHERE id = ?1")?
            .execute(params![key, disabled, micros(now)])?;
    }
    if let Some(hash) = &change.password_hash {
        set_password(connection, operator, hash)?;
        connection.prepare_cached("DELETE FROM sign_in_failures WHERE name = ?1")?.execute([&before.name])?;
    }
    if change.reset_totp {
        disable_totp(connection, operator)?;
    }
    let left = "SELECT 1 FROM operators WHERE role = 'administrator' AND disabled_at IS NULL";
    if !connection.prepare_cached(left)?.exists([])? {
        return Err(StoreError::Refused {
            code: "last_administrator",
            detail: "Somebody must be left who may set up the box.",
        });
    }
    let details = json!({
        "name": before.name,
        "role": change.role.map(OperatorRole::as_str),
        "disabled": change.disabled,
        "new_password": change.password_hash.is_some(),
        "reset_totp": change.reset_totp,
    });
    note(connection, actor, "operator.change", &operator.to_string(), &details, now)?;
    let less = change.role.is_some_and(|role| role < before.role);
    let ends = less || change.disabled == Some(true) || change.password_hash.is_some();
    let ended = if ends { super::sessions::end_all_but(connection, operator, None)? } else { Vec::new() };
    Ok((view(connection, operator)?, ended))
}

pub(super) fn set_password(
    connection: &Connection,
    operator: OperatorId,
    hash: &str,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE operators SET password_hash = ?2 WHERE id = ?1")?
        .execute(params![operator.0.into_bytes(), hash])?;
    Ok(())
}

const ACCOUNT: &str = "SELECT operators.*, (SELECT count(*) FROM recovery_codes
                           WHERE operator_id = operators.id AND used_at IS NULL) AS codes_left FROM operators";

pub(super) fn account(connection: &Connection, name: &str) -> Result<Option<OperatorAccount>, StoreError> {
    let sql = format!("{ACCOUNT} WHERE name = ?1");
    Ok(connection.prepare_cached(&sql)?.query_row([name], read_account).optional()?)
}

pub(super) fn account_by_id(
    connection: &Connection,
    operator: OperatorId,
) -> Result<Option<OperatorAccount>, StoreError> {
    let sql = format!("{ACCOUNT} WHERE id = ?1");
    Ok(connection.prepare_cached(&sql)?.query_row([operator.0.into_bytes()], read_account).optional()?)
}

fn read_account(row: &Row<'_>) -> rusqlite::Result<OperatorAccount> {
    Ok(OperatorAccount {
        id: OperatorId(id(row, "id")?),
        name: row.get("name")?,
        role: named(row, "role")?,
        password_hash: row.get("password_hash")?,
        totp_secret: row.get("totp_secret")?,
        totp_confirmed: row.get("totp_confirmed")?,
        totp_last_step: row.get("totp_last_step")?,
        recovery_codes_left: count(row, "codes_left")?,
        disabled: row.get::<_, Option<i64>>("disabled_at")?.is_some(),
    })
}

pub(super) fn change_totp(
    connection: &Connection,
    operator: OperatorId,
    change: &TotpChange,
) -> Result<(), StoreError> {
    let key = operator.0.into_bytes();
    match change {
        TotpChange::Begin(secret) => {
            let sql = "UPDATE operators SET totp_secret = ?2 WHERE id = ?1 AND totp_confirmed = 0";
            if connection.prepare_cached(sql)?.execute(params![key, secret])? == 0 {
                return Err(StoreError::Refused {
                    code: "totp_in_force",
                    detail: "A second step is in force; switch it off first.",
                });
            }
        }
        TotpChange::Confirm { step, recovery_codes } => {
            let sql = "UPDATE operators SET totp_confirmed = 1, totp_last_step = ?2 WHERE id = ?1 AND totp_secret IS NOT NULL";
            connection.prepare_cached(sql)?.execute(params![key, step])?;
            replace_codes(connection, operator, recovery_codes)?;
        }
        TotpChange::NewCodes(codes) => replace_codes(connection, operator, codes)?,
        TotpChange::Disable => disable_totp(connection, operator)?,
    }
    Ok(())
}

fn disable_totp(connection: &Connection, operator: OperatorId) -> Result<(), StoreError> {
    let sql = "UPDATE operators SET totp_secret = NULL, totp_confirmed = 0, totp_last_step = 0 WHERE id = ?1";
    connection.prepare_cached(sql)?.execute([operator.0.into_bytes()])?;
    replace_codes(connection, operator, &[])
}

fn replace_codes(
    connection: &Connection,
    operator: OperatorId,
    codes: &[SecretHash],
) -> Result<(), StoreError> {
    let key = operator.0.into_bytes();
    connection.prepare_cached("DELETE FROM recovery_codes WHERE operator_id = ?1")?.execute([key])?;
    let mut statement =
        connection.prepare_cached("INSERT INTO recovery_codes (operator_id, code_hash) VALUES (?1, ?2)")?;
    for code in codes {
        statement.execute(params![key, code])?;
    }
    Ok(())
}

/// Takes the step of a code unless it or a later one was taken.
pub(super) fn use_step(connection: &Connection, operator: OperatorId, step: i64) -> Result<bool, StoreError> {
    let sql = "UPDATE operators SET totp_last_step = ?2 WHERE id = ?1 AND totp_last_step < ?2";
    Ok(connection.prepare_cached(sql)?.execute(params![operator.0.into_bytes(), step])? == 1)
}

pub(super) fn use_recovery_code(
    connection: &Connection,
    operator: OperatorId,
    code: &SecretHash,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "UPDATE recovery_codes SET used_at = ?3 WHERE operator_id = ?1 AND code_hash = ?2 AND used_at IS NULL";
    Ok(connection.prepare_cached(sql)?.execute(params![operator.0.into_bytes(), code, micros(now)])? == 1)
}
