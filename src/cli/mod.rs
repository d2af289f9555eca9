//! The command line: one file a subcommand. Parses and prints; decides nothing.

pub mod models;
