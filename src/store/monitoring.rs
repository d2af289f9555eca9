//! Figures of how the box is doing, and how its alerts stand.

use super::{
    Store,
    values::{from_micros, micros},
};
use crate::domain::alerts::AlertState;
use crate::ports::{
    monitoring::{AlertStore, Figures, OperationFigures},
    store::StoreError,
};
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, params};
use std::collections::BTreeMap;

const HOUR_US: i64 = 3_600_000_000;

/// Name and query; `?1` is now in microseconds. A query that gives null leaves its figure out.
const FIGURES: &[(&str, &str)] = &[
    ("queue_waiting", "SELECT count(*) FROM jobs WHERE state IN ('waiting', 'leased') AND ?1 > 0"),
    ("oldest_due_seconds", "SELECT max(0, (?1 - min(due_at)) / 1e6) FROM jobs WHERE state = 'waiting' AND due_at <= ?1"),
    ("dead_letters", "SELECT (SELECT count(*) FROM jobs WHERE state = 'dead') + (SELECT count(*) FROM outbox WHERE state = 'dead')
                      WHERE ?1 > 0"),
    ("replies_waiting", "SELECT count(*) FROM outbox WHERE state IN ('waiting', 'leased') AND ?1 > 0"),
    ("deliveries_failed_hour", "SELECT count(*) FROM deliveries WHERE outcome = 'failed' AND finished_at > ?1 - 3600000000"),
    ("overdue_hand_overs", "SELECT count(*) FROM escalations WHERE resolved_at IS NULL AND due_at < ?1"),
    ("open_hand_overs", "SELECT count(*) FROM escalations WHERE resolved_at IS NULL AND ?1 > 0"),
    ("open_tickets", "SELECT count(*) FROM tickets WHERE status IN ('open', 'in_progress', 'escalated') AND ?1 > 0"),
    ("escalation_rate_day", "SELECT avg(value) FROM metrics WHERE name = 'escalation_rate' AND recorded_at > ?1 - 86400000000"),
    ("decided_day", "SELECT count(*) FROM metrics WHERE name = 'escalation_rate' AND recorded_at > ?1 - 86400000000"),
    ("sentiment_day", "SELECT avg(value) FROM metrics WHERE name = 'sentiment' AND recorded_at > ?1 - 86400000000"),
    ("free_pages", "SELECT freelist_count FROM pragma_freelist_count WHERE ?1 > 0"),
];

/// The names of the store's figures.
pub fn figure_names() -> impl Iterator<Item = &'static str> {
    FIGURES.iter().map(|(name, _)| *name).chain(["reply_seconds_p95_hour"])
}

#[async_trait]
impl OperationFigures for Store {
    async fn operation_figures(&self, now: Timestamp) -> Result<Figures, StoreError> {
        self.read(move |connection| figures(connection, now)).await
    }
}

#[async_trait]
impl AlertStore for Store {
    async fn alert_states(&self) -> Result<BTreeMap<String, AlertState>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT * FROM alert_states")?;
            let rows = statement.query_map([], |row| {
                let time = |column: &str| row.get::<_, Option<i64>>(column)?.map(from_micros).transpose();
                let state = AlertState {
                    crossed_since: time("crossed_since")?,
                    firing_since: time("firing_since")?,
                    value: row.get("value")?,
                };
                Ok((row.get("rule")?, state))
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    async fn keep_alert_state(&self, rule: &str, state: AlertState) -> Result<(), StoreError> {
        let rule = rule.to_owned();
        self.write(move |connection| {
            let sql =
                "INSERT INTO alert_states (rule, crossed_since, firing_since, value) VALUES (?1, ?2, ?3, ?4)
                       ON CONFLICT (rule) DO UPDATE SET crossed_since = excluded.crossed_since,
                           firing_since = excluded.firing_since, value = excluded.value";
            let (crossed, firing) = (state.crossed_since.map(micros), state.firing_since.map(micros));
            connection.prepare_cached(sql)?.execute(params![rule, crossed, firing, state.value])?;
            Ok(())
        })
        .await
    }
}

fn figures(connection: &Connection, now: Timestamp) -> Result<Figures, StoreError> {
    let mut found = Figures::new();
    for (name, sql) in FIGURES {
        let value: Option<f64> =
            connection.prepare_cached(sql)?.query_row([micros(now)], |row| row.get(0))?;
        found.extend(value.map(|value| (*name, value)));
    }
    // Nearest rank: a value that occurred.
    let sql = "SELECT value FROM metrics WHERE name = 'latency' AND recorded_at > ?1 ORDER BY value";
    let waits = connection
        .prepare_cached(sql)?
        .query_map([micros(now) - HOUR_US], |row| row.get::<_, f64>(0))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let rank = (waits.len() * 95).div_ceil(100);
    let p95 = rank.checked_sub(1).and_then(|index| waits.get(index));
    found.extend(p95.map(|value| ("reply_seconds_p95_hour", value / 1000.0)));
    Ok(found)
}
