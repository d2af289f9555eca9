//! A power cut at every marked point between submit and delivery loses nothing and says nothing twice.

use crate::support::{PATIENCE, TestBox, form, replies};
use frontdesk::pipeline::fault::POINTS;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn kill_at_any_point_and_exactly_one_reply_comes() {
    let mut runs = tokio::task::JoinSet::new();
    for point in POINTS {
        runs.spawn(async move {
            kill_at(point).await;
            point
        });
    }
    let mut survived = Vec::new();
    while let Some(result) = runs.join_next().await {
        survived.push(result.expect("this point holds"));
    }
    assert_eq!(survived.len(), POINTS.len());
}

async fn kill_at(point: &'static str) {
    let test_box = TestBox::without_models().set("pipeline.lease_ms", "5000");
    let message = form("ana@example.org", "Export", "How do I export my data from the workspace?");
    let server = test_box.serve_stopping_at(Some(point));
    // The request is not answered when the process stops right after the commit: the client will ask again.
    let request = server
        .client
        .post(format!("{}/support/submit", server.url))
        .header("idempotency-key", "one")
        .json(&message)
        .send();
    let sending = tokio::spawn(request);
    tokio::task::block_in_place(|| server.log.wait_for(&format!("stopped at {point}")));
    server.kill();
    sending.abort();

    let server = test_box.serve();
    let submitted = server.submit(&message, Some("one")).await;
    server.wait_for_replies(&submitted, 1).await;
    let (_, again) = server.get_as_operator("/metrics/channels?hours=1").await;
    // A second reply would come within a lease; a job or outbox row left over would show in the health report.
    let ticket = wait_until_quiet(&server, &submitted).await;
    assert_eq!(replies(&ticket).len(), 1, "{point}: {ticket}");
    let customers_words =
        ticket["messages"].as_array().expect("messages").iter().filter(|m| m["role"] == "customer").count();
    assert_eq!(customers_words, 1, "{point}: {ticket}");
    assert_eq!(again["channels"]["web"]["latency"]["count"], 1, "{point}: {again}");
}

/// Waits until nothing is queued any more, then reads the ticket.
async fn wait_until_quiet(
    server: &crate::support::Server,
    submitted: &crate::support::Submitted,
) -> serde_json::Value {
    let end = std::time::Instant::now() + PATIENCE;
    loop {
        let (_, health) = server.get("/health/ready").await;
        if health["queue"]["waiting"] == 0 {
            return server.ticket(submitted).await;
        }
        assert!(std::time::Instant::now() < end, "the queue never emptied: {health}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
