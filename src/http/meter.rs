//! Counts requests by route, never by address: a route's name holds no reference and no token.

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use metrics::{counter, histogram};
use std::time::Instant;

/// What is counted of a request that met no route.
const NO_ROUTE: &str = "none";
/// Known methods; others are one, so that nobody can fill the table with made-up ones.
const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// Counts a request and the time until its response began.
pub async fn count(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = route.unwrap_or_else(|| NO_ROUTE.to_owned());
    let method =
        METHODS.iter().copied().find(|method| *method == request.method().as_str()).unwrap_or("other");
    let started = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16().to_string();
    histogram!("frontdesk_http_request_seconds", "route" => route.clone())
        .record(started.elapsed().as_secs_f64());
    counter!("frontdesk_http_requests_total", "route" => route, "method" => method, "status" => status)
        .increment(1);
    response
}
