//! Customers: found by words, joined, and taken apart again.

use super::{fields, inbox::SearchParameters, paging::Items};
use crate::{
    domain::ids::CustomerId,
    http::{
        error::Problem,
        extract::{Body, Path, Query},
        operator::{Operator, Viewer},
        state::HttpState,
    },
    ports::console::CustomerHit,
};
use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Customers by name and address.
#[utoipa::path(get, path = "/api/customers", tag = "customers", params(SearchParameters), responses((status = 200, body = Items<CustomerHit>)))]
pub async fn list(
    _viewer: Viewer,
    State(state): State<HttpState>,
    Query(parameters): Query<SearchParameters>,
) -> Result<Json<Items<CustomerHit>>, Problem> {
    let limit = fields::limit(parameters.limit, 20, 100)?;
    let items = state.console.inbox.customers(fields::words(&parameters.q)?, limit).await?;
    Ok(Json(Items { items }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    other_id: CustomerId,
}

#[derive(Serialize, ToSchema)]
pub struct Merged {
    merge_id: Uuid,
}

/// Makes another customer part of this one.
#[utoipa::path(post, path = "/api/customers/{id}/merge", tag = "customers", request_body = Merge,
    params(("id" = Uuid, Path)), responses((status = 200, body = Merged), (status = 409, description = "same_customer or merged_already")))]
pub async fn merge(
    Operator(actor): Operator,
    State(state): State<HttpState>,
    Path(id): Path<String>,
    Body(request): Body<Merge>,
) -> Result<Json<Merged>, Problem> {
    let customer = CustomerId(fields::uuid(&id)?);
    let now = state.clock.now();
    let merge_id = state.console.inbox.merge_customers(customer, request.other_id, &actor.name, now).await?;
    Ok(Json(Merged { merge_id }))
}

/// Takes a merge back.
#[utoipa::path(delete, path = "/api/merges/{id}", tag = "customers", params(("id" = Uuid, Path)), responses((status = 204)))]
pub async fn undo_merge(
    Operator(actor): Operator,
    State(state): State<HttpState>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let merge = fields::uuid(&id)?;
    state.console.inbox.undo_merge(merge, &actor.name, state.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
