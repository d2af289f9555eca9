use super::*;
use crate::domain::{ids::PassageId, voice::tests::shipped};
use proptest::prelude::*;
use rstest::rstest;

fn context(channel: Channel, sentiment: f32) -> ReplyContext<'static> {
    ReplyContext {
        channel,
        customer_name: Some("ana li"),
        reference: "TF-20261122-AB12",
        subject: "Re: AW: Export",
        sentiment,
        company: "TaskFlow",
        support_email: "support@taskflow.example",
        automatic: true,
    }
}

fn answer(body: &str) -> ReplyKind<'_> {
    ReplyKind::Answer { body, sources: &[] }
}

#[test]
fn every_channel_renders_as_recorded() {
    let voice = shipped();
    let source = Source {
        passage_id: PassageId(1),
        title: "Data".into(),
        section: "Data › Export".into(),
        url: "/help/data#export".into(),
    };
    let body = "Open the export page:\n\n1. Go to Settings.\n2. Click Export.\n\nIt simply takes a day.";
    let mut rendered = String::new();
    for channel in Channel::ALL {
        for (name, kind) in [
            ("answer", ReplyKind::Answer { body, sources: std::slice::from_ref(&source) }),
            ("hand-over", ReplyKind::HandOver { team: "Billing team", promise: "within 1 hour" }),
            ("held", ReplyKind::Held { promise: "within 4 hours" }),
        ] {
            let reply = format_reply(&kind, &context(channel, -0.5), &voice).expect("a voice");
            rendered += &format!(
                "=== {channel} {name} subject={:?}\n{}\n",
                reply.subject,
                reply.parts.join("\n--- next part\n")
            );
        }
    }
    insta::assert_snapshot!(rendered);
}

#[rstest]
#[case(Channel::Web, 1, 1500, 300)]
#[case(Channel::Email, 1, 2000, 400)]
#[case(Channel::Whatsapp, 3, 300, 200)]
fn a_long_answer_keeps_the_limits_and_says_so(
    #[case] channel: Channel,
    #[case] parts: usize,
    #[case] max_chars: usize,
    #[case] max_words: usize,
) {
    let body = "This sentence has seven words in it. ".repeat(200);
    let reply = format_reply(&answer(&body), &context(channel, 0.0), &shipped()).expect("a voice");
    assert_eq!(reply.parts.len(), parts);
    assert!(reply.parts.iter().all(|part| part.chars().count() <= max_chars), "{:?}", reply.parts);
    assert!(reply.parts.iter().map(|part| part.split_whitespace().count()).sum::<usize>() <= max_words);
    assert!(reply.parts.last().is_some_and(|part| part.contains("TF-20261122-AB12")));
}

#[test]
fn a_numbered_list_is_cut_between_items() {
    let body: String =
        (1..=12).map(|n| format!("{n}. Do the thing with the number {n} and wait for it.\n")).collect();
    let reply = format_reply(&answer(&body), &context(Channel::Whatsapp, 0.0), &shipped()).expect("a voice");
    for part in &reply.parts {
        for line in part.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit())) {
            assert!(line.ends_with("wait for it."), "torn item: {line}");
        }
    }
}

#[test]
fn empathy_is_said_once() {
    let reply = format_reply(
        &answer("I am sorry about that. Click Save."),
        &context(Channel::Email, -0.8),
        &shipped(),
    )
    .expect("a voice");
    assert_eq!(reply.parts[0].matches("frustrating").count(), 0);
}

#[rstest]
#[case(Some("Unknown"), "Hi there,")]
#[case(None, "Hi there,")]
#[case(Some("Ana Li"), "Hi Ana,")]
fn a_missing_name_greets_all_the_same(#[case] name: Option<&str>, #[case] greeting: &str) {
    let reply = format_reply(
        &answer("Click Save."),
        &ReplyContext { customer_name: name, ..context(Channel::Web, 0.0) },
        &shipped(),
    )
    .expect("a voice");
    assert!(reply.parts[0].starts_with(greeting), "{}", reply.parts[0]);
}

proptest! {
    #[test]
    fn no_text_breaks_a_limit(body in "(\\PC{0,40}[.\n ]){0,120}", channel_index in 0usize..3) {
        let channel = Channel::ALL[channel_index];
        let voice = shipped();
        let limits = voice.channel(channel).expect("a voice").clone();
        let reply = format_reply(&answer(&body), &context(channel, 0.0), &voice).expect("a voice");
        prop_assert!(reply.parts.len() <= limits.max_parts);
        for part in &reply.parts {
            prop_assert!(part.chars().count() <= limits.max_chars);
        }
    }

    #[test]
    fn an_unbroken_run_is_split_too(length in 300usize..6000) {
        let body = "x".repeat(length);
        let reply = format_reply(&answer(&body), &context(Channel::Whatsapp, 0.0), &shipped()).expect("a voice");
        prop_assert!(reply.parts.iter().all(|part| part.chars().count() <= 300));
    }
}

#[rstest::rstest]
#[case("Re: Export", "Export")]
#[case("AW: Re[2]: WG: Export [TF-20261101-AB12]", "Export")]
#[case("RE : Export", "Export")]
#[case("回复\u{ff1a}Export", "Export")]
#[case("Issue: Export", "Issue: Export")]
#[case("Export [urgent]", "Export [urgent]")]
#[case("Re: [TF-20261101-AB12]", "")]
fn a_subject_does_not_grow_with_every_answer(#[case] subject: &str, #[case] expected: &str) {
    assert_eq!(bare_subject(subject), expected);
}
