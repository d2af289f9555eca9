//! `frontdesk eval` from the outside, on the sets that come with Frontdesk.

use crate::support::TestBox;
use serde_json::Value;
use std::path::Path;

fn without_models() -> TestBox {
    TestBox::new(&[("models.chat", "none"), ("models.embedding", "none")])
}

/// The table as printed and the report as written.
fn measured(test_box: &TestBox, arguments: &[&str]) -> (String, Value) {
    let file = test_box.folder.path().join("report.json");
    let path = file.display().to_string();
    let command =
        ["eval"].iter().chain(arguments).chain(&["--json", path.as_str()]).copied().collect::<Vec<_>>();
    let printed = test_box.run(&command).expect("measures");
    let text = std::fs::read_to_string(file).expect("written");
    (printed, serde_json::from_str(&text).expect("one JSON object"))
}

fn figure(report: &Value, key: &str) -> f64 {
    report[key].as_f64().unwrap_or_else(|| panic!("{key} is no number: {report:#}"))
}

#[test]
fn decisions_on_the_sample_tickets_are_scored_and_misses_show_their_signals() {
    let (printed, report) = measured(&without_models(), &["tickets"]);
    for key in
        ["accuracy", "precision", "recall", "f1", "median_ms", "p95_ms", "sentiment_direction_accuracy"]
    {
        figure(&report, key);
    }
    assert!(figure(&report, "accuracy") > 0.6, "{printed}");
    assert!(report["by_category"]["billing"]["recall"].is_number() && report["by_set"]["demo"].is_object());
    let interval = &report["accuracy_by_set_bootstrap"];
    assert!(figure(interval, "low") <= figure(interval, "high"));
    for miss in report["misses"].as_array().expect("a list") {
        assert!(miss["signals"].is_array() && miss["text"].is_string(), "{miss}");
    }
    assert!(printed.contains("accuracy") && printed.contains("demo"), "{printed}");
}

#[test]
fn the_same_rows_give_the_same_decisions() {
    let test_box = without_models();
    let stable = |mut report: Value| {
        for key in ["median_ms", "p95_ms"] {
            report[key] = Value::Null;
        }
        report
    };
    let first = stable(measured(&test_box, &["tickets"]).1);
    assert_eq!(first, stable(measured(&test_box, &["tickets"]).1));
}

#[test]
fn moods_attacks_and_search_are_scored() {
    let test_box = without_models();
    let (_, moods) = measured(&test_box, &["sentiment"]);
    assert!(figure(&moods, "direction_accuracy") > 0.5 && figure(&moods, "mean_error") < 0.3, "{moods:#}");
    let (_, attacks) = measured(&test_box, &["injection"]);
    for key in ["recall", "precision", "false_positive_rate"] {
        assert!((0.0..=1.0).contains(&figure(&attacks, key)));
    }
    let (printed, found) = measured(&test_box, &["retrieval"]);
    assert!(figure(&found, "top1") > 0.4 && figure(&found, "recall5") > 0.6, "{printed}");
    assert!(figure(&found, "ndcg10") > 0.5 && figure(&found, "median_ms") > 0.0);
}

#[test]
fn documents_of_a_corpus_file_are_named_by_their_id() {
    let test_box = without_models();
    let folder = test_box.folder.path();
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("written");
        path.display().to_string()
    };
    let corpus = write(
        "corpus.jsonl",
        "{\"_id\":\"d-7\",\"title\":\"Opening hours\",\"text\":\"The shop opens at nine on Saturdays and stays closed on Sundays.\"}\n\
         {\"_id\":\"d-8\",\"title\":\"Parcels\",\"text\":\"A parcel is handed to the carrier within two working days of the order.\"}\n",
    );
    let queries = write("queries.jsonl", "{\"_id\":\"1\",\"text\":\"when is a parcel handed over\"}\n");
    let qrels = write("qrels.tsv", "query-id\tcorpus-id\tscore\n1\td-8\t1\n");
    let arguments = ["retrieval", "--corpus", &corpus, "--queries", &queries, "--qrels", &qrels];
    let (_, report) = measured(&test_box, &arguments);
    assert!((figure(&report, "top1") - 1.0).abs() < 1e-9, "{report:#}");
}

#[test]
fn a_bad_row_is_named_by_file_and_line() {
    let test_box = without_models();
    let file = test_box.folder.path().join("mine.jsonl");
    std::fs::write(
        &file,
        "{\"id\":\"1\",\"body\":\"x\",\"expect\":{\"escalate\":true}}\n{\"id\":\"2\",\"body\":\"x\"}\n",
    )
    .expect("written");
    let path = file.display().to_string();
    let error = test_box.run(&["eval", "tickets", &path]).expect_err("refused");
    assert!(error.contains("mine.jsonl") && error.contains("line 2") && error.contains("expect"), "{error}");
    std::fs::write(&file, "{\"id\":\"1\",\"body\":\"x\",\"label\":\"angry\"}\n").expect("written");
    let error = test_box.run(&["eval", "sentiment", &path]).expect_err("refused");
    assert!(error.contains("line 1") && error.contains("angry"), "{error}");
    let error = test_box.run(&["eval", "injection", "missing.jsonl"]).expect_err("refused");
    assert!(error.contains("missing.jsonl cannot be read"), "{error}");
}

#[test]
fn what_ships_can_be_measured_without_the_source() {
    // The sets are compiled in: a box has no source tree beside it.
    assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/eval/injection.jsonl").is_file());
    let printed = without_models().run(&["eval", "injection", "--json", "-"]).expect("measures");
    let report: Value = serde_json::from_str(&printed).expect("one JSON object and nothing else");
    assert_eq!(report["eval"], "injection");
}
