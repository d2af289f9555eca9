//! `/api/setup`: the first administrator.

use super::{company, fields, session};
use crate::{
    domain::operator::OperatorRole,
    http::{error::Problem, extract::Body, operator::require_console, sign_in, state::HttpState},
    ports::{console::CompanySettings, operators::NewOperator},
};
use axum::{
    Json,
    extract::{ConnectInfo, State},
    http::{HeaderMap, Method, StatusCode},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct Setup {
    needs_administrator: bool,
    company: Option<CompanySettings>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetupRequest {
    administrator: FirstAdministrator,
    company: CompanySettings,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FirstAdministrator {
    name: String,
    password: String,
}

/// Whether the box still needs an administrator.
#[utoipa::path(get, path = "/api/setup", tag = "setup", responses((status = 200, body = Setup)))]
pub async fn read(State(state): State<HttpState>) -> Result<Json<Setup>, Problem> {
    let needs_administrator = !state.console.operators.has_administrator().await?;
    let company = needs_administrator.then(|| (*state.console.company.now()).clone());
    Ok(Json(Setup { needs_administrator, company }))
}

/// Makes the first administrator, who is signed in at once.
#[utoipa::path(post, path = "/api/setup", tag = "setup", request_body = SetupRequest,
    responses((status = 201, body = session::Me), (status = 409, description = "already_set_up")))]
pub async fn create(
    State(state): State<HttpState>,
    peer: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Body(request): Body<SetupRequest>,
) -> Result<Response, Problem> {
    require_console(&Method::POST, &headers)?;
    session::check_rate(&state, peer.as_deref(), &headers)?;
    let console = &state.console;
    let first = request.administrator;
    let name = fields::name_and_password(&first.name, &first.password)?;
    let company = company::check(request.company)?;
    if console.operators.has_administrator().await? {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "already_set_up",
            "Set up already",
            "This box has an administrator already; sign in.",
        ));
    }
    let now = state.clock.now();
    let password_hash = sign_in::hash_password(&console.hashing, first.password).await?;
    let operator = NewOperator { name: name.clone(), role: OperatorRole::Administrator, password_hash };
    let made = console.operators.create_operator(operator, true, &name, now).await?;
    company::keep(&state, company, &name).await?;
    let signed_in = session::begin(&state, made.id, &name, peer.as_deref(), &headers).await?;
    Ok((StatusCode::CREATED, signed_in).into_response())
}
