//! All that is kept of a person, as records: every row, each column by its name.

use super::{
    Store,
    erasure::is_buried,
    values::{from_micros, id},
};
use crate::domain::{
    address::{normalise_email, normalise_phone},
    ids::{AttachmentId, CustomerId, MessageId},
};
use crate::ports::{
    privacy::{ErasureReceipt, ExportFile, FileSource, PersonExport, PrivacyStore},
    store::StoreError,
};
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, types::ValueRef};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// Kind of record and its query; `?1` is the customer.
const RECORDS: &[(&str, &str)] = &[
    ("customers", "SELECT * FROM customers WHERE id IN (SELECT id FROM family)"),
    ("addresses", "SELECT * FROM identifiers WHERE customer_id IN (SELECT id FROM family)"),
    (
        "conversations",
        "SELECT * FROM conversations WHERE customer_id IN (SELECT id FROM family) ORDER BY started_at",
    ),
    ("tickets", "SELECT * FROM tickets WHERE id IN (SELECT id FROM their_tickets) ORDER BY created_at"),
    (
        "messages",
        "SELECT * FROM messages WHERE ticket_id IN (SELECT id FROM their_tickets) ORDER BY sequence",
    ),
    (
        "mails",
        "SELECT mail_headers.* FROM mail_headers JOIN messages ON messages.id = message_id
               WHERE ticket_id IN (SELECT id FROM their_tickets) ORDER BY sequence",
    ),
    (
        "attachments",
        "SELECT attachments.id, message_id, name, media_type, byte_length, sha256 FROM attachments
                     JOIN messages ON messages.id = message_id
                     WHERE ticket_id IN (SELECT id FROM their_tickets) ORDER BY sequence, position",
    ),
    (
        "readings",
        "SELECT * FROM triage_results WHERE ticket_id IN (SELECT id FROM their_tickets) ORDER BY decided_at",
    ),
    ("drafts", "SELECT * FROM drafts WHERE ticket_id IN (SELECT id FROM their_tickets) ORDER BY created_at"),
    (
        "hand_overs",
        "SELECT * FROM escalations WHERE ticket_id IN (SELECT id FROM their_tickets) ORDER BY created_at",
    ),
    ("notes", "SELECT * FROM notes WHERE ticket_id IN (SELECT id FROM their_tickets) ORDER BY created_at"),
    (
        "feedback",
        "SELECT * FROM feedback WHERE ticket_id IN (SELECT id FROM their_tickets) ORDER BY created_at",
    ),
    ("ratings", "SELECT * FROM ratings WHERE ticket_id IN (SELECT id FROM their_tickets)"),
    ("labels", "SELECT * FROM ticket_labels WHERE ticket_id IN (SELECT id FROM their_tickets)"),
    ("exemplars", "SELECT * FROM local_exemplars WHERE ticket_id IN (SELECT id FROM their_tickets)"),
    (
        "shown_to_hosted_models",
        "SELECT * FROM egress WHERE ticket_id IN (SELECT id FROM their_tickets) ORDER BY id",
    ),
    (
        "merges",
        "SELECT * FROM customer_merges WHERE winner_id IN (SELECT id FROM family) OR loser_id IN (SELECT id FROM family)",
    ),
];

const FAMILY: &str = "WITH RECURSIVE family (id) AS (
        SELECT ?1 UNION SELECT customers.id FROM customers JOIN family ON customers.merged_into = family.id),
    their_tickets (id) AS (SELECT id FROM tickets WHERE customer_id IN (SELECT id FROM family))";

#[async_trait]
impl PrivacyStore for Store {
    async fn find_customers(&self, named: &str) -> Result<Vec<CustomerId>, StoreError> {
        let named = named.trim().to_owned();
        self.read(move |connection| find(connection, &named)).await
    }

    async fn export_person(&self, customer: CustomerId) -> Result<PersonExport, StoreError> {
        self.read(move |connection| export(connection, customer)).await
    }

    async fn export_file(&self, source: FileSource) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(move |connection| {
            let (sql, key) = match source {
                FileSource::Attachment(AttachmentId(id)) => {
                    ("SELECT content FROM attachments WHERE id = ?1", id)
                }
                FileSource::Raw(MessageId(id)) => ("SELECT raw FROM message_raw WHERE message_id = ?1", id),
            };
            Ok(connection.prepare_cached(sql)?.query_row([key.into_bytes()], |row| row.get(0)).optional()?)
        })
        .await
    }

    async fn erase_person(
        &self,
        customer: CustomerId,
        actor: &str,
        now: Timestamp,
    ) -> Result<ErasureReceipt, StoreError> {
        self.erase_customer(customer, actor, now).await
    }
}

fn find(connection: &Connection, named: &str) -> Result<Vec<CustomerId>, StoreError> {
    if let Ok(wanted) = named.parse::<Uuid>() {
        if is_buried(connection, CustomerId(wanted))? {
            return Ok(vec![CustomerId(wanted)]);
        }
        let sql = "SELECT coalesce(merged_into, id) AS id FROM customers WHERE id = ?1";
        let found = connection
            .prepare_cached(sql)?
            .query_row([wanted.into_bytes()], |row| id(row, "id"))
            .optional()?;
        return Ok(found.map(CustomerId).into_iter().collect());
    }
    let values = [
        normalise_email(named).unwrap_or_default(),
        normalise_phone(named).unwrap_or_default(),
        named.to_owned(),
    ];
    let sql = "SELECT DISTINCT coalesce(merged_into, id) AS id FROM customers
               WHERE id IN (SELECT customer_id FROM identifiers WHERE value IN (?1, ?2, ?3))";
    let found = connection
        .prepare_cached(sql)?
        .query_map(values, |row| id(row, "id").map(CustomerId))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(found)
}

fn export(connection: &Connection, customer: CustomerId) -> Result<PersonExport, StoreError> {
    let key = customer.0.into_bytes();
    let mut records = Map::new();
    for (kind, sql) in RECORDS {
        let mut statement = connection.prepare_cached(&format!("{FAMILY} {sql}"))?;
        let names: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
        let rows = statement
            .query_map([key], |row| record(row, &names))?
            .collect::<rusqlite::Result<Vec<Value>>>()?;
        if *kind == "customers" && rows.is_empty() {
            return Err(StoreError::NotFound("customer"));
        }
        records.insert((*kind).to_owned(), Value::Array(rows));
    }
    Ok(PersonExport { records: Value::Object(records), files: files(connection, key)? })
}

fn files(connection: &Connection, key: [u8; 16]) -> Result<Vec<ExportFile>, StoreError> {
    let sql = format!(
        "{FAMILY} SELECT attachments.id, attachments.message_id, position, name FROM attachments
         JOIN messages ON messages.id = message_id WHERE ticket_id IN (SELECT id FROM their_tickets) ORDER BY sequence, position"
    );
    let attachment = |row: &Row<'_>| {
        let (message, position, name) =
            (id(row, "message_id")?, row.get::<_, i64>("position")?, row.get::<_, String>("name")?);
        Ok(ExportFile {
            name: format!("attachments/{message}-{position}-{}", safe_name(&name)),
            source: FileSource::Attachment(AttachmentId(id(row, "id")?)),
        })
    };
    let mut found: Vec<ExportFile> =
        connection.prepare_cached(&sql)?.query_map([key], attachment)?.collect::<rusqlite::Result<_>>()?;
    let sql = format!(
        "{FAMILY} SELECT message_id, channel FROM message_raw JOIN messages ON messages.id = message_id
         WHERE ticket_id IN (SELECT id FROM their_tickets) ORDER BY sequence"
    );
    let raw = |row: &Row<'_>| {
        let message = id(row, "message_id")?;
        let mail = row.get::<_, String>("channel")? == "email";
        Ok(ExportFile {
            name: format!("originals/{message}.{}", if mail { "eml" } else { "json" }),
            source: FileSource::Raw(MessageId(message)),
        })
    };
    let rows =
        connection.prepare_cached(&sql)?.query_map([key], raw)?.collect::<rusqlite::Result<Vec<_>>>()?;
    found.extend(rows);
    Ok(found)
}

/// A name that leads out of no folder on any system.
fn safe_name(name: &str) -> String {
    let kept = |character: char| character.is_alphanumeric() || matches!(character, '.' | '-' | '_' | ' ');
    let name: String =
        name.chars().map(|character| if kept(character) { character } else { '_' }).take(100).collect();
    name.trim_matches(['.', ' ']).to_owned()
}

/// A row as JSON: times in words, ids as such, lists as lists.
fn record(row: &Row<'_>, names: &[String]) -> rusqlite::Result<Value> {
    let mut fields = Map::new();
    for (index, name) in names.iter().enumerate() {
        let value = match row.get_ref(index)? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) if is_time(name) => json!(from_micros(number)?.to_string()),
            ValueRef::Integer(number) => json!(number),
            ValueRef::Real(number) => json!(number),
            ValueRef::Text(text) => {
                let text = String::from_utf8_lossy(text);
                let list = text.starts_with('[') || text.starts_with('{');
                list.then(|| serde_json::from_str(&text).ok()).flatten().unwrap_or_else(|| json!(text))
            }
            ValueRef::Blob(bytes) => match <[u8; 16]>::try_from(bytes) {
                Ok(bytes) => json!(Uuid::from_bytes(bytes).to_string()),
                Err(_) => json!(hex::encode(bytes)),
            },
        };
        fields.insert(name.clone(), value);
    }
    Ok(Value::Object(fields))
}

fn is_time(name: &str) -> bool {
    name.ends_with("_at") || name == "at" || name.ends_with("_until") || name.ends_with("_since")
}

#[cfg(test)]
mod tests {
    use super::safe_name;
    use rstest::rstest;

    #[rstest]
    #[case("invoice 7.pdf", "invoice 7.pdf")]
    #[case("../../etc/passwd", "_.._etc_passwd")]
    #[case("C:\\x?.txt", "C__x_.txt")]
    #[case("Überweisung.png", "Überweisung.png")]
    fn no_name_leads_out_of_its_folder(#[case] name: &str, #[case] expected: &str) {
        assert_eq!(safe_name(name), expected);
    }
}
