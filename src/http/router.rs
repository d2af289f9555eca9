//! The routes and what wraps them: limits, headers, request ids, traces without query strings.

use super::{
    api::{
        console, conversations, decisions, events, metrics, public_config, submissions, tickets, webhooks,
    },
    assets,
    client_address::client_address,
    error::{Problem, REQUEST_ID},
    health, help, meter,
    state::HttpState,
};
use axum::{
    Router,
    error_handling::HandleErrorLayer,
    extract::{ConnectInfo, DefaultBodyLimit, Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use std::{net::SocketAddr, time::Duration};
use tower::{BoxError, ServiceBuilder};
use tower_http::{
    catch_panic::CatchPanicLayer,
    classify::ServerErrorsFailureClass,
    compression::CompressionLayer,
    cors::{AllowOrigin, CorsLayer},
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    set_header::SetResponseHeaderLayer,
    trace::TraceLayer,
};

const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; \
                                       object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// All routes of the box.
pub fn router(state: HttpState) -> Router {
    let limits = ServiceBuilder::new()
        .layer(HandleErrorLayer::new(refused))
        .load_shed()
        .concurrency_limit(state.server.max_concurrent_requests)
        .timeout(Duration::from_millis(state.server.request_timeout_ms));
    let (console_quick, console_lasting) = console::routers();
    let widget = widget_origins(&state.server.widget_origins);
    let support = Router::new()
        .route("/support/config", get(public_config::read))
        .route("/support/submit", post(submissions::submit))
        .route("/support/health", get(support_health))
        .route("/support/ticket/{reference}", get(tickets::read))
        .route("/support/ticket/{reference}/messages", post(tickets::follow_up))
        .route("/support/ticket/{reference}/feedback", post(tickets::feedback))
        .route("/support/rate/{token}/{score}", get(console::ratings::ask).post(console::ratings::record))
        .layer(widget.clone());
    let limited = Router::new()
        .merge(support)
        .merge(console_quick)
        .route("/conversations/{id}", get(conversations::read))
        .route("/metrics", get(metrics::prometheus))
        .route("/metrics/channels", get(metrics::channels))
        .route(
            "/webhooks/{*path}",
            get(webhooks::receive)
                .post(webhooks::receive)
                .layer(DefaultBodyLimit::max(state.server.max_webhook_bytes)),
        )
        .route("/api/decisions", get(decisions::list))
        .route("/api/decisions/{id}", delete(decisions::undo))
        .route("/api/decisions/{id}/correct", post(decisions::correct))
        .route("/health/ready", get(health::ready))
        .route("/help/{slug}", get(help::document))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ))
        .layer(limits)
        .layer(middleware::from_fn_with_state(state.clone(), hold_back));
    Router::new()
        .merge(limited)
        // A watched page lasts: no timeout and no share of the request limit; the handler counts its own.
        .merge(
            Router::new()
                .route("/support/ticket/{reference}/events", get(events::watch))
                .route("/widget.js", get(assets::file))
                .layer(widget),
        )
        .merge(console_lasting)
        .route("/console", get(assets::console))
        .route("/console/", get(assets::console))
        .route("/console/{*path}", get(assets::console))
        .route("/health", get(health::alive))
        .route("/help.css", get(help::style))
        .route("/", get(assets::page))
        .route("/status/{reference}", get(assets::page))
        .route("/assets/{*path}", get(assets::file))
        .route("/favicon.svg", get(assets::file))
        .fallback(fallback)
        .layer(DefaultBodyLimit::max(state.server.max_body_bytes))
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(is_https(&state), security_headers))
        .layer(middleware::from_fn(meter::count))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            Problem::internal().into_response()
        }))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(TraceLayer::new_for_http().make_span_with(span).on_failure(failed))
        .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
        .with_state(state)
}

/// Refuses an address or a token that asks too often.
async fn hold_back(State(state): State<HttpState>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0);
    let address = client_address(peer, headers, state.server.behind_proxy);
    let own = address.to_canonical().is_loopback();
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let of_address = state.requests.as_ref().filter(|_| !own).map_or(Ok(()), |limit| limit.check(address));
    let of_token = match (&state.token_calls, token.and_then(|value| value.strip_prefix("Bearer "))) {
        (Some(limit), Some(token)) => limit.check_token(token),
        _ => Ok(()),
    };
    match of_address.and(of_token) {
        Ok(()) => next.run(request).await,
        Err(wait_s) => Problem::too_many(wait_s).into_response(),
    }
}

/// Browsers on these sites may call what the widget needs; no cookie goes along. With none, no site may.
fn widget_origins(origins: &[String]) -> CorsLayer {
    let origins = origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok());
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::CONTENT_TYPE, HeaderName::from_static("idempotency-key")])
        .max_age(Duration::from_mins(10))
}

/// The path without its query: status tokens never reach a log.
fn span(request: &Request) -> tracing::Span {
    let id = request.headers().get(&REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    tracing::debug_span!("request", method = %request.method(), path = request.uri().path(), id)
}

/// A refusal with 503 (not ready yet, too busy) is an answer and no fault: a probe every second must not fill the log.
fn failed(class: ServerErrorsFailureClass, latency: Duration, _: &tracing::Span) {
    let latency_ms = latency.as_millis();
    match class {
        ServerErrorsFailureClass::StatusCode(StatusCode::SERVICE_UNAVAILABLE) => {
            tracing::debug!(latency_ms, "refused for now");
        }
        class => tracing::error!(%class, latency_ms, "a request failed"),
    }
}

async fn refused(error: BoxError) -> Problem {
    if error.is::<tower::timeout::error::Elapsed>() {
        Problem::unavailable("That took too long. Please try again in a moment.")
    } else {
        Problem::unavailable("The desk is busy. Please try again in a moment.")
    }
}

async fn support_health() -> Response {
    axum::Json(serde_json::json!({ "status": "ok", "channel": "web" })).into_response()
}

/// Pages for people, problems for programs.
async fn fallback(request: Request) -> Response {
    let wants_page = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    if wants_page {
        assets::not_found_page(request.headers().clone()).await
    } else {
        Problem::not_found("page").into_response()
    }
}

/// Whether customers reach the box by HTTPS alone.
fn is_https(state: &HttpState) -> bool {
    state.server.public_url.starts_with("https://")
}

async fn security_headers(State(https): State<bool>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    // The framework's empty 405 becomes a problem like all others.
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        let problem = Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "Not this way",
            "This address does not take that method.",
        );
        let allow = response.headers().get(header::ALLOW).cloned();
        response = problem.into_response();
        if let Some(allow) = allow {
            response.headers_mut().insert(header::ALLOW, allow);
        }
    }
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if https {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    response
}
