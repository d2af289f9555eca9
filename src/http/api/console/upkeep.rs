//! Upkeep of the box: copies of the store, connections to providers, and the ledger of what left.

use super::{
    actions::Nothing,
    fields,
    paging::{self, Items, Page},
};
use crate::{
    domain::{channel::Channel, channel_health::HealthState},
    http::{
        error::Problem,
        extract::{Body, Query},
        operator::{Administrator, Viewer},
        state::HttpState,
    },
    ports::{
        console::{BackupList, BackupView},
        egress::ChainState,
    },
};
use axum::{Json, extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Copies of the store that are there.
#[utoipa::path(get, path = "/api/backups", tag = "system", responses((status = 200, body = BackupList)))]
pub async fn backups(
    _administrator: Administrator,
    State(state): State<HttpState>,
) -> Result<Json<BackupList>, Problem> {
    Ok(Json(state.console.backups.list().await?))
}

/// Makes a copy now.
#[utoipa::path(post, path = "/api/backups", tag = "system", request_body = Nothing,
    responses((status = 201, body = BackupView), (status = 409, description = "backup_running")))]
pub async fn back_up(
    Administrator(actor): Administrator,
    State(state): State<HttpState>,
    _nothing: Body<Nothing>,
) -> Result<(StatusCode, Json<BackupView>), Problem> {
    let made = state.console.backups.make().await?;
    state.console.reports.record(&actor.name, "system.backup", &made.name, state.clock.now()).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// A connection to a provider.
#[derive(Serialize, ToSchema)]
pub struct Connection {
    channel: Channel,
    /// As named in the settings.
    account: String,
    /// `receiving` or `sending`.
    direction: &'static str,
    state: HealthState,
    /// Why it fails and what to do.
    reason: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
}

/// How the connections to mail and message providers stand.
#[utoipa::path(get, path = "/api/channels", tag = "system", responses((status = 200, body = Items<Connection>)))]
pub async fn channels(_viewer: Viewer, State(state): State<HttpState>) -> Json<Items<Connection>> {
    let connection = |health: crate::domain::channel_health::ChannelHealth| Connection {
        channel: health.channel,
        account: health.account,
        direction: health.direction,
        state: health.state,
        reason: health.reason,
        since: health.since,
    };
    Json(Items { items: state.channels.report().into_iter().map(connection).collect() })
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LedgerParameters {
    /// For example `mail` or `hosted_model`.
    purpose: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
}

/// One thing that left the box.
#[derive(Serialize, ToSchema)]
pub struct LedgerRow {
    number: i64,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    purpose: String,
    /// Host and port.
    destination: String,
    bytes: u64,
    /// Of what was said.
    sha256: String,
}

/// What left the box, newest first.
#[utoipa::path(get, path = "/api/egress", tag = "system", params(LedgerParameters), responses((status = 200, body = Page<LedgerRow>)))]
pub async fn egress(
    _viewer: Viewer,
    State(state): State<HttpState>,
    Query(parameters): Query<LedgerParameters>,
) -> Result<Json<Page<LedgerRow>>, Problem> {
    let limit = fields::limit(parameters.limit, 100, 500)?;
    let before = paging::read_number(parameters.cursor.as_deref())?;
    let purpose = parameters.purpose.filter(|purpose| !purpose.is_empty());
    let found = state.console.egress.newest(purpose, before, limit + 1).await?;
    let rows = found
        .into_iter()
        .map(|entry| LedgerRow {
            number: entry.number,
            at: entry.at,
            purpose: entry.purpose,
            destination: entry.destination,
            bytes: entry.byte_count,
            sha256: hex::encode(entry.sha256),
        })
        .collect();
    Ok(Json(Page::of(rows, limit, |row| row.number.to_string())))
}

/// What a check of the ledger found.
#[derive(Serialize, ToSchema)]
pub struct LedgerCheck {
    /// Every row continues the one before.
    whole: bool,
    /// Rows that were checked, when it is whole; else the first that does not fit.
    row: u64,
}

/// Reads the whole ledger and reckons its hashes anew.
#[utoipa::path(get, path = "/api/egress/check", tag = "system", responses((status = 200, body = LedgerCheck)))]
pub async fn check_egress(
    _administrator: Administrator,
    State(state): State<HttpState>,
) -> Result<Json<LedgerCheck>, Problem> {
    Ok(Json(match state.console.egress.verify_chain().await? {
        ChainState::Whole { rows } => LedgerCheck { whole: true, row: rows },
        ChainState::BrokenAt { number } => {
            LedgerCheck { whole: false, row: u64::try_from(number).unwrap_or_default() }
        }
    }))
}
