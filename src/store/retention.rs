//! What has been kept long enough, by class; and the hours that single figures add up to before they go.

use super::{Store, values::micros};
use crate::config::RetentionConfig;
use crate::ports::store::StoreError;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};
use std::collections::BTreeMap;

/// Rows a transaction, so that customers' messages come in between.
const AT_A_TIME: usize = 500;
const HOUR_US: i64 = 3_600_000_000;

/// Class, setting, and the statement; `?1` is the border in time, `?2` how many rows at most.
type Class = (&'static str, fn(&RetentionConfig) -> u32, &'static str);

const CLASSES: &[Class] = &[
    ("raw messages", |days| days.raw_days, "DELETE FROM message_raw WHERE message_id IN (
        SELECT message_raw.message_id FROM message_raw JOIN messages ON messages.id = message_raw.message_id
        WHERE messages.created_at < ?1 LIMIT ?2)"),
    ("attachments", |days| days.attachment_days, "DELETE FROM attachments WHERE id IN (
        SELECT attachments.id FROM attachments JOIN messages ON messages.id = attachments.message_id
        WHERE messages.created_at < ?1 LIMIT ?2)"),
    ("closed tickets", |days| days.closed_ticket_days, "DELETE FROM tickets WHERE id IN (
        SELECT id FROM tickets WHERE status = 'closed' AND last_message_at < ?1 AND coalesce(resolved_at, 0) < ?1 LIMIT ?2)"),
    ("conversations without tickets", |days| days.closed_ticket_days, "DELETE FROM conversations WHERE id IN (
        SELECT id FROM conversations WHERE last_message_at < ?1
        AND NOT EXISTS (SELECT 1 FROM tickets WHERE conversation_id = conversations.id) LIMIT ?2)"),
    ("customers without conversations", |days| days.closed_ticket_days, "DELETE FROM customers WHERE id IN (
        SELECT id FROM customers WHERE last_contact_at < ?1 AND merged_into IS NULL
        AND NOT EXISTS (SELECT 1 FROM conversations WHERE customer_id = customers.id)
        AND NOT EXISTS (SELECT 1 FROM customers AS part WHERE part.merged_into = customers.id) LIMIT ?2)"),
    ("texts shown to hosted models", |days| days.hosted_text_days, "UPDATE egress SET request_text = '' WHERE id IN (
        SELECT id FROM egress WHERE at < ?1 AND request_text <> '' LIMIT ?2)"),
    ("single figures", |days| days.figure_days, "DELETE FROM metrics WHERE id IN (
        SELECT id FROM metrics WHERE recorded_at < ?1 LIMIT ?2)"),
    ("idempotency keys", |_| 30, "DELETE FROM idempotency_keys WHERE rowid IN (
        SELECT rowid FROM idempotency_keys WHERE created_at < ?1 LIMIT ?2)"),
];

impl Store {
    /// Removes what is older than its class may be; rows by class, those that had any.
    ///
    /// # Errors
    /// When the store cannot be written; what was removed stays so.
    pub async fn apply_retention(
        &self,
        days: &RetentionConfig,
        now: Timestamp,
    ) -> Result<BTreeMap<&'static str, usize>, StoreError> {
        let mut removed = BTreeMap::new();
        for (class, setting, sql) in CLASSES {
            let days = setting(days);
            let span = SignedDuration::from_hours(24 * i64::from(days));
            let Some(border) = now.checked_sub(span).ok().filter(|_| days > 0) else { continue };
            loop {
                let rows = self
                    .write(move |connection| {
                        let values = params![micros(border), AT_A_TIME as i64];
                        Ok(connection.prepare_cached(sql)?.execute(values)?)
                    })
                    .await?;
                if rows > 0 {
                    *removed.entry(*class).or_default() += rows;
                }
                if rows < AT_A_TIME {
                    break;
                }
            }
        }
        Ok(removed)
    }

    /// Adds up the hours that are over and not yet added up; how many sums were written.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn add_up_hours(&self, now: Timestamp) -> Result<usize, StoreError> {
        self.write(move |connection| add_up(connection, now)).await
    }
}

fn add_up(connection: &Connection, now: Timestamp) -> Result<usize, StoreError> {
    let this_hour = micros(now) - micros(now).rem_euclid(HOUR_US);
    // From the last hour on that has a sum: it may have been cut short by a clock that was put back.
    let sql = "INSERT INTO metric_hours (name, channel, hour, count, total, minimum, maximum)
               SELECT name, channel, recorded_at - recorded_at % ?2 AS hour, count(*), sum(value), min(value), max(value)
               FROM metrics
               WHERE recorded_at >= (SELECT coalesce(max(hour), 0) FROM metric_hours) AND recorded_at < ?1
               GROUP BY name, channel, hour
               ON CONFLICT (name, channel, hour) DO UPDATE SET count = excluded.count, total = excluded.total,
                   minimum = excluded.minimum, maximum = excluded.maximum";
    Ok(connection.prepare_cached(sql)?.execute(params![this_hour, HOUR_US])?)
}
