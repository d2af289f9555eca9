//! Any bytes as an announcement of Gmail's: reading returns.
#![no_main]

use frontdesk_fuzz::email::announcement::{Announced, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &[u8]| {
    if let Some(Announced::Mailbox(address)) = read(raw) {
        assert_eq!(address, address.trim(), "an address is compared to the letter");
    }
});
