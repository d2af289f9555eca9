//! What is WhatsApp's own: files, customers without a number, and one customer on two channels.

use crate::{
    channel_contract::{box_with, call, question},
    providers::{Carrier, FromCustomer, Trouble},
    support::{form, replies},
};
use rstest::rstest;

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_is_kept_and_a_file_that_cannot_be_had_costs_no_message(
    #[values(Carrier::Twilio, Carrier::Meta)] carrier: Carrier,
) {
    let (test_box, fake) = box_with(carrier).await;
    let server = test_box.serve();
    let url = format!("{}/files/1", fake.url);
    let with = |id: &'static str, url: &str| {
        carrier.message(&FromCustomer { id, from: "+491711234567", text: "", picture: Some(url) })
    };
    assert_eq!(call(&server, &with("m-1", &url)).await.0, 200);
    let mut expected = 1;
    if carrier == Carrier::Twilio {
        // A machine that is not the provider's is never asked, wherever it stands.
        for (id, foreign) in
            [("m-2", "http://169.254.169.254/latest/meta-data"), ("m-3", "http://127.0.0.1:1/files/1")]
        {
            assert_eq!(call(&server, &with(id, foreign)).await.0, 200);
            expected += 1;
        }
    }
    assert!(server.terminate().success());
    let figures = test_box.figures(&[
        "SELECT count(*) FROM messages WHERE direction = 'inbound'",
        "SELECT count(*) FROM attachments WHERE media_type = 'image/png' AND name = 'file-1.png'",
        "SELECT count(*) FROM messages WHERE content LIKE '%could not be fetched%'",
        "SELECT count(*) FROM messages WHERE held IS NOT NULL",
    ]);
    assert_eq!(figures, [expected, 1, expected - 1, expected]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_with_a_username_and_no_number_is_answered_by_user_id() {
    let (test_box, fake) = box_with(Carrier::Meta).await;
    let server = test_box.serve();
    let message = Carrier::Meta.message(&FromCustomer {
        id: "m-1",
        from: "DE.13491208655302741918",
        text: "How do I export my data?",
        picture: None,
    });
    assert_eq!(call(&server, &message).await.0, 200);
    let sent = fake.wait_for_sent(1).await;
    assert_eq!(sent[0].recipient, "recipient DE.13491208655302741918");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_of_twilios_is_looked_up_and_nothing_is_said_twice() {
    let (test_box, fake) = box_with(Carrier::Twilio).await;
    fake.meet_next_with(Trouble::LoseAnswer);
    let server = test_box.serve();
    assert_eq!(call(&server, &question(Carrier::Twilio, "m-1")).await.0, 200);
    server.log.wait_for("not delivered");
    server.log.wait_for("delivered");
    let sent = fake.sent();
    assert_eq!(fake.asked(), sent.len());
    let texts: std::collections::BTreeSet<&str> = sent.iter().map(|part| part.text.as_str()).collect();
    assert_eq!(texts.len(), sent.len(), "no part twice: {sent:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_becomes_the_whatsapp_customers_by_a_code_and_its_answer_refers_to_the_chat() {
    let (test_box, fake) = box_with(Carrier::Twilio).await;
    let server = test_box.serve();
    assert_eq!(call(&server, &question(Carrier::Twilio, "m-1")).await.0, 200);
    server.log.wait_for("delivered");
    let before = fake.sent().len();

    let message =
        form("ana@example.org", "A question", "My WhatsApp is +49 171 1234567. How do I invite a guest?");
    let submitted = server.submit(&message, None).await;
    let sent = fake.wait_for_sent(before + 1).await;
    let code = sent[before].text.split(|c: char| !c.is_ascii_digit()).find(|digits| digits.len() == 6);
    let code = code.unwrap_or_else(|| panic!("a code: {sent:?}")).to_owned();
    let first = server.wait_for_replies(&submitted, 1).await;
    assert!(!first.to_string().contains("WhatsApp message"), "nothing is shared before the proof: {first}");
    assert!(!first.to_string().contains(&code), "the page must not show the code");

    let path = format!("/support/ticket/{}/messages?token={}", submitted.reference, submitted.token);
    let (status, body) = server.post(&path, &serde_json::json!({ "message": code }), None).await;
    assert_eq!(status, 200, "{body}");
    let joined = server.wait_for_replies(&submitted, replies(&first).len() + 1).await;
    assert!(joined.to_string().contains("your WhatsApp message"), "{joined}");
    assert!(server.terminate().success());
    let figures = test_box.figures(&[
        "SELECT count(DISTINCT customer_id) FROM tickets WHERE subject <> 'Confirming an address'",
        "SELECT count(DISTINCT conversation_id) FROM tickets WHERE subject <> 'Confirming an address'",
        "SELECT count(*) FROM audit WHERE action = 'prove_address'",
    ]);
    assert_eq!(figures, [1, 1, 1]);
}

/// An operator at the terminal: is the token right, and does the public address lead here?
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_is_listed_and_tried_out_at_the_terminal(
    #[values(Carrier::Twilio, Carrier::Meta)] carrier: Carrier,
) {
    let (test_box, fake) = box_with(carrier).await;
    let server = test_box.serve();
    let list = test_box.run(&["channels", "list"]).expect("listed");
    assert!(
        list.contains("whatsapp")
            && list.contains(if carrier == Carrier::Twilio { "Twilio" } else { "Meta" }),
        "{list}"
    );
    let test_box = test_box.set("channels.whatsapp.public_url", &server.url);
    let test = |test_box: &crate::support::TestBox| {
        tokio::task::block_in_place(|| test_box.run(&["channels", "test", "whatsapp"]))
    };
    let said = test(&test_box).expect("it works");
    assert!(said.contains("knows the account"), "{said}");
    assert!(fake.sent().is_empty(), "trying out sends nothing");
    let elsewhere = test_box.set("channels.whatsapp.public_url", &fake.url);
    let error = test(&elsewhere).expect_err("it leads elsewhere");
    assert!(error.contains("public_url"), "{error}");
    let key = if carrier == Carrier::Twilio { "twilio.auth_token" } else { "meta.access_token" };
    let refused = elsewhere.set(&format!("channels.whatsapp.{key}"), "not-the-token-of-this-account");
    let error = test(&refused).expect_err("refused");
    assert!(error.contains("401") && !error.contains("not-the-token"), "{error}");
}

/// Whoever enters the same address twice at Twilio must not find empty messages of customers in the inbox.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_that_comes_to_the_address_for_messages_is_still_a_status() {
    let (test_box, fake) = box_with(Carrier::Twilio).await;
    let server = test_box.serve();
    assert_eq!(call(&server, &question(Carrier::Twilio, "m-1")).await.0, 200);
    server.log.wait_for("delivered");
    let status = crate::providers::twilio_call(
        "/webhooks/whatsapp",
        &[("MessageSid", &fake.sent()[0].id), ("From", "whatsapp:+14155238886"), ("MessageStatus", "read")],
    );
    assert_eq!(call(&server, &status).await.0, 200);
    assert!(server.terminate().success());
    let figures = test_box.figures(&[
        "SELECT count(*) FROM messages WHERE direction = 'inbound'",
        "SELECT count(*) FROM messages WHERE delivery_status = 'read'",
    ]);
    assert_eq!(figures, [1, 1]);
}
