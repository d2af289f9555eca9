//! Twilio's and Meta's HTTP interfaces as far as we use them, with the shapes of their documented answers, on a port of this machine;
//! and the signed requests they send.

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
};
use tokio::sync::Notify;

pub const PUBLIC_URL: &str = "https://desk.example.com";
pub const TOKEN: &str = "a-secret-of-the-provider-for-tests";
pub const ACCOUNT: &str = "AC00000000000000000000000000000001";
pub const OUR_NUMBER: &str = "+14155238886";
pub const PHONE_NUMBER_ID: &str = "106540352242922";
pub const VERIFY_TOKEN: &str = "a-word-of-our-choice";
/// A picture of one pixel, to be fetched.
pub const PIXEL: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";

/// Who carries the messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    Twilio,
    Meta,
}

/// How the next request to send is met, instead of being taken.
#[derive(Debug, Clone)]
pub enum Trouble {
    /// Status, `Retry-After`, error code.
    Refuse(u16, Option<&'static str>, i64),
    /// Taken, and then the connection breaks before the answer is whole.
    LoseAnswer,
}

#[derive(Default)]
struct Book {
    sent: Vec<Sent>,
    asked: usize,
    trouble: VecDeque<Trouble>,
}

/// A message that the provider took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub id: String,
    /// `to` or `recipient` and its value at Meta, the number at Twilio.
    pub recipient: String,
    pub text: String,
    pub is_template: bool,
}

/// A running provider.
#[derive(Clone)]
pub struct Fake {
    pub url: String,
    carrier: Carrier,
    book: Arc<Mutex<Book>>,
    changed: Arc<Notify>,
}

impl Fake {
    pub async fn start(carrier: Carrier) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let fake = Self { url, carrier, book: Arc::default(), changed: Arc::default() };
        let router = Router::new().fallback(answer).with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        fake
    }

    pub fn meet_next_with(&self, trouble: Trouble) {
        self.book.lock().expect("free").trouble.push_back(trouble);
    }

    pub fn sent(&self) -> Vec<Sent> {
        self.book.lock().expect("free").sent.clone()
    }

    /// Requests to send, taken or not.
    pub fn asked(&self) -> usize {
        self.book.lock().expect("free").asked
    }

    /// Waits until so many messages were taken.
    pub async fn wait_for_sent(&self, count: usize) -> Vec<Sent> {
        let waiting = async {
            loop {
                let changed = self.changed.notified();
                let sent = self.sent();
                if sent.len() >= count {
                    return sent;
                }
                changed.await;
            }
        };
        tokio::time::timeout(crate::support::PATIENCE, waiting)
            .await
            .unwrap_or_else(|_| panic!("only {:?} was sent", self.sent()))
    }
}

async fn answer(
    State(fake): State<Fake>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let authorization =
        headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let expected = match fake.carrier {
        Carrier::Twilio => format!("Basic {}", STANDARD.encode(format!("{ACCOUNT}:{TOKEN}"))),
        Carrier::Meta => format!("Bearer {TOKEN}"),
    };
    if authorization != expected {
        return (StatusCode::UNAUTHORIZED, json!({"code": 20003, "message": "Authenticate"}).to_string())
            .into_response();
    }
    let messages = format!("/2010-04-01/Accounts/{ACCOUNT}/Messages.json");
    match (method.as_str(), uri.path()) {
        ("POST", path) if path == messages || path == format!("/v23.0/{PHONE_NUMBER_ID}/messages") => {
            take(&fake, &body)
        }
        ("GET", path) if path == messages => {
            let book = fake.book.lock().expect("free");
            let list: Vec<Value> = book
                .sent
                .iter()
                .map(|sent| json!({"sid": sent.id, "body": sent.text, "date_created": rfc2822_now(), "status": "queued"}))
                .collect();
            json!({"messages": list, "page": 0}).to_string().into_response()
        }
        ("GET", path)
            if path == format!("/2010-04-01/Accounts/{ACCOUNT}.json")
                || path == format!("/v23.0/{PHONE_NUMBER_ID}") =>
        {
            json!({"status": "active"}).to_string().into_response()
        }
        ("GET", "/v23.0/media-1") => {
            json!({"url": format!("{}/files/1", fake.url), "mime_type": "image/png"})
                .to_string()
                .into_response()
        }
        ("GET", "/files/1") => PIXEL.to_vec().into_response(),
        (_, path) => {
            (StatusCode::NOT_FOUND, json!({"code": 20404, "message": path}).to_string()).into_response()
        }
    }
}

fn rfc2822_now() -> String {
    jiff::fmt::rfc2822::to_string(&jiff::Zoned::now()).expect("a date")
}

fn take(fake: &Fake, body: &[u8]) -> Response {
    let mut book = fake.book.lock().expect("free");
    book.asked += 1;
    let trouble = book.trouble.pop_front();
    if let Some(Trouble::Refuse(status, retry_after, code)) = trouble {
        fake.changed.notify_waiters();
        let body = match fake.carrier {
            Carrier::Twilio => json!({"code": code, "message": "refused", "status": status}),
            Carrier::Meta => {
                json!({"error": {"code": code, "message": "(#1) refused", "type": "OAuthException"}})
            }
        };
        let mut response =
            (StatusCode::from_u16(status).expect("a status"), body.to_string()).into_response();
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static(seconds));
        }
        return response;
    }
    let id = format!("provider-message-{}", book.sent.len() + 1);
    book.sent.push(read(fake.carrier, &id, body));
    fake.changed.notify_waiters();
    if matches!(trouble, Some(Trouble::LoseAnswer)) {
        let broken = futures_util::stream::iter([
            Ok(Bytes::from_static(b"{")),
            Err(std::io::Error::other("the line broke")),
        ]);
        return Response::new(Body::from_stream(broken));
    }
    match fake.carrier {
        Carrier::Twilio => {
            (StatusCode::CREATED, json!({"sid": id, "status": "queued"}).to_string()).into_response()
        }
        Carrier::Meta => {
            json!({"messaging_product": "whatsapp", "messages": [{"id": id}]}).to_string().into_response()
        }
    }
}

fn read(carrier: Carrier, id: &str, body: &[u8]) -> Sent {
    let id = id.to_owned();
    match carrier {
        Carrier::Twilio => {
            let form: BTreeMap<String, String> = url::form_urlencoded::parse(body).into_owned().collect();
            let field = |name: &str| form.get(name).cloned().unwrap_or_default();
            assert_eq!(field("From"), format!("whatsapp:{OUR_NUMBER}"));
            assert_eq!(field("StatusCallback"), format!("{PUBLIC_URL}/webhooks/whatsapp/status"));
            Sent {
                id,
                recipient: field("To"),
                text: field("Body"),
                is_template: form.contains_key("ContentSid"),
            }
        }
        Carrier::Meta => {
            let body: Value = serde_json::from_slice(body).expect("JSON");
            let recipient = match (&body["to"], &body["recipient"]) {
                (Value::String(to), Value::Null) => format!("to {to}"),
                (Value::Null, Value::String(id)) => format!("recipient {id}"),
                other => panic!("one of both: {other:?}"),
            };
            let text = body["text"]["body"].as_str().unwrap_or_default().to_owned();
            Sent { id, recipient, text, is_template: body["type"] == "template" }
        }
    }
}

/// A request as the provider sends it.
#[derive(Debug, Clone)]
pub struct Call {
    pub path: String,
    pub content_type: &'static str,
    pub signature: (&'static str, String),
    pub body: String,
}

/// What a customer writes.
#[derive(Debug, Clone, Default)]
pub struct FromCustomer<'a> {
    pub id: &'a str,
    /// `+…`, or a business-scoped user id.
    pub from: &'a str,
    pub text: &'a str,
    pub picture: Option<&'a str>,
}

impl Carrier {
    /// The settings of a box that uses this provider at this address.
    pub fn settings(self, fake_url: &str) -> Vec<(String, String)> {
        let mut settings = vec![
            ("public_url", PUBLIC_URL.to_owned()),
            ("pause_ms", "0".to_owned()),
            ("messages_per_second", "1000".to_owned()),
        ];
        settings.extend(match self {
            Self::Twilio => vec![
                ("provider", "twilio".to_owned()),
                ("twilio.account_sid", ACCOUNT.to_owned()),
                ("twilio.auth_token", TOKEN.to_owned()),
                ("twilio.from", format!("\"{OUR_NUMBER}\"")),
                ("twilio.api_url", fake_url.to_owned()),
            ],
            Self::Meta => vec![
                ("provider", "meta".to_owned()),
                ("meta.phone_number_id", format!("\"{PHONE_NUMBER_ID}\"")),
                ("meta.access_token", TOKEN.to_owned()),
                ("meta.app_secret", TOKEN.to_owned()),
                ("meta.verify_token", VERIFY_TOKEN.to_owned()),
                ("meta.api_url", fake_url.to_owned()),
            ],
        });
        settings.into_iter().map(|(key, value)| (format!("channels.whatsapp.{key}"), value)).collect()
    }

    pub fn message(self, message: &FromCustomer<'_>) -> Call {
        match self {
            Self::Twilio => {
                let from = format!("whatsapp:{}", message.from);
                let mut fields = vec![
                    ("MessageSid", message.id),
                    ("AccountSid", ACCOUNT),
                    ("From", from.as_str()),
                    ("To", "whatsapp:+14155238886"),
                    ("Body", message.text),
                    ("ProfileName", "Ana Li"),
                    ("NumMedia", if message.picture.is_some() { "1" } else { "0" }),
                ];
                if let Some(picture) = message.picture {
                    fields.extend([("MediaUrl0", picture), ("MediaContentType0", "image/png")]);
                }
                twilio_call("/webhooks/whatsapp", &fields)
            }
            Self::Meta => {
                let (phone, user_id) = match message.from.strip_prefix('+') {
                    Some(digits) => (Some(digits), None),
                    None => (None, Some(message.from)),
                };
                let mut body = json!({"id": message.id, "timestamp": "1790000000", "type": "text", "text": {"body": message.text}});
                if message.picture.is_some() {
                    body = json!({"id": message.id, "type": "image", "image": {"id": "media-1", "mime_type": "image/png"}});
                }
                let mut contact = json!({"profile": {"name": "Ana Li"}});
                if let Some(phone) = phone {
                    body["from"] = json!(phone);
                    contact["wa_id"] = json!(phone);
                }
                if let Some(user_id) = user_id {
                    body["from_user_id"] = json!(user_id);
                    contact["user_id"] = json!(user_id);
                }
                meta_call(&json!({"contacts": [contact], "messages": [body]}))
            }
        }
    }

    pub fn status(self, id: &str, status: &str, error: Option<i64>) -> Call {
        match self {
            Self::Twilio => {
                let code = error.map(|code| code.to_string()).unwrap_or_default();
                let mut fields = vec![("MessageSid", id), ("AccountSid", ACCOUNT), ("MessageStatus", status)];
                if error.is_some() {
                    fields.push(("ErrorCode", &code));
                }
                twilio_call("/webhooks/whatsapp/status", &fields)
            }
            Self::Meta => {
                let errors: Vec<Value> =
                    error.iter().map(|code| json!({"code": code, "title": "a fault"})).collect();
                meta_call(&json!({"statuses": [{"id": id, "status": status, "errors": errors}]}))
            }
        }
    }

    /// What the provider's own code for "more than 24 hours" is.
    pub fn window_closed(self) -> i64 {
        if self == Self::Twilio { 63016 } else { 131_047 }
    }
}

pub fn twilio_call(path: &str, fields: &[(&str, &str)]) -> Call {
    let sorted: BTreeMap<&str, &str> = fields.iter().copied().collect();
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(TOKEN.as_bytes()).expect("a key");
    mac.update(format!("{PUBLIC_URL}{path}").as_bytes());
    for (name, value) in sorted {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    Call {
        path: path.to_owned(),
        content_type: "application/x-www-form-urlencoded",
        signature: ("x-twilio-signature", STANDARD.encode(mac.finalize().into_bytes())),
        body,
    }
}

fn meta_call(value: &Value) -> Call {
    let mut value = value.clone();
    value["messaging_product"] = json!("whatsapp");
    value["metadata"] = json!({"display_phone_number": "14155238886", "phone_number_id": PHONE_NUMBER_ID});
    let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]});
    let body = body.to_string();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(TOKEN.as_bytes()).expect("a key");
    mac.update(body.as_bytes());
    let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
    Call {
        path: "/webhooks/whatsapp".to_owned(),
        content_type: "application/json",
        signature: ("x-hub-signature-256", signature),
        body,
    }
}
