//! Many at once: one customer stays one customer, and a repeated submission stays one ticket.

use crate::support::{TestBox, form};
use std::collections::HashSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_two_first_messages_make_one_customer_and_lose_none() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let spellings = ["New.Person@Example.org", "new.person@example.org", " NEW.PERSON@EXAMPLE.ORG"];
    let forms: Vec<_> = (0..32)
        .map(|n| {
            form(
                spellings[n % 3],
                &format!("Question {n}"),
                &format!("How do I export my data? This is message {n}."),
            )
        })
        .collect();
    let submitted = futures_util::future::join_all(forms.iter().map(|form| server.submit(form, None))).await;
    let references: HashSet<_> = submitted.iter().map(|s| s.reference.clone()).collect();
    assert_eq!(references.len(), 32, "each submission has a ticket of its own");
    for one in &submitted {
        server.wait_for_replies(one, 1).await;
    }
    drop(server);
    let figures = test_box.figures(&[
        "SELECT count(*) FROM customers",
        "SELECT count(*) FROM conversations",
        "SELECT count(*) FROM messages WHERE direction = 'inbound'",
        "SELECT count(*) FROM messages WHERE direction = 'outbound'",
    ]);
    assert_eq!(figures, [1, 1, 32, 32]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_times_the_same_submission_is_one_ticket() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let form = form("ana@example.org", "Export", "How do I export my data from the workspace?");
    let submitted =
        futures_util::future::join_all((0..10).map(|_| server.submit(&form, Some("the-same-key")))).await;
    let references: HashSet<_> = submitted.iter().map(|s| (s.reference.clone(), s.token.clone())).collect();
    assert_eq!(references.len(), 1);
    server.wait_for_replies(&submitted[0], 1).await;
    drop(server);
    assert_eq!(
        test_box.figures(&[
            "SELECT count(*) FROM tickets",
            "SELECT count(*) FROM messages WHERE direction = 'outbound'"
        ]),
        [1, 1]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_of_one_person_opens_nothing_for_another() {
    let server_box = TestBox::without_models();
    let server = server_box.serve();
    let mine = server
        .submit(&form("ana@example.org", "Export", "How do I export my data from here?"), Some("guessable"))
        .await;
    let theirs = server
        .submit(&form("eve@example.org", "Export", "How do I export my data from here?"), Some("guessable"))
        .await;
    assert_ne!((mine.reference, mine.token), (theirs.reference, theirs.token));
}
