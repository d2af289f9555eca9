//! The proof: after an erasure, the bytes of the data folder and of whatever is restored hold nothing of the person.

use super::*;
use crate::{
    app::{back_up, open_store, restore},
    config::DataConfig,
    domain::{
        attachment::Attachment,
        channel::Channel,
        customer::{Identifier, IdentifierKind},
        escalation::EscalationCategory,
        exemplar::RightDecision,
        hosted::Usage,
        inbound::{Accepted, Extras, Inbound},
        ticket::{Category, Priority},
    },
    ports::{
        console::{Action, ConsoleActions as _},
        exemplars::{ExemplarStore as _, NewExemplar},
        hosted::{HostedCall, HostedCalls as _},
        store::{Inbox as _, StoreError},
    },
};

/// Three texts that occur nowhere else.
const WORDS: &str = "quizzaciously-purple-walrus";
const ADDRESS: &str = "zephyrine.quokka@example.org";
const PHONE: &str = "+4917612345678";

fn config(folder: &Path) -> Config {
    let data = DataConfig { directory: folder.join("data"), ..DataConfig::default() };
    Config { data, ..Config::default() }
}

fn identifier(kind: IdentifierKind, value: &str) -> Identifier {
    Identifier { kind, value: value.to_owned(), verified: true }
}

async fn write_in(store: &Store, number: u32, identifiers: Vec<Identifier>, text: &str) -> Accepted {
    let attachment = Attachment {
        name: format!("{text}.txt"),
        media_type: "text/plain".to_owned(),
        content_id: None,
        content: format!("attached: {text}").into_bytes(),
    };
    let inbound = Inbound {
        channel: Channel::Whatsapp,
        account: String::new(),
        provider_message_id: format!("message-{number}"),
        identifiers,
        customer_name: Some(format!("Name {text}")),
        plan: None,
        subject: Some(format!("About {text}")),
        text: format!("Please help me with {text} today"),
        raw: format!("raw {text}").into_bytes(),
        category: Category::General,
        priority: Priority::Medium,
        ticket: None,
        received_at: SystemClock.now(),
        extras: Extras {
            attachments: vec![attachment],
            model_text: Some(format!("model {text}")),
            ..Extras::default()
        },
    };
    store.accept(inbound).await.expect("accepted")
}

/// Leaves a trace everywhere one can be left.
async fn leave_traces(store: &Store) -> CustomerId {
    let both = vec![identifier(IdentifierKind::Phone, PHONE), identifier(IdentifierKind::Email, ADDRESS)];
    let accepted = write_in(store, 1, both, WORDS).await;
    let now = SystemClock.now();
    let exemplar = NewExemplar {
        text: format!("exemplar {WORDS}"),
        should: RightDecision::Escalate,
        category: EscalationCategory::Billing,
        language: None,
        origin: Some((accepted.ticket_id, accepted.message_id)),
        note: Some(WORDS.to_owned()),
        marked_by: "kim".to_owned(),
        marked_at: now,
    };
    store.mark(exemplar).await.expect("marked");
    for action in [Action::Note(format!("note {WORDS}")), Action::Labels(vec![WORDS.to_owned()])] {
        store.act(&accepted.reference, action, "kim", None, now).await.expect("acted");
    }
    let call = HostedCall {
        ticket: Some(accepted.ticket_id),
        destination: "model.example:443".to_owned(),
        model: "large".to_owned(),
        request_text: format!("hosted {WORDS}"),
        request_bytes: 10,
        response_bytes: 10,
        redactions: 0,
        usage: Usage::default(),
        cost_micros: 0,
        outcome: "answered",
    };
    store.record_call(call, now).await.expect("recorded");
    accepted.customer_id
}

/// Files below the folder that hold one of the texts, as bytes, however it is cased.
fn traces(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).expect("readable").to_ascii_lowercase();
            for text in [WORDS, "quizzaciously", ADDRESS, "quokka", PHONE, "4917612345678"] {
                if bytes.windows(text.len()).any(|window| window == text.as_bytes()) {
                    found.push(format!("{text} in {}", path.display()));
                }
            }
        }
    }
    found
}

#[tokio::test]
async fn no_byte_of_an_erased_person_is_left_in_the_store_its_copies_or_a_restored_backup() {
    let folder = tempfile::tempdir().expect("a folder");
    let elsewhere = tempfile::tempdir().expect("another disk");
    let config = config(folder.path());
    let store = open_store(&config, None).expect("a store");
    let customer = leave_traces(&store).await;
    let other = vec![identifier(IdentifierKind::Phone, "+4917687654321")];
    let other = write_in(&store, 2, other, "something else entirely").await;
    back_up(&config, &store, None).await.expect("copied");
    let old_copy = elsewhere.path().join("old.db");
    back_up(&config, &store, Some(&old_copy)).await.expect("copied");
    assert!(traces(&config.data.directory).len() > 4, "the search finds what is there");

    let desk = PrivacyDesk::new(&config, &store);
    let receipt = desk.erase(customer, "kim").await.expect("erased");
    assert_eq!(traces(&config.data.directory), Vec::<String>::new());
    assert_eq!(receipt.copies.len(), 1);
    assert!(receipt.copies.iter().all(|copy| copy.people == 1 && copy.fault.is_none()), "{receipt:?}");
    for kind in ["customers", "messages", "raw_messages", "attachments", "exemplars", "notes", "hosted_calls"]
    {
        assert_eq!(receipt.counts.get(kind), Some(&1), "{kind}");
    }
    assert!(desk.store.export_person(other.customer_id).await.is_ok(), "others are untouched");
    let again = desk.erase(customer, "kim").await.expect("what was begun can be ended");
    assert!(again.counts.is_empty(), "{again:?}");
    let nobody = desk.erase(CustomerId::new(), "kim").await;
    assert!(matches!(nobody, Err(PrivacyError::Store(StoreError::NotFound(_)))));
    store.close().await;

    // The copy on another disk still holds the person; once it is restored, nothing of them is here.
    restore(&config, &old_copy).expect("restored");
    assert_eq!(traces(&config.data.directory), Vec::<String>::new());
    let store = open_store(&config, None).expect("a store");
    assert_eq!(store.find_customers("+49 176 12345678").await.expect("read"), []);
    assert_eq!(store.find_customers("+49 176 87654321").await.expect("read"), [other.customer_id]);
    store.close().await;

    // The same on a new box, which has nothing but the backup folder.
    let new_box = tempfile::tempdir().expect("a folder");
    let mut new_config = self::config(new_box.path());
    new_config.backup.directory = Some(backups::folder(&config));
    restore(&new_config, &old_copy).expect("restored");
    assert_eq!(traces(&new_config.data.directory), Vec::<String>::new());
}

#[tokio::test]
async fn an_export_holds_all_that_is_kept_of_one_person_and_of_nobody_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = config(folder.path());
    let store = open_store(&config, None).expect("a store");
    let customer = leave_traces(&store).await;
    write_in(&store, 2, vec![identifier(IdentifierKind::Phone, "+4917687654321")], "another-person").await;
    assert_eq!(store.find_customers(ADDRESS).await.expect("read"), [customer]);
    assert_eq!(store.find_customers(&customer.to_string()).await.expect("read"), [customer]);

    let target = folder.path().join("export");
    assert_eq!(export_to(&config, &store, customer, &target).await.expect("exported"), 2);
    let records = std::fs::read_to_string(target.join("records.json")).expect("records");
    let parsed: serde_json::Value = serde_json::from_str(&records).expect("JSON");
    for kind in
        ["customers", "tickets", "messages", "attachments", "exemplars", "notes", "shown_to_hosted_models"]
    {
        assert_eq!(parsed[kind].as_array().map(Vec::len), Some(1), "{kind}");
    }
    assert!(
        parsed["messages"][0]["created_at"].as_str().is_some_and(|at| at.contains('T')),
        "times in words"
    );
    assert!(!records.contains("another-person"));
    assert!(traces(&target.join("attachments")).len() > 1);

    let zip = folder.path().join("export.zip");
    assert_eq!(export_to(&config, &store, customer, &zip).await.expect("exported"), 2);
    let refused = export_to(&config, &store, customer, &zip).await;
    assert!(matches!(refused, Err(PrivacyError::Unwritable(_))), "nothing is overwritten");
}
