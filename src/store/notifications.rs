//! Notes to teams: queued with the hand-over, leased one by one, and given up in the ticket's own sight.

use super::{
    RetryPolicy, Store, events,
    values::{cut, id, json, micros, named, short_error, time},
};
use crate::domain::{
    escalation::{HandOver, Route},
    event::{Announcements, GivenUp},
    ids::{EscalationId, NotificationId, TicketId},
    notification::{Escalated, Notification, NotificationWay},
};
use crate::ports::{
    notifications::{Notifications, NotifyError},
    store::{AfterFailure, StoreError},
};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// Who writes the note on a ticket whose team could not be told.
const AUTHOR: &str = "Frontdesk";

#[async_trait]
impl Notifications for Store {
    async fn lease_notification(
        &self,
        now: Timestamp,
        lease_time: SignedDuration,
    ) -> Result<Option<Notification>, StoreError> {
        let until = now.saturating_add(lease_time).unwrap_or(Timestamp::MAX);
        self.write(move |connection| lease(connection, now, until)).await
    }

    async fn notification_sent(&self, notification: &Notification, now: Timestamp) -> Result<(), StoreError> {
        let notification = notification.clone();
        self.write(move |connection| sent(connection, &notification, now)).await
    }

    async fn notification_failed(
        &self,
        notification: &Notification,
        error: &NotifyError,
        now: Timestamp,
    ) -> Result<AfterFailure, StoreError> {
        let (notification, error) = (notification.clone(), error.clone());
        let retries = self.options().delivery_retries;
        self.write(move |connection| failed(connection, &retries, &notification, &error, now)).await
    }
}

/// Queues the notes of a hand-over, in its transaction.
pub(super) fn queue(
    connection: &Connection,
    wanted: &Announcements,
    origin: &str,
    (escalation, _, route): &(EscalationId, HandOver, Route),
    at: Timestamp,
) -> Result<(), StoreError> {
    if origin == "approval" && !wanted.approvals {
        return Ok(());
    }
    let sql = "INSERT INTO notifications (id, escalation_id, way, recipient, due_at, created_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?5)";
    let insert = |way: NotificationWay, recipient: &str| -> Result<(), StoreError> {
        connection.prepare_cached(sql)?.execute(params![
            NotificationId::new().0.into_bytes(),
            escalation.0.into_bytes(),
            way.as_str(),
            cut(recipient, 320),
            micros(at)
        ])?;
        Ok(())
    };
    if wanted.webhook {
        insert(NotificationWay::Webhook, "")?;
    }
    if wanted.mail {
        if wanted.mail_to.is_empty() {
            insert(NotificationWay::Mail, &route.mailbox)?;
        }
        for recipient in &wanted.mail_to {
            insert(NotificationWay::Mail, recipient)?;
        }
    }
    Ok(())
}

fn lease(
    connection: &Connection,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<Notification>, StoreError> {
    let wanted = events::wanted(connection)?;
    let sql = "SELECT notifications.id AS notification, notifications.way, notifications.recipient, notifications.attempts AS tries,
                   escalations.*, tickets.reference AS ticket, tickets.channel
               FROM notifications JOIN escalations ON escalations.id = escalation_id
               JOIN tickets ON tickets.id = escalations.ticket_id
               WHERE notifications.state = 'waiting' AND notifications.due_at <= ?1
               ORDER BY notifications.due_at, notifications.id LIMIT 1";
    let found =
        connection.prepare_cached(sql)?.query_row([micros(now)], |row| read(row, &wanted)).optional()?;
    if let Some(notification) = &found {
        // A process that dies with it costs one attempt and the lease.
        let sql = "UPDATE notifications SET due_at = ?2, attempts = attempts + 1 WHERE id = ?1";
        connection.prepare_cached(sql)?.execute(params![notification.id.0.into_bytes(), micros(until)])?;
    }
    Ok(found)
}

fn read(row: &Row<'_>, wanted: &Announcements) -> rusqlite::Result<Notification> {
    Ok(Notification {
        id: NotificationId(id(row, "notification")?),
        way: named(row, "way")?,
        recipient: row.get("recipient")?,
        attempt: row.get::<_, u32>("tries")? + 1,
        ticket_id: TicketId(id(row, "ticket_id")?),
        escalation: Escalated {
            escalation: row.get("reference")?,
            ticket: row.get("ticket")?,
            channel: named(row, "channel")?,
            origin: row.get("origin")?,
            category: named(row, "category")?,
            urgency: named(row, "urgency")?,
            team: row.get("team")?,
            sentiment: row.get("sentiment_score")?,
            raised_at: time(row, "created_at")?,
            due_at: time(row, "due_at")?,
            reason: wanted.note_text(&row.get::<_, String>("reason")?),
            summary: wanted.note_text(&row.get::<_, String>("summary")?),
        },
    })
}

fn sent(connection: &Connection, notification: &Notification, now: Timestamp) -> Result<(), StoreError> {
    let key = notification.id.0.into_bytes();
    let sql = "UPDATE notifications SET state = 'done', finished_at = ?2, last_error = NULL
               WHERE id = ?1 AND state = 'waiting'";
    connection.prepare_cached(sql)?.execute(params![key, micros(now)])?;
    let sql = "UPDATE escalations SET notified_at = coalesce(notified_at, ?2)
               WHERE id = (SELECT escalation_id FROM notifications WHERE id = ?1)";
    connection.prepare_cached(sql)?.execute(params![key, micros(now)])?;
    Ok(())
}

fn failed(
    connection: &Connection,
    retries: &RetryPolicy,
    notification: &Notification,
    error: &NotifyError,
    now: Timestamp,
) -> Result<AfterFailure, StoreError> {
    let after = match error {
        NotifyError::Permanent { .. } => AfterFailure::DeadLetter,
        NotifyError::Retryable { retry_after_ms, .. } => {
            let asked = retry_after_ms
                .map(|wait| SignedDuration::from_millis(i64::try_from(wait).unwrap_or(i64::MAX)));
            retries.after(notification.attempt, asked, rand::random(), now)
        }
    };
    let (key, text) = (notification.id.0.into_bytes(), error.to_string());
    match after {
        AfterFailure::RetryAt(due) => {
            let sql =
                "UPDATE notifications SET due_at = ?2, last_error = ?3 WHERE id = ?1 AND state = 'waiting'";
            connection.prepare_cached(sql)?.execute(params![key, micros(due), short_error(&text)])?;
        }
        AfterFailure::DeadLetter => {
            let sql = "UPDATE notifications SET state = 'dead', finished_at = ?2, last_error = ?3
                       WHERE id = ?1 AND state = 'waiting'";
            let given_up =
                connection.prepare_cached(sql)?.execute(params![key, micros(now), short_error(&text)])?;
            if given_up > 0 {
                say_so(connection, notification, &text, now)?;
            }
        }
    }
    Ok(after)
}

/// The ticket shows operators that its team knows nothing yet.
fn say_so(
    connection: &Connection,
    notification: &Notification,
    error: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let ticket = notification.ticket_id;
    let way = match notification.way {
        NotificationWay::Webhook => "by the webhook",
        NotificationWay::Mail => "by mail",
    };
    let text = format!(
        "{} could not be told of {} {way} ({} attempts): {}",
        notification.escalation.team,
        notification.escalation.escalation,
        notification.attempt,
        short_error(error)
    );
    let sql = "INSERT INTO notes (id, ticket_id, author, text, created_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    connection.prepare_cached(sql)?.execute(params![
        uuid::Uuid::now_v7().into_bytes(),
        ticket.0.into_bytes(),
        AUTHOR,
        text,
        micros(now)
    ])?;
    let details = serde_json::json!({ "notification": notification.id, "way": notification.way });
    let sql = "INSERT INTO audit (at, actor, action, subject, details) VALUES (?1, ?2, 'notification.given_up', ?3, ?4)";
    connection.prepare_cached(sql)?.execute(params![
        micros(now),
        AUTHOR,
        notification.escalation.ticket,
        json(&details)?
    ])?;
    events::given_up(connection, ticket, GivenUp::Notification, notification.attempt, error, now)
}
