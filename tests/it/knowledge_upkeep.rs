//! Documents that contradict themselves: found when they are added, listed, and heeded by answers. And documents that came
//! without vectors: completed by the running server.

use crate::support::TestBox;
use serde_json::Value;
use std::path::Path;

const WORDS_ONLY: [(&str, &str); 3] =
    [("models.chat", "none"), ("models.embedding", "none"), ("answers.mode", "passage")];

fn add(test_box: &TestBox, folder: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    test_box.run(&["knowledge", "add", &folder.display().to_string()]).expect("added")
}

fn check(test_box: &TestBox) -> Vec<Value> {
    let printed = test_box.run(&["knowledge", "check", "--json"]).expect("checked");
    serde_json::from_str(&printed).expect("a JSON array")
}

fn ask(test_box: &TestBox, question: &str) -> Value {
    serde_json::from_str(&test_box.run(&["ask", "--json", question]).expect("asked")).expect("JSON")
}

#[test]
fn an_answer_that_quotes_a_disputed_price_waits_for_a_person() {
    let test_box = TestBox::new(&WORDS_ONLY);
    let printed = add(&test_box, "tests/fixtures/conflicts/planted");
    assert!(printed.contains("16 places contradict each other or are outdated"), "{printed}");
    let found = check(&test_box);
    assert_eq!(found.len(), 16, "{found:#?}");
    let price = "two passages disagree on the price: Kestrel handbook › Prices › What Pro costs says 12 USD, \
                 Kestrel questions › What does Pro cost? says $9";
    let conflict = found.iter().find(|found| found["description"] == price).expect("the price of Pro");
    let table = test_box.run(&["knowledge", "check"]).expect("checked");
    assert!(table.contains(price) && table.contains("/help/questions#what-does-pro-cost"), "{table}");

    let answer = ask(&test_box, "What does Pro cost?");
    let decision = answer["decision"].as_str().expect("a decision");
    assert!(decision.starts_with("held for approval") && decision.contains(price), "{answer}");

    let number = conflict["id"].to_string();
    test_box.run(&["knowledge", "check", "--accept", &number]).expect("accepted");
    assert_eq!(check(&test_box).len(), 15, "what was accepted is not shown again");
    let answer = ask(&test_box, "What does Pro cost?");
    let decision = answer["decision"].as_str().expect("a decision");
    assert!(!decision.contains("disagree"), "{answer}");
    let error = test_box.run(&["knowledge", "check", "--accept", "9999"]);
    assert!(error.as_ref().is_err_and(|text| text.contains("no finding 9999")), "{error:?}");
}

#[test]
fn a_document_nobody_has_touched_for_years_is_named() {
    let test_box = TestBox::new(&WORDS_ONLY);
    let file = test_box.folder.path().join("hours.md");
    let text =
        "---\nupdated: 2019-03-01\n---\n# Hours\n\n## Weekends\n\nWe are closed on Sundays all year round.\n";
    std::fs::write(&file, text).expect("written");
    let printed = test_box.run(&["knowledge", "add", &file.display().to_string()]).expect("added");
    assert!(printed.contains("frontdesk knowledge check"), "{printed}");
    let found = check(&test_box);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["description"], "Hours was last changed on 2019-03-01");
    assert_eq!(
        found[0]["passages"][0]["url"], "/help/hours",
        "the document, none of its passages: {found:?}"
    );
    let patient = test_box.set("knowledge.stale_after_days", "0");
    assert_eq!(check(&patient), Vec::<Value>::new());
}

/// With the real embedding model: the vectors must neither hide a conflict nor make one up.
#[test]
fn vectors_change_neither_hits_nor_false_alarms() {
    for (folder, expected) in [
        ("tests/fixtures/conflicts/planted", 16),
        ("tests/fixtures/conflicts/harmless", 0),
        ("assets/demo/knowledge", 0),
    ] {
        let test_box = TestBox::new(&[("models.chat", "none"), ("answers.mode", "passage")]);
        let printed = add(&test_box, folder);
        assert_eq!(printed.contains("knowledge check"), expected > 0, "{printed}");
        let found = check(&test_box);
        let said: Vec<&Value> = found.iter().map(|found| &found["description"]).collect();
        assert_eq!(said.len(), expected, "{folder}: {said:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn passages_that_came_without_vectors_get_them_while_the_box_serves() {
    let without = TestBox::new(&WORDS_ONLY);
    let file = without.folder.path().join("hours.md");
    std::fs::write(&file, "# Hours\n\n## Weekends\n\nWe are closed on Sundays all year round.\n")
        .expect("written");
    without.run(&["knowledge", "add", &file.display().to_string()]).expect("added");
    let with = without.set("models.embedding", "all-minilm-l6-v2");
    let vectors = "SELECT count(*) FROM passages JOIN passage_vectors ON passage_id = passages.id";
    assert_eq!(with.figures(&[vectors]), [0]);
    let server = with.serve();
    let line =
        tokio::task::block_in_place(|| server.log.wait_for("passages that had no vectors have them now"));
    assert!(line.contains("passages=1"), "{line}");
    assert!(server.terminate().success());
    assert_eq!(with.figures(&[vectors]), [1]);
}
