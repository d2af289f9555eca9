//! Figures over time, by day and channel. Each report is one query; medians are taken here, as SQLite has none.

use super::{Store, values::micros};
use crate::ports::{
    console::{Analytics, AnalyticsQuery, ReportColumn, ReportKind, ReportTable},
    store::StoreError,
};
use async_trait::async_trait;
use rusqlite::{Connection, ToSql, types::ValueRef};
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[async_trait]
impl Analytics for Store {
    async fn report(&self, query: AnalyticsQuery) -> Result<ReportTable, StoreError> {
        self.read(move |connection| report(connection, &query)).await
    }
}

/// Name and unit.
type Column = (&'static str, &'static str);

/// The day of a time column.
fn day(column: &str) -> String {
    format!("date({column} / 1000000, 'unixepoch')")
}

fn report(connection: &Connection, query: &AnalyticsQuery) -> Result<ReportTable, StoreError> {
    match query.kind {
        ReportKind::Volume => volume(connection, query),
        ReportKind::FirstResponse => first_response(connection, query),
        ReportKind::Resolution => resolution(connection, query),
        ReportKind::Escalations => escalations(connection, query),
        ReportKind::Sentiment => sentiment(connection, query),
        ReportKind::Calibration => calibration(connection, query),
        ReportKind::Satisfaction => satisfaction(connection, query),
    }
}

/// Runs a query whose `?1`, `?2` and `?3` are the first moment, the moment after the last, and the channel or null.
fn table(
    connection: &Connection,
    query: &AnalyticsQuery,
    columns: &[Column],
    sql: &str,
    more: &[&dyn ToSql],
) -> Result<ReportTable, StoreError> {
    let (from, until) = (micros(query.from), micros(query.until));
    let channel = query.channel.map(crate::domain::channel::Channel::as_str);
    let mut values: Vec<&dyn ToSql> = vec![&from, &until, &channel];
    values.extend(more);
    let mut statement = connection.prepare_cached(sql)?;
    let count = columns.len();
    let rows = statement.query_map(values.as_slice(), |row| {
        (0..count)
            .map(|index| {
                Ok(match row.get_ref(index)? {
                    ValueRef::Integer(number) => json!(number),
                    ValueRef::Real(number) => json!((number * 10_000.0).round() / 10_000.0),
                    ValueRef::Text(text) => json!(String::from_utf8_lossy(text)),
                    ValueRef::Null | ValueRef::Blob(_) => Value::Null,
                })
            })
            .collect::<rusqlite::Result<Vec<Value>>>()
    })?;
    Ok(ReportTable { columns: named(columns), rows: rows.collect::<rusqlite::Result<_>>()? })
}

fn named(columns: &[Column]) -> Vec<ReportColumn> {
    columns.iter().map(|(name, unit)| ReportColumn { name, unit }).collect()
}

fn volume(connection: &Connection, query: &AnalyticsQuery) -> Result<ReportTable, StoreError> {
    let columns = [("day", "text"), ("channel", "text"), ("tickets", "count"), ("messages", "count")];
    let sql = format!(
        "SELECT day, channel, sum(tickets), sum(messages) FROM (
             SELECT {} AS day, channel, 1 AS tickets, 0 AS messages FROM tickets WHERE created_at >= ?1 AND created_at < ?2
             UNION ALL
             SELECT {}, channel, 0, 1 FROM messages WHERE created_at >= ?1 AND created_at < ?2 AND direction = 'inbound')
         WHERE ?3 IS NULL OR channel = ?3 GROUP BY day, channel ORDER BY day, channel",
        day("created_at"),
        day("created_at")
    );
    table(connection, query, &columns, &sql, &[])
}

/// From the first message to the first answer, by the day the ticket was opened.
fn first_response(connection: &Connection, query: &AnalyticsQuery) -> Result<ReportTable, StoreError> {
    let sql = format!(
        "SELECT {} AS day, channel, (SELECT min(created_at) FROM messages WHERE ticket_id = tickets.id AND answers = 1)
             - created_at AS waited
         FROM tickets WHERE created_at >= ?1 AND created_at < ?2 AND (?3 IS NULL OR channel = ?3)",
        day("created_at")
    );
    let mut waits: BTreeMap<(String, String), Vec<f64>> = BTreeMap::new();
    let mut statement = connection.prepare_cached(&sql)?;
    let channel = query.channel.map(crate::domain::channel::Channel::as_str);
    let rows = statement
        .query_map(rusqlite::params![micros(query.from), micros(query.until), channel], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<_, Option<i64>>(2)?))
        })?;
    for row in rows {
        let (day, channel, waited) = row?;
        let waits = waits.entry((day, channel)).or_default();
        waits.extend(waited.map(|waited| waited as f64 / 1e6));
    }
    let columns = [
        ("day", "text"),
        ("channel", "text"),
        ("tickets", "count"),
        ("median_s", "seconds"),
        ("p90_s", "seconds"),
    ];
    let rows = waits
        .into_iter()
        .map(|((day, channel), mut waits)| {
            waits.sort_by(f64::total_cmp);
            vec![
                json!(day),
                json!(channel),
                json!(waits.len()),
                json!(quantile(&waits, 0.5)),
                json!(quantile(&waits, 0.9)),
            ]
        })
        .collect();
    Ok(ReportTable { columns: named(&columns), rows })
}

/// The value at or above which the rest lie; `None` of nothing. The values are sorted.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    sorted.get((last as f64 * share).round() as usize).copied()
}

const DAY_US: i64 = 86_400_000_000;

/// By the day the ticket was opened. Confirmed: the customer said so. Assumed: answered, nobody objected, silent for three
/// days. Durable: either, and silent for seven.
fn resolution(connection: &Connection, query: &AnalyticsQuery) -> Result<ReportTable, StoreError> {
    let columns = [
        ("day", "text"),
        ("tickets", "count"),
        ("confirmed", "count"),
        ("assumed", "count"),
        ("durable", "count"),
        ("by_assistant", "count"),
    ];
    let now = micros(query.now);
    let (three, seven) = (now - 3 * DAY_US, now - 7 * DAY_US);
    let sql = format!(
        "SELECT day, count(*), sum(confirmed), sum(assumed), sum((confirmed OR assumed) AND last_message_at <= ?5),
                sum((confirmed OR assumed) AND alone)
         FROM (SELECT {} AS day, last_message_at, coalesce(feedback = 'helped', 0) AS confirmed,
                      (feedback IS NULL AND waiting_since IS NULL AND status <> 'escalated' AND last_role <> 'customer'
                       AND last_message_at <= ?4) AS assumed,
                      NOT EXISTS (SELECT 1 FROM escalations WHERE ticket_id = tickets.id)
                      AND NOT EXISTS (SELECT 1 FROM messages WHERE ticket_id = tickets.id AND role = 'operator') AS alone
               FROM tickets WHERE created_at >= ?1 AND created_at < ?2 AND spam = 0 AND (?3 IS NULL OR channel = ?3))
         GROUP BY day ORDER BY day",
        day("created_at")
    );
    table(connection, query, &columns, &sql, &[&three, &seven])
}

fn escalations(connection: &Connection, query: &AnalyticsQuery) -> Result<ReportTable, StoreError> {
    let columns = [
        ("category", "text"),
        ("tickets", "count"),
        ("resolved", "count"),
        ("overdue", "count"),
        ("median_minutes", "minutes"),
    ];
    let sql = "SELECT escalations.category, escalations.resolved_at, escalations.due_at, escalations.created_at
               FROM escalations JOIN tickets ON tickets.id = ticket_id
               WHERE escalations.created_at >= ?1 AND escalations.created_at < ?2 AND (?3 IS NULL OR channel = ?3)";
    let channel = query.channel.map(crate::domain::channel::Channel::as_str);
    let mut statement = connection.prepare_cached(sql)?;
    let rows =
        statement.query_map(rusqlite::params![micros(query.from), micros(query.until), channel], |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, Option<i64>>(1)?,
                row.get::<_, i64>(2)?,
                row.get::<_, i64>(3)?,
            ))
        })?;
    let mut groups: BTreeMap<String, (u64, u64, Vec<f64>)> = BTreeMap::new();
    for row in rows {
        let (category, resolved_at, due_at, created_at) = row?;
        let (tickets, overdue, minutes) = groups.entry(category).or_default();
        *tickets += 1;
        *overdue += u64::from(resolved_at.unwrap_or(micros(query.now)) > due_at);
        minutes.extend(resolved_at.map(|at| (at - created_at) as f64 / 60e6));
    }
    let rows = groups
        .into_iter()
        .map(|(category, (tickets, overdue, mut minutes))| {
            minutes.sort_by(f64::total_cmp);
            let median = quantile(&minutes, 0.5).map(|minutes| (minutes * 10.0).round() / 10.0);
            vec![json!(category), json!(tickets), json!(minutes.len()), json!(overdue), json!(median)]
        })
        .collect();
    Ok(ReportTable { columns: named(&columns), rows })
}

fn sentiment(connection: &Connection, query: &AnalyticsQuery) -> Result<ReportTable, StoreError> {
    let columns = [
        ("day", "text"),
        ("channel", "text"),
        ("messages", "count"),
        ("average", "score"),
        ("negative", "count"),
    ];
    let sql = format!(
        "SELECT {} AS day, channel, count(*), avg(sentiment_score), sum(sentiment_score < -0.2) FROM messages
         WHERE created_at >= ?1 AND created_at < ?2 AND (?3 IS NULL OR channel = ?3) AND sentiment_score IS NOT NULL
         GROUP BY day, channel ORDER BY day, channel",
        day("created_at")
    );
    table(connection, query, &columns, &sql, &[])
}

/// What confidence promised and what became of it. Good: approved as it stood, or sent and not complained of.
fn calibration(connection: &Connection, query: &AnalyticsQuery) -> Result<ReportTable, StoreError> {
    let columns = [
        ("band", "text"),
        ("drafts", "count"),
        ("predicted", "share"),
        ("good", "count"),
        ("outcome", "share"),
    ];
    let sql = "SELECT printf('%.1f–%.1f', band / 10.0, band / 10.0 + 0.1), count(*), avg(confidence), sum(good), avg(good)
               FROM (SELECT min(cast(confidence * 10 AS INTEGER), 9) AS band, confidence,
                            CASE state WHEN 'approved' THEN edited = 0 WHEN 'rejected' THEN 0
                                       ELSE coalesce(feedback, '') <> 'not_helped' END AS good
                     FROM drafts JOIN tickets ON tickets.id = ticket_id
                     WHERE drafts.created_at >= ?1 AND drafts.created_at < ?2 AND (?3 IS NULL OR channel = ?3)
                       AND state IN ('sent', 'flagged', 'approved', 'rejected'))
               GROUP BY band ORDER BY band";
    table(connection, query, &columns, sql, &[])
}

fn satisfaction(connection: &Connection, query: &AnalyticsQuery) -> Result<ReportTable, StoreError> {
    let columns = [("day", "text"), ("ratings", "count"), ("average", "score"), ("low", "count")];
    let sql = format!(
        "SELECT {} AS day, count(*), avg(score), sum(score <= 2) FROM ratings JOIN tickets ON tickets.id = ticket_id
         WHERE rated_at >= ?1 AND rated_at < ?2 AND (?3 IS NULL OR channel = ?3) GROUP BY day ORDER BY day",
        day("rated_at")
    );
    table(connection, query, &columns, &sql, &[])
}

#[cfg(test)]
mod tests {
    use super::quantile;
    use rstest::rstest;

    #[rstest]
    #[case(&[], 0.5, None)]
    #[case(&[4.0], 0.9, Some(4.0))]
    #[case(&[1.0, 2.0, 9.0], 0.5, Some(2.0))]
    #[case(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0], 0.9, Some(9.0))]
    fn medians_are_of_the_sorted_values(
        #[case] sorted: &[f64],
        #[case] share: f64,
        #[case] expected: Option<f64>,
    ) {
        assert_eq!(quantile(sorted, share), expected);
    }
}
