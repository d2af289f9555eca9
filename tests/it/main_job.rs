//! The main job with the real default models: TaskFlow's questions over HTTP, answered from TaskFlow's documents or handed to a person.
//! `make test` gets the models first; without them these tests fail and say so.

use crate::support::{Server, Submitted, TestBox, form, replies};
use regex::Regex;
use serde::Deserialize;
use serde_json::Value;
use std::path::Path;

#[derive(Deserialize)]
struct Question {
    #[serde(rename = "question")]
    text: String,
    subject: String,
    answerable: bool,
    /// `{document slug}#{anchor}` of each passage that answers it; some answers stand in an article and in the FAQ.
    sources: Vec<String>,
}

fn questions() -> Vec<Question> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/eval/reply-questions.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("the questions")).expect("JSON")
}

/// Numbers and addresses of an answer's body, without the ticket's reference and the promise of a notice.
fn literals(text: &str, reference: &str) -> Vec<String> {
    let text = text.replace(reference, "");
    let promise = Regex::new(r"reply within \d+ (?:minutes|hours?)").expect("a pattern");
    let text = promise.replace_all(&text, "");
    // List numbers are layout, not facts.
    let text = Regex::new(r"(?m)^\d+\. ").expect("a pattern").replace_all(&text, "");
    let pattern = Regex::new(r"https?://\S+|\d+(?:[.,]\d+)*").expect("a pattern");
    pattern
        .find_iter(&text)
        .map(|found| found.as_str().trim_end_matches(['.', ',', ')']).to_owned())
        .collect()
}

/// All questions, answered in the documents' own words: search and decisions are the real ones.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_documents_answer_and_nothing_else_does() {
    let test_box = TestBox::new(&[("models.chat", "none"), ("answers.mode", "passage")]);
    let (right, answerable, faults) = ask_all(&test_box, questions()).await;
    assert_eq!(answerable, 20);
    assert!(right >= 18, "{right} of {answerable} with the right source:\n{}", faults.join("\n"));
    assert_honest(&faults);
}

/// A few of them worded by the real chat model (all of them take ten minutes: `make quality`).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_model_words_what_the_documents_say() {
    let test_box = TestBox::new(&[]);
    let count = if std::env::var_os("FRONTDESK_ALL_QUESTIONS").is_some() { usize::MAX } else { 3 };
    let few = questions().into_iter().filter(|question| question.answerable).take(count).collect();
    let (right, answerable, faults) = ask_all(&test_box, few).await;
    assert!(
        right * 10 >= answerable * 9,
        "{right} of {answerable} with the right source:\n{}",
        faults.join("\n")
    );
    assert_honest(&faults);
}

fn assert_honest(faults: &[String]) {
    let worst: Vec<&String> = faults
        .iter()
        .filter(|fault| fault.starts_with("answered from") || fault.starts_with("invented"))
        .collect();
    assert!(worst.is_empty(), "{worst:#?}");
}

/// Asks over HTTP; how many of the answerable ones had the right source, how many there were, and what was wrong.
async fn ask_all(test_box: &TestBox, questions: Vec<Question>) -> (usize, usize, Vec<String>) {
    test_box.add_demo_knowledge();
    let server = test_box.serve();
    let mut asked: Vec<(Question, Submitted)> = Vec::new();
    for (index, question) in questions.into_iter().enumerate() {
        let submitted = server
            .submit(&form(&format!("person{index}@example.org"), &question.subject, &question.text), None)
            .await;
        asked.push((question, submitted));
    }
    let (mut right, mut answerable, mut faults) = (0, 0, Vec::new());
    for (question, submitted) in &asked {
        let ticket = server.wait_for_replies(submitted, 1).await;
        let reply = replies(&ticket)[0].clone();
        let sources = reply["sources"].as_array().expect("sources").clone();
        if question.answerable {
            answerable += 1;
            let url_is_right =
                |url: &str| question.sources.iter().any(|wanted| url == format!("/help/{wanted}"));
            let hit = sources.iter().any(|source| source["url"].as_str().is_some_and(url_is_right));
            if hit {
                right += 1
            } else {
                faults.push(format!("{}: sources {sources:?}, status {}", question.text, ticket["status"]))
            }
            faults.extend(invented(&server, &reply, &sources, submitted).await);
        } else if !sources.is_empty()
            || !matches!(ticket["progress"]["stage"].as_str(), Some("with_a_person"))
        {
            faults.push(format!("answered from imagination: {} -> {}", question.text, reply["content"]));
        }
    }
    (right, answerable, faults)
}

/// Numbers and addresses of an answer that none of its sources' pages has.
async fn invented(server: &Server, reply: &Value, sources: &[Value], submitted: &Submitted) -> Vec<String> {
    let mut pages = String::new();
    for source in sources {
        let url = source["url"].as_str().expect("an address");
        let response = server.client.get(format!("{}{url}", server.url)).send().await.expect("an answer");
        assert_eq!(response.status(), 200, "{url}");
        pages.push_str(&response.text().await.expect("a page"));
    }
    let content = reply["content"].as_str().expect("content");
    literals(content, &submitted.reference)
        .into_iter()
        .filter(|literal| !pages.contains(literal.as_str()))
        .map(|literal| format!("invented {literal}: {content}"))
        .collect()
}
