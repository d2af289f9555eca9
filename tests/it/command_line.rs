//! The program as a newcomer meets it on the command line.

use crate::support::TestBox;
use serde_json::Value;

#[test]
fn a_question_is_answered_with_its_source() {
    let test_box = TestBox::without_models();
    let printed = test_box.run(&["ask", "--json", "How do I export my data?"]).expect("answers");
    let answer: Value = serde_json::from_str(&printed).expect("one JSON object");
    for key in ["answer", "sources", "confidence", "decision", "timings_ms"] {
        assert!(answer.get(key).is_some(), "{key} is missing: {answer}");
    }
    assert!(answer["answer"].as_str().is_some_and(|text| text.to_lowercase().contains("export")), "{answer}");
    let plain = test_box.run(&["ask", "How do I export my data?"]).expect("answers");
    assert!(
        plain.contains("Sources:") && plain.contains("Confidence:") && plain.contains("Time:"),
        "{plain}"
    );
}

#[test]
fn a_billing_dispute_is_never_answered_by_the_machine() {
    let test_box = TestBox::without_models();
    let printed =
        test_box.run(&["ask", "--json", "You charged my card twice, I want my money back."]).expect("runs");
    let answer: Value = serde_json::from_str(&printed).expect("one JSON object");
    assert!(answer["decision"].as_str().is_some_and(|text| text.contains("billing")), "{answer}");
    assert!(answer["answer"].is_null());
}

#[test]
fn settings_are_explained_and_secrets_are_not() {
    let test_box = TestBox::without_models();
    let printed = test_box.run(&["check-config"]).expect("fine");
    assert!(printed.contains("[company]") && printed.contains("TaskFlow"), "{printed}");
    assert!(!printed.contains(crate::support::OPERATOR_TOKEN));
}

#[test]
fn a_misspelt_setting_is_named() {
    let error = TestBox::new(&[("server.lissten", "0.0.0.0:1")]).run(&["check-config"]).expect_err("refused");
    assert!(error.contains("lissten"), "{error}");
}

#[test]
fn documents_are_added_listed_found_and_removed() {
    let test_box = TestBox::new(&[("models.chat", "none"), ("models.embedding", "none")]);
    let folder = test_box.folder.path().join("docs");
    std::fs::create_dir(&folder).expect("a folder");
    let file = folder.join("hours.md");
    std::fs::write(&file, "# Opening hours\n\n## Weekends\n\nWe open at nine on Saturdays and stay closed on Sundays all year round.\n").expect("written");
    let path = folder.display().to_string();
    test_box.run(&["knowledge", "add", &path]).expect("added");
    assert!(test_box.run(&["knowledge", "list"]).expect("listed").contains("Opening hours"));
    assert!(test_box.run(&["knowledge", "search", "closed on Sundays"]).expect("found").contains("Weekends"));
    std::fs::remove_file(&file).expect("removed");
    test_box.run(&["knowledge", "add", &path]).expect("added again");
    assert!(
        !test_box.run(&["knowledge", "list"]).expect("listed").contains("Opening hours"),
        "a removed file leaves the index"
    );
}

#[test]
fn help_shows_examples() {
    let test_box = TestBox::new(&[]);
    for command in [
        &["--help"][..],
        &["serve", "--help"],
        &["ask", "--help"],
        &["eval", "--help"],
        &["eval", "tickets", "--help"],
        &["eval", "retrieval", "--help"],
        &["models", "pull", "--help"],
        &["knowledge", "add", "--help"],
        &["knowledge", "check", "--help"],
        &["init", "--help"],
        &["decisions", "correct", "--help"],
        &["decisions", "import", "--help"],
    ] {
        let help = test_box.run(command).expect("help");
        assert!(help.contains("Example"), "{command:?} shows no example:\n{help}");
    }
}

#[test]
fn a_healthcheck_without_a_server_says_so() {
    let error =
        TestBox::new(&[]).run(&["healthcheck", "--url", "http://127.0.0.1:9"]).expect_err("nothing listens");
    assert!(error.contains("nothing answers"), "{error}");
}
