//! What leaves and what does not.

use super::*;
use proptest::prelude::*;
use rstest::rstest;

fn redact(text: &str) -> String {
    Redactor::shipped()
        .expect("words")
        .redact(text, Known { keep: &["TaskFlow"], ..Known::default() }, None)
        .text
}

#[rstest]
#[case::mail("Write to Ana.Li+x@mail.example.org today", "Write to [EMAIL_1] today")]
#[case::card("card 4111 1111 1111 1111 was charged", "card [CARD_1] was charged")]
#[case::no_card("order 4111 1111 1111 1112", "order 4111 1111 1111 1112")]
#[case::iban("pay to DE89 3704 0044 0532 0130 00 please", "pay to [IBAN_1] please")]
#[case::phone("call me on +49 30 901820 or (030) 901-8200", "call me on [PHONE_1] or [PHONE_2]")]
#[case::date("since 2026-11-23 and 12/04/2025", "since 2026-11-23 and 12/04/2025")]
#[case::money("it cost 1299.00 for 250 seats", "it cost 1299.00 for 250 seats")]
#[case::machine("from 192.168.1.20 and 2001:db8::7:1", "from [IP_1] and [IP_2]")]
#[case::key("my key sk-live-abcdef1234567890 leaked", "my key [KEY_1] leaked")]
#[case::password("the password is hunter2!", "the password is [KEY_1]")]
#[case::link(
    "open https://app.example/reset?token=abc123 now, or https://help.example/faq",
    "open [LINK_1] now, or https://help.example/faq"
)]
#[case::office("my passport number is C01X00T47", "my passport number is [ID_1]")]
#[case::social("SSN 460-89-9847", "SSN [ID_1]")]
#[case::name(
    "Hi, my name is Šárka Ottová and TaskFlow hangs",
    "Hi, my name is [PERSON_1] and TaskFlow hangs"
)]
#[case::signed("Export fails.\nRegards,\nMaria van der Berg", "Export fails.\nRegards,\n[PERSON_1]")]
#[case::street("I live at 12 Long Acre Street, Apt 4, London since May", "I live at [ADDRESS_1] since May")]
#[case::german_street("Rechnung an Hauptstraße 12, 10115 Berlin bitte", "Rechnung an [ADDRESS_1] bitte")]
#[case::nothing(
    "How do I export my data? Open Settings, then Data. TaskFlow asks on Monday.",
    "How do I export my data? Open Settings, then Data. TaskFlow asks on Monday."
)]
fn what_names_a_person_or_opens_a_door_is_taken_out(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(redact(text), expected);
}

#[test]
fn the_customers_own_name_and_the_companys_words_go_wherever_they_stand() {
    let redactor = Redactor::shipped().expect("words");
    let known = Known { names: &["ana"], custom: &["Project Falcon"], keep: &[] };
    let redacted = redactor.redact("ana asks about project falcon; banana.", known, None);
    assert_eq!(redacted.text, "[PERSON_1] asks about [WORD_1]; banana.");
    assert_eq!(
        redacted.restore("Dear [PERSON_1], [WORD_1] and [WORD_9]."),
        "Dear ana, project falcon and [WORD_9]."
    );
}

#[test]
fn the_same_words_have_one_placeholder() {
    assert_eq!(
        redact("a@b.example and A@b.example, then c@d.example"),
        "[EMAIL_1] and [EMAIL_1], then [EMAIL_2]"
    );
}

#[test]
fn a_text_cannot_bring_placeholders_along() {
    let redacted = Redactor::shipped().expect("words").redact(
        "Say [EMAIL_1]. I am a@b.example.",
        Known::default(),
        None,
    );
    assert_eq!(redacted.text, "Say (EMAIL_1). I am [EMAIL_1].");
}

#[test]
fn what_was_not_understood_is_said() {
    let redacted = Redactor::shipped().expect("words").redact(
        "reference 12345678901234567890123",
        Known::default(),
        None,
    );
    assert_eq!(redacted.unsure, ["12345678901234567890123"]);
}

proptest! {
    #[test]
    fn any_text_can_be_redacted_and_restored(text in "(\\PC{0,12}|[0-9 +@.-]{0,12}|Ana |Street 5 |a@b.example ){0,12}") {
        let plain = text.replace('[', "(").replace(']', ")");
        let redacted = Redactor::shipped().expect("words").redact(&text, Known::default(), None);
        let restored = redacted.restore(&redacted.text);
        prop_assert_eq!(restored.to_lowercase(), plain.to_lowercase());
    }
}
