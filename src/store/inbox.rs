//! The operators' inbox: pages of a view by one walk along one index, counts by another, and rows put together from their tables.

use super::values::{cut, from_json, from_micros, id, micros, named, optional_name, time};
use crate::domain::{
    ids::{ConversationId, CustomerId, OperatorId, TicketId},
    message::Role,
    sla::sla_state,
    ticket::TicketReference,
};
use crate::ports::{
    console::{
        AssigneeView, Counts, CustomerName, InboxQuery, InboxSort, InboxView, LabelCount, LastMessage,
        OpenEscalation, Position, Row as InboxRow, SentimentBand, TicketGlance,
    },
    store::StoreError,
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter, types::Value};

/// A condition and its values, put together piece by piece.
#[derive(Default)]
struct Conditions {
    pieces: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// A piece with `?` for its value.
    fn add(&mut self, piece: &str, value: impl Into<Value>) {
        self.values.push(value.into());
        self.pieces.push(piece.replace('?', &format!("?{}", self.values.len())));
    }

    fn fixed(&mut self, piece: &str) {
        self.pieces.push(piece.to_owned());
    }

    fn sql(&self) -> String {
        self.pieces.join(" AND ")
    }
}

const OPEN: &str = "status IN ('open', 'in_progress', 'escalated')";

fn add_view(conditions: &mut Conditions, query: &InboxQuery) {
    conditions.fixed(if query.view == InboxView::Spam { "spam = 1" } else { "spam = 0" });
    let awake = |conditions: &mut Conditions| {
        conditions.fixed(OPEN);
        conditions.add("coalesce(snoozed_until, 0) <= ?", micros(query.now));
    };
    match query.view {
        InboxView::All | InboxView::Spam => {}
        InboxView::Closed => conditions.fixed("status IN ('resolved', 'closed')"),
        InboxView::Snoozed => {
            conditions.fixed(OPEN);
            conditions.add("snoozed_until > ?", micros(query.now));
        }
        InboxView::Mine => {
            awake(conditions);
            let operator = query.operator.map_or_else(Vec::new, |operator| operator.0.as_bytes().to_vec());
            conditions.add("assignee_id = ?", operator);
        }
        InboxView::Unassigned => {
            awake(conditions);
            conditions.fixed("assignee_id IS NULL");
        }
        InboxView::NeedsApproval => {
            awake(conditions);
            conditions.fixed("draft_state = 'held'");
        }
        InboxView::Escalated => {
            awake(conditions);
            conditions.fixed("status = 'escalated'");
        }
        InboxView::Waiting => {
            awake(conditions);
            conditions.fixed("waiting_since IS NOT NULL");
        }
    }
}

fn add_filter(conditions: &mut Conditions, query: &InboxQuery) {
    let filter = &query.filter;
    if let Some(channel) = filter.channel {
        conditions.add("channel = ?", channel.as_str().to_owned());
    }
    if let Some(team) = &filter.team {
        conditions.add("assigned_to = ?", team.clone());
    }
    if let Some(assignee) = filter.assignee {
        conditions.add("assignee_id = ?", assignee.0.as_bytes().to_vec());
    }
    if let Some(plan) = filter.plan {
        conditions.add("plan = ?", plan.as_str().to_owned());
    }
    if let Some(language) = &filter.language {
        conditions.add("language = ?", language.clone());
    }
    match filter.sentiment {
        Some(SentimentBand::Negative) => conditions.fixed("sentiment < -0.2"),
        Some(SentimentBand::Neutral) => conditions.fixed("sentiment BETWEEN -0.2 AND 0.2"),
        Some(SentimentBand::Positive) => conditions.fixed("sentiment > 0.2"),
        None => {}
    }
    if let Some(label) = &filter.label {
        conditions.add(
            "EXISTS (SELECT 1 FROM ticket_labels WHERE ticket_id = tickets.id AND label = ?)",
            label.clone(),
        );
    }
    if let Some(from) = filter.from {
        conditions.add("last_message_at >= ?", micros(from));
    }
    if let Some(until) = filter.until {
        conditions.add("last_message_at < ?", micros(until));
    }
}

/// A page. The walk reads the index alone; only the rows of the page are looked up.
pub(super) fn page(connection: &Connection, query: &InboxQuery) -> Result<Vec<InboxRow>, StoreError> {
    let mut conditions = Conditions::default();
    add_view(&mut conditions, query);
    add_filter(&mut conditions, query);
    let (compare, order) = match query.sort {
        InboxSort::Newest => ("<", "DESC"),
        InboxSort::Oldest => (">", "ASC"),
    };
    if let Some(Position { at, id }) = query.after {
        conditions.values.push(at.into());
        conditions.values.push(id.to_vec().into());
        let count = conditions.values.len();
        conditions.pieces.push(format!("(last_message_at, id) {compare} (?{}, ?{count})", count - 1));
    }
    let sql = format!(
        "SELECT id FROM tickets INDEXED BY tickets_inbox WHERE {} ORDER BY last_message_at {order}, id {order} LIMIT {}",
        conditions.sql(),
        query.limit
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let ids = statement
        .query_map(params_from_iter(conditions.values.iter()), |row| id(row, "id"))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    rows(connection, ids.into_iter().map(TicketId), query.now)
}

/// Rows of tickets, in the order asked; those that are gone are left out.
pub(super) fn rows(
    connection: &Connection,
    tickets: impl Iterator<Item = TicketId>,
    now: Timestamp,
) -> Result<Vec<InboxRow>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("{ROW} WHERE tickets.id = ?1"))?;
    let mut found = Vec::new();
    for ticket in tickets {
        found.extend(statement.query_row([ticket.0.into_bytes()], |row| read_row(row, now)).optional()?);
    }
    Ok(found)
}

/// One row by its reference.
pub(super) fn row(
    connection: &Connection,
    reference: &TicketReference,
    now: Timestamp,
) -> Result<InboxRow, StoreError> {
    connection
        .prepare_cached(&format!("{ROW} WHERE tickets.reference = ?1"))?
        .query_row([reference.as_str()], |row| read_row(row, now))
        .optional()?
        .ok_or(StoreError::NotFound("conversation"))
}

const ROW: &str = "SELECT tickets.*, coalesce(tickets.requester_name, customers.name) AS customer_name,
        operators.name AS assignee_name,
        (SELECT json_group_array(label) FROM ticket_labels WHERE ticket_id = tickets.id) AS labels,
        escalations.reference AS escalation, escalations.category AS escalation_category,
        escalations.urgency AS escalation_urgency, escalations.due_at AS escalation_due_at,
        escalations.created_at AS escalation_created_at
    FROM tickets JOIN customers ON customers.id = tickets.customer_id
    LEFT JOIN operators ON operators.id = tickets.assignee_id
    LEFT JOIN escalations ON escalations.ticket_id = tickets.id AND escalations.resolved_at IS NULL";

fn read_row(row: &Row<'_>, now: Timestamp) -> rusqlite::Result<InboxRow> {
    let optional_time = |column: &str| row.get::<_, Option<i64>>(column)?.map(from_micros).transpose();
    let assignee = row.get::<_, Option<[u8; 16]>>("assignee_id")?.zip(row.get("assignee_name")?);
    let escalation: Option<String> = row.get("escalation")?;
    let escalation = escalation
        .map(|reference| {
            let due_at = time(row, "escalation_due_at")?;
            Ok::<_, rusqlite::Error>(OpenEscalation {
                reference,
                category: named(row, "escalation_category")?,
                urgency: named(row, "escalation_urgency")?,
                due_at,
                sla: sla_state(time(row, "escalation_created_at")?, due_at, None, now),
            })
        })
        .transpose()?;
    let ticket = id(row, "id")?;
    let last_message_at: i64 = row.get("last_message_at")?;
    Ok(InboxRow {
        reference: super::tickets::reference(row)?,
        conversation_id: ConversationId(id(row, "conversation_id")?),
        subject: row.get("subject")?,
        customer: CustomerName { id: CustomerId(id(row, "customer_id")?), name: row.get("customer_name")? },
        channel: named(row, "channel")?,
        status: named(row, "status")?,
        stage: named(row, "stage")?,
        category: named(row, "category")?,
        priority: named(row, "priority")?,
        plan: named(row, "plan")?,
        language: row.get("language")?,
        sentiment: row.get("sentiment")?,
        team: row.get("assigned_to")?,
        assignee: assignee
            .map(|(bytes, name)| AssigneeView { id: OperatorId(uuid::Uuid::from_bytes(bytes)), name }),
        taken_over_by: row.get("taken_over_by")?,
        escalation,
        draft: row.get("draft_state")?,
        snoozed_until: optional_time("snoozed_until")?.filter(|until| *until > now),
        spam: row.get("spam")?,
        labels: from_json(row, "labels")?,
        waiting_since: optional_time("waiting_since")?,
        last_message: LastMessage {
            at: from_micros(last_message_at)?,
            role: optional_name(row, "last_role")?.unwrap_or(Role::Customer),
            preview: cut(&row.get::<_, Option<String>>("last_preview")?.unwrap_or_default(), 140).to_owned(),
        },
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
        position: Position { at: last_message_at, id: ticket.into_bytes() },
    })
}

/// How many tickets each view holds: one walk along the inbox's index.
pub(super) fn counts(
    connection: &Connection,
    operator: Option<OperatorId>,
    now: Timestamp,
) -> Result<Counts, StoreError> {
    let awake =
        "spam = 0 AND status IN ('open', 'in_progress', 'escalated') AND coalesce(snoozed_until, 0) <= ?1";
    let sql = format!(
        "SELECT count(*) FILTER (WHERE spam = 0) AS \"all\",
                count(*) FILTER (WHERE {awake} AND assignee_id = ?2) AS mine,
                count(*) FILTER (WHERE {awake} AND assignee_id IS NULL) AS unassigned,
                count(*) FILTER (WHERE {awake} AND draft_state = 'held') AS needs_approval,
                count(*) FILTER (WHERE {awake} AND status = 'escalated') AS escalated,
                count(*) FILTER (WHERE {awake} AND waiting_since IS NOT NULL) AS waiting,
                count(*) FILTER (WHERE spam = 0 AND {OPEN} AND snoozed_until > ?1) AS snoozed,
                count(*) FILTER (WHERE spam = 0 AND status IN ('resolved', 'closed')) AS closed,
                count(*) FILTER (WHERE spam = 1) AS spam
         FROM tickets INDEXED BY tickets_inbox WHERE last_message_at >= 0"
    );
    let key = operator.map(|operator| operator.0.into_bytes());
    let read = |row: &Row<'_>| {
        let count = |column: &str| super::values::count(row, column);
        Ok(Counts {
            all: count("all")?,
            mine: count("mine")?,
            unassigned: count("unassigned")?,
            needs_approval: count("needs_approval")?,
            escalated: count("escalated")?,
            waiting: count("waiting")?,
            snoozed: count("snoozed")?,
            closed: count("closed")?,
            spam: count("spam")?,
        })
    };
    Ok(connection.prepare_cached(&sql)?.query_row(rusqlite::params![micros(now), key], read)?)
}

pub(super) fn glance(connection: &Connection, ticket: TicketId) -> Result<Option<TicketGlance>, StoreError> {
    let read = |row: &Row<'_>| {
        Ok(TicketGlance {
            reference: row.get("reference")?,
            status: named(row, "status")?,
            stage: named(row, "stage")?,
            assigned_to: row.get("assigned_to")?,
        })
    };
    Ok(connection
        .prepare_cached("SELECT reference, status, stage, assigned_to FROM tickets WHERE id = ?1")?
        .query_row([ticket.0.into_bytes()], read)
        .optional()?)
}

/// Labels in use, the most frequent first.
pub(super) fn labels(connection: &Connection) -> Result<Vec<LabelCount>, StoreError> {
    let sql = "SELECT label, count(*) AS uses FROM ticket_labels GROUP BY label ORDER BY uses DESC, label LIMIT 200";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| {
        Ok(LabelCount { name: row.get("label")?, count: super::values::count(row, "uses")? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
