use super::*;
use rstest::rstest;

#[rstest]
#[case("Can't sign-in?", &["cant", "sign", "in"])]
#[case("Write to Help@TaskFlow.example!", &["write", "to", "help", "taskflow", "example"])]
#[case("Wo ändere ich die Größe?", &["wo", "andere", "ich", "die", "große"])]
#[case("v2.5 costs $1,200", &["v2", "5", "costs", "1", "200"])]
#[case("🙂 ... ", &[])]
fn text_falls_into_words(#[case] text: &str, #[case] expected: &[&str]) {
    assert_eq!(all_words(text), expected);
}

#[rstest]
#[case(&["cancel", "cancels", "cancelled", "cancelling", "canceled", "cancellation"])]
#[case(&["invoice", "invoices", "invoiced", "invoicing"])]
#[case(&["company", "companies"])]
#[case(&["export", "exports", "exported", "exporting"])]
#[case(&["stop", "stopped", "stopping"])]
#[case(&["activate", "activated"])]
#[case(&["box", "boxes"])]
#[case(&["pay", "pays", "payment", "payments", "paying"])]
fn forms_of_a_word_have_one_stem(#[case] forms: &[&str]) {
    let stems: std::collections::HashSet<String> = forms.iter().map(|form| light_stem(form)).collect();
    assert_eq!(stems.len(), 1, "{forms:?} became {stems:?}");
}

#[rstest]
#[case("use", "user")]
#[case("status", "state")]
#[case("import", "important")]
#[case("2024", "2023")]
fn different_words_stay_apart(#[case] one: &str, #[case] other: &str) {
    assert_ne!(light_stem(one), light_stem(other));
}

#[rstest]
#[case("Hi, how do I cancel my plan please?", &["cancel", "plan"])]
#[case("Hola, ¿cómo puedo cancelar mi plan?", &["cancelar", "plan"])]
#[case("Wie kann ich das Passwort ändern?", &["passwort", "andern"])]
#[case("Comment puis-je changer la carte ?", &["changer", "carte"])]
#[case("the import does not come through and the battery will die", &["import", "come", "battery", "die"])]
#[case("plan plan Plan", &["plan"])]
#[case("how do I do it", &["how", "do", "i", "do", "it"])]
fn the_subject_of_a_question_stays(#[case] question: &str, #[case] expected: &[&str]) {
    assert_eq!(informative_words(question), expected);
}

#[test]
fn a_question_meets_the_documents_words() {
    let shipped = Synonyms::parse(include_str!("../../../assets/policy/synonyms.toml")).unwrap();
    assert!(shipped.expand("where is my bill").contains(&"invoice".to_owned()));
    assert!(shipped.expand("I cannot log in").contains(&"sign".to_owned()));
    assert!(shipped.expand("the weather").is_empty());
}
