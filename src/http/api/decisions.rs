//! `/api/decisions`, for operators: putting a decision right, the list of what was put right, and taking one back.

use crate::{
    domain::{
        escalation::EscalationCategory,
        exemplar::{LocalExemplar, NOTE_CHARS, OPERATOR_CHARS, RightDecision},
        ids::{ExemplarId, MessageId},
        submission::FieldError,
        ticket::{InvalidReference, TicketReference},
    },
    http::{
        error::Problem,
        extract::{Body, Path, Query},
        operator::Operator,
        state::HttpState,
    },
    pipeline::{Correction, Verdict},
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};

/// Exemplars a page shows when nothing is said, and at most.
const PAGE: (usize, usize) = (100, 500);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorrectionRequest {
    should: String,
    category: Option<String>,
    note: Option<String>,
    message_id: Option<String>,
    /// The operator's name, for the record.
    by: Option<String>,
}

#[derive(Serialize)]
pub struct CorrectionResponse {
    decision: ExemplarBody,
    recorded: RecordedBody,
    before: VerdictBody,
    after: VerdictBody,
    took_effect: bool,
    advice: Option<String>,
}

#[derive(Serialize)]
struct RecordedBody {
    decision: String,
    reason: String,
}

#[derive(Serialize)]
struct VerdictBody {
    decision: &'static str,
    category: Option<&'static str>,
    reason: Option<String>,
}

#[derive(Serialize)]
pub struct ExemplarBody {
    id: String,
    should: &'static str,
    category: &'static str,
    text: String,
    language: Option<String>,
    ticket_id: Option<String>,
    message_id: Option<String>,
    note: Option<String>,
    marked_by: String,
    marked_at: String,
    undone_by: Option<String>,
    undone_at: Option<String>,
}

impl From<LocalExemplar> for ExemplarBody {
    fn from(exemplar: LocalExemplar) -> Self {
        let (undone_by, undone_at) = exemplar.undone.unzip();
        Self {
            id: exemplar.id.to_string(),
            should: exemplar.should.as_str(),
            category: exemplar.category.as_str(),
            text: exemplar.text,
            language: exemplar.language,
            ticket_id: exemplar.ticket.map(|ticket| ticket.to_string()),
            message_id: exemplar.message_id.map(|id| id.to_string()),
            note: exemplar.note,
            marked_by: exemplar.marked_by,
            marked_at: exemplar.marked_at.to_string(),
            undone_by,
            undone_at: undone_at.map(|at| at.to_string()),
        }
    }
}

impl From<Verdict> for VerdictBody {
    fn from(verdict: Verdict) -> Self {
        let category = verdict.category.map(EscalationCategory::as_str);
        Self { decision: verdict.decision, category, reason: verdict.reason }
    }
}

pub async fn correct(
    Operator(actor): Operator,
    State(state): State<HttpState>,
    Path(reference): Path<String>,
    Body(request): Body<CorrectionRequest>,
) -> Result<Json<CorrectionResponse>, Problem> {
    let ticket: TicketReference = reference
        .parse()
        .map_err(|error: InvalidReference| Problem::bad_request("invalid_reference", error.to_string()))?;
    let corrected = state.corrections.correct(read(ticket, request, &actor.name)?).await?;
    Ok(Json(CorrectionResponse {
        took_effect: corrected.took_effect(),
        advice: corrected.advice(),
        decision: corrected.exemplar.into(),
        recorded: RecordedBody { decision: corrected.recorded.0, reason: corrected.recorded.1 },
        before: corrected.before.into(),
        after: corrected.after.into(),
    }))
}

/// Checks the request field by field.
fn read(ticket: TicketReference, request: CorrectionRequest, actor: &str) -> Result<Correction, Problem> {
    let mut errors = Vec::new();
    let mut fault = |field, code, message: String| errors.push(FieldError { field, code, message });
    let should: Option<RightDecision> = request.should.parse().ok();
    if should.is_none() {
        fault("should", "unknown", "It is answer or escalate.".to_owned());
    }
    let category: Option<Option<EscalationCategory>> =
        request.category.map(|category| category.parse().ok()).map_or(Some(None), |known| known.map(Some));
    if category.is_none() {
        let known: Vec<&str> = EscalationCategory::ALL.iter().map(|category| category.as_str()).collect();
        fault("category", "unknown", format!("It is one of {}.", known.join(", ")));
    }
    let message_id: Option<Option<MessageId>> =
        request.message_id.map(|id| id.parse().ok()).map_or(Some(None), |known| known.map(Some));
    if message_id.is_none() {
        fault("message_id", "invalid", "A message's id is a UUID.".to_owned());
    }
    for (field, text, max) in [("note", &request.note, NOTE_CHARS), ("by", &request.by, OPERATOR_CHARS)] {
        let text = text.as_deref().unwrap_or_default();
        if text.chars().count() > max {
            fault(field, "too_long", format!("At most {max} characters."));
        } else if text.contains('\0') {
            fault(field, "invalid", "It holds a character that cannot be stored.".to_owned());
        }
    }
    match (should, category, message_id) {
        (Some(should), Some(category), Some(message_id)) if errors.is_empty() => Ok(Correction {
            ticket,
            message_id,
            should,
            category,
            note: request.note,
            operator: name(request.by, actor),
        }),
        _ => Err(Problem::invalid_fields(errors)),
    }
}

fn name(by: Option<String>, actor: &str) -> String {
    by.map(|by| by.trim().to_owned()).filter(|by| !by.is_empty()).unwrap_or_else(|| actor.to_owned())
}

#[derive(Deserialize)]
pub struct Page {
    /// Those that were taken back, too.
    #[serde(default)]
    undone: bool,
    limit: Option<usize>,
    #[serde(default)]
    offset: usize,
}

#[derive(Serialize)]
pub struct ListBody {
    total: usize,
    decisions: Vec<ExemplarBody>,
}

/// Newest first.
pub async fn list(
    _: Operator,
    State(state): State<HttpState>,
    Query(page): Query<Page>,
) -> Result<Json<ListBody>, Problem> {
    let limit = page.limit.unwrap_or(PAGE.0);
    if !(1..=PAGE.1).contains(&limit) {
        return Err(Problem::bad_request("invalid_limit", format!("limit must be 1 to {}.", PAGE.1)));
    }
    let found = state.corrections.exemplars.exemplars(page.undone).await?;
    let total = found.len();
    let decisions = found.into_iter().rev().skip(page.offset).take(limit).map(Into::into).collect();
    Ok(Json(ListBody { total, decisions }))
}

pub async fn undo(
    Operator(actor): Operator,
    State(state): State<HttpState>,
    Path(id): Path<String>,
) -> Result<Json<ExemplarBody>, Problem> {
    let id: ExemplarId =
        id.parse().map_err(|_| Problem::bad_request("invalid_id", "A decision's id is a UUID."))?;
    Ok(Json(state.corrections.undo(id, &actor.name).await?.into()))
}
