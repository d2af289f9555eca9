//! Operators, for administrators.

use super::{fields, paging::Items};
use crate::{
    domain::{
        ids::OperatorId,
        operator::{OperatorRole, check_password},
    },
    http::{
        error::Problem,
        extract::{Body, Path},
        operator::Administrator,
        sign_in,
        state::HttpState,
    },
    ports::operators::{NewOperator, OperatorChange, OperatorView},
};
use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

/// Everybody who works here.
#[utoipa::path(get, path = "/api/users", tag = "settings", responses((status = 200, body = Items<OperatorView>)))]
pub async fn list(
    _administrator: Administrator,
    State(state): State<HttpState>,
) -> Result<Json<Items<OperatorView>>, Problem> {
    Ok(Json(Items { items: state.console.operators.operators().await? }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    name: String,
    password: String,
    role: OperatorRole,
}

/// Makes an operator.
#[utoipa::path(post, path = "/api/users", tag = "settings", request_body = NewUser,
    responses((status = 201, body = OperatorView), (status = 409, description = "name_taken")))]
pub async fn create(
    Administrator(actor): Administrator,
    State(state): State<HttpState>,
    Body(request): Body<NewUser>,
) -> Result<(StatusCode, Json<OperatorView>), Problem> {
    let name = fields::name_and_password(&request.name, &request.password)?;
    let password_hash = sign_in::hash_password(&state.console.hashing, request.password).await?;
    let operator = NewOperator { name, role: request.role, password_hash };
    let now = state.clock.now();
    let made = state.console.operators.create_operator(operator, false, &actor.name, now).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    role: Option<OperatorRole>,
    disabled: Option<bool>,
    password: Option<String>,
    #[serde(default)]
    reset_totp: bool,
}

/// Changes an operator.
#[utoipa::path(patch, path = "/api/users/{id}", tag = "settings", request_body = UserChange,
    params(("id" = Uuid, Path)), responses((status = 200, body = OperatorView), (status = 409, description = "last_administrator")))]
pub async fn change(
    Administrator(actor): Administrator,
    State(state): State<HttpState>,
    Path(id): Path<String>,
    Body(request): Body<UserChange>,
) -> Result<Json<OperatorView>, Problem> {
    let id = OperatorId(fields::uuid(&id)?);
    let operators = &state.console.operators;
    let account = operators.account_by_id(id).await?.ok_or_else(|| Problem::not_found("operator"))?;
    let password_hash = match request.password {
        Some(password) => {
            check_password(&account.name, &password)
                .map_err(|message| Problem::invalid_field("password", message))?;
            Some(sign_in::hash_password(&state.console.hashing, password).await?)
        }
        None => None,
    };
    let change = OperatorChange {
        role: request.role,
        disabled: request.disabled,
        password_hash,
        reset_totp: request.reset_totp,
    };
    let (changed, ended) = operators.change_operator(id, change, &actor.name, state.clock.now()).await?;
    state.console.hub.sessions_ended(&ended);
    Ok(Json(changed))
}
