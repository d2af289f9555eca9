//! `GET /metrics/channels`, for operators.

use crate::{
    domain::channel::Channel,
    http::{error::Problem, extract::Query, operator::Operator, state::HttpState},
};
use axum::{Json, extract::State};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
