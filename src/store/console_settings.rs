//! Macros, autonomy and single settings of the console.

use super::{
    Store,
    audit::note,
    values::{id, micros, named, time},
};
use crate::domain::autonomy::AutonomyEntry;
use crate::ports::{
    console::{ConsoleSettings, MacroView, NewMacro},
    store::StoreError,
};
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::json;
use uuid::Uuid;

/// The names of console settings begin so: the table holds other things, too.
const PREFIX: &str = "console.";

#[async_trait]
impl ConsoleSettings for Store {
    async fn macros(&self) -> Result<Vec<MacroView>, StoreError> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT * FROM macros ORDER BY name COLLATE NOCASE")?;
            let rows = statement.query_map([], read_macro)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    async fn save_macro(
        &self,
        id: Option<Uuid>,
        new: NewMacro,
        actor: &str,
        now: Timestamp,
    ) -> Result<MacroView, StoreError> {
        let actor = actor.to_owned();
        self.write(move |connection| save_macro(connection, id, &new, &actor, now)).await
    }

    async fn remove_macro(&self, id: Uuid, actor: &str, now: Timestamp) -> Result<(), StoreError> {
        let actor = actor.to_owned();
        self.write(move |connection| {
            let removed =
                connection.prepare_cached("DELETE FROM macros WHERE id = ?1")?.execute([id.into_bytes()])?;
            if removed == 0 {
                return Err(StoreError::NotFound("macro"));
            }
            note(connection, &actor, "macro.remove", &id.to_string(), &json!({}), now)
        })
        .await
    }

    async fn autonomy(&self) -> Result<Vec<AutonomyEntry>, StoreError> {
        self.read(|connection| {
            let sql =
                "SELECT channel, nullif(intent, '') AS intent, level FROM autonomy ORDER BY channel, intent";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([], |row| {
                Ok(AutonomyEntry {
                    channel: named(row, "channel")?,
                    intent: super::values::optional_name(row, "intent")?,
                    level: named(row, "level")?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    async fn set_autonomy(
        &self,
        entries: Vec<AutonomyEntry>,
        actor: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let actor = actor.to_owned();
        self.write(move |connection| {
            connection.prepare_cached("DELETE FROM autonomy")?.execute([])?;
            let sql = "INSERT INTO autonomy (channel, intent, level) VALUES (?1, ?2, ?3)
                       ON CONFLICT (channel, intent) DO UPDATE SET level = excluded.level";
            let mut statement = connection.prepare_cached(sql)?;
            for entry in &entries {
                let intent = entry.intent.map_or("", crate::domain::triage::Intent::as_str);
                statement.execute(params![entry.channel.as_str(), intent, entry.level.as_str()])?;
            }
            note(connection, &actor, "settings.autonomy", "autonomy", &json!({ "entries": entries }), now)
        })
        .await
    }

    async fn setting(&self, name: &'static str) -> Result<Option<String>, StoreError> {
        self.read(move |connection| {
            Ok(connection
                .prepare_cached("SELECT CAST(value AS TEXT) FROM settings WHERE name = ?1")?
                .query_row([format!("{PREFIX}{name}")], |row| row.get(0))
                .optional()?)
        })
        .await
    }

    async fn set_setting(
        &self,
        name: &'static str,
        value: String,
        actor: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let actor = actor.to_owned();
        self.write(move |connection| {
            let sql = "INSERT INTO settings (name, value, updated_at) VALUES (?1, ?2, ?3)
                       ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at";
            connection.prepare_cached(sql)?.execute(params![
                format!("{PREFIX}{name}"),
                value.as_bytes(),
                micros(now)
            ])?;
            let details = serde_json::from_str(&value).unwrap_or_default();
            note(connection, &actor, &format!("settings.{name}"), name, &details, now)
        })
        .await
    }
}

fn read_macro(row: &Row<'_>) -> rusqlite::Result<MacroView> {
    Ok(MacroView {
        id: id(row, "id")?,
        name: row.get("name")?,
        body: row.get("body")?,
        updated_by: row.get("updated_by")?,
        updated_at: time(row, "updated_at")?,
    })
}

fn save_macro(
    connection: &Connection,
    known: Option<Uuid>,
    new: &NewMacro,
    actor: &str,
    now: Timestamp,
) -> Result<MacroView, StoreError> {
    let key = known.unwrap_or_else(Uuid::now_v7).into_bytes();
    let taken = connection
        .prepare_cached("SELECT 1 FROM macros WHERE name = ?1 AND id <> ?2")?
        .exists(params![new.name, key])?;
    if taken {
        return Err(StoreError::Refused {
            code: "name_taken",
            detail: "There is a macro of this name already.",
        });
    }
    let sql = if known.is_some() {
        "UPDATE macros SET name = ?2, body = ?3, updated_by = ?4, updated_at = ?5 WHERE id = ?1 RETURNING *"
    } else {
        "INSERT INTO macros (id, name, body, updated_by, updated_at) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING *"
    };
    let saved = connection
        .prepare_cached(sql)?
        .query_row(params![key, new.name, new.body, actor, micros(now)], read_macro)
        .optional()?
        .ok_or(StoreError::NotFound("macro"))?;
    note(connection, actor, "macro.save", &saved.id.to_string(), &json!({ "name": new.name }), now)?;
    Ok(saved)
}
