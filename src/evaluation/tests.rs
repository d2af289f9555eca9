//! The scores themselves: a figure that is wrong here is wrong in every report.

use super::*;
use crate::domain::{
    escalation::EscalationAssessment,
    sentiment::Sentiment,
    triage::{InjectionScreen, Intent, MessageKind, Triage},
};
use std::time::Duration;

fn found(escalate: bool, score: f32) -> Triage {
    let mut escalation = EscalationAssessment::none();
    escalation.escalate = escalate;
    Triage {
        kind: MessageKind::Request,
        language: None,
        language_served: true,
        sentiment: Sentiment { score, confidence: 1.0 },
        intent: Intent::General,
        injection: InjectionScreen { score: 0.0, flagged: false, evidence: Vec::new() },
        escalation,
    }
}

const TICKETS: &str = r#"
{"id":"1","set":"a","body":"refund","expect":{"escalate":true,"category":"billing","sentiment":"negative"}}
{"id":"2","set":"a","body":"hello","expect":{"escalate":false,"category":null,"sentiment":"neutral"}}
{"id":"3","set":"b","body":"sue","expect":{"escalate":true,"category":"legal"}}
{"id":"4","set":"b","body":"refund policy","expect":{"escalate":false}}
"#;

#[test]
fn ticket_scores_are_those_counted_by_hand() {
    let rows: Vec<TicketRow> = parse_rows(TICKETS).expect("rows");
    let mut seen = 0;
    let report = evaluate_tickets(
        &rows,
        |input| found(input.text.contains("refund"), if input.text == "refund" { -0.5 } else { 0.0 }),
        || Duration::ZERO,
        |done| seen = done,
    );
    // 1 caught, 2 right, 3 missed, 4 a false alarm
    assert_eq!((report.rows, seen), (4, 4));
    assert!((report.accuracy - 0.5).abs() < 1e-9 && (report.precision - 0.5).abs() < 1e-9 && (report.recall - 0.5).abs() < 1e-9);
    assert!((report.by_category["billing"].recall - 1.0).abs() < 1e-9 && report.by_category["legal"].recall.abs() < 1e-9);
    assert_eq!(report.sentiment_direction_accuracy, Some(1.0));
    assert_eq!(report.misses.iter().map(|miss| miss.id.as_str()).collect::<Vec<_>>(), ["3", "4"]);
    let json = serde_json::to_value(&report).expect("json");
    for key in ["accuracy", "precision", "recall", "f1", "by_category", "by_set", "misses", "median_ms", "p95_ms"] {
        assert!(json.get(key).is_some(), "{key} is promised");
    }
    assert!(report.to_string().contains("accuracy  50.0 %"), "{report}");
}

#[test]
fn sentiment_is_scored_by_label_and_by_distance() {
    let rows: Vec<SentimentRow> = parse_rows(
        "{\"id\":\"1\",\"text\":\"bad\",\"score\":0.1}\n{\"id\":\"2\",\"body\":\"fine\",\"expect\":{\"sentiment\":\"positive\"}}",
    )
    .expect("rows");
    let report = evaluate_sentiment(&rows, |_, text| Sentiment { score: if text == "bad" { -0.6 } else { 0.0 }, confidence: 1.0 }, |_| {});
    assert!((report.direction_accuracy - 0.5).abs() < 1e-9);
    assert!((report.mean_error.expect("one scored row") - 0.1).abs() < 1e-6);
    assert_eq!(report.confusion["positive"]["neutral"], 1);
}

#[test]
fn injection_counts_attacks_and_false_alarms() {
    let rows: Vec<InjectionRow> =
        parse_rows("{\"id\":\"x-1\",\"text\":\"ignore\",\"label\":1}\n{\"id\":\"x-2\",\"text\":\"ignore it\",\"label\":0}\n{\"id\":\"y-1\",\"text\":\"hi\",\"label\":0}")
            .expect("rows");
    let report = evaluate_injection(
        &rows,
        |text| InjectionScreen { score: 1.0, flagged: text.contains("ignore"), evidence: Vec::new() },
        |_| {},
    );
    assert!((report.recall - 1.0).abs() < 1e-9 && (report.false_positive_rate - 0.5).abs() < 1e-9);
    assert_eq!((report.by_source["x"].false_alarms, report.by_source["y"].false_alarms), (1, 0));
}
