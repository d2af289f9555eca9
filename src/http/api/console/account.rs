//! One's own account: sessions, password and second step.

use super::paging::Items;
use crate::{
    domain::{
        operator::check_password,
        sign_in::{locked_for, session_ends},
    },
    http::{
        error::Problem,
        extract::{Body, Path},
        operator::{Actor, Viewer},
        sign_in,
        state::HttpState,
    },
    ports::operators::{EndSessions, OperatorAccount, TotpChange},
};
use axum::{Json, extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
pub struct SessionBody {
    id: Uuid,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    last_seen_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    address: String,
    client: String,
    current: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    current: String,
    new: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Password {
    password: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Code {
    code: String,
}

#[derive(Serialize, ToSchema)]
pub struct TotpEnrolment {
    secret: String,
    uri: String,
    /// A PNG as a data address.
    qr: String,
}

#[derive(Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// Shown this once.
    recovery_codes: Vec<String>,
}

/// One's own sessions.
#[utoipa::path(get, path = "/api/sessions", tag = "account", responses((status = 200, body = Items<SessionBody>)))]
pub async fn sessions(
    Viewer(actor): Viewer,
    State(state): State<HttpState>,
) -> Result<Json<Items<SessionBody>>, Problem> {
    let now = state.clock.now();
    let found = state.console.operators.sessions(actor.person()?).await?;
    let items = found
        .into_iter()
        .map(|session| SessionBody {
            id: session.id,
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
            expires_at: session_ends(session.created_at, session.last_seen_at),
            address: session.address,
            client: session.client,
            current: Some(session.id) == actor.session(),
        })
        .filter(|session| session.expires_at > now)
        .collect();
    Ok(Json(Items { items }))
}

async fn end(state: &HttpState, actor: &Actor, which: EndSessions) -> Result<StatusCode, Problem> {
    let (operators, now) = (&state.console.operators, state.clock.now());
    let ended = operators.end_sessions(actor.person()?, which, &actor.name, now).await?;
    state.console.hub.sessions_ended(&ended);
    Ok(StatusCode::NO_CONTENT)
}

/// Ends one of one's own sessions.
#[utoipa::path(delete, path = "/api/sessions/{id}", tag = "account", params(("id" = Uuid, Path)), responses((status = 204)))]
pub async fn end_one(
    Viewer(actor): Viewer,
    State(state): State<HttpState>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    end(&state, &actor, EndSessions::One(super::fields::uuid(&id)?)).await
}

/// Ends all of one's other sessions.
#[utoipa::path(delete, path = "/api/sessions", tag = "account", responses((status = 204)))]
pub async fn end_others(
    Viewer(actor): Viewer,
    State(state): State<HttpState>,
) -> Result<StatusCode, Problem> {
    let kept = actor.session().unwrap_or_default();
    end(&state, &actor, EndSessions::AllBut(kept)).await
}

/// The account, once the password proved to be right. Wrong ones count as failed sign-ins do.
async fn prove(state: &HttpState, actor: &Actor, password: String) -> Result<OperatorAccount, Problem> {
    let (operators, now) = (&state.console.operators, state.clock.now());
    let account = operators.account_by_id(actor.person()?).await?.ok_or_else(Problem::internal)?;
    if let Some(wait) = locked_for(operators.sign_in_failures(&account.name).await?, now) {
        return Err(Problem::locked(u64::try_from(wait.as_secs()).unwrap_or(1) + 1));
    }
    let hash = Some(account.password_hash.clone());
    if sign_in::password_matches(&state.console.hashing, password, hash).await? {
        return Ok(account);
    }
    operators.record_sign_in_failure(&account.name, now).await?;
    Err(Problem::forbidden("wrong_password", "This is not your password."))
}

/// A new password; all other sessions end.
#[utoipa::path(post, path = "/api/account/password", tag = "account", request_body = NewPassword,
    responses((status = 204), (status = 403, description = "wrong_password")))]
pub async fn password(
    Viewer(actor): Viewer,
    State(state): State<HttpState>,
    Body(request): Body<NewPassword>,
) -> Result<StatusCode, Problem> {
    let account = prove(&state, &actor, request.current).await?;
    check_password(&account.name, &request.new).map_err(|message| Problem::invalid_field("new", message))?;
    let hash = sign_in::hash_password(&state.console.hashing, request.new).await?;
    state.console.operators.change_password(account.id, hash, &actor.name, state.clock.now()).await?;
    end(&state, &actor, EndSessions::AllBut(actor.session().unwrap_or_default())).await
}

/// Begins a second step; it asks for nothing before it is confirmed.
#[utoipa::path(post, path = "/api/account/totp", tag = "account", request_body = Password,
    responses((status = 200, body = TotpEnrolment)))]
pub async fn begin_totp(
    Viewer(actor): Viewer,
    State(state): State<HttpState>,
    Body(request): Body<Password>,
) -> Result<Json<TotpEnrolment>, Problem> {
    let account = prove(&state, &actor, request.password).await?;
    let secret = sign_in::new_totp_secret();
    let totp = sign_in::totp(&secret, &account.name)?;
    let uri = totp.to_url().map_err(|_| Problem::internal())?;
    let picture = totp.to_qr_base64().map_err(|_| Problem::internal())?;
    let change = TotpChange::Begin(secret.clone());
    state.console.operators.change_totp(account.id, change, &actor.name, state.clock.now()).await?;
    Ok(Json(TotpEnrolment { secret, uri, qr: format!("data:image/png;base64,{picture}") }))
}

/// Puts the second step in force.
#[utoipa::path(post, path = "/api/account/totp/confirm", tag = "account", request_body = Code,
    responses((status = 200, body = RecoveryCodes), (status = 422)))]
pub async fn confirm_totp(
    Viewer(actor): Viewer,
    State(state): State<HttpState>,
    Body(request): Body<Code>,
) -> Result<Json<RecoveryCodes>, Problem> {
    let (operators, now) = (&state.console.operators, state.clock.now());
    let account = operators.account_by_id(actor.person()?).await?.ok_or_else(Problem::internal)?;
    let secret = account
        .totp_secret
        .filter(|_| !account.totp_confirmed)
        .ok_or_else(|| Problem::invalid_field("code", "There is nothing to confirm; begin again."))?;
    let step = sign_in::totp_step(&secret, &account.name, &request.code, now)?
        .ok_or_else(|| Problem::invalid_field("code", "This code is wrong; is your phone's clock right?"))?;
    let (recovery_codes, hashes) = sign_in::new_recovery_codes();
    let change = TotpChange::Confirm { step, recovery_codes: hashes };
    operators.change_totp(account.id, change, &actor.name, now).await?;
    Ok(Json(RecoveryCodes { recovery_codes }))
}

/// Switches the second step off.
#[utoipa::path(post, path = "/api/account/totp/disable", tag = "account", request_body = Password,
    responses((status = 204), (status = 403, description = "wrong_password")))]
pub async fn disable_totp(
    Viewer(actor): Viewer,
    State(state): State<HttpState>,
    Body(request): Body<Password>,
) -> Result<StatusCode, Problem> {
    let account = prove(&state, &actor, request.password).await?;
    let now = state.clock.now();
    state.console.operators.change_totp(account.id, TotpChange::Disable, &actor.name, now).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// New recovery codes in place of the old ones.
#[utoipa::path(post, path = "/api/account/recovery-codes", tag = "account", request_body = Password,
    responses((status = 200, body = RecoveryCodes)))]
pub async fn new_recovery_codes(
    Viewer(actor): Viewer,
    State(state): State<HttpState>,
    Body(request): Body<Password>,
) -> Result<Json<RecoveryCodes>, Problem> {
    let account = prove(&state, &actor, request.password).await?;
    let (recovery_codes, hashes) = sign_in::new_recovery_codes();
    let change = TotpChange::NewCodes(hashes);
    state.console.operators.change_totp(account.id, change, &actor.name, state.clock.now()).await?;
    Ok(Json(RecoveryCodes { recovery_codes }))
}
