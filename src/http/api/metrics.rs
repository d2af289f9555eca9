//! `GET /metrics/channels`, for operators, and `GET /metrics`, for Prometheus.

use crate::{
    domain::channel::Channel,
    http::{
        client_address::{client_address, is_forwarded},
        error::Problem,
        operator::{Operator, Viewer},
        state::HttpState,
    },
};
use axum::{
    Json,
    extract::{ConnectInfo, Query, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, net::SocketAddr};

/// The longest window, a year.
const MAX_HOURS: u32 = 24 * 366;

#[derive(Deserialize)]
pub struct Window {
    hours: Option<u32>,
    channel: Option<String>,
}

#[derive(Serialize)]
pub struct ChannelMetrics {
    window_hours: u32,
    generated_at: String,
    channels: BTreeMap<&'static str, BTreeMap<&'static str, Figures>>,
}

#[derive(Serialize)]
struct Figures {
    metric_name: &'static str,
    window_hours: u32,
    channel: &'static str,
    count: u64,
    avg: f64,
    min: f64,
    max: f64,
    p50: f64,
    p95: f64,
}

pub async fn channels(
    _: Operator,
    State(state): State<HttpState>,
    Query(window): Query<Window>,
) -> Result<Json<ChannelMetrics>, Problem> {
    let hours = window.hours.unwrap_or(24);
    if !(1..=MAX_HOURS).contains(&hours) {
        return Err(Problem::bad_request("invalid_window", format!("hours must be 1 to {MAX_HOURS}.")));
    }
    let channel: Option<Channel> = window.channel.map(|channel| channel.parse()).transpose().map_err(
        |error: crate::domain::channel::UnknownChannel| {
            Problem::bad_request("invalid_channel", error.to_string())
        },
    )?;
    let now = state.clock.now();
    let since = now.checked_sub(SignedDuration::from_hours(i64::from(hours))).unwrap_or(jiff::Timestamp::MIN);
    let mut channels: BTreeMap<&'static str, BTreeMap<&'static str, Figures>> = BTreeMap::new();
    for summary in state.reports.metrics(channel, since).await? {
        let figures = Figures {
            metric_name: summary.metric,
            window_hours: hours,
            channel: summary.channel.as_str(),
            count: summary.count,
            avg: summary.average,
            min: summary.minimum,
            max: summary.maximum,
            p50: summary.p50,
            p95: summary.p95,
        };
        channels.entry(summary.channel.as_str()).or_default().insert(summary.metric, figures);
    }
    Ok(Json(ChannelMetrics { window_hours: hours, generated_at: now.to_string(), channels }))
}

/// What Prometheus reads: with a token, or from a network that `metrics.allow` names. A request that a proxy hands on from elsewhere is
/// not taken for the proxy's own.
pub async fn prometheus(
    State(state): State<HttpState>,
    peer: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    viewer: Result<Viewer, Problem>,
) -> Result<Response, Problem> {
    let address = client_address(peer.map(|peer| peer.0.0), &headers, state.server.behind_proxy);
    let handed_on = is_forwarded(&headers) && !state.server.behind_proxy;
    let allowed = !handed_on && state.metrics_allow.iter().any(|network| network.holds(address));
    if !allowed {
        viewer?;
    }
    let page = state.metrics_page.render().await;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], page).into_response())
}
