//! `frontdesk knowledge`: the documents answers are taken from.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is the command line")]
