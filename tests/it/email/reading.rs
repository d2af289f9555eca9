//! Every mail of the collection is read as its table says.

use super::{at, fixture, fixtures, mailbox};
use frontdesk::{
    channels::email::incoming::{Incoming, read},
    domain::{inbound::Inbound, mail::ReportedStatus},
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What a mail must give; only what is named is compared.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Expected {
    /// `message`, `report`, `ours` or `unreadable`.
    kind: Option<String>,
    subject: Option<String>,
    name: Option<String>,
    sender: Option<String>,
    text: Option<String>,
    text_has: Option<String>,
    text_lacks: Option<String>,
    model: Option<String>,
    model_has: Option<String>,
    html_has: Option<String>,
    html_lacks: Option<String>,
    attachments: Option<Vec<String>>,
    attachment_count: Option<usize>,
    automatic: Option<bool>,
    acknowledgements_unwanted: Option<bool>,
    held: Option<bool>,
    verified: Option<String>,
    answers: Option<usize>,
    references: Option<usize>,
    recipients: Option<Vec<String>>,
    reply_to: Option<String>,
    message_id_has: Option<String>,
    status: Option<String>,
    code: Option<String>,
}

#[test]
fn every_mail_is_read_as_it_should() {
    let table = std::fs::read_to_string(fixtures().join("mails.toml")).expect("a table");
    let table: BTreeMap<String, Expected> = toml::from_str(&table).expect("a readable table");
    assert!(table.len() >= 60, "{} mails", table.len());
    let mut wrong = Vec::new();
    for (name, expected) in &table {
        let found = read(&fixture(&format!("mails/{name}.eml")), &mailbox(), at(0));
        let kind = match &found {
            Ok(Incoming::Message(_)) => "message",
            Ok(Incoming::Report(_)) => "report",
            Ok(Incoming::Ours) => "ours",
            Err(_) => "unreadable",
        };
        let wanted = expected.kind.as_deref().unwrap_or("message");
        if kind != wanted {
            wrong.push(format!("{name}: is a {kind}, not a {wanted}: {found:?}"));
            continue;
        }
        match found {
            Ok(Incoming::Message(inbound)) => compare(name, expected, &inbound, &mut wrong),
            Ok(Incoming::Report(report)) => {
                let status = match report.status {
                    ReportedStatus::Failed => "failed",
                    ReportedStatus::Delayed => "delayed",
                    ReportedStatus::Delivered => "delivered",
                };
                same(name, "status", expected.status.as_deref(), Some(status), &mut wrong);
                same(name, "code", expected.code.as_deref(), Some(report.code.as_str()), &mut wrong);
                same(name, "message", Some(super::REPLY), Some(report.message_id.to_string().as_str()), &mut wrong);
            }
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn same(name: &str, what: &str, expected: Option<&str>, found: Option<&str>, wrong: &mut Vec<String>) {
    if expected.is_some() && expected != found {
        wrong.push(format!("{name}: {what} is {found:?}, not {expected:?}"));
    }
}

fn compare(name: &str, expected: &Expected, inbound: &Inbound, wrong: &mut Vec<String>) {
    let (extras, mail) = (&inbound.extras, inbound.extras.mail.as_ref().expect("headers"));
    let (model, html) = (extras.model_text.as_deref().unwrap_or_default(), extras.html.as_deref().unwrap_or_default());
    same(name, "subject", expected.subject.as_deref(), inbound.subject.as_deref(), wrong);
    same(name, "name", expected.name.as_deref(), inbound.customer_name.as_deref(), wrong);
    same(name, "sender", expected.sender.as_deref(), Some(&mail.from), wrong);
    same(name, "text", expected.text.as_deref(), Some(&inbound.text), wrong);
    same(name, "model", expected.model.as_deref(), Some(model), wrong);
    same(name, "verified", expected.verified.as_deref(), Some(mail.authenticated.as_str()), wrong);
    same(name, "reply_to", expected.reply_to.as_deref(), mail.reply_to.as_deref(), wrong);
    let has = [
        ("text", &expected.text_has, inbound.text.as_str()),
        ("model", &expected.model_has, model),
        ("html", &expected.html_has, html),
        ("message id", &expected.message_id_has, mail.message_id.as_str()),
    ];
    for (what, wanted, found) in has {
        if wanted.as_ref().is_some_and(|wanted| !found.contains(wanted.as_str())) {
            wrong.push(format!("{name}: {what} lacks {wanted:?}: {found:?}"));
        }
    }
    for (what, unwanted, found) in [
        ("text", &expected.text_lacks, inbound.text.as_str()),
        ("html", &expected.html_lacks, html),
    ] {
        if unwanted.as_ref().is_some_and(|unwanted| found.contains(unwanted.as_str())) {
            wrong.push(format!("{name}: {what} has {unwanted:?}: {found:?}"));
        }
    }
    let files: Vec<String> =
        extras.attachments.iter().map(|file| format!("{}|{}", file.name, file.media_type)).collect();
    let mut number = |what: &str, wanted: Option<usize>, found: usize| {
        if wanted.is_some_and(|wanted| wanted != found) {
            wrong.push(format!("{name}: {what} is {found}, not {wanted:?}"));
        }
    };
    number("files", expected.attachment_count, files.len());
    number("answers", expected.answers, mail.answers.len());
    number("references", expected.references, mail.references.len());
    number("automatic", expected.automatic.map(usize::from), usize::from(extras.automatic_mail.is_some()));
    number("held", expected.held.map(usize::from), usize::from(extras.held.is_some()));
    number(
        "acknowledgements unwanted",
        expected.acknowledgements_unwanted.map(usize::from),
        usize::from(extras.acknowledgements_unwanted),
    );
    if expected.attachments.as_ref().is_some_and(|wanted| *wanted != files) {
        wrong.push(format!("{name}: files are {files:?}, not {:?}", expected.attachments));
    }
    if expected.recipients.as_ref().is_some_and(|wanted| *wanted != mail.recipients) {
        wrong.push(format!("{name}: recipients are {:?}", mail.recipients));
    }
}

#[test]
fn a_mail_fetched_twice_is_one_message_and_another_under_its_id_is_another() {
    let id = |raw: &[u8]| match read(raw, &mailbox(), at(0)) {
        Ok(Incoming::Message(inbound)) => inbound.provider_message_id,
        other => panic!("{other:?}"),
    };
    let raw = fixture("mails/plain.eml");
    // The second copy took another way here.
    let again = [b"Received: from a by b; Mon, 2 Nov 2026 10:00:00 +0000\r\n", raw.as_slice()].concat();
    assert_eq!(id(&raw), id(&again));
    let other = String::from_utf8(raw.clone()).expect("text").replace("export a board", "delete a board");
    assert_ne!(id(&raw), id(other.as_bytes()));
    let mut elsewhere = mailbox();
    elsewhere.account = "sales".to_owned();
    let Ok(Incoming::Message(in_sales)) = read(&raw, &elsewhere, at(0)) else { panic!("a message") };
    assert_ne!(in_sales.provider_message_id, id(&raw));
}

#[test]
fn a_mail_that_is_too_large_is_refused_by_its_size() {
    let mut small = mailbox();
    small.limits.max_bytes = 100;
    let refused = read(&fixture("mails/plain.eml"), &small, at(0)).expect_err("refused");
    assert!(refused.to_string().contains("at most 100"), "{refused}");
}
