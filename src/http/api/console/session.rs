//! `/api/session`: signing in and out.

use crate::{
    domain::{
        ids::OperatorId,
        operator::OperatorRole,
        sign_in::{locked_for, session_ends},
    },
    http::{
        client_address::client_address,
        error::Problem,
        extract::Body,
        operator::{Via, Viewer, cookie_name, require_console},
        sign_in,
        state::HttpState,
    },
    ports::operators::{EndSessions, NewSession, OperatorAccount},
};
use axum::{
    Json,
    extract::{ConnectInfo, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    name: String,
    password: String,
    /// Six digits, or a recovery code.
    code: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Me {
    id: Option<OperatorId>,
    name: String,
    role: OperatorRole,
    /// `session` or `token`.
    via: &'static str,
    totp: bool,
    recovery_codes_left: u32,
    #[schema(value_type = Option<String>, format = DateTime)]
    session_expires_at: Option<Timestamp>,
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/session", tag = "session", responses((status = 200, body = Me), (status = 401)))]
pub async fn read(Viewer(actor): Viewer, State(state): State<HttpState>) -> Result<Json<Me>, Problem> {
    let account = match actor.id {
        Some(id) => state.console.operators.account_by_id(id).await?,
        None => None,
    };
    let (via, session_expires_at) = match actor.via {
        Via::Session { ends_at, .. } => ("session", Some(ends_at)),
        Via::Token => ("token", None),
    };
    Ok(Json(Me {
        id: actor.id,
        name: actor.name,
        role: actor.role,
        via,
        totp: account.as_ref().is_some_and(|account| account.totp_confirmed),
        recovery_codes_left: account.map_or(0, |account| account.recovery_codes_left),
        session_expires_at,
    }))
}

/// Signs in.
#[utoipa::path(post, path = "/api/session", tag = "session", request_body = SignIn,
    responses((status = 200, body = Me), (status = 401, description = "wrong_credentials, code_needed or wrong_code"),
              (status = 429, description = "locked")))]
pub async fn sign_in(
    State(state): State<HttpState>,
    peer: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Body(request): Body<SignIn>,
) -> Result<Response, Problem> {
    require_console(&Method::POST, &headers)?;
    check_rate(&state, peer.as_deref(), &headers)?;
    let name = request.name.trim().to_owned();
    if name.chars().count() > 100 || request.password.chars().count() > 200 {
        return Err(refused("wrong_credentials", "Name or password is wrong."));
    }
    let (operators, now) = (&state.console.operators, state.clock.now());
    if let Some(wait) = locked_for(operators.sign_in_failures(&name).await?, now) {
        return Err(Problem::locked(u64::try_from(wait.as_secs()).unwrap_or(1) + 1));
    }
    let account = operators.account(&name).await?.filter(|account| !account.disabled);
    let hash = account.as_ref().map(|account| account.password_hash.clone());
    let right = sign_in::password_matches(&state.console.hashing, request.password, hash).await?;
    let Some(account) = account.filter(|_| right) else {
        operators.record_sign_in_failure(&name, now).await?;
        tracing::warn!("a sign-in with a wrong name or password");
        return Err(refused("wrong_credentials", "Name or password is wrong."));
    };
    second_step(&state, &account, request.code.as_deref()).await?;
    begin(&state, account.id, &account.name, peer.as_deref(), &headers).await
}

/// The second step, where the account has one.
async fn second_step(
    state: &HttpState,
    account: &OperatorAccount,
    code: Option<&str>,
) -> Result<(), Problem> {
    let Some(secret) = account.totp_secret.as_deref().filter(|_| account.totp_confirmed) else {
        return Ok(());
    };
    let Some(code) = code.map(str::trim).filter(|code| !code.is_empty()) else {
        return Err(refused("code_needed", "Give the code of your authenticator app."));
    };
    let (operators, now) = (&state.console.operators, state.clock.now());
    let right = match sign_in::totp_step(secret, &account.name, code, now)? {
        Some(step) => operators.use_totp_step(account.id, step).await?,
        None => operators.use_recovery_code(account.id, sign_in::recovery_digest(code), now).await?,
    };
    if right {
        return Ok(());
    }
    operators.record_sign_in_failure(&account.name, now).await?;
    Err(refused("wrong_code", "This code is wrong or was used already."))
}

fn refused(code: &'static str, detail: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, code, "Not signed in", detail)
}

/// Holds back one address that tries and tries.
///
/// # Errors
/// 429 `locked`.
pub fn check_rate(
    state: &HttpState,
    peer: Option<&ConnectInfo<SocketAddr>>,
    headers: &HeaderMap,
) -> Result<(), Problem> {
    let address = client_address(peer.map(|peer| peer.0), headers, state.server.behind_proxy);
    state.console.sign_ins.check(address).map_err(Problem::locked)
}

/// Begins a session: the answer carries its cookie.
///
/// # Errors
/// When the store fails.
pub async fn begin(
    state: &HttpState,
    operator_id: OperatorId,
    name: &str,
    peer: Option<&ConnectInfo<SocketAddr>>,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let token = sign_in::random_token();
    let client = headers.get(header::USER_AGENT).and_then(|client| client.to_str().ok()).unwrap_or_default();
    let address = client_address(peer.map(|peer| peer.0), headers, state.server.behind_proxy);
    let new = NewSession {
        operator_id,
        token_hash: sign_in::digest(&token),
        address: address.to_string(),
        client: client.to_owned(),
    };
    let (operators, now) = (&state.console.operators, state.clock.now());
    operators.begin_session(new, name, now).await?;
    let account = operators.account_by_id(operator_id).await?.ok_or_else(Problem::internal)?;
    let me = Me {
        id: Some(operator_id),
        name: account.name,
        role: account.role,
        via: "session",
        totp: account.totp_confirmed,
        recovery_codes_left: account.recovery_codes_left,
        session_expires_at: Some(session_ends(now, now)),
    };
    let mut response = Json(me).into_response();
    set_cookie(
        &mut response,
        state.console.secure,
        &token,
        crate::domain::sign_in::SESSION_LONGEST.as_secs(),
    );
    Ok(response)
}

fn set_cookie(response: &mut Response, secure: bool, token: &str, max_age_s: i64) {
    let secure_flag = if secure { "; Secure" } else { "" };
    let cookie = format!(
        "{}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age_s}{secure_flag}",
        cookie_name(secure)
    );
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// Signs out: the session and its streams end.
#[utoipa::path(delete, path = "/api/session", tag = "session", responses((status = 204)))]
pub async fn sign_out(Viewer(actor): Viewer, State(state): State<HttpState>) -> Result<Response, Problem> {
    if let (Some(session), Ok(id)) = (actor.session(), actor.person()) {
        let which = EndSessions::One(session);
        let ended = state.console.operators.end_sessions(id, which, &actor.name, state.clock.now()).await?;
        state.console.hub.sessions_ended(&ended);
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    set_cookie(&mut response, state.console.secure, "", 0);
    Ok(response)
}
