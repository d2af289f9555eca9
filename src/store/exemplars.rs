//! Local exemplars: kept, listed, taken back, brought in from another box.

use super::{
    Store, audit,
    error::failed,
    tickets,
    values::{cut, id, micros, named, time},
};
use crate::domain::{
    exemplar::{LocalExemplar, MAX_LOCAL_EXEMPLARS, NOTE_CHARS, OPERATOR_CHARS},
    ids::{ExemplarId, MessageId, TicketId},
    ticket::TicketReference,
};
use crate::ports::{
    exemplars::{DecidedMessage, ExemplarStore, Imported, NewExemplar},
    store::StoreError,
};
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// Characters of the text that the table takes; the domain's own limit is lower.
const TEXT_CHARS: usize = 6_000;

#[async_trait]
impl ExemplarStore for Store {
    async fn decided_message(
        &self,
        ticket: &TicketReference,
        message: Option<MessageId>,
    ) -> Result<DecidedMessage, StoreError> {
        let ticket = ticket.clone();
        self.read(move |connection| decided(connection, &ticket, message)).await
    }

    async fn mark(&self, exemplar: NewExemplar) -> Result<LocalExemplar, StoreError> {
        self.write(move |connection| mark(connection, &exemplar)).await
    }

    async fn undo_exemplar(
        &self,
        id: ExemplarId,
        operator: &str,
        now: Timestamp,
    ) -> Result<LocalExemplar, StoreError> {
        let operator = operator.to_owned();
        self.write(move |connection| undo(connection, id, &operator, now)).await
    }

    async fn exemplars(&self, with_undone: bool) -> Result<Vec<LocalExemplar>, StoreError> {
        self.read(move |connection| {
            let sql = format!("{SELECT} WHERE ?1 OR undone_at IS NULL ORDER BY sequence");
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map([with_undone], read)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    async fn import_exemplars(
        &self,
        exemplars: Vec<NewExemplar>,
        operator: &str,
        now: Timestamp,
    ) -> Result<Imported, StoreError> {
        let operator = operator.to_owned();
        self.write(move |connection| import(connection, &exemplars, &operator, now)).await
    }

    async fn exemplars_version(&self) -> Result<i64, StoreError> {
        self.read(|connection| {
            let sql = "SELECT version FROM local_exemplars_version";
            Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
        })
        .await
    }
}

const SELECT: &str =
    "SELECT local_exemplars.id, text, should, local_exemplars.category, local_exemplars.language, reference, message_id,
                             note, marked_by, marked_at, undone_by, undone_at
                      FROM local_exemplars LEFT JOIN tickets ON tickets.id = ticket_id";

fn read(row: &Row<'_>) -> rusqlite::Result<LocalExemplar> {
    let from_ticket = row.get::<_, Option<String>>("reference")?.is_some();
    let undone_by: Option<String> = row.get("undone_by")?;
    Ok(LocalExemplar {
        id: ExemplarId(id(row, "id")?),
        text: row.get("text")?,
        should: named(row, "should")?,
        category: named(row, "category")?,
        language: row.get("language")?,
        ticket: from_ticket.then(|| tickets::reference(row)).transpose()?,
        message_id: from_ticket.then(|| id(row, "message_id").map(MessageId)).transpose()?,
        note: row.get("note")?,
        marked_by: row.get("marked_by")?,
        marked_at: time(row, "marked_at")?,
        undone: undone_by.map(|by| time(row, "undone_at").map(|at| (by, at))).transpose()?,
    })
}

fn find(connection: &Connection, wanted: ExemplarId) -> Result<LocalExemplar, StoreError> {
    let sql = format!("{SELECT} WHERE local_exemplars.id = ?1");
    let found = connection.prepare_cached(&sql)?.query_row([wanted.0.into_bytes()], read).optional()?;
    found.ok_or(StoreError::NotFound("exemplar"))
}

fn decided(
    connection: &Connection,
    reference: &TicketReference,
    message: Option<MessageId>,
) -> Result<DecidedMessage, StoreError> {
    let ticket = tickets::head_by_reference(connection, reference)?.ok_or(StoreError::NotFound("ticket"))?;
    let (ticket_id, plan) = (ticket.place.ticket, ticket.plan);
    let sql =
        "SELECT triage_results.message_id, triage_results.language, decision, reason, escalation_category, content, subject
               FROM triage_results
               JOIN messages ON messages.id = triage_results.message_id
               JOIN tickets ON tickets.id = triage_results.ticket_id
               WHERE triage_results.ticket_id = ?1 AND (?2 IS NULL OR triage_results.message_id = ?2)
               ORDER BY decision IN ('acknowledged', 'ignored'), decided_at DESC LIMIT 1";
    let read = |row: &Row<'_>| {
        Ok(DecidedMessage {
            ticket_id,
            message_id: MessageId(id(row, "message_id")?),
            subject: row.get("subject")?,
            content: row.get("content")?,
            plan,
            language: row.get("language")?,
            decision: row.get("decision")?,
            reason: row.get("reason")?,
            category: named(row, "escalation_category")?,
        })
    };
    let message = message.map(|message| message.0.into_bytes());
    let found = connection
        .prepare_cached(sql)?
        .query_row(params![ticket_id.0.into_bytes(), message], read)
        .optional()?;
    found.ok_or(StoreError::NotFound("decision on this ticket"))
}

fn mark(connection: &Connection, exemplar: &NewExemplar) -> Result<LocalExemplar, StoreError> {
    if let Some((_, message)) = exemplar.origin {
        let sql = "UPDATE local_exemplars SET undone_by = ?2, undone_at = ?3 WHERE message_id = ?1 AND undone_at IS NULL";
        connection.prepare_cached(sql)?.execute(params![
            message.0.into_bytes(),
            cut(&exemplar.marked_by, OPERATOR_CHARS),
            micros(exemplar.marked_at)
        ])?;
    }
    require_room(connection, 1)?;
    let marked = insert(connection, exemplar)?;
    let subject =
        exemplar.origin.map_or_else(|| marked.to_string(), |(ticket, _): (TicketId, _)| ticket.to_string());
    let details = serde_json::json!({
        "exemplar": marked.to_string(), "should": exemplar.should.as_str(), "category": exemplar.category.as_str()
    });
    audit::note(connection, &exemplar.marked_by, "decision.correct", &subject, &details, exemplar.marked_at)?;
    find(connection, marked)
}

fn insert(connection: &Connection, exemplar: &NewExemplar) -> Result<ExemplarId, StoreError> {
    let id = ExemplarId::new();
    let (ticket, message) = exemplar.origin.unzip();
    let sql = "INSERT INTO local_exemplars
                   (id, text, should, category, language, ticket_id, message_id, note, marked_by, marked_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    connection.prepare_cached(sql)?.execute(params![
        id.0.into_bytes(),
        cut(&exemplar.text, TEXT_CHARS),
        exemplar.should.as_str(),
        exemplar.category.as_str(),
        exemplar.language,
        ticket.map(|ticket| ticket.0.into_bytes()),
        message.map(|message| message.0.into_bytes()),
        exemplar.note.as_deref().map(|note| cut(note, NOTE_CHARS)),
        cut(&exemplar.marked_by, OPERATOR_CHARS),
        micros(exemplar.marked_at)
    ])?;
    Ok(id)
}

fn undo(
    connection: &Connection,
    id: ExemplarId,
    operator: &str,
    now: Timestamp,
) -> Result<LocalExemplar, StoreError> {
    let found = find(connection, id)?;
    if found.undone.is_some() {
        return Ok(found);
    }
    connection
        .prepare_cached("UPDATE local_exemplars SET undone_by = ?2, undone_at = ?3 WHERE id = ?1")?
        .execute(params![id.0.into_bytes(), cut(operator, OPERATOR_CHARS), micros(now)])?;
    let details = serde_json::json!({ "should": found.should.as_str(), "category": found.category.as_str() });
    audit::note(connection, operator, "decision.undo", &id.to_string(), &details, now)?;
    find(connection, id)
}

fn import(
    connection: &Connection,
    exemplars: &[NewExemplar],
    operator: &str,
    now: Timestamp,
) -> Result<Imported, StoreError> {
    let mut done = Imported::default();
    let sql = "SELECT EXISTS (SELECT 1 FROM local_exemplars
               WHERE text = ?1 AND should = ?2 AND category = ?3 AND undone_at IS NULL)";
    for exemplar in exemplars {
        let known: bool = connection.prepare_cached(sql)?.query_row(
            params![cut(&exemplar.text, TEXT_CHARS), exemplar.should.as_str(), exemplar.category.as_str()],
            |row| row.get(0),
        )?;
        if known {
            done.known += 1;
        } else {
            insert(connection, exemplar)?;
            done.added += 1;
        }
    }
    require_room(connection, 0)?;
    let details = serde_json::json!({ "added": done.added, "known": done.known });
    audit::note(connection, operator, "decision.import", "local_exemplars", &details, now)?;
    Ok(done)
}

fn require_room(connection: &Connection, more: usize) -> Result<(), StoreError> {
    let sql = "SELECT count(*) FROM local_exemplars WHERE undone_at IS NULL";
    let in_force: i64 = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    if in_force + more as i64 <= MAX_LOCAL_EXEMPLARS as i64 {
        Ok(())
    } else {
        Err(failed(format!(
            "a box holds at most {MAX_LOCAL_EXEMPLARS} exemplars: undo some first, or put what they say into escalation.toml"
        )))
    }
}
