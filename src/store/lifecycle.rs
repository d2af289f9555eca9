//! Tickets moved along by time: read with what the decision looks at, and changed only as it says at that moment.

use super::{
    Store,
    audit::note,
    escalation_list,
    escalations::{self, Origin},
    tickets::{self, TicketHead},
    values::{from_micros, id, micros, named, optional_name, time},
};
use crate::domain::{
    escalation::{EscalationCategory, HandOver, Route, Urgency},
    ids::{EscalationId, TicketId},
    lifecycle::{self, OpenHandOver, Rules, SlaStage, Step, TicketTimes},
    progress::Stage,
    sentiment::Sentiment,
    sla::urgency_for,
    ticket::TicketStatus,
};
use crate::ports::{
    lifecycle::{DueTicket, DueTickets, LifecycleStore, Measures},
    store::StoreError,
};
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::json;

/// The name the timers act under.
const ACTOR: &str = "frontdesk";

const SELECT: &str = "SELECT tickets.id, tickets.reference, tickets.status, tickets.plan, tickets.last_message_at, tickets.last_role,
        tickets.waiting_since, tickets.resolved_at, tickets.snoozed_until, tickets.draft_state,
        EXISTS (SELECT 1 FROM outbox WHERE ticket_id = tickets.id AND state IN ('waiting', 'leased')) AS on_its_way,
        escalations.created_at AS handed_over_at, escalations.due_at, escalations.sla_stage, escalations.category,
        EXISTS (SELECT 1 FROM messages WHERE ticket_id = tickets.id AND role = 'operator'
                AND created_at >= escalations.created_at) AS answered
    FROM tickets LEFT JOIN escalations ON escalations.ticket_id = tickets.id AND escalations.resolved_at IS NULL";

#[async_trait]
impl LifecycleStore for Store {
    async fn due_tickets(&self, rules: &Rules, now: Timestamp) -> Result<DueTickets, StoreError> {
        let rules = rules.clone();
        self.read(move |connection| due_tickets(connection, &rules, now)).await
    }

    async fn advance(
        &self,
        due: &DueTicket,
        rules: &Rules,
        measures: Measures,
        now: Timestamp,
    ) -> Result<Option<TicketStatus>, StoreError> {
        let (due, rules) = (due.clone(), rules.clone());
        self.write(move |connection| advance(connection, &due, &rules, &measures, now)).await
    }
}

struct Read {
    due: DueTicket,
    times: TicketTimes,
}

fn due_tickets(connection: &Connection, rules: &Rules, now: Timestamp) -> Result<DueTickets, StoreError> {
    // Of the resolved ones, of which there may be many, only those that are to be closed.
    let closing = rules.close_after.and_then(|after| now.checked_sub(after).ok());
    let sql = format!(
        "{SELECT} WHERE spam = 0 AND tickets.status IN ('open', 'in_progress', 'escalated')
         UNION ALL {SELECT} WHERE spam = 0 AND tickets.status = 'resolved' AND tickets.resolved_at <= ?1"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([closing.map_or(i64::MIN, micros)])?;
    let mut found = DueTickets::default();
    while let Some(row) = rows.next()? {
        let Read { mut due, times } = read(row)?;
        let Some(timer) = lifecycle::next(&times, rules, now) else { continue };
        if timer.due_at > now {
            found.next_at = Some(found.next_at.map_or(timer.due_at, |next| next.min(timer.due_at)));
            continue;
        }
        due.timer = timer;
        found.due.push(due);
    }
    found.due.sort_by_key(|due| due.timer.due_at);
    Ok(found)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Read> {
    let optional_time = |column: &str| row.get::<_, Option<i64>>(column)?.map(from_micros).transpose();
    let last_message_at = time(row, "last_message_at")?;
    let last_role: Option<String> = row.get("last_role")?;
    let hand_over = match (optional_time("handed_over_at")?, optional_time("due_at")?) {
        (Some(created_at), Some(due_at)) => Some(OpenHandOver {
            created_at,
            due_at,
            stage: named(row, "sla_stage")?,
            answered: row.get("answered")?,
        }),
        _ => None,
    };
    let times = TicketTimes {
        status: named(row, "status")?,
        plan: named(row, "plan")?,
        last_message_at,
        we_spoke_last: last_role.is_some_and(|role| role != "customer"),
        waiting_since: optional_time("waiting_since")?,
        resolved_at: optional_time("resolved_at")?,
        snoozed_until: optional_time("snoozed_until")?,
        held_draft: row.get::<_, Option<String>>("draft_state")?.as_deref() == Some("held"),
        on_its_way: row.get("on_its_way")?,
        hand_over,
    };
    let due = DueTicket {
        ticket: TicketId(id(row, "id")?),
        reference: row.get("reference")?,
        timer: lifecycle::Timer { step: Step::Wake, due_at: last_message_at },
        plan: times.plan,
        category: optional_name(row, "category")?,
    };
    Ok(Read { due, times })
}

fn advance(
    connection: &Connection,
    due: &DueTicket,
    rules: &Rules,
    measures: &Measures,
    now: Timestamp,
) -> Result<Option<TicketStatus>, StoreError> {
    let sql = format!("{SELECT} WHERE tickets.id = ?1");
    let found = connection.prepare_cached(&sql)?.query_row([due.ticket.0.into_bytes()], read).optional()?;
    let Some(Read { times, .. }) = found else { return Ok(None) };
    let current = lifecycle::next(&times, rules, now).filter(|timer| timer.due_at <= now);
    if current.map(|timer| timer.step) != Some(due.timer.step) {
        return Ok(None);
    }
    let moving = Moving { connection, head: tickets::head(connection, due.ticket)?, now };
    let (action, details) = match due.timer.step {
        Step::Wake => {
            moving.set("snoozed_until = NULL")?;
            ("wake", json!({}))
        }
        Step::FollowUp(stage) => {
            moving.follow_up(stage)?;
            let team = measures.told.as_deref().filter(|_| stage > SlaStage::Reminded);
            (
                if stage == SlaStage::Reminded { "reminder" } else { "overdue" },
                json!({ "stage": stage, "told": team }),
            )
        }
        Step::HandOver => {
            let Some(route) = &measures.route else { return Ok(None) };
            moving.hand_over(route)?;
            ("unanswered", json!({ "team": route.team }))
        }
        Step::Resolve => {
            moving.resolve(rules)?;
            ("idle", json!({}))
        }
        Step::Close => {
            moving.set_status(TicketStatus::Closed, moving.head.stage)?;
            ("archive", json!({}))
        }
    };
    note(connection, ACTOR, &format!("conversation.{action}"), &due.reference, &details, now)?;
    moving.set("updated_at = ?2")?;
    Ok(Some(tickets::head(connection, due.ticket)?.status))
}

/// One clause for the thread, of what time did.
pub(super) fn in_words(action: &str, details: &serde_json::Value) -> Option<String> {
    let detail = |name: &str| details[name].as_str().unwrap_or_default().to_owned();
    Some(match action {
        "wake" => "It is back from being put aside".to_owned(),
        "reminder" => "The promised time is nearly over; the team was reminded".to_owned(),
        "overdue" if details["told"].is_null() => "The promised time is over".to_owned(),
        "overdue" => format!("The promised time is over; {} was told", detail("told")),
        "unanswered" => format!("Nobody answered in time; the {} has it", detail("team")),
        "idle" => "Resolved: the customer has not written again".to_owned(),
        "archive" => "Closed for good".to_owned(),
        _ => return None,
    })
}

struct Moving<'a> {
    connection: &'a Connection,
    head: TicketHead,
    now: Timestamp,
}

impl Moving<'_> {
    /// Changes the ticket's row; `?2` is now. The texts come from this file alone.
    fn set(&self, change: &str) -> Result<(), StoreError> {
        let sql = format!("UPDATE tickets SET {change} WHERE id = ?1 AND ?2 IS NOT NULL");
        let key = self.head.place.ticket.0.into_bytes();
        self.connection.prepare_cached(&sql)?.execute(params![key, micros(self.now)])?;
        Ok(())
    }

    fn set_status(&self, status: TicketStatus, stage: Stage) -> Result<(), StoreError> {
        tickets::set_status(self.connection, self.head.place, status, stage, self.now)
    }

    fn follow_up(&self, stage: SlaStage) -> Result<(), StoreError> {
        let sql = "UPDATE escalations SET sla_stage = ?2 WHERE ticket_id = ?1 AND resolved_at IS NULL";
        let key = self.head.place.ticket.0.into_bytes();
        self.connection.prepare_cached(sql)?.execute(params![key, stage.as_str()])?;
        Ok(())
    }

    fn hand_over(&self, route: &Route) -> Result<(), StoreError> {
        let record = HandOver {
            category: EscalationCategory::General,
            urgency: urgency_for(self.head.plan, Urgency::Normal),
            reason: "nobody answered within the promised time".to_owned(),
            summary: "The customer has waited longer than their plan promises.".to_owned(),
            attempts: Vec::new(),
            sentiment: Sentiment::NEUTRAL,
            suggested_next_step: "Read the ticket and answer it now.".to_owned(),
        };
        let escalation = (EscalationId::new(), record, route.clone());
        escalations::insert(self.connection, self.head.place, Origin::Failure, &escalation, self.now)?;
        self.set_status(TicketStatus::Escalated, Stage::WithAPerson)
    }

    /// Nothing waits for anybody any more; a note says why.
    fn resolve(&self, rules: &Rules) -> Result<(), StoreError> {
        let hours = rules.idle_after.map_or(0, |idle| idle.as_hours());
        let text =
            format!("Resolved by itself: no word from the customer for {hours} hours after our reply.");
        escalation_list::settle_open(self.connection, self.head.place, ACTOR, self.now)?;
        self.set("taken_over_by = NULL, taken_over_at = NULL, hand_over_acknowledged = 0")?;
        let key = self.head.place.ticket.0.into_bytes();
        self.connection
            .prepare_cached(
                "UPDATE tickets SET resolution_notes = coalesce(resolution_notes, ?2) WHERE id = ?1",
            )?
            .execute(params![key, text])?;
        let sql = "INSERT INTO notes (id, ticket_id, author, text, created_at) VALUES (?1, ?2, ?3, ?4, ?5)";
        let note = uuid::Uuid::now_v7().into_bytes();
        self.connection.prepare_cached(sql)?.execute(params![note, key, ACTOR, text, micros(self.now)])?;
        self.set_status(TicketStatus::Resolved, Stage::Answered)
    }
}
