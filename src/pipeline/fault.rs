//! Marked points between accept and delivery where a test can stop the process to kill it there.
//! Compiled to nothing unless the `fault-points` feature is on.

/// The marked points, in the order a message passes them.
pub const POINTS: [&str; 10] = [
    "accept.committed",
    "job.leased",
    "turn.triaged",
    "turn.retrieved",
    "turn.drafted",
    "turn.formatted",
    "turn.committed",
    "delivery.leased",
    "delivery.sent",
    "delivery.recorded",
];

/// Stops here for ever when the test chose this point, after saying so on standard error.
#[cfg(feature = "fault-points")]
pub async fn point(name: &'static str) {
    use std::sync::OnceLock;
    static CHOSEN: OnceLock<Option<String>> = OnceLock::new();
    #[expect(clippy::disallowed_methods, reason = "a test's switch, absent from release builds")]
    let chosen = CHOSEN.get_or_init(|| std::env::var("FRONTDESK_STOP_AT").ok());
    if chosen.as_deref() == Some(name) {
        #[expect(clippy::print_stderr, reason = "the test waits for this line")]
        {
            eprintln!("stopped at {name}");
        }
        std::future::pending::<()>().await;
    }
}

/// Does nothing.
#[cfg(not(feature = "fault-points"))]
#[expect(clippy::unused_async, reason = "the same shape as with the feature")]
pub async fn point(_name: &'static str) {}
