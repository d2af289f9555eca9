//! The box itself: models, queue, disk, and what could not be done.

use crate::{
    domain::ids::{JobId, OutboxId},
    http::{
        console_state::DiskSpace,
        error::Problem,
        extract::Body,
        health,
        operator::{Operator, Viewer},
        state::HttpState,
    },
    ports::store::{DeadLetter, DeadWork},
};
use axum::{Json, extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct System {
    version: &'static str,
    ready: bool,
    store: String,
    chat_model: String,
    embedding_model: String,
    queue: Queue,
    disk: DiskSpace,
    /// The newest 50.
    dead_letters: Vec<DeadLetterBody>,
}

#[derive(Serialize, ToSchema)]
struct Queue {
    waiting: u64,
    leased: u64,
    dead: u64,
    outbox_waiting: u64,
    outbox_dead: u64,
    #[schema(value_type = Option<String>, format = DateTime)]
    oldest_due: Option<Timestamp>,
    stuck: bool,
}

#[derive(Serialize, ToSchema)]
struct DeadLetterBody {
    /// `job` or `delivery`.
    kind: &'static str,
    id: String,
    reference: String,
    attempts: u32,
    error: String,
    #[schema(value_type = String, format = DateTime)]
    failed_at: Timestamp,
}

impl From<DeadLetter> for DeadLetterBody {
    fn from(letter: DeadLetter) -> Self {
        let (kind, id) = match letter.work {
            DeadWork::Job(job) => ("job", job.0.to_string()),
            DeadWork::Delivery(outbox) => ("delivery", outbox.to_string()),
        };
        Self {
            kind,
            id,
            reference: letter.reference.to_string(),
            attempts: letter.attempts,
            error: letter.error,
            failed_at: letter.failed_at,
        }
    }
}

/// How the box is doing.
#[utoipa::path(get, path = "/api/system", tag = "system", responses((status = 200, body = System)))]
pub async fn read(_viewer: Viewer, State(state): State<HttpState>) -> Result<Json<System>, Problem> {
    let now = state.clock.now();
    let readiness = health::check(&state, now).await;
    let figures = state.reports.queue_figures(now).await?;
    let dead_letters = state.console.dead_letters.dead_letters(50).await?;
    let disk = state.console.disk.clone();
    let disk = tokio::task::spawn_blocking(move || disk()).await.unwrap_or_default();
    Ok(Json(System {
        version: env!("CARGO_PKG_VERSION"),
        ready: readiness.status == "ready",
        store: readiness.store,
        chat_model: readiness.chat_model,
        embedding_model: readiness.embedding_model,
        queue: Queue {
            waiting: figures.waiting,
            leased: figures.leased,
            dead: figures.dead,
            outbox_waiting: figures.outbox_waiting,
            outbox_dead: figures.outbox_dead,
            oldest_due: figures.oldest_due,
            stuck: readiness.queue.status == "stuck",
        },
        disk,
        dead_letters: dead_letters.into_iter().map(DeadLetterBody::from).collect(),
    }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// `job` or `delivery`.
    kind: String,
    id: String,
}

/// Sends failed work round again.
#[utoipa::path(post, path = "/api/system/dead-letters/replay", tag = "system", request_body = Replay, responses((status = 204), (status = 404)))]
pub async fn replay(
    Operator(actor): Operator,
    State(state): State<HttpState>,
    Body(request): Body<Replay>,
) -> Result<StatusCode, Problem> {
    let job = || request.id.parse().ok().map(|id| DeadWork::Job(JobId(id)));
    let delivery = || request.id.parse().ok().map(|id| DeadWork::Delivery(OutboxId(id)));
    let work = match request.kind.as_str() {
        "job" => job(),
        "delivery" => delivery(),
        _ => return Err(Problem::invalid_field("kind", "It is job or delivery.")),
    };
    let work = work.ok_or_else(|| Problem::not_found("dead letter"))?;
    state.console.dead_letters.replay(work, &actor.name, state.clock.now()).await?;
    state.wake.notify_one();
    Ok(StatusCode::NO_CONTENT)
}
