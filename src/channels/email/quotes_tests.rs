//! What the model reads of a mail is what the person wrote.

use super::own_words;
use rstest::rstest;

#[rstest]
#[case::gmail(
    "Thanks, it works.\n\nOn Mon, 2 Nov 2026 at 10:00, Support <help@desk.example> wrote:\n> Try again.\n",
    "Thanks, it works."
)]
#[case::gmail_broken_over_two_lines(
    "No.\n\nOn Mon, 2 Nov 2026 at 10:00, Support\n<help@desk.example> wrote:\n> Try again.",
    "No."
)]
#[case::no_marks("No.\n\nOn Mon, 2 Nov 2026 at 10:00, Support wrote:\nTry again.\nRegards", "No.")]
#[case::answer_below("On Mon, 2 Nov 2026, Support wrote:\n> Which browser?\n\nFirefox.", "Firefox.")]
#[case::answers_between("> Which browser?\nFirefox.\n> Which version?\n140.", "Firefox.\n140.")]
#[case::outlook("It fails.\n\n-----Original Message-----\nFrom: Support\nTry again.", "It fails.")]
#[case::outlook_head(
    "It fails.\n________________________________\nFrom: Support <help@desk.example>\nSent: Monday\nTo: Ana\nSubject: Board\n\nTry again.",
    "It fails."
)]
#[case::outlook_german(
    "Es geht nicht.\n\nVon: Support\nGesendet: Montag\nAn: Ana\nBetreff: Tafel\n\nVersuchen Sie es.",
    "Es geht nicht."
)]
#[case::apple("Ja.\n\n> Am 02.11.2026 um 10:00 schrieb Support <help@desk.example>:\n> \n> Geht es?", "Ja.")]
#[case::german(
    "Nein.\n\nAm Mo., 2. Nov. 2026 um 10:00 Uhr schrieb Support <help@desk.example>:\n> Geht es?",
    "Nein."
)]
#[case::french(
    "Non.\n\nLe lun. 2 nov. 2026 à 10:00, Support <help@desk.example> a écrit :\n> Ça marche ?",
    "Non."
)]
#[case::spanish(
    "No.\n\nEl lun, 2 nov 2026 a las 10:00, Support (<help@desk.example>) escribió:\n> ¿Funciona?",
    "No."
)]
#[case::japanese(
    "いいえ。\n\n2026年11月2日(月) 10:00 Support <help@desk.example>さんが書きました:\n> 動きますか",
    "いいえ。"
)]
#[case::chinese("不行。\n\nSupport <help@desk.example> 于2026年11月2日周一 10:00写道:\n> 可以吗", "不行。")]
#[case::chinese_colon("不行。\n\nSupport 于2026年11月2日写道\u{ff1a}\n> 可以吗", "不行。")]
#[case::russian(
    "Нет.\n\nпн, 2 нояб. 2026 г. в 10:00, Support <help@desk.example> написал(а):\n> Работает?",
    "Нет."
)]
#[case::signature("Where is export?\n\n-- \nAna Li\nExample Ltd", "Where is export?")]
#[case::phone("Where is export?\n\nSent from my iPhone", "Where is export?")]
#[case::phone_twice("Where is export?\n\nGet Outlook for iOS\nSent from my iPhone", "Where is export?")]
#[case::only_a_quote("> Where is export?", "> Where is export?")]
#[case::only_a_quote_without_marks(
    "On Mon, 2 Nov 2026, Support wrote:\nYour code is 123456.",
    "> On Mon, 2 Nov 2026, Support wrote:\n> Your code is 123456."
)]
#[case::only_a_signature("-- \nMy mail is ana@example.org", "> --\n> My mail is ana@example.org")]
#[case::a_forward_is_the_message(
    "---------- Forwarded message ---------\nIt says: no access.",
    "---------- Forwarded message ---------\nIt says: no access."
)]
#[case::a_colon_is_no_attribution("He wrote:\nplease export it.", "He wrote:\nplease export it.")]
#[case::a_label_is_no_head(
    "From: the settings page\nI get an error.\nTo: nobody",
    "From: the settings page\nI get an error.\nTo: nobody"
)]
#[case::a_list_with_dashes("Steps:\n- open\n- close", "Steps:\n- open\n- close")]
#[case::empty("", "")]
fn only_the_persons_own_words_are_left(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(own_words(text), expected);
}
