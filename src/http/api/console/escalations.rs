//! Hand-overs: what waits for a person, by when, and what was settled.

use super::{
    fields,
    paging::{self, Page},
};
use crate::{
    domain::ids::EscalationId,
    http::{
        error::Problem,
        extract::{Body, Path, Query},
        operator::{Operator, Viewer},
        state::HttpState,
    },
    ports::console::{EscalationView, Position},
};
use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EscalationParameters {
    /// `open` (soonest due first) or `resolved` (newest first).
    state: Option<String>,
    team: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
}

/// Hand-overs.
#[utoipa::path(get, path = "/api/escalations", tag = "escalations", params(EscalationParameters), responses((status = 200, body = Page<EscalationView>)))]
pub async fn list(
    _viewer: Viewer,
    State(state): State<HttpState>,
    Query(parameters): Query<EscalationParameters>,
) -> Result<Json<Page<EscalationView>>, Problem> {
    let open = match parameters.state.as_deref() {
        None | Some("" | "open") => true,
        Some("resolved") => false,
        Some(_) => return Err(Problem::invalid_field("state", "It is open or resolved.")),
    };
    let limit = fields::limit(parameters.limit, 50, 100)?;
    let after = paging::read(parameters.cursor.as_deref())?;
    let team = parameters.team.filter(|team| !team.is_empty());
    let found = state.console.inbox.escalations(open, team, after, limit + 1, state.clock.now()).await?;
    Ok(Json(Page::of(found, limit, |escalation| {
        let at = if open { Some(escalation.due_at) } else { escalation.resolved_at };
        paging::write(Position {
            at: at.unwrap_or(escalation.due_at).as_microsecond(),
            id: escalation.id.0.into_bytes(),
        })
    })))
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Resolve {
    notes: Option<String>,
}

/// Settles a hand-over.
#[utoipa::path(post, path = "/api/escalations/{id}/resolve", tag = "escalations", request_body = Resolve,
    params(("id" = Uuid, Path)), responses((status = 200, body = EscalationView), (status = 409, description = "conflict: settled already")))]
pub async fn resolve(
    Operator(actor): Operator,
    State(state): State<HttpState>,
    Path(id): Path<String>,
    Body(request): Body<Resolve>,
) -> Result<Json<EscalationView>, Problem> {
    let id = EscalationId(fields::uuid(&id)?);
    let notes = request.notes.map(|notes| fields::text("notes", &notes, 0, 5_000)).transpose()?;
    let now = state.clock.now();
    let settled = state.console.inbox.resolve_escalation(id, notes, &actor.name, now).await?;
    state.console.hub.publish("escalation", &serde_json::json!({ "reference": settled.ticket }));
    state.console.hub.publish("counts", &serde_json::json!({}));
    Ok(Json(settled))
}
