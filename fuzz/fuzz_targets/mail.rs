//! Any bytes as a mail. The reader catches panics of the parser on purpose; they count as findings only where they are ours, so
//! what is checked here is that reading returns, in bounded time and memory, and proves nothing that was not signed.
#![no_main]

use frontdesk_fuzz::email::{
    MailLimits, Mailbox,
    incoming::{Incoming, read},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &[u8]| {
    let mailbox = Mailbox {
        account: "support".to_owned(),
        address: "support@desk.example".to_owned(),
        display_name: "Support".to_owned(),
        own_addresses: Vec::new(),
        authserv_id: Some("mx.desk.example".to_owned()),
        bounce_address: None,
        plus_addressing: true,
        // Not the secret of the fixtures: no input can know it.
        secret: [99; 32],
        limits: MailLimits::default(),
    };
    match read(raw, &mailbox, jiff::Timestamp::UNIX_EPOCH) {
        Ok(Incoming::Message(inbound)) => {
            let mail = inbound.extras.mail.expect("every mail has headers");
            assert!(mail.answers.is_empty(), "nobody can sign for us");
        }
        Ok(Incoming::Report(_) | Incoming::Ours) => panic!("nobody can sign for us"),
        Err(_) => {}
    }
});
