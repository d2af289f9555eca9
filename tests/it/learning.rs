//! Learning on the box: a decision put right by an operator decides the next message like it, without a restart, without a
//! training run and without any model file.

use crate::support::{Server, Submitted, TestBox, form, replies};
use serde_json::{Value, json};

/// Answered by the shipped policy; on this box such wishes belong to the lawyers.
const WRONGLY_ANSWERED: &str = "The notary of our harbour office must stamp the exported board before we file it. How do I export my data?";
const PARAPHRASE: &str = "How do I export my data? Before we can file it, the notary of our harbour office has to stamp the exported board.";
const UNRELATED: &str = "How do I export my data to a spreadsheet?";

/// What became of one message, from somebody who has not written before.
async fn outcome(server: &Server, message: &str) -> (Submitted, Value) {
    let address = format!("{}@example.org", uuid::Uuid::new_v4());
    let submitted = server.submit(&form(&address, "A question", message), None).await;
    let ticket = server.wait_for_replies(&submitted, 1).await;
    (submitted, ticket)
}

fn assigned(ticket: &Value) -> Option<&str> {
    ticket["assigned_to"].as_str()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_correction_over_http_holds_from_the_next_message_on_and_is_undone_as_fast() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let (first, ticket) = outcome(&server, WRONGLY_ANSWERED).await;
    // By words alone no passage fits it well enough to be sent: whoever gets it, it is not the lawyers.
    assert_ne!(assigned(&ticket), Some("legal team"), "{ticket}");
    let (_, unrelated) = outcome(&server, UNRELATED).await;
    assert_eq!(assigned(&unrelated), None, "{unrelated}");

    let path = format!("/api/decisions/{}/correct", first.reference);
    let correction =
        json!({ "should": "escalate", "category": "legal", "note": "needs a notary", "by": "kim" });
    let (status, marked) = server.as_operator("POST", &path, Some(&correction)).await;
    assert_eq!((status, &marked["took_effect"]), (200, &json!(true)), "{marked}");
    assert_eq!(
        (&marked["before"]["decision"], &marked["after"]["category"]),
        (&json!("answer"), &json!("legal"))
    );

    let (_, paraphrase) = outcome(&server, PARAPHRASE).await;
    assert_eq!(assigned(&paraphrase), Some("legal team"), "{paraphrase}");
    let (_, still) = outcome(&server, UNRELATED).await;
    assert_eq!(replies(&still)[0]["sources"], replies(&unrelated)[0]["sources"], "an unlike message changed");
    assert_eq!(assigned(&still), None, "{still}");

    let (status, listed) = server.get_as_operator("/api/decisions").await;
    assert_eq!((status, &listed["total"]), (200, &json!(1)), "{listed}");
    assert_eq!(listed["decisions"][0]["ticket_id"], json!(first.reference), "{listed}");
    let id = listed["decisions"][0]["id"].as_str().expect("an id").to_owned();
    let (status, undone) = server.as_operator("DELETE", &format!("/api/decisions/{id}"), None).await;
    assert_eq!(status, 200, "{undone}");
    assert!(undone["undone_at"].is_string(), "{undone}");
    let (_, as_before) = outcome(&server, PARAPHRASE).await;
    assert_eq!(assigned(&as_before), assigned(&ticket), "{as_before}");

    assert!(server.terminate().success());
    let audited = test_box.figures(&["SELECT count(*) FROM audit WHERE action LIKE 'decision.%'"]);
    assert_eq!(audited, [2], "a mark and an undo");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_teaches_a_running_server() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let (first, ticket) = outcome(&server, WRONGLY_ANSWERED).await;
    let printed = test_box
        .run(&["decisions", "correct", &first.reference, "--should", "escalate", "--category", "legal"])
        .expect("marked");
    assert!(
        printed.contains("Before:      answer") && printed.contains("From now on: escalate (legal)"),
        "{printed}"
    );
    let (_, paraphrase) = outcome(&server, PARAPHRASE).await;
    assert_eq!(assigned(&paraphrase), Some("legal team"), "{paraphrase}");

    let file = test_box.folder.path().join("decisions.jsonl").display().to_string();
    test_box.run(&["decisions", "export", &file]).expect("exported");
    let list = || -> Value {
        let printed = test_box.run(&["decisions", "list", "--json"]).expect("listed");
        serde_json::from_str(&printed).expect("JSON")
    };
    let before = list();
    let id = before[0]["id"].as_str().expect("an id").to_owned();
    test_box.run(&["decisions", "undo", &id[..13]]).expect("undone by the beginning of its number");
    assert_eq!(list(), json!([]));
    let (_, as_before) = outcome(&server, PARAPHRASE).await;
    assert_eq!(assigned(&as_before), assigned(&ticket), "{as_before}");

    let printed = test_box.run(&["decisions", "import", &file]).expect("imported");
    assert!(printed.contains("1 decisions taken in, 0 known"), "{printed}");
    let after = list();
    for key in ["text", "should", "category", "language", "marked_by", "marked_at"] {
        assert_eq!(after[0][key], before[0][key], "{key} is lost on the way");
    }
    let again = test_box.run(&["decisions", "import", &file]).expect("imported");
    assert!(again.contains("0 decisions taken in, 1 known"), "{again}");
    let (_, taught) = outcome(&server, PARAPHRASE).await;
    assert_eq!(assigned(&taught), Some("legal team"), "{taught}");
    // `ask` decides as the desk does.
    let asked = test_box.run(&["ask", PARAPHRASE]).expect("asked");
    assert!(asked.contains("escalated to a person (legal): exemplars.local"), "{asked}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_false_alarm_is_answered_next_time_but_no_binding_rule_is_switched_off() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let alarm =
        "I want my money back, said the clown in the video of our circus project. How do I export my data?";
    let (first, ticket) = outcome(&server, alarm).await;
    assert_eq!(assigned(&ticket), Some("billing team"), "{ticket}");
    let path = format!("/api/decisions/{}/correct", first.reference);
    let (status, marked) = server.as_operator("POST", &path, Some(&json!({ "should": "answer" }))).await;
    assert_eq!((status, &marked["took_effect"]), (200, &json!(true)), "{marked}");
    let (_, same) = outcome(&server, alarm).await;
    assert_ne!(assigned(&same), Some("billing team"), "{same}");
    let with_a_lawyer = format!("{alarm} My lawyer will call you.");
    for (grave, team) in [("I want my money back.", "billing team"), (&with_a_lawyer, "legal team")] {
        let (_, ticket) = outcome(&server, grave).await;
        assert_eq!(assigned(&ticket), Some(team), "{grave}: {ticket}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_makes_no_sense_is_refused_and_explained() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let (first, _) = outcome(&server, UNRELATED).await;
    let path = format!("/api/decisions/{}/correct", first.reference);
    let unknown = "/api/decisions/TF-20200101-AAAA/correct";
    let long = "x".repeat(2_001);
    for (path, body, expected, field) in [
        (path.as_str(), json!({ "should": "maybe" }), 422, "should"),
        (&path, json!({ "should": "escalate", "category": "weather" }), 422, "category"),
        (&path, json!({ "should": "escalate", "note": long }), 422, "note"),
        (&path, json!({ "should": "escalate", "message_id": "7" }), 422, "message_id"),
        (&path, json!({ "should": "escalate", "shuold": "answer" }), 422, ""),
        (unknown, json!({ "should": "escalate" }), 404, ""),
        ("/api/decisions/nonsense/correct", json!({ "should": "escalate" }), 400, ""),
    ] {
        let (status, problem) = server.as_operator("POST", path, Some(&body)).await;
        assert_eq!((status, &problem["status"]), (expected, &json!(expected)), "{body}: {problem}");
        if !field.is_empty() {
            assert_eq!(problem["errors"][0]["field"], field, "{problem}");
        }
    }
    assert_eq!(server.as_operator("DELETE", "/api/decisions/nonsense", None).await.0, 400);
    let nobody = format!("/api/decisions/{}", uuid::Uuid::nil());
    assert_eq!(server.as_operator("DELETE", &nobody, None).await.0, 404);
    assert_eq!(server.get("/api/decisions").await.0, 401, "customers' words are for operators");
    assert_eq!(server.post(&path, &json!({ "should": "escalate" }), None).await.0, 401);
    let error = test_box.run(&["decisions", "correct", "TF-20200101-AAAA", "--should", "answer"]);
    assert!(error.as_ref().is_err_and(|text| text.contains("no ticket TF-20200101-AAAA")), "{error:?}");
    let error = test_box.run(&["decisions", "undo", "0000"]);
    assert!(error.as_ref().is_err_and(|text| text.contains("decisions list")), "{error:?}");
}
