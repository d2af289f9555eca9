//! `/webhooks/…`: a provider's request, its size and rate limited, handed untouched to the channel it is for.

use crate::{
    http::{client_address::client_address, error::Problem, state::HttpState},
    ports::webhook::{WebhookAnswer, WebhookCall},
};
use axum::{
    body::Bytes,
    extract::{ConnectInfo, OriginalUri, State, rejection::BytesRejection},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use std::net::SocketAddr;

pub async fn receive(
    State(state): State<HttpState>,
    peer: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    OriginalUri(uri): OriginalUri,
    method: Method,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let webhook = state.webhooks.get(uri.path()).ok_or_else(|| Problem::not_found("webhook"))?;
    let address = client_address(peer.map(|peer| peer.0.0), &headers, state.server.behind_proxy);
    state.webhook_calls.check(address).map_err(Problem::too_many)?;
    let body = body.map_err(|rejection| unread(&rejection))?;
    let headers = headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect();
    let call = WebhookCall {
        method: method.as_str().to_owned(),
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        headers,
        body: body.to_vec(),
    };
    match webhook.receive(call).await {
        WebhookAnswer::Done { content_type, body } => {
            Ok(([(header::CONTENT_TYPE, content_type)], body).into_response())
        }
        WebhookAnswer::Forbidden => Err(Problem::new(
            StatusCode::FORBIDDEN,
            "unproven",
            "Nothing proves who sent this",
            "The request carries no signature that fits. Nothing was stored.",
        )),
        WebhookAnswer::Unreadable => {
            Err(Problem::bad_request("unreadable", "The request has no form we know."))
        }
        WebhookAnswer::Unavailable => {
            Err(Problem::unavailable("It could not be stored. Please send it again."))
        }
    }
}

fn unread(rejection: &BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "The request is too large",
            "See server.max_webhook_bytes.",
        )
    } else {
        Problem::bad_request("unreadable", "The body could not be read.")
    }
}
