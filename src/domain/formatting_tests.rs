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
        earlier_contact: None,
        rating_url: None,
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
fn a_sentence_of_five_thousand_characters_is_split_like_any_other() {
    let body = format!("{} end.", "and then you wait ".repeat(280));
    assert!(body.chars().count() > 5_000);
    let reply = format_reply(&answer(&body), &context(Channel::Whatsapp, 0.0), &shipped()).expect("a voice");
    assert_eq!(reply.parts.len(), 3);
    assert!(reply.parts.iter().all(|part| part.chars().count() <= 300), "{:?}", reply.parts);
    assert!(
        reply.parts.iter().all(|part| !part.contains("wai ") && !part.contains("wai…")),
        "a torn word: {:?}",
        reply.parts
    );
}

/// Whoever wrote by mail before and is handed over on WhatsApp must read there whose matter it is, under which number, and that the
/// mail is known.
#[rstest]
#[case(0.0)]
#[case(-0.9)]
fn a_hand_over_on_whatsapp_names_the_earlier_contact_the_team_and_the_ticket(#[case] sentiment: f32) {
    let kind = ReplyKind::HandOver { team: "Billing and payments team", promise: "within 4 hours" };
    let mention =
        "This follows on from your mail of 27 February about billing, notifications and an integration.";
    let context = ReplyContext { earlier_contact: Some(mention), ..context(Channel::Whatsapp, sentiment) };
    let reply = format_reply(&kind, &context, &shipped()).expect("a voice");
    let whole = reply.parts.join("\n");
    for piece in [mention, "Billing and payments team", "within 4 hours", "TF-20261122-AB12"] {
        assert!(whole.contains(piece), "{piece:?} is missing: {whole}");
    }
    assert!(reply.parts.iter().all(|part| part.chars().count() <= 300), "{:?}", reply.parts);
}

#[test]
fn every_text_about_addresses_keeps_its_place_on_every_channel() {
    let voice = shipped();
    let texts = &voice.identity;
    let long = format!(
        "{} {}",
        texts.code.replace("{place}", "by mail from a…@a-rather-long-domain-name.example.org"),
        texts.answer_here
    );
    for channel in Channel::ALL {
        for text in [
            &long,
            &texts.code_sent,
            &texts.code_sent_if_known,
            &texts.joined,
            &texts.known,
            &texts.wrong,
            &texts.spent,
            &texts.too_many,
        ] {
            let reply =
                format_reply(&ReplyKind::Notice { text }, &context(channel, 0.0), &voice).expect("a voice");
            let whole = reply.parts.join(" ").replace('\n', " ");
            let last = text.split_whitespace().next_back().expect("a word");
            assert!(whole.contains(last), "cut: {whole}");
            assert!(!text.contains("{code}") || whole.contains("{code}"), "{whole}");
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

#[rstest]
#[case::web(Channel::Web)]
#[case::email(Channel::Email)]
#[case::whatsapp(Channel::Whatsapp)]
fn an_operators_words_leave_whole_and_unadorned(#[case] channel: Channel) {
    let body = format!(
        "Hello Ana,\n\n## What I did\n\nI **reset** it; see [the guide](https://help.example/reset).\n\n{}",
        "It took a while. ".repeat(600)
    );
    let context = ReplyContext { automatic: false, ..context(channel, -0.8) };
    let reply = format_reply(&ReplyKind::Personal { body: &body }, &context, &shipped()).expect("formats");
    let text = reply.parts.join("\n\n");
    assert!(text.starts_with("Hello Ana,"), "nothing comes before what a person wrote: {text}");
    assert!(text.contains("I reset it; see the guide (https://help.example/reset)."), "{text}");
    assert_eq!(text.matches("It took a while.").count(), 600, "nothing is cut");
    assert!(!text.contains("AI assistant"), "{text}");
    assert!(reply.parts.iter().all(|part| channel != Channel::Whatsapp || part.chars().count() <= 4_000));
}

#[rstest]
#[case::email(Channel::Email, "Good: https://desk.example/support/rate/T/5 ")]
#[case::whatsapp(Channel::Whatsapp, "Rate this: https://desk.example/support/rate/T\n")]
fn a_rating_is_asked_for_under_answers_only_and_outlives_a_long_body(
    #[case] channel: Channel,
    #[case] asked: &str,
) {
    let asking =
        ReplyContext { rating_url: Some("https://desk.example/support/rate/T"), ..context(channel, 0.0) };
    let body = "Open the export page and wait. ".repeat(400);
    for kind in [answer(&body), ReplyKind::Personal { body: "Done." }] {
        let reply = format_reply(&kind, &asking, &shipped()).expect("formats");
        let last = reply.parts.last().expect("a part");
        assert!(last.contains(asked), "{last}");
    }
    let held = ReplyKind::Held { promise: "within 4 hours" };
    let reply = format_reply(&held, &asking, &shipped()).expect("formats");
    assert!(!reply.parts.join("\n").contains("/rate/"), "nothing was answered yet: {reply:?}");
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
