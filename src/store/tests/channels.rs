//! What mail and WhatsApp bring along, and what a channel remembers.

use super::*;
use crate::domain::{
    attachment::Attachment,
    inbound::{MailAuthentication, MailHeaders},
};
use crate::ports::channel_state::ChannelState;
use rstest::rstest;

fn letter(id: &str, references: &[&str]) -> Inbound {
    let headers = MailHeaders {
        message_id: id.to_owned(),
        references: references.iter().map(|&id| id.to_owned()).collect(),
        answers: Vec::new(),
        from: "ana@example.org".to_owned(),
        recipients: vec!["help@example.com".to_owned()],
        reply_to: None,
        authenticated: MailAuthentication::Pass,
    };
    let file = Attachment {
        name: "screen.png".to_owned(),
        media_type: "image/png".to_owned(),
        content_id: None,
        content: vec![1, 2, 3],
    };
    let extras = Extras { mail: Some(headers), attachments: vec![file], ..Extras::default() };
    Inbound { account: "support".to_owned(), extras, ..mail("ana@example.org", "How do I export?") }
}

#[rstest]
#[tokio::test]
async fn a_reply_knows_its_thread(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    let accepted = accept(&store, letter("second@example.org", &["first@example.org"])).await;
    let job = lease(&store, 0).await;
    let mut outcome = answered(&job, accepted.message_id, "Open the menu.");
    outcome.reply.as_mut().expect("a reply").channel = Channel::Email;
    store.commit_turn(&job, outcome, at(1)).await.expect("committed");
    let delivery = store.lease_delivery(at(1), LEASE).await.expect("working").expect("a delivery");
    assert_eq!(delivery.message.account, "support");
    assert_eq!(delivery.message.references, ["first@example.org", "second@example.org"]);
    assert_eq!(delivery.message.last_inbound_at, Some(at(0)));
}

#[tokio::test]
async fn files_are_kept_once_with_their_digest_and_go_with_their_message() {
    let store = open(Kind::File);
    let first = accept(&store, letter("one@example.org", &[])).await;
    let again = Inbound { provider_message_id: "same".to_owned(), ..letter("two@example.org", &[]) };
    accept(&store, again.clone()).await;
    assert!(accept(&store, again).await.duplicate, "the second delivery of a mail adds nothing");
    let files = "SELECT count(*) FROM attachments WHERE byte_length = 3 AND length(sha256) = 32";
    assert_eq!(store.number(files).await, 2);
    let message = first.message_id.0.into_bytes();
    store
        .write(move |connection| Ok(connection.execute("DELETE FROM messages WHERE id = ?1", [message])?))
        .await
        .expect("removed");
    assert_eq!(store.number(files).await, 1);
}

#[rstest]
#[tokio::test]
async fn a_channel_remembers_where_it_stood(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = open(kind);
    assert_eq!(store.load(Channel::Email, "support", "cursor").await.expect("read"), None);
    store.save(Channel::Email, "support", "cursor", "7:12", at(0)).await.expect("saved");
    store.save(Channel::Email, "support", "cursor", "7:15", at(1)).await.expect("saved");
    store.save(Channel::Email, "sales", "cursor", "1:1", at(1)).await.expect("saved");
    let cursor = store.load(Channel::Email, "support", "cursor").await.expect("read");
    assert_eq!(cursor.as_deref(), Some("7:15"));
}
