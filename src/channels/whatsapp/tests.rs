//! What both providers' forms become, and how a part is sent when answers are lost.

use super::{
    courier::{Courier, Found, Part, Provider},
    meta,
    reception::Report,
    signature::{meta_fits, twilio_fits},
    twilio_form::Form,
};
use crate::{
    config::WhatsappConfig,
    domain::{
        channel::Channel,
        ids::{MessageId, OutboxId, TicketId},
        message::DeliveryStatus,
    },
    ports::{
        clock::{Clock, SystemClock},
        delivery::{DeliveryError, OutboundChannel, OutboundMessage},
        sent_parts::{SentPart, SentParts},
        store::StoreError,
    },
};
use async_trait::async_trait;
use jiff::Timestamp;
use rstest::rstest;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// Made by Twilio's own library; the script that made them lies beside them.
const TWILIO_VECTORS: &str = include_str!("../../../tests/fixtures/twilio/signatures.json");

#[test]
fn what_twilios_library_signs_fits_and_what_was_altered_does_not() {
    let vectors: Vec<Value> = serde_json::from_str(TWILIO_VECTORS).expect("JSON");
    assert!(vectors.len() >= 6, "vectors were lost");
    for vector in vectors {
        let text = |name: &str| vector[name].as_str().expect(name).to_owned();
        let fields: Vec<(String, String)> = serde_json::from_value(vector["fields"].clone()).expect("fields");
        let (token, url, signature) = (text("token"), text("url"), text("signature"));
        assert!(twilio_fits(&token, &url, &fields, &signature), "{}", text("name"));
        assert!(!twilio_fits("another token", &url, &fields, &signature));
        assert!(!twilio_fits("", &url, &fields, &signature));
        assert!(!twilio_fits(&token, &format!("{url}x"), &fields, &signature));
        assert!(!twilio_fits(&token, &url, &fields, ""));
        for index in 0..fields.len() {
            let mut altered = fields.clone();
            altered[index].1.push('x');
            assert!(!twilio_fits(&token, &url, &altered, &signature), "field {index} may be altered");
        }
        let mut more = fields.clone();
        more.push(("Body".to_owned(), "one more".to_owned()));
        assert!(!twilio_fits(&token, &url, &more, &signature));
    }
}

/// RFC 4231, case 2.
#[test]
fn metas_signature_is_hmac_sha256_of_the_raw_body() {
    let body = b"what do ya want for nothing?";
    let signature = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    assert!(meta_fits("Jefe", body, signature));
    assert!(!meta_fits("Jefe", b"what do ya want for nothing!", signature));
    assert!(!meta_fits("Jefe", body, &signature[7..]));
    assert!(!meta_fits("jefe", body, signature));
    assert!(!meta_fits("Jefe", body, ""));
    assert!(!meta_fits("", body, "sha256=b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"));
}

#[test]
fn a_form_keeps_its_fields_as_they_were_sent() {
    let form = Form::parse("Body=caf%C3%A9+%26+more&From=whatsapp%3A%2B49171&Empty=&Body=second".as_bytes());
    assert_eq!(form.get("Body"), "café & more");
    assert_eq!(form.get("From"), "whatsapp:+49171");
    assert_eq!((form.get("Empty"), form.get("Missing"), form.0.len()), ("", "", 4));
}

#[rstest]
#[case(json!({"type": "text", "text": {"body": "How do I export?"}}), "How do I export?", None)]
#[case(json!({"type": "button", "button": {"text": "Yes", "payload": "y"}}), "Yes", None)]
#[case(json!({"type": "interactive", "interactive": {"type": "list_reply", "list_reply": {"id": "1", "title": "Billing", "description": "Invoices"}}}), "Billing: Invoices", None)]
#[case(json!({"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": "1", "title": "No"}}}), "No", None)]
#[case(json!({"type": "image", "image": {"id": "9", "mime_type": "image/jpeg", "caption": "See here"}}), "See here", None)]
#[case(json!({"type": "image", "image": {"id": "9", "mime_type": "image/jpeg"}}), "", Some("a picture"))]
#[case(json!({"type": "audio", "audio": {"id": "9", "mime_type": "audio/ogg"}}), "", Some("a voice message"))]
#[case(json!({"type": "unsupported", "errors": [{"code": 131_051}]}), "", Some("something that cannot be shown here"))]
#[case(json!({"type": "location", "location": {"latitude": 52.5, "longitude": 13.4, "name": "Office"}}), "Location: Office (52.5, 13.4)", None)]
#[case(json!({"type": "text", "text": 7}), "", Some("something that cannot be shown here"))]
fn a_message_of_metas_has_words_or_says_what_came(
    #[case] raw: Value,
    #[case] words: &str,
    #[case] without: Option<&str>,
) {
    let message = meta::Message::deserialize_lenient(&raw);
    assert_eq!((message.words().as_str(), message.without_words()), (words, without), "{raw}");
}

#[rstest]
#[case(json!({"status": "delivered"}), Some(Report::Status(DeliveryStatus::Delivered)))]
#[case(json!({"status": "read"}), Some(Report::Status(DeliveryStatus::Read)))]
#[case(json!({"status": "warning"}), None)]
fn a_status_of_metas_is_read(#[case] raw: Value, #[case] expected: Option<Report>) {
    let status: meta::Status = serde_json::from_value(raw).expect("a status");
    assert_eq!(status.report(), expected);
}

#[test]
fn a_window_that_closed_is_a_reason_a_person_understands() {
    let raw = json!({"status": "failed", "errors": [{"code": 131_047, "title": "Re-engagement message"}]});
    let status: meta::Status = serde_json::from_value(raw).expect("a status");
    let Some(Report::Failed(reason)) = status.report() else { panic!("a failure") };
    assert!(reason.contains("131047") && reason.contains("24 hours"), "{reason}");
}

/// Remembers parts as the store does.
#[derive(Default)]
struct Notes(Mutex<Vec<SentPart>>);

#[async_trait]
impl SentParts for Notes {
    async fn sent_parts(&self, _: OutboxId) -> Result<Vec<SentPart>, StoreError> {
        Ok(self.0.lock().expect("free").clone())
    }
    async fn part_attempted(&self, _: OutboxId, number: u32, now: Timestamp) -> Result<(), StoreError> {
        let mut notes = self.0.lock().expect("free");
        notes.retain(|part| part.number != number);
        notes.push(SentPart { number, provider_message_id: None, attempted_at: now });
        Ok(())
    }
    async fn part_sent(&self, _: Channel, _: OutboxId, number: u32, id: &str) -> Result<(), StoreError> {
        let mut notes = self.0.lock().expect("free");
        for part in notes.iter_mut().filter(|part| part.number == number) {
            part.provider_message_id = Some(id.to_owned());
        }
        Ok(())
    }
    async fn part_refused(&self, _: OutboxId, number: u32) -> Result<(), StoreError> {
        self.0.lock().expect("free").retain(|part| part.number != number);
        Ok(())
    }
}

/// Takes what it is sent; the answers to some texts get lost.
#[derive(Default)]
struct Fake {
    taken: Mutex<Vec<(String, bool)>>,
    /// A text whose answer is lost after (true) or before (false) it was taken, once.
    loses: Mutex<Option<(&'static str, bool)>>,
    keeps_no_list: bool,
}

#[async_trait]
impl Provider for Arc<Fake> {
    async fn send(&self, part: Part<'_>) -> Result<String, DeliveryError> {
        let lost = self.loses.lock().expect("free").take_if(|(text, _)| *text == part.text);
        let mut taken = self.taken.lock().expect("free");
        if lost.is_none_or(|(_, after)| after) {
            taken.push((part.text.to_owned(), part.as_template));
        }
        match lost {
            Some(_) => Err(DeliveryError::Unknown { reason: "it took too long".to_owned() }),
            None => Ok(format!("id-{}", taken.len())),
        }
    }
    async fn look_for(&self, part: Part<'_>, _: Timestamp, known: &[String]) -> Result<Found, DeliveryError> {
        if self.keeps_no_list {
            return Ok(Found::CannotTell);
        }
        let taken = self.taken.lock().expect("free");
        let found = (1..)
            .zip(taken.iter())
            .find(|(at, (text, _))| text == part.text && !known.contains(&format!("id-{at}")));
        Ok(found.map_or(Found::NotSent, |(at, _)| Found::Sent(format!("id-{at}"))))
    }
}

fn courier(fake: &Arc<Fake>, template: &str) -> Courier<Arc<Fake>> {
    let config = WhatsappConfig {
        pause_ms: 0,
        messages_per_second: 1000,
        template: template.to_owned(),
        ..WhatsappConfig::default()
    };
    Courier::new(&config, fake.clone(), Arc::new(Notes::default()), Arc::new(SystemClock))
}

fn message(parts: &[&str], hours_ago: i64) -> OutboundMessage {
    let last = SystemClock.now() - jiff::SignedDuration::from_hours(hours_ago);
    OutboundMessage {
        outbox_id: OutboxId::new(),
        message_id: MessageId::new(),
        ticket_id: TicketId::new(),
        account: "whatsapp".to_owned(),
        idempotency_key: "key".to_owned(),
        recipient: Some("+491711234567".to_owned()),
        subject: None,
        parts: parts.iter().map(|part| (*part).to_owned()).collect(),
        automatic: true,
        last_inbound_at: Some(last),
        references: Vec::new(),
    }
}

fn texts(fake: &Fake) -> Vec<String> {
    fake.taken.lock().expect("free").iter().map(|(text, _)| text.clone()).collect()
}

#[tokio::test]
async fn parts_go_out_in_order_and_a_second_attempt_sends_none_again() {
    let fake = Arc::new(Fake::default());
    let (courier, message) = (courier(&fake, ""), message(&["one", "two", "three"], 1));
    for _ in 0..2 {
        let receipt = courier.deliver(&message).await.expect("delivered");
        assert_eq!(receipt.provider_message_ids, ["id-1", "id-2", "id-3"]);
    }
    assert_eq!(texts(&fake), ["one", "two", "three"]);
}

#[rstest]
#[case(true)]
#[case(false)]
#[tokio::test]
async fn a_lost_answer_is_looked_up_before_anything_is_sent_again(#[case] taken_before_it_was_lost: bool) {
    let fake =
        Arc::new(Fake { loses: Mutex::new(Some(("two", taken_before_it_was_lost))), ..Fake::default() });
    let (courier, message) = (courier(&fake, ""), message(&["one", "two", "three"], 1));
    let first = courier.deliver(&message).await.expect_err("the answer was lost");
    assert!(matches!(first, DeliveryError::Retryable { retry_after_ms: Some(_), .. }), "{first}");
    courier.deliver(&message).await.expect("delivered");
    assert_eq!(texts(&fake), ["one", "two", "three"], "each once, in order");
}

#[tokio::test]
async fn where_nobody_can_look_a_person_is_asked() {
    let fake =
        Arc::new(Fake { loses: Mutex::new(Some(("one", true))), keeps_no_list: true, ..Fake::default() });
    let (courier, message) = (courier(&fake, ""), message(&["one"], 1));
    assert!(matches!(courier.deliver(&message).await, Err(DeliveryError::Retryable { .. })));
    assert!(matches!(courier.deliver(&message).await, Err(DeliveryError::Unknown { .. })));
    assert_eq!(texts(&fake), ["one"]);
}

#[tokio::test]
async fn after_a_day_a_template_carries_the_text_or_a_person_is_told_why_not() {
    let fake = Arc::new(Fake::default());
    let message = message(&["Hi Ana!", "1. Open Settings.\n2. Export."], 25);
    let refused = courier(&fake, "").deliver(&message).await.expect_err("closed");
    assert!(
        matches!(&refused, DeliveryError::Permanent { reason } if reason.contains("24 hours")),
        "{refused}"
    );
    assert!(texts(&fake).is_empty());
    courier(&fake, "answer_ready").deliver(&message).await.expect("delivered");
    assert_eq!(
        *fake.taken.lock().expect("free"),
        [("Hi Ana! 1. Open Settings. 2. Export.".to_owned(), true)]
    );
}
