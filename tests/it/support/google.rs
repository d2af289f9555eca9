//! Google's and Microsoft's addresses as far as mail needs them, with their recorded shapes and their ways to fail.

use axum::{
    Form, Json, Router,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE};
use serde_json::{Value, json};
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
};
use tokio::{net::TcpListener, sync::watch};

use super::PATIENCE;

/// Hits a page has at most, so that several pages come.
const PAGE: usize = 2;

/// What an address does once instead of its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    Status(u16),
    /// 429, to be asked again after a second.
    Limited,
    /// The work is done, and the answer never comes.
    SilentAfter,
}

#[derive(Debug, Clone)]
pub struct Mail {
    pub id: String,
    pub thread: String,
    pub raw: String,
    pub label: &'static str,
    history: u64,
}

impl Mail {
    fn has_id(&self, id: &str) -> bool {
        let unfolded = self.raw.replace("\r\n ", " ");
        unfolded.lines().any(|line| {
            line.split_once(':').is_some_and(|(name, value)| {
                name.eq_ignore_ascii_case("message-id") && value.trim() == format!("<{id}>")
            })
        })
    }
}

#[derive(Default)]
pub struct World {
    pub mails: Vec<Mail>,
    pub history: u64,
    /// History before this is forgotten.
    pub history_floor: u64,
    /// The next calls whose path holds the text fail.
    pub faults: VecDeque<(&'static str, Fault)>,
    /// Every call's path.
    pub calls: Vec<String>,
    /// Refresh tokens that still hold.
    pub sign_ins: Vec<String>,
    pub tokens_given: usize,
    pub announcements: Vec<String>,
    pub acknowledged: Vec<String>,
    /// The public key (PEM) and mailbox of a service account that may ask for tokens.
    pub service_account: Option<(Vec<u8>, String)>,
    /// Answers of the device endpoint before the code was typed.
    pub pending: usize,
    /// Whoever asks about a token hears that it is no good.
    pub locked_out: bool,
}

/// The running stand-in.
pub struct Google {
    pub url: String,
    world: Arc<Mutex<World>>,
    changed: watch::Sender<u64>,
}

type Shared = State<(Arc<Mutex<World>>, watch::Sender<u64>)>;

impl Google {
    pub async fn start(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("the port is free");
        let url = format!("http://127.0.0.1:{}", listener.local_addr().expect("bound").port());
        let world = Arc::new(Mutex::new(World { history: 100, ..World::default() }));
        let changed = watch::Sender::new(0);
        let state = (world.clone(), changed.clone());
        let router = Router::new()
            .route("/token", post(token))
            .route("/devicecode", post(device_code))
            .route("/introspect", post(introspect))
            .route("/certs", get(certificates))
            .route("/gmail/v1/users/me/profile", get(profile))
            .route("/gmail/v1/users/me/history", get(history))
            .route("/gmail/v1/users/me/messages", get(list))
            .route("/gmail/v1/users/me/messages/send", post(send))
            .route("/gmail/v1/users/me/messages/{id}", get(message))
            .route("/gmail/v1/users/me/watch", post(watch_mailbox))
            .route("/v1/projects/p/subscriptions/{call}", post(subscription))
            .layer(middleware::from_fn_with_state(state.clone(), gate))
            .with_state(state);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, world, changed }
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("no panic")
    }

    /// A mail arrives.
    pub fn arrive(&self, raw: &str) {
        self.world().add(raw, None, "INBOX");
        self.changed.send_modify(|count| *count += 1);
    }

    /// Waits until the world looks so.
    pub async fn until(&self, mut looks_so: impl FnMut(&World) -> bool) {
        let mut changed = self.changed.subscribe();
        let waiting = async {
            loop {
                changed.mark_unchanged();
                if looks_so(&self.world()) {
                    return;
                }
                changed.changed().await.expect("the stand-in runs");
            }
        };
        if tokio::time::timeout(PATIENCE, waiting).await.is_err() {
            let world = self.world();
            panic!("it did not come to that; calls: {:?}, faults left: {:?}", world.calls, world.faults);
        }
    }

    /// Waits until so many mails were sent; they are returned.
    pub async fn wait_for_sent(&self, count: usize) -> Vec<Mail> {
        self.until(|world| world.sent().len() >= count).await;
        self.world().sent()
    }
}

impl World {
    fn add(&mut self, raw: &str, thread: Option<String>, label: &'static str) -> String {
        self.history += 10;
        let id = format!("mail{}", self.mails.len());
        let thread = thread.unwrap_or_else(|| format!("thread{}", self.mails.len()));
        self.mails.push(Mail { id: id.clone(), thread, raw: raw.to_owned(), label, history: self.history });
        id
    }

    /// Whether a service account signed this, for the mailbox it may act for.
    fn may_act(&self, assertion: &str) -> bool {
        let Some((key, mailbox)) = &self.service_account else { return false };
        let key = jsonwebtoken::DecodingKey::from_rsa_pem(key).expect("a key");
        let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
        validation.validate_aud = false;
        let claims = jsonwebtoken::decode::<Value>(assertion, &key, &validation)
            .expect("signed by the account")
            .claims;
        claims["sub"] == mailbox.as_str()
            && claims["iss"] == "desk@project.iam.gserviceaccount.com"
            && claims["aud"].as_str().is_some_and(|audience| audience.ends_with("/token"))
            && claims["scope"].as_str().is_some_and(|scope| scope.contains("gmail.send"))
    }

    pub fn sent(&self) -> Vec<Mail> {
        self.mails.iter().filter(|mail| mail.label == "SENT").cloned().collect()
    }

    pub fn calls_of(&self, path: &str) -> usize {
        self.calls.iter().filter(|call| call.contains(path)).count()
    }
}

/// Counts the call, lets planned faults happen, and asks for a token where Google does.
async fn gate(State((world, changed)): Shared, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let (fault, known) = {
        let mut world = world.lock().expect("no panic");
        world.calls.push(path.clone());
        let fault = world.faults.front().filter(|(part, _)| path.contains(part)).map(|(_, fault)| *fault);
        if fault.is_some() {
            world.faults.pop_front();
        }
        let bearer = request.headers().get("authorization").and_then(|value| value.to_str().ok());
        let known = bearer == Some(&format!("Bearer access{}", world.tokens_given));
        (fault, known)
    };
    let needs_token = path.starts_with("/gmail") || path.starts_with("/v1/");
    let response = match fault {
        Some(Fault::Status(status)) => failure(status),
        Some(Fault::Limited) => ([("retry-after", "1")], failure(429)).into_response(),
        _ if needs_token && !known => failure(401),
        _ => next.run(request).await,
    };
    changed.send_modify(|count| *count += 1);
    if fault == Some(Fault::SilentAfter) {
        std::future::pending::<()>().await;
    }
    response
}

fn failure(status: u16) -> Response {
    let reason = if status == 403 { "PERMISSION_DENIED" } else { "OTHER" };
    let body = json!({ "error": { "code": status, "status": reason } });
    (StatusCode::from_u16(status).expect("a status"), Json(body)).into_response()
}

async fn token(State((world, _)): Shared, Form(form): Form<HashMap<String, String>>) -> Response {
    let mut world = world.lock().expect("no panic");
    let refused = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response();
    let lasting = match form["grant_type"].as_str() {
        "refresh_token" => {
            if !world.sign_ins.contains(&form["refresh_token"]) {
                return refused("invalid_grant");
            }
            None
        }
        "authorization_code" => {
            if form["code"] != "the-code" || form["code_verifier"].len() < 43 {
                return refused("invalid_grant");
            }
            Some(format!("lasting{}", world.calls.len()))
        }
        "urn:ietf:params:oauth:grant-type:device_code" => {
            if world.pending > 0 {
                world.pending -= 1;
                return refused("authorization_pending");
            }
            Some(format!("lasting{}", world.calls.len()))
        }
        "urn:ietf:params:oauth:grant-type:jwt-bearer" => {
            if !world.may_act(&form["assertion"]) {
                return refused("invalid_grant");
            }
            None
        }
        _ => return refused("unsupported_grant_type"),
    };
    world.sign_ins.extend(lasting.clone());
    world.tokens_given += 1;
    let mut answer = json!({ "access_token": format!("access{}", world.tokens_given), "expires_in": 3600, "token_type": "Bearer" });
    if let Some(lasting) = lasting {
        answer["refresh_token"] = Value::from(lasting);
    }
    Json(answer).into_response()
}

async fn device_code() -> Json<Value> {
    Json(
        json!({ "device_code": "device", "user_code": "ABCD-EFGH", "verification_uri": "https://microsoft.example/devicelogin", "expires_in": 900, "interval": 1 }),
    )
}

/// What Dovecot asks about a token (RFC 7662).
async fn introspect(State((world, _)): Shared, Form(form): Form<HashMap<String, String>>) -> Json<Value> {
    let world = world.lock().expect("no panic");
    let active = !world.locked_out && form.get("token") == Some(&format!("access{}", world.tokens_given));
    Json(json!({ "active": active, "email": "m365@local.test" }))
}

async fn certificates() -> Response {
    let keys = include_str!("../../fixtures/gmail/keys.json");
    ([("cache-control", "public, max-age=19800"), ("content-type", "application/json")], keys).into_response()
}

async fn profile(State((world, _)): Shared) -> Json<Value> {
    let world = world.lock().expect("no panic");
    Json(json!({ "emailAddress": "support@gmail.test", "historyId": world.history.to_string() }))
}

fn page(query: &HashMap<String, String>) -> usize {
    query.get("pageToken").and_then(|page| page.parse().ok()).unwrap_or(0)
}

async fn history(State((world, _)): Shared, Query(query): Query<HashMap<String, String>>) -> Response {
    let world = world.lock().expect("no panic");
    let start: u64 = query["startHistoryId"].parse().expect("a number");
    if start < world.history_floor {
        return failure(404);
    }
    let found: Vec<Value> = world
        .mails
        .iter()
        .filter(|mail| mail.history > start && mail.label == "INBOX")
        .map(|mail| {
            let message =
                json!({ "id": mail.id, "threadId": mail.thread, "labelIds": ["UNREAD", mail.label] });
            json!({ "id": mail.history.to_string(), "messagesAdded": [{ "message": message }] })
        })
        .collect();
    let from = page(&query);
    let mut answer = json!({ "historyId": world.history.to_string() });
    let slice: Vec<Value> = found.iter().skip(from).take(PAGE).cloned().collect();
    if !slice.is_empty() {
        answer["history"] = Value::from(slice);
    }
    if found.len() > from + PAGE {
        answer["nextPageToken"] = Value::from((from + PAGE).to_string());
    }
    Json(answer).into_response()
}

async fn list(State((world, _)): Shared, Query(query): Query<HashMap<String, String>>) -> Json<Value> {
    let world = world.lock().expect("no panic");
    let search = &query["q"];
    let wanted = search.split_whitespace().find_map(|word| word.strip_prefix("rfc822msgid:"));
    let found: Vec<Value> = world
        .mails
        .iter()
        .rev()
        .filter(|mail| match wanted {
            Some(id) => mail.has_id(id),
            None => mail.label == "INBOX",
        })
        .map(|mail| json!({ "id": mail.id, "threadId": mail.thread }))
        .collect();
    let from = page(&query);
    let slice: Vec<Value> = found.iter().skip(from).take(PAGE).cloned().collect();
    let mut answer = json!({ "resultSizeEstimate": found.len() });
    if !slice.is_empty() {
        answer["messages"] = Value::from(slice);
    }
    if found.len() > from + PAGE {
        answer["nextPageToken"] = Value::from((from + PAGE).to_string());
    }
    Json(answer)
}

async fn message(State((world, _)): Shared, Path(id): Path<String>) -> Response {
    let world = world.lock().expect("no panic");
    match world.mails.iter().find(|mail| mail.id == id) {
        Some(mail) => Json(json!({
            "id": mail.id, "threadId": mail.thread, "sizeEstimate": mail.raw.len(),
            "raw": URL_SAFE.encode(mail.raw.as_bytes()),
        }))
        .into_response(),
        None => failure(404),
    }
}

async fn send(State((world, _)): Shared, Json(body): Json<Value>) -> Json<Value> {
    let raw = URL_SAFE.decode(body["raw"].as_str().expect("raw")).expect("base64");
    let raw = String::from_utf8_lossy(&raw).into_owned();
    let mut world = world.lock().expect("no panic");
    let thread = body["threadId"].as_str().map(str::to_owned);
    let id = world.add(&raw, thread.clone(), "SENT");
    Json(json!({ "id": id, "threadId": thread, "labelIds": ["SENT"] }))
}

async fn watch_mailbox(Json(body): Json<Value>) -> Json<Value> {
    assert_eq!(body["topicName"], "projects/p/topics/t");
    Json(json!({ "historyId": "1", "expiration": "4102444800000" }))
}

async fn subscription(
    State((world, _)): Shared,
    Path(call): Path<String>,
    _: HeaderMap,
    Json(body): Json<Value>,
) -> Json<Value> {
    let mut world = world.lock().expect("no panic");
    if call == "s:acknowledge" {
        let ids =
            body["ackIds"].as_array().expect("ids").iter().filter_map(|id| id.as_str().map(str::to_owned));
        world.acknowledged.extend(ids);
        return Json(json!({}));
    }
    let received: Vec<Value> = std::mem::take(&mut world.announcements)
        .into_iter()
        .map(|id| json!({ "ackId": id, "message": { "data": "e30=", "messageId": "1" } }))
        .collect();
    Json(if received.is_empty() { json!({}) } else { json!({ "receivedMessages": received }) })
}
