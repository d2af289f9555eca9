//! Whether the box lives and whether it can truly work.

use super::state::HttpState;
use crate::{domain::channel_health::ChannelHealth, ports::model::ModelState};
use axum::{Json, extract::State, http::StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// A queue whose oldest due message waits longer than this does not move.
const STUCK_AFTER: SignedDuration = SignedDuration::from_secs(120);

/// The answer of `/health/ready`.
#[derive(Debug, Serialize)]
pub struct Readiness {
    pub status: &'static str,
    pub store: String,
    /// `ok`, or why no new messages are taken although the store can be written.
    pub disk: String,
    pub chat_model: String,
    pub embedding_model: String,
    pub queue: QueueReadiness,
    /// Connections to mail and message providers. One that fails makes the box no less ready: it catches up later.
    pub channels: Vec<ChannelReadiness>,
}

/// One connection to a provider.
#[derive(Debug, Serialize)]
pub struct ChannelReadiness {
    pub channel: &'static str,
    pub account: String,
    pub direction: &'static str,
    /// `ok`, `connecting` or `failing`.
    pub status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub since: String,
}

/// The queue as far as health needs it.
#[derive(Debug, Serialize)]
pub struct QueueReadiness {
    pub status: &'static str,
    pub waiting: u64,
    pub dead: u64,
}

#[derive(Serialize)]
pub struct Alive {
    status: &'static str,
    version: &'static str,
    timestamp: String,
}

/// The process answers.
pub async fn alive(State(state): State<HttpState>) -> Json<Alive> {
    Json(Alive {
        status: "healthy",
        version: env!("CARGO_PKG_VERSION"),
        timestamp: state.clock.now().to_string(),
    })
}

/// 200 when a message sent now will be stored and answered, 503 otherwise.
pub async fn ready(State(state): State<HttpState>) -> (StatusCode, Json<Readiness>) {
    let readiness = check(&state, state.clock.now()).await;
    let status = if readiness.status == "ready" { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(readiness))
}

/// What the box can do at this moment.
pub async fn check(state: &HttpState, now: Timestamp) -> Readiness {
    let store =
        state.reports.check_writable().await.map_or_else(|error| error.to_string(), |()| "ready".to_owned());
    let disk =
        state.reports.accepts_work().await.map_or_else(|error| error.to_string(), |()| "ok".to_owned());
    let figures = state.reports.queue_figures(now).await.unwrap_or_default();
    let stuck = figures.oldest_due.is_some_and(|due| now.duration_since(due) > STUCK_AFTER);
    let (chat, chat_fits) = model(&state.chat.state());
    let (embedding, embedding_fits) = model(&state.embedder.state());
    let ready =
        store == "ready" && disk == "ok" && !stuck && embedding_fits && (chat_fits || state.passage_only);
    Readiness {
        status: if ready { "ready" } else { "not_ready" },
        store,
        disk,
        chat_model: chat,
        embedding_model: embedding,
        queue: QueueReadiness {
            status: if stuck { "stuck" } else { "moving" },
            waiting: figures.waiting,
            dead: figures.dead,
        },
        channels: state.channels.report().into_iter().map(channel).collect(),
    }
}

fn channel(health: ChannelHealth) -> ChannelReadiness {
    ChannelReadiness {
        channel: health.channel.as_str(),
        account: health.account,
        direction: health.direction,
        status: health.state.as_str(),
        reason: health.reason,
        since: health.since.to_string(),
    }
}

/// The state in words, and whether work can go on with it.
fn model(state: &ModelState) -> (String, bool) {
    match state {
        ModelState::Loading => ("loading".to_owned(), false),
        ModelState::Ready(info) => (format!("ready: {}", info.id), true),
        ModelState::Failed(_) => ("failed; see the log".to_owned(), false),
        ModelState::Absent => ("none configured".to_owned(), true),
    }
}
