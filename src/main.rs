//! Entry point: parse, start logging, dispatch. No logic lives here.
fn main() {}
