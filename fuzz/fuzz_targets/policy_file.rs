//! Any text as an operator's policy file: it is read or refused with a reason, and what was read can be asked about a message.
#![no_main]

use frontdesk_fuzz::{
    domain::customer::Plan,
    triage::{
        policy::{EscalationPolicy, parse},
        reading::Reading,
        rules::RuleSet,
    },
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let policy = match parse::<EscalationPolicy>("escalation.toml", text) {
        Ok(policy) => policy,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    match RuleSet::compile(&[("escalation.toml", &policy)], 0.2) {
        Ok(rules) => {
            let message =
                Reading::new(Some("An invoice"), "I want a refund, and I do not want to wait. It is urgent!");
            let _ = rules.find(&message, Plan::Free, Some("en"));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
