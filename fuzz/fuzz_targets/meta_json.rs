//! Any bytes as Meta's JSON: reading returns, a guessed signature proves nothing, and a message that cannot be read costs only itself.
#![no_main]

use frontdesk_fuzz::whatsapp::{
    meta::form::{Message, Notification},
    reception::{Received, inbound},
    signature::meta_fits,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &[u8]| {
    assert!(!meta_fits("a secret no input knows", raw, &String::from_utf8_lossy(raw)));
    let Ok(notification) = serde_json::from_slice::<Notification>(raw) else { return };
    for change in notification.entry.into_iter().flat_map(|entry| entry.changes) {
        for raw in &change.value.messages {
            let message = Message::deserialize_lenient(raw);
            let _ = (message.is_aside(), message.file());
            let received = Received {
                provider_message_id: message.id.clone(),
                phone: message.from.clone().unwrap_or_default(),
                user_id: message.from_user_id.clone().unwrap_or_default(),
                text: message.words(),
                without_words: message.without_words(),
                ..Received::default()
            };
            if let Some(inbound) = inbound(received, "whatsapp", jiff::Timestamp::UNIX_EPOCH) {
                assert!(!inbound.identifiers.is_empty() && !inbound.provider_message_id.is_empty());
            }
        }
        for status in &change.value.statuses {
            let _ = status.report();
        }
    }
});
