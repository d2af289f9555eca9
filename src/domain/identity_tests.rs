use super::*;
use rstest::rstest;

fn claim(kind: IdentifierKind, value: &str, alone: bool) -> Reading {
    Reading::Claim { claim: Claim { kind, value: value.to_owned() }, alone }
}

#[rstest]
#[case("Hi, my email is Ana.Li@Example.org.", "ana.li@example.org", true)]
#[case("my e-mail address: ana@example.org", "ana@example.org", true)]
#[case("I wrote to you this morning from ana@example.org", "ana@example.org", true)]
#[case("You know me as ana@example.org!", "ana@example.org", true)]
#[case("My mail is ana@example.org. How do I export my data?", "ana@example.org", false)]
#[case("Meine E-Mail-Adresse ist ana@example.org", "ana@example.org", true)]
fn a_mail_address_is_claimed(#[case] text: &str, #[case] value: &str, #[case] alone: bool) {
    assert_eq!(read(text), claim(IdentifierKind::Email, value, alone), "{text}");
}

#[rstest]
#[case("My WhatsApp is +49 171 1234567", "+491711234567", true)]
#[case("my whatsapp number is 0049 171 1234567.", "+491711234567", true)]
#[case("Meine Handynummer ist +49 (0)171/1234567", "+491711234567", true)]
#[case("my mobile: +1 415-523-8886. Can I import a board?", "+14155238886", false)]
fn a_number_is_claimed(#[case] text: &str, #[case] value: &str, #[case] alone: bool) {
    assert_eq!(read(text), claim(IdentifierKind::Phone, value, alone), "{text}");
}

#[rstest]
#[case("123456", true)]
#[case(" 123 456. ", true)]
#[case("123-456", true)]
#[case("The code is 123456", false)]
#[case("Hi! My code: 123 456, thanks", false)]
fn a_code_is_read(#[case] text: &str, #[case] bare: bool) {
    assert_eq!(read(text), Reading::Code { code: "123456".to_owned(), bare }, "{text}");
}

#[rstest]
#[case("How do I change my email?")]
#[case("Please invite bob@example.org to our board")]
#[case("I cannot log in as ana@example.org")]
#[case("Call me at 0171 1234567")]
#[case("Order 123456 has not arrived")]
#[case("The error code is shown on page 12 and the ticket number is 4711")]
#[case("1234567")]
#[case("my email is not working")]
#[case("my number is 12")]
#[case("")]
fn other_messages_say_nothing_of_identity(#[case] text: &str) {
    assert_eq!(read(text), Reading::Nothing, "{text}");
}

/// What somebody else said in a mail that is quoted or passed on must not be taken for the sender's word.
#[rstest]
#[case("> 123456")]
#[case("> Your code is 123 456")]
#[case("It works, thanks.\n> My email is eve@example.org")]
#[case("---------- Forwarded message ---------\nMy email is eve@example.org")]
#[case(
    "See below.\n\nBegin forwarded message:\n\nFrom: Eve\nSubject: it\nDate: Monday\n\nThe code is 123456"
)]
#[case("Von: Eve\nGesendet: Montag\nAn: Ana\n\nmeine Mail ist eve@example.org")]
fn what_somebody_else_said_does_not_count(#[case] text: &str) {
    assert_eq!(read(text), Reading::Nothing, "{text}");
}

#[test]
fn the_senders_own_word_beside_a_quote_counts() {
    let own = "My email is ana@example.org\n> My email is eve@example.org";
    assert_eq!(read(own), claim(IdentifierKind::Email, "ana@example.org", true));
    assert_eq!(read("> Your code?\n123456"), Reading::Code { code: "123456".to_owned(), bare: true });
}

#[rstest]
#[case("Please send me a code", true)]
#[case("Could you verify my address? I asked about exports this morning.", false)]
fn a_code_is_wished_for(#[case] text: &str, #[case] alone: bool) {
    assert_eq!(read(text), Reading::WantsCode { alone });
}

#[rstest]
#[case(true, 3, 0, Verdict::Proven)]
#[case(true, 1, 599, Verdict::Proven)]
#[case(true, 3, 600, Verdict::Spent)]
#[case(true, 0, 0, Verdict::Spent)]
#[case(false, 3, 0, Verdict::Wrong { tries_left: 2 })]
#[case(false, 1, 0, Verdict::Wrong { tries_left: 0 })]
#[case(false, 0, 0, Verdict::Spent)]
fn a_code_is_good_for_ten_minutes_and_three_tries(
    #[case] fits: bool,
    #[case] tries_left: u32,
    #[case] seconds: i64,
    #[case] expected: Verdict,
) {
    let made: Timestamp = "2026-03-01T12:00:00Z".parse().expect("a time");
    let verdict = judge(fits, tries_left, made + CODE_LASTS, made + SignedDuration::from_secs(seconds));
    assert_eq!(verdict, expected);
}

#[rstest]
#[case(0, 0, true)]
#[case(2, 4, true)]
#[case(3, 0, false)]
#[case(0, 5, false)]
fn codes_are_rationed(#[case] by_asker: u32, #[case] to_target: u32, #[case] expected: bool) {
    assert_eq!(may_send(by_asker, to_target), expected);
}

#[rstest]
#[case(true, 5, true, 9, true)]
#[case(true, 9, true, 5, false)]
#[case(false, 5, true, 9, false)] // a record that somebody typed in never swallows a proven one
#[case(true, 9, false, 5, true)]
fn the_proven_and_then_the_older_record_stays(
    #[case] first_proven: bool,
    #[case] first_at: i64,
    #[case] second_proven: bool,
    #[case] second_at: i64,
    #[case] expected: bool,
) {
    let standing = |proven, at| Standing { proven, created_at: Timestamp::from_second(at).expect("a time") };
    assert_eq!(first_stays(standing(first_proven, first_at), standing(second_proven, second_at)), expected);
}

#[rstest]
#[case("ana.li@example.org", "a…@example.org")]
#[case("+491711234567", "+49…67")]
#[case("+4", "+4…")]
fn an_address_is_masked(#[case] value: &str, #[case] expected: &str) {
    assert_eq!(masked(value), expected);
}
