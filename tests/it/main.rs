//! The integration tests, in one binary: the shape of the source, and the real program from the outside.

mod architecture;
mod command_line;
mod concurrency;
mod console_api;
mod crash;
mod edge_cases;
mod evaluation;
mod knowledge_upkeep;
mod learning;
mod main_job;
mod read_ahead;
mod support;
mod web_channel;
