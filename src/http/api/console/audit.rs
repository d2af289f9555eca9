//! Who did what.

use super::{
    fields,
    paging::{self, Page},
};
use crate::{
    http::{error::Problem, extract::Query, operator::Administrator, state::HttpState},
    ports::console::{AuditEntry, AuditFilter},
};
use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditParameters {
    actor: Option<String>,
    /// A beginning: `conversation.`.
    action: Option<String>,
    subject: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
}

/// The audit log, newest first.
#[utoipa::path(get, path = "/api/audit", tag = "settings", params(AuditParameters), responses((status = 200, body = Page<AuditEntry>)))]
pub async fn list(
    _administrator: Administrator,
    State(state): State<HttpState>,
    Query(parameters): Query<AuditParameters>,
) -> Result<Json<Page<AuditEntry>>, Problem> {
    let given = |value: Option<String>| value.filter(|value| !value.is_empty());
    let limit = fields::limit(parameters.limit, 50, 200)?;
    let filter = AuditFilter {
        before: paging::read_number(parameters.cursor.as_deref())?,
        actor: given(parameters.actor),
        action: given(parameters.action),
        subject: given(parameters.subject),
    };
    let found = state.console.reports.audit(filter, limit + 1).await?;
    Ok(Json(Page::of(found, limit, |entry| entry.id.to_string())))
}
