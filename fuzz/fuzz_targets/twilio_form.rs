//! Any bytes as a form of Twilio's: reading returns, a guessed signature proves nothing, and what came is within the desk's limits.
#![no_main]

use frontdesk_fuzz::whatsapp::{
    reception::{Received, inbound},
    signature::twilio_fits,
    twilio_form::{Form, MAX_FIELDS},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &[u8]| {
    let form = Form::parse(raw);
    assert!(form.0.len() <= MAX_FIELDS + 1);
    let url = "https://desk.example/webhooks/whatsapp";
    assert!(!twilio_fits("a secret no input knows", url, &form.0, form.get("Signature")));
    assert!(!twilio_fits("", url, &form.0, form.get("Signature")), "without a secret nothing is proven");
    let files = form.files();
    assert!(files.len() <= MAX_FIELDS && files.iter().all(|(_, kind)| kind.chars().count() <= 100));
    let received = Received {
        provider_message_id: form.get("MessageSid").to_owned(),
        phone: form.get("From").to_owned(),
        user_id: form.get("ExternalUserId").to_owned(),
        name: Some(form.get("ProfileName").to_owned()),
        text: form.text(),
        missing: files.into_iter().map(|(_, kind)| kind).collect(),
        ..Received::default()
    };
    if let Some(inbound) = inbound(received, "whatsapp", jiff::Timestamp::UNIX_EPOCH) {
        assert!(!inbound.identifiers.is_empty() && !inbound.provider_message_id.is_empty());
    }
});
