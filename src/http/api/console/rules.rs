//! How far the assistant goes by itself, and when people are there.

use crate::{
    domain::{autonomy::AutonomyEntry, business_hours::BusinessHours},
    http::{
        error::Problem,
        extract::Body,
        operator::{Administrator, Viewer},
        state::HttpState,
    },
    ports::console::HOURS_SETTING,
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Levels by channel and intent; what is not named is `auto`.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Autonomy {
    entries: Vec<AutonomyEntry>,
}

/// How far the assistant goes by itself.
#[utoipa::path(get, path = "/api/autonomy", tag = "settings", responses((status = 200, body = Autonomy)))]
pub async fn autonomy(_viewer: Viewer, State(state): State<HttpState>) -> Result<Json<Autonomy>, Problem> {
    Ok(Json(Autonomy { entries: state.console.settings.autonomy().await? }))
}

/// Sets how far the assistant goes; holds from the next message on.
#[utoipa::path(put, path = "/api/autonomy", tag = "settings", request_body = Autonomy, responses((status = 200, body = Autonomy)))]
pub async fn set_autonomy(
    Administrator(actor): Administrator,
    State(state): State<HttpState>,
    Body(request): Body<Autonomy>,
) -> Result<Json<Autonomy>, Problem> {
    if request.entries.len() > 100 {
        return Err(Problem::invalid_field("entries", "At most 100 entries."));
    }
    state.console.settings.set_autonomy(request.entries, &actor.name, state.clock.now()).await?;
    Ok(Json(Autonomy { entries: state.console.settings.autonomy().await? }))
}

/// The week, and whether people are there now.
#[derive(Serialize, ToSchema)]
pub struct Hours {
    time_zone: String,
    days: Vec<crate::domain::business_hours::OpenHours>,
    open_now: bool,
}

/// The week as it is sent; `open_now` of an answer may come back and says nothing.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoursRequest {
    time_zone: String,
    days: Vec<crate::domain::business_hours::OpenHours>,
    #[serde(default, rename = "open_now")]
    _open_now: Option<bool>,
}

fn shown(hours: BusinessHours, state: &HttpState) -> Json<Hours> {
    let open_now = hours.open_at(state.clock.now());
    Json(Hours { time_zone: hours.time_zone, days: hours.days, open_now })
}

/// When people are there.
#[utoipa::path(get, path = "/api/business-hours", tag = "settings", responses((status = 200, body = Hours)))]
pub async fn hours(_viewer: Viewer, State(state): State<HttpState>) -> Result<Json<Hours>, Problem> {
    let kept = state.console.settings.setting(HOURS_SETTING).await?;
    let hours = kept.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
    Ok(shown(hours, &state))
}

/// Sets when people are there.
#[utoipa::path(put, path = "/api/business-hours", tag = "settings", request_body = HoursRequest, responses((status = 200, body = Hours)))]
pub async fn set_hours(
    Administrator(actor): Administrator,
    State(state): State<HttpState>,
    Body(request): Body<HoursRequest>,
) -> Result<Json<Hours>, Problem> {
    let hours = BusinessHours { time_zone: request.time_zone, days: request.days };
    if let Some((field, message)) = hours.fault() {
        return Err(Problem::invalid_field(field, message));
    }
    let json = serde_json::to_string(&hours).map_err(|_| Problem::internal())?;
    state.console.settings.set_setting(HOURS_SETTING, json, &actor.name, state.clock.now()).await?;
    // Promises made from now on run in these hours.
    let mut desk = (*state.console.desk.now()).clone();
    desk.hours = Some(hours.clone());
    state.console.desk.replace(desk);
    Ok(shown(hours, &state))
}
