//! Whether the box lives and whether it can truly work.

use super::{error::Problem, operator::Viewer, state::HttpState};
use crate::{
    domain::{channel_health::ChannelHealth, link_health::LinkHealth},
    ports::model::ModelState,
};
use axum::{Json, extract::State, http::StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// A queue whose oldest due message waits longer than this does not move.
const STUCK_AFTER: SignedDuration = SignedDuration::from_secs(120);

const READY: &str = "ready";
const OK: &str = "ok";

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
    /// Connections to the owner's other systems (broker, webhook, the teams' mail). One that fails makes the box no less ready.
    pub links: Vec<LinkReadiness>,
}

/// One connection to another system of the owner's.
#[derive(Debug, Serialize)]
pub struct LinkReadiness {
    /// `mqtt`, `mqtt_events`, `webhook` or `team_mail`.
    pub name: &'static str,
    /// `ok`, `connecting` or `failing`.
    pub status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub since: String,
}

/// One connection to a provider.
#[derive(Debug, Serialize)]
pub struct ChannelReadiness {
    pub channel: &'static str,
    pub direction: &'static str,
    /// `ok`, `connecting` or `failing`.
    pub status: &'static str,
    /// For operators.
    #[serde(flatten)]
    pub details: Option<ChannelDetails>,
}

/// Which connection it is and what is wrong with it: nobody else's business.
#[derive(Debug, Serialize)]
pub struct ChannelDetails {
    pub account: String,
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

/// 200 when a message sent now will be stored and answered, 503 otherwise. Operators are told why; anybody else hears states alone.
pub async fn ready(
    State(state): State<HttpState>,
    viewer: Result<Viewer, Problem>,
) -> (StatusCode, Json<Readiness>) {
    let mut readiness = check(&state, state.clock.now()).await;
    if viewer.is_err() {
        readiness.keep_states_only();
    }
    let status = if readiness.status == READY { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(readiness))
}

/// What the box can do at this moment.
pub async fn check(state: &HttpState, now: Timestamp) -> Readiness {
    let store =
        state.reports.check_writable().await.map_or_else(|error| error.to_string(), |()| READY.to_owned());
    let disk = state.reports.accepts_work().await.map_or_else(|error| error.to_string(), |()| OK.to_owned());
    let figures = state.reports.queue_figures(now).await.unwrap_or_default();
    let stuck = figures.oldest_due.is_some_and(|due| now.duration_since(due) > STUCK_AFTER);
    let (chat, chat_fits) = model(&state.chat.state());
    let (embedding, embedding_fits) = model(&state.embedder.state());
    let ready = store == READY && disk == OK && !stuck && embedding_fits && (chat_fits || state.passage_only);
    Readiness {
        status: if ready { READY } else { "not_ready" },
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
        links: state.links.iter().flat_map(|links| links.report()).map(link).collect(),
    }
}

fn link(health: LinkHealth) -> LinkReadiness {
    LinkReadiness {
        name: health.name,
        status: health.state.as_str(),
        reason: health.reason,
        since: health.since.to_string(),
    }
}

impl Readiness {
    /// Without accounts, reasons and errors: they name servers, folders and what a person would have to do.
    fn keep_states_only(&mut self) {
        if self.store != READY {
            "failing".clone_into(&mut self.store);
        }
        if self.disk != OK {
            "low".clone_into(&mut self.disk);
        }
        for channel in &mut self.channels {
            channel.details = None;
        }
        for link in &mut self.links {
            link.reason = None;
        }
    }
}

fn channel(health: ChannelHealth) -> ChannelReadiness {
    ChannelReadiness {
        channel: health.channel.as_str(),
        direction: health.direction,
        status: health.state.as_str(),
        details: Some(ChannelDetails {
            account: health.account,
            reason: health.reason,
            since: health.since.to_string(),
        }),
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
