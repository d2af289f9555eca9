//! Signing in: failures, sessions, and programs' tokens.

use super::{
    audit::note,
    values::{cut, from_micros, id, micros, named, time},
};
use crate::domain::{
    ids::OperatorId,
    operator::TokenScope,
    sign_in::{FORGOTTEN_AFTER, Failures, SESSION_IDLE},
};
use crate::ports::{
    operators::{FoundSession, NewSession, SecretHash, SessionView, TokenView},
    store::StoreError,
};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::json;
use uuid::Uuid;

pub(super) fn failures(connection: &Connection, name: &str) -> Result<Failures, StoreError> {
    let found = connection
        .prepare_cached("SELECT failures, last_at FROM sign_in_failures WHERE name = ?1")?
        .query_row([cut(name, 100)], |row| {
            Ok(Failures { count: row.get("failures")?, last_at: Some(time(row, "last_at")?) })
        })
        .optional()?;
    Ok(found.unwrap_or_default())
}

pub(super) fn record_failure(connection: &Connection, name: &str, now: Timestamp) -> Result<(), StoreError> {
    let old = micros(now.saturating_sub(FORGOTTEN_AFTER).unwrap_or(Timestamp::MIN));
    connection.prepare_cached("DELETE FROM sign_in_failures WHERE last_at < ?1")?.execute([old])?;
    let sql = "INSERT INTO sign_in_failures (name, failures, last_at) VALUES (?1, 1, ?2)
               ON CONFLICT (name) DO UPDATE SET failures = failures + 1, last_at = excluded.last_at";
    connection.prepare_cached(sql)?.execute(params![cut(name, 100), micros(now)])?;
    Ok(())
}

pub(super) fn begin(
    connection: &Connection,
    session: &NewSession,
    name: &str,
    now: Timestamp,
) -> Result<Uuid, StoreError> {
    let idle = micros(now.saturating_sub(SESSION_IDLE).unwrap_or(Timestamp::MIN));
    connection.prepare_cached("DELETE FROM sessions WHERE last_seen_at < ?1")?.execute([idle])?;
    connection.prepare_cached("DELETE FROM sign_in_failures WHERE name = ?1")?.execute([cut(name, 100)])?;
    let session_id = Uuid::now_v7();
    let sql = "INSERT INTO sessions (token_hash, id, operator_id, created_at, last_seen_at, address, client)
               VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6)";
    connection.prepare_cached(sql)?.execute(params![
        session.token_hash,
        session_id.into_bytes(),
        session.operator_id.0.into_bytes(),
        micros(now),
        cut(&session.address, 100),
        cut(&session.client, 300)
    ])?;
    connection
        .prepare_cached("UPDATE operators SET last_seen_at = ?2 WHERE id = ?1")?
        .execute(params![session.operator_id.0.into_bytes(), micros(now)])?;
    note(
        connection,
        name,
        "session.begin",
        &session_id.to_string(),
        &json!({ "address": session.address }),
        now,
    )?;
    Ok(session_id)
}

pub(super) fn find(
    connection: &Connection,
    token_hash: &SecretHash,
) -> Result<Option<FoundSession>, StoreError> {
    let sql = "SELECT sessions.id, operator_id, name, role, sessions.created_at, sessions.last_seen_at
               FROM sessions JOIN operators ON operators.id = operator_id
               WHERE token_hash = ?1 AND disabled_at IS NULL";
    let read = |row: &Row<'_>| {
        Ok(FoundSession {
            session_id: id(row, "id")?,
            operator_id: OperatorId(id(row, "operator_id")?),
            name: row.get("name")?,
            role: named(row, "role")?,
            created_at: time(row, "created_at")?,
            last_seen_at: time(row, "last_seen_at")?,
        })
    };
    Ok(connection.prepare_cached(sql)?.query_row([token_hash], read).optional()?)
}

pub(super) fn seen(connection: &Connection, session: Uuid, now: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE sessions SET last_seen_at = max(last_seen_at, ?2) WHERE id = ?1 RETURNING operator_id";
    let operator: Option<[u8; 16]> = connection
        .prepare_cached(sql)?
        .query_row(params![session.into_bytes(), micros(now)], |row| row.get(0))
        .optional()?;
    if let Some(operator) = operator {
        connection
            .prepare_cached("UPDATE operators SET last_seen_at = ?2 WHERE id = ?1")?
            .execute(params![operator, micros(now)])?;
    }
    Ok(())
}

pub(super) fn list(connection: &Connection, operator: OperatorId) -> Result<Vec<SessionView>, StoreError> {
    let sql = "SELECT id, created_at, last_seen_at, address, client FROM sessions WHERE operator_id = ?1 ORDER BY created_at DESC";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([operator.0.into_bytes()], |row| {
        Ok(SessionView {
            id: id(row, "id")?,
            created_at: time(row, "created_at")?,
            last_seen_at: time(row, "last_seen_at")?,
            address: row.get("address")?,
            client: row.get("client")?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn end_one(
    connection: &Connection,
    operator: OperatorId,
    session: Uuid,
) -> Result<Vec<Uuid>, StoreError> {
    let ended = connection
        .prepare_cached("DELETE FROM sessions WHERE id = ?1 AND operator_id = ?2")?
        .execute(params![session.into_bytes(), operator.0.into_bytes()])?;
    if ended == 0 { Err(StoreError::NotFound("session")) } else { Ok(vec![session]) }
}

pub(super) fn end_all_but(
    connection: &Connection,
    operator: OperatorId,
    kept: Option<Uuid>,
) -> Result<Vec<Uuid>, StoreError> {
    let sql = "DELETE FROM sessions WHERE operator_id = ?1 AND (?2 IS NULL OR id <> ?2) RETURNING id";
    let mut statement = connection.prepare_cached(sql)?;
    let ended = statement
        .query_map(params![operator.0.into_bytes(), kept.map(Uuid::into_bytes)], |row| id(row, "id"))?;
    Ok(ended.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn tokens(connection: &Connection) -> Result<Vec<TokenView>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT * FROM api_tokens ORDER BY created_at DESC")?;
    let rows = statement.query_map([], read_token)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn read_token(row: &Row<'_>) -> rusqlite::Result<TokenView> {
    let optional = |column: &str| row.get::<_, Option<i64>>(column)?.map(from_micros).transpose();
    Ok(TokenView {
        id: id(row, "id")?,
        name: row.get("name")?,
        scope: named(row, "scope")?,
        created_by: row.get("created_by")?,
        created_at: time(row, "created_at")?,
        last_used_at: optional("last_used_at")?,
        revoked_at: optional("revoked_at")?,
    })
}

pub(super) fn create_token(
    connection: &Connection,
    name: &str,
    scope: TokenScope,
    token_hash: &SecretHash,
    actor: &str,
    now: Timestamp,
) -> Result<TokenView, StoreError> {
    let token = Uuid::now_v7();
    let sql = "INSERT INTO api_tokens (id, name, token_hash, scope, created_by, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
               RETURNING *";
    let made = connection.prepare_cached(sql)?.query_row(
        params![token.into_bytes(), name, token_hash, scope.as_str(), actor, micros(now)],
        read_token,
    )?;
    let details = json!({ "name": name, "scope": scope.as_str() });
    note(connection, actor, "token.create", &token.to_string(), &details, now)?;
    Ok(made)
}

pub(super) fn revoke_token(
    connection: &Connection,
    token: Uuid,
    actor: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE api_tokens SET revoked_at = coalesce(revoked_at, ?2) WHERE id = ?1";
    if connection.prepare_cached(sql)?.execute(params![token.into_bytes(), micros(now)])? == 0 {
        return Err(StoreError::NotFound("token"));
    }
    note(connection, actor, "token.revoke", &token.to_string(), &json!({}), now)
}

pub(super) fn token(
    connection: &Connection,
    token_hash: &SecretHash,
) -> Result<Option<TokenView>, StoreError> {
    let sql = "SELECT * FROM api_tokens WHERE token_hash = ?1 AND revoked_at IS NULL";
    Ok(connection.prepare_cached(sql)?.query_row([token_hash], read_token).optional()?)
}

/// Whether the last use of a token is so long ago that it is worth noting.
pub(super) fn is_stale(token: &TokenView, now: Timestamp) -> bool {
    token.last_used_at.is_none_or(|at| now.duration_since(at) > SignedDuration::from_mins(1))
}

pub(super) fn token_used(connection: &Connection, token: Uuid, now: Timestamp) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE api_tokens SET last_used_at = ?2 WHERE id = ?1")?
        .execute(params![token.into_bytes(), micros(now)])?;
    Ok(())
}
