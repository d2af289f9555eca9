//! The integration tests, in one binary: the shape of the source, and the real program from the outside.
#![allow(clippy::disallowed_methods, reason = "these are the others: customers, providers and their servers")]

mod architecture;
mod channel_contract;
mod command_line;
mod concurrency;
mod console_api;
mod console_upkeep;
mod crash;
mod edge_cases;
mod email;
mod email_channel;
mod email_channel_faults;
mod evaluation;
mod gmail_channel;
mod hosted;
mod knowledge_upkeep;
mod learning;
mod main_job;
mod mcp;
mod mqtt;
mod mqtt_helpers;
mod notifications;
mod operations;
mod packets;
mod providers;
mod read_ahead;
mod relay;
mod support;
mod web_channel;
mod whatsapp;
mod whole_day;
