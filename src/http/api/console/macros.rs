//! Texts that operators use again and again.

use super::{fields, paging::Items};
use crate::{
    http::{
        error::Problem,
        extract::{Body, Path},
        operator::{Operator, Viewer},
        state::HttpState,
    },
    ports::console::{MacroView, NewMacro},
};
use axum::{Json, extract::State, http::StatusCode};
use uuid::Uuid;

/// All macros, by name.
#[utoipa::path(get, path = "/api/macros", tag = "settings", responses((status = 200, body = Items<MacroView>)))]
pub async fn list(
    _viewer: Viewer,
    State(state): State<HttpState>,
) -> Result<Json<Items<MacroView>>, Problem> {
    Ok(Json(Items { items: state.console.settings.macros().await? }))
}

async fn save(
    state: &HttpState,
    id: Option<Uuid>,
    request: NewMacro,
    actor: &str,
) -> Result<Json<MacroView>, Problem> {
    let new = NewMacro {
        name: fields::name("name", &request.name)?,
        body: fields::text("body", &request.body, 1, 10_000)?,
    };
    Ok(Json(state.console.settings.save_macro(id, new, actor, state.clock.now()).await?))
}

/// Makes a macro.
#[utoipa::path(post, path = "/api/macros", tag = "settings", request_body = NewMacro,
    responses((status = 201, body = MacroView), (status = 409, description = "name_taken")))]
pub async fn create(
    Operator(actor): Operator,
    State(state): State<HttpState>,
    Body(request): Body<NewMacro>,
) -> Result<(StatusCode, Json<MacroView>), Problem> {
    Ok((StatusCode::CREATED, save(&state, None, request, &actor.name).await?))
}

/// Changes a macro.
#[utoipa::path(put, path = "/api/macros/{id}", tag = "settings", request_body = NewMacro, params(("id" = Uuid, Path)),
    responses((status = 200, body = MacroView), (status = 404)))]
pub async fn change(
    Operator(actor): Operator,
    State(state): State<HttpState>,
    Path(id): Path<String>,
    Body(request): Body<NewMacro>,
) -> Result<Json<MacroView>, Problem> {
    save(&state, Some(fields::uuid(&id)?), request, &actor.name).await
}

/// Removes a macro.
#[utoipa::path(delete, path = "/api/macros/{id}", tag = "settings", params(("id" = Uuid, Path)), responses((status = 204)))]
pub async fn remove(
    Operator(actor): Operator,
    State(state): State<HttpState>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = fields::uuid(&id)?;
    state.console.settings.remove_macro(id, &actor.name, state.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
