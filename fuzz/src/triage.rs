//! Policy files and the patterns in them.

#[path = "../../src/triage/pattern.rs"]
pub mod pattern;
#[path = "../../src/triage/policy.rs"]
pub mod policy;
#[path = "../../src/triage/reading.rs"]
pub mod reading;
#[path = "../../src/triage/rules.rs"]
pub mod rules;
