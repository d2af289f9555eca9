//! `frontdesk relay serve`: takes providers' requests on a public machine and hands them to the box, which asks for them from inside.
//! Keeps nothing, checks no provider's signature (the box does), and says 503 while the box is away, so that providers come again.

use super::{client_address::client_address, error::Problem, rate_limit::RateLimit};
use crate::{
    config::Secret,
    ports::{
        clock::Clock,
        relay::{
            ANSWER_PATH, CLOCKS_DIFFER_S, HELD_FOR_S, NEXT_PATH, NONCE_HEADER, PROOF_HEADER, RelayedAnswer,
            RelayedCall, TIME_HEADER, fits, proof,
        },
        webhook::WebhookCall,
    },
};
use axum::{
    Router,
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, State},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, oneshot};

/// Requests that may wait for the box at once.
const MAX_WAITING: usize = 64;
/// Providers wait some fifteen seconds.
const ANSWER_WITHIN: Duration = Duration::from_secs(12);
/// A box that has not asked for so long is away.
const AWAY_AFTER: Duration = Duration::from_secs(10);
/// Numbers used once that are remembered at most; a box uses one or two a request.
const MAX_NONCES: usize = 100_000;

/// How the relay works.
pub struct RelaySettings {
    pub key: Secret,
    pub max_body_bytes: usize,
    pub calls_per_minute: u32,
    pub behind_proxy: bool,
}

struct Relay {
    settings: RelaySettings,
    clock: Arc<dyn Clock>,
    limit: RateLimit,
    calls: mpsc::Sender<RelayedCall>,
    next: tokio::sync::Mutex<mpsc::Receiver<RelayedCall>>,
    state: Mutex<RelayState>,
}

#[derive(Default)]
struct RelayState {
    waiting: HashMap<String, oneshot::Sender<RelayedAnswer>>,
    nonces: HashMap<String, i64>,
    /// Questions of the box held at this moment, and when the last one ended.
    asking: usize,
    asked_at: Option<Instant>,
}

/// The relay's routes.
pub fn relay_router(settings: RelaySettings, clock: Arc<dyn Clock>) -> Router {
    let (calls, next) = mpsc::channel(MAX_WAITING);
    let limit = RateLimit::per_minute(settings.calls_per_minute);
    let max_body_bytes = settings.max_body_bytes;
    let relay =
        Relay { settings, clock, limit, calls, next: tokio::sync::Mutex::new(next), state: Mutex::default() };
    Router::new()
        .route("/webhooks/{*path}", get(from_provider).post(from_provider))
        .route(NEXT_PATH, post(next_call))
        .route(ANSWER_PATH, post(take_answer))
        .route("/health", get(|| async { "ok" }))
        .layer(DefaultBodyLimit::max(max_body_bytes))
        .with_state(Arc::new(relay))
}

impl Relay {
    fn state(&self) -> std::sync::MutexGuard<'_, RelayState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn box_is_there(&self) -> bool {
        let state = self.state();
        state.asking > 0 || state.asked_at.is_some_and(|at| at.elapsed() < AWAY_AFTER)
    }

    /// Whether the box sent this, now, and for the first time; the number it used.
    fn check(&self, path: &str, headers: &HeaderMap, body: &[u8]) -> Option<String> {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (time, nonce) = (header(TIME_HEADER), header(NONCE_HEADER));
        let pieces = [path.as_bytes(), time.as_bytes(), nonce.as_bytes(), body];
        if !fits(self.settings.key.expose(), &pieces, header(PROOF_HEADER)) {
            return None;
        }
        let (sent_at, now) = (time.parse::<i64>().ok()?, self.clock.now().as_second());
        if now.abs_diff(sent_at) > CLOCKS_DIFFER_S.unsigned_abs() {
            return None;
        }
        let mut state = self.state();
        state.nonces.retain(|_, at| now - *at <= 2 * CLOCKS_DIFFER_S);
        let is_new = state.nonces.len() < MAX_NONCES && state.nonces.insert(nonce.to_owned(), now).is_none();
        is_new.then(|| nonce.to_owned())
    }
}

fn unproven() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "unproven",
        "Nothing proves who sent this",
        "The proof does not fit, or it was used before.",
    )
}

async fn from_provider(
    State(relay): State<Arc<Relay>>,
    peer: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let address = client_address(peer.map(|peer| peer.0.0), &headers, relay.settings.behind_proxy);
    relay.limit.check(address).map_err(Problem::too_many)?;
    let away = || Problem::unavailable("The desk is away. Please send it again.");
    if !relay.box_is_there() {
        return Err(away());
    }
    let headers = headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())));
    let call = WebhookCall {
        method: method.as_str().to_owned(),
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        headers: headers.collect(),
        body: body.to_vec(),
    };
    let id = uuid::Uuid::new_v4().simple().to_string();
    let (sender, receiver) = oneshot::channel();
    relay.state().waiting.insert(id.clone(), sender);
    let _waiting = Waiting { relay: &relay, id: &id };
    let answer = match relay.calls.try_send(RelayedCall::new(id.clone(), call)) {
        Ok(()) => tokio::time::timeout(ANSWER_WITHIN, receiver).await.ok().and_then(Result::ok),
        Err(_) => None,
    };
    let answer = answer.ok_or_else(away)?;
    let status = StatusCode::from_u16(answer.status).map_err(|_| Problem::internal())?;
    Ok((status, [(header::CONTENT_TYPE, answer.content_type)], answer.body).into_response())
}

/// Forgets a request when its provider has its answer or has gone.
struct Waiting<'a> {
    relay: &'a Relay,
    id: &'a str,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.relay.state().waiting.remove(self.id);
    }
}

/// Counts a held question of the box, also when its connection breaks.
struct Asking(Arc<Relay>);

impl Asking {
    fn start(relay: &Arc<Relay>) -> Self {
        relay.state().asking += 1;
        Self(relay.clone())
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.asking -= 1;
        state.asked_at = Some(Instant::now());
    }
}

async fn next_call(
    State(relay): State<Arc<Relay>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let nonce = relay.check(NEXT_PATH, &headers, &body).ok_or_else(unproven)?;
    let _asking = Asking::start(&relay);
    let end = tokio::time::Instant::now() + Duration::from_secs(HELD_FOR_S);
    let call = tokio::time::timeout_at(end, async {
        let mut next = relay.next.lock().await;
        loop {
            // A provider that has gone meanwhile was told 503 and comes again: its request must not be worked on twice.
            match next.recv().await {
                Some(call) if !relay.state().waiting.contains_key(&call.id) => {}
                other => break other,
            }
        }
    });
    let call = call.await.ok().flatten();
    let text = match &call {
        Some(call) => serde_json::to_string(call).map_err(|_| Problem::internal())?,
        None => String::new(),
    };
    let status = if call.is_some() { StatusCode::OK } else { StatusCode::ACCEPTED };
    let proof = proof(relay.settings.key.expose(), &[b"call", nonce.as_bytes(), text.as_bytes()]);
    Ok((status, [(PROOF_HEADER, proof)], text).into_response())
}

async fn take_answer(
    State(relay): State<Arc<Relay>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    relay.check(ANSWER_PATH, &headers, &body).ok_or_else(unproven)?;
    let answer: RelayedAnswer = serde_json::from_slice(&body)
        .map_err(|_| Problem::bad_request("unreadable", "The answer has a wrong form."))?;
    let waiting = relay.state().waiting.remove(&answer.id);
    // The provider may have gone; then it was told to come again.
    let taken = waiting.is_some_and(|sender| sender.send(answer).is_ok());
    Ok(if taken { StatusCode::NO_CONTENT } else { StatusCode::GONE })
}
