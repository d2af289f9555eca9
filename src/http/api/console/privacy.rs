//! A person's rights: a copy of what is kept of them, and its end. For administrators.

use super::fields;
use crate::{
    domain::ids::CustomerId,
    http::{error::Problem, extract::Body, operator::Administrator, state::HttpState},
    ports::privacy::{ErasureReceipt, PrivacyError},
};
use axum::{
    Json,
    body::Body as ResponseBody,
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use tokio_util::io::ReaderStream;
use utoipa::ToSchema;

impl From<PrivacyError> for Problem {
    fn from(error: PrivacyError) -> Self {
        match error {
            PrivacyError::Store(error) => error.into(),
            PrivacyError::Unwritable(error) => {
                tracing::error!(%error, "what a person asked for was not done whole");
                Self::internal()
            }
        }
    }
}

/// All that is kept of a customer, as a ZIP file: `records.json`, files, original messages.
#[utoipa::path(get, path = "/api/customers/{id}/export", tag = "customers", params(("id" = Uuid, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/zip"), (status = 404)))]
pub async fn export(
    Administrator(actor): Administrator,
    State(state): State<HttpState>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let customer = CustomerId(fields::uuid(&id)?);
    let file = state.console.privacy.archive(customer).await?;
    tracing::info!(%customer, by = %actor.name, "all that is kept of a customer was exported");
    let body = ResponseBody::from_stream(ReaderStream::new(tokio::fs::File::from_std(file)));
    let name = format!("attachment; filename=\"customer-{customer}.zip\"");
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers
        .insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(|_| Problem::internal())?);
    Ok(response)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Erase {
    /// The word `erase`: it cannot be taken back.
    confirm: String,
}

/// Removes a customer with all that is kept of them; the answer is the receipt.
#[utoipa::path(post, path = "/api/customers/{id}/erase", tag = "customers", params(("id" = Uuid, Path)), request_body = Erase,
    responses((status = 200, body = ErasureReceipt), (status = 404)))]
pub async fn erase(
    Administrator(actor): Administrator,
    State(state): State<HttpState>,
    Path(id): Path<String>,
    Body(request): Body<Erase>,
) -> Result<Json<ErasureReceipt>, Problem> {
    if request.confirm != "erase" {
        return Err(Problem::invalid_field("confirm", "Write erase: it cannot be taken back."));
    }
    let customer = CustomerId(fields::uuid(&id)?);
    let privacy = state.console.privacy.clone();
    // A client that leaves in the middle must not leave copies behind that still hold the person.
    let erasing = tokio::spawn(async move { privacy.erase(customer, &actor.name).await });
    let receipt = erasing.await.map_err(|_| Problem::internal())??;
    Ok(Json(receipt))
}
