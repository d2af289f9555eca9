//! Figures of what happened: one row a value, summed up over a window when asked.

use super::values::{count, micros};
use crate::domain::{channel::Channel, ids::TicketId};
use crate::ports::store::{MetricSummary, StoreError};
use jiff::Timestamp;
use rusqlite::{Connection, params};

/// Time from the customer's oldest unanswered message to the reply, in milliseconds.
pub(super) const LATENCY: &str = "latency";
/// 1 for a turn that went to a person, 0 for one that did not; its average is the rate.
pub(super) const ESCALATION_RATE: &str = "escalation_rate";
/// The score of a customer's message, -1..1.
pub(super) const SENTIMENT: &str = "sentiment";

/// Writes the values of one turn of one ticket.
pub(super) struct Recorder<'a> {
    pub connection: &'a Connection,
    pub ticket: TicketId,
    pub channel: Channel,
    pub at: Timestamp,
}

impl Recorder<'_> {
    pub(super) fn record(&self, name: &str, value: f64) -> Result<(), StoreError> {
        let sql =
            "INSERT INTO metrics (name, channel, value, ticket_id, recorded_at) VALUES (?1, ?2, ?3, ?4, ?5)";
        self.connection.prepare_cached(sql)?.execute(params![
            name,
            self.channel.as_str(),
            value,
            self.ticket.0.into_bytes(),
            micros(self.at)
        ])?;
        Ok(())
    }
}

/// Sums up the three public metrics by channel since a time. Percentiles are nearest-rank: values that occurred. Of hours whose single
/// values are kept no longer, the sums still count; the percentiles are of the values that are there.
pub(super) fn summaries(
    connection: &Connection,
    channel: Option<Channel>,
    since: Timestamp,
) -> Result<Vec<MetricSummary>, StoreError> {
    let sql = "WITH ranked AS (
                   SELECT value, row_number() OVER (ORDER BY value) AS rank, count(*) OVER () AS total
                   FROM metrics WHERE name = ?1 AND channel = ?2 AND recorded_at >= ?3)
               SELECT count(*), avg(value), min(value), max(value),
                      max(CASE WHEN rank = (total + 1) / 2 THEN value END),
                      max(CASE WHEN rank = (95 * total + 99) / 100 THEN value END)
               FROM ranked HAVING count(*) > 0";
    let mut statement = connection.prepare_cached(sql)?;
    let mut found = Vec::new();
    for channel in
        Channel::ALL.into_iter().filter(|candidate| channel.is_none_or(|wanted| wanted == *candidate))
    {
        for metric in [LATENCY, ESCALATION_RATE, SENTIMENT] {
            let rows = statement.query_map(params![metric, channel.as_str(), micros(since)], |row| {
                Ok(MetricSummary {
                    metric,
                    channel,
                    count: count(row, 0)?,
                    average: row.get(1)?,
                    minimum: row.get(2)?,
                    maximum: row.get(3)?,
                    p50: row.get(4)?,
                    p95: row.get(5)?,
                })
            })?;
            for row in rows {
                let mut summary = row?;
                add_hours(connection, &mut summary, since)?;
                found.push(summary);
            }
        }
    }
    Ok(found)
}

/// Adds the hours of the window that lie before the oldest value still kept.
fn add_hours(
    connection: &Connection,
    summary: &mut MetricSummary,
    since: Timestamp,
) -> Result<(), StoreError> {
    let sql = "SELECT sum(count), sum(total), min(minimum), max(maximum) FROM metric_hours
               WHERE name = ?1 AND channel = ?2 AND hour >= ?3 AND hour + 3600000000 <= (
                   SELECT min(recorded_at) FROM metrics WHERE name = ?1)";
    let values = params![summary.metric, summary.channel.as_str(), micros(since)];
    let hours = connection.prepare_cached(sql)?.query_row(values, |row| {
        let count: Option<i64> = row.get(0)?;
        count
            .map(|count| Ok((count, row.get::<_, f64>(1)?, row.get::<_, f64>(2)?, row.get::<_, f64>(3)?)))
            .transpose()
    })?;
    if let Some((count, total, minimum, maximum)) = hours {
        let before = summary.count as f64;
        let all = before + count as f64;
        summary.average = (summary.average * before + total) / all;
        summary.count += u64::try_from(count).unwrap_or_default();
        summary.minimum = summary.minimum.min(minimum);
        summary.maximum = summary.maximum.max(maximum);
    }
    Ok(())
}
