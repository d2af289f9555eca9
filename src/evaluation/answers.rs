//! Whole answers against a labelled set: what would be sent without a person, from which source, how sure, how right.

use super::{
    calibration::{Reliability, reliability},
    statistics::{median, percentile, share},
};
use crate::{
    domain::{
        confidence::Evidence,
        decision::{ConversationState, FirstDecision, SecondDecision, decide_first, decide_second},
        knowledge::Passage,
        triage::TriageInput,
    },
    knowledge::evaluation::help_identifier,
    pipeline::{Answer, Answerer, Silent},
    ports::{model::Embedder, store::StoreError, triage::Triager},
};
use serde::{Deserialize, Serialize};
use std::{fmt, time::Instant};

/// A question, whether the documents answer it, and what a right answer holds.
#[derive(Debug, Clone, Deserialize)]
pub struct AnswerRow {
    pub id: String,
    pub question: String,
    pub answerable: bool,
    /// Identifiers of passages that answer it: `{document}#{heading as a slug}`.
    #[serde(default)]
    pub sources: Vec<String>,
    /// Every one must stand in the answer, letter case aside.
    #[serde(default)]
    pub must_contain: Vec<String>,
    #[serde(default)]
    pub reference: String,
}

/// What became of one question.
#[derive(Debug, Clone, Serialize)]
pub struct AnsweredRow {
    pub id: String,
    pub question: String,
    pub answerable: bool,
    /// `sent`, `flagged` (sent, reviewed later), `held`, `hard_case`, or what triage decided.
    pub decision: String,
    pub reason: String,
    pub sources: Vec<String>,
    pub right_source: bool,
    /// What must stand in the answer and does not.
    pub lacks: Vec<String>,
    /// Numbers and addresses of the answer that its sources do not hold.
    pub invented: Vec<String>,
    pub unsupported_sentences: usize,
    pub confidence: f32,
    /// Cosine similarity of the answer's and the reference's meaning.
    pub similarity: Option<f32>,
    pub milliseconds: f64,
    pub answer: String,
    /// What the confidence was made from, in the order of [`FEATURES`].
    pub evidence: Option<[f32; FEATURES.len()]>,
}

/// The names of the evidence's values.
pub const FEATURES: [&str; 6] =
    ["similarity", "word_coverage", "certainty", "unknown_name", "supported_share", "verbatim"];

impl AnsweredRow {
    /// Left the house without a person having seen it.
    pub fn sent(&self) -> bool {
        matches!(self.decision.as_str(), "sent" | "flagged")
    }

    /// Answers the question from the right place and leaves nothing out.
    pub fn right(&self) -> bool {
        self.answerable && self.right_source && self.lacks.is_empty() && self.invented.is_empty()
    }
}

/// What `frontdesk eval answers` reports.
#[derive(Debug, Clone, Serialize)]
pub struct AnswersReport {
    pub rows: usize,
    pub answerable: usize,
    pub unanswerable: usize,
    /// Share of answerable questions whose best answer names a right source, sent or not.
    pub right_source: f64,
    /// The same among those that were sent.
    pub right_source_of_sent: f64,
    /// Share of answerable questions answered without a person.
    pub sent: f64,
    /// Share of answerable questions that went to a person.
    pub refused: f64,
    /// Share of unanswerable questions answered without a person.
    pub unanswerable_sent: f64,
    /// Share of sent answers with everything that must stand in them.
    pub complete_of_sent: f64,
    pub unsupported_sentences_sent: usize,
    pub invented_sent: usize,
    pub mean_similarity: Option<f64>,
    pub reliability: Reliability,
    pub milliseconds_median: f64,
    pub milliseconds_p95: f64,
    pub answers: Vec<AnsweredRow>,
}

/// Answers every question as the pipeline would, without sending anything.
///
/// # Errors
/// When the index cannot be read.
pub async fn evaluate_answers(
    rows: &[AnswerRow],
    answerer: &Answerer,
    triager: &dyn Triager,
    embedder: &dyn Embedder,
    mut progress: impl FnMut(usize),
) -> Result<AnswersReport, StoreError> {
    let mut answers = Vec::with_capacity(rows.len());
    for (index, row) in rows.iter().enumerate() {
        answers.push(answer_one(row, answerer, triager, embedder).await?);
        progress(index + 1);
    }
    Ok(report(answers))
}

async fn answer_one(
    row: &AnswerRow,
    answerer: &Answerer,
    triager: &dyn Triager,
    embedder: &dyn Embedder,
) -> Result<AnsweredRow, StoreError> {
    let started = Instant::now();
    let triage = triager.triage(&TriageInput { text: &row.question, ..TriageInput::default() }).await;
    let first = decide_first(&triage, &ConversationState::default());
    // What triage sends to a person is answered all the same, so that the confidence of every row is known.
    let answer = answerer.answer("", &row.question, None, &Silent).await?;
    let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
    let (decision, reason) = match first {
        FirstDecision::Escalate { reason, .. } | FirstDecision::HandOverQuietly { reason, .. } => {
            ("escalated", reason)
        }
        FirstDecision::Ignore { reason } => ("ignored", reason.to_owned()),
        FirstDecision::Acknowledge(what) => ("acknowledged", format!("{what:?}")),
        FirstDecision::Draft => {
            let decision = match decide_second(answer.draft.as_ref(), &triage, answerer.bands()) {
                SecondDecision::Send => "sent",
                SecondDecision::SendAndFlag => "flagged",
                SecondDecision::HoldForApproval => "held",
                SecondDecision::HardCase => "hard_case",
            };
            (decision, answer.note.clone().unwrap_or_default())
        }
    };
    let ground = named_passages(&answer);
    let body = answer.draft.as_ref().map(|draft| draft.body.clone()).unwrap_or_default();
    let sources: Vec<String> = ground.iter().map(help_identifier).collect();
    Ok(AnsweredRow {
        id: row.id.clone(),
        question: row.question.clone(),
        answerable: row.answerable,
        decision: decision.to_owned(),
        reason,
        right_source: sources.iter().any(|source| row.sources.contains(source)),
        lacks: row.must_contain.iter().filter(|part| !holds(&body, part)).cloned().collect(),
        invented: invented(&body, &ground),
        unsupported_sentences: answer
            .draft
            .iter()
            .flat_map(|draft| &draft.sentences)
            .filter(|sentence| !sentence.supported && body.contains(&sentence.text))
            .count(),
        confidence: answer.draft.as_ref().map_or(0.0, |draft| draft.confidence),
        similarity: similarity(embedder, &body, &row.reference).await,
        milliseconds,
        evidence: answer.evidence.map(features),
        answer: body,
        sources,
    })
}

/// The passages a draft names, the best first.
fn named_passages(answer: &Answer) -> Vec<Passage> {
    let named = answer.draft.iter().flat_map(|draft| &draft.sources);
    named
        .filter_map(|source| answer.passages.iter().find(|found| found.passage.id == source.passage_id))
        .map(|found| found.passage.clone())
        .collect()
}

fn features(evidence: Evidence) -> [f32; FEATURES.len()] {
    [
        evidence.similarity.unwrap_or(evidence.word_coverage * 0.8),
        evidence.word_coverage,
        evidence.certainty,
        f32::from(u8::from(evidence.unknown_name)),
        evidence.supported_share,
        f32::from(u8::from(evidence.verbatim)),
    ]
}

/// Words with a figure in them, and addresses, that no named passage holds as they stand. Simpler than the verification that
/// ran before it, on purpose: it must not share its mistakes. A list's own numbering does not count.
fn invented(answer: &str, ground: &[Passage]) -> Vec<String> {
    let plain = |text: &str| {
        text.replace(['*', '`', ','], "")
            .replace(['\u{a0}', '\u{202f}'], " ")
            .replace(" %", "%")
            .to_lowercase()
    };
    let ground = ground.iter().map(|passage| plain(&format!("{}\n{}", passage.section(), passage.text)));
    let ground = ground.collect::<Vec<_>>().join("\n");
    let unmarked = |line: &str| line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit()).to_owned();
    plain(answer)
        .lines()
        .map(|line| {
            if line.trim_start().split('.').next().is_some_and(|n| n.parse::<u8>().is_ok()) {
                unmarked(line)
            } else {
                line.to_owned()
            }
        })
        .flat_map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .map(|word| {
            word.trim_matches(|c: char| !c.is_alphanumeric() && c != '$' && c != '€' && c != '%').to_owned()
        })
        .filter(|word| {
            word.contains(|c: char| c.is_ascii_digit()) || word.contains("://") || word.contains('@')
        })
        .filter(|word| !ground.contains(word.as_str()))
        .collect()
}

/// Letter case, emphasis and the kinds of blanks do not count.
fn holds(answer: &str, part: &str) -> bool {
    let plain = |text: &str| {
        text.to_lowercase().replace(['*', '`'], "").split_whitespace().collect::<Vec<_>>().join(" ")
    };
    plain(answer).contains(&plain(part))
}

async fn similarity(embedder: &dyn Embedder, answer: &str, reference: &str) -> Option<f32> {
    if answer.is_empty() || reference.is_empty() {
        return None;
    }
    let vectors = embedder.embed(vec![answer.to_owned(), reference.to_owned()]).await.ok()?;
    let [one, other] = <[Vec<f32>; 2]>::try_from(vectors).ok()?;
    Some(one.iter().zip(&other).map(|(a, b)| a * b).sum())
}

/// Scores what became of all questions.
pub fn report(answers: Vec<AnsweredRow>) -> AnswersReport {
    let count = |wanted: &dyn Fn(&AnsweredRow) -> bool| answers.iter().filter(|row| wanted(row)).count();
    let answerable = count(&|row| row.answerable);
    let sent = count(&|row| row.answerable && row.sent());
    let unanswerable = answers.len() - answerable;
    let mut times: Vec<f64> = answers.iter().map(|row| row.milliseconds).collect();
    times.sort_by(f64::total_cmp);
    let similarities: Vec<f64> = answers.iter().filter_map(|row| row.similarity.map(f64::from)).collect();
    let drafted: Vec<(f64, bool)> = answers
        .iter()
        .filter(|row| row.evidence.is_some())
        .map(|row| (f64::from(row.confidence), row.right()))
        .collect();
    AnswersReport {
        rows: answers.len(),
        answerable,
        unanswerable,
        right_source: share(count(&|row| row.answerable && row.right_source), answerable),
        right_source_of_sent: share(count(&|row| row.answerable && row.sent() && row.right_source), sent),
        sent: share(sent, answerable),
        refused: share(answerable - sent, answerable),
        unanswerable_sent: share(count(&|row| !row.answerable && row.sent()), unanswerable),
        complete_of_sent: share(count(&|row| row.answerable && row.sent() && row.lacks.is_empty()), sent),
        unsupported_sentences_sent: answers
            .iter()
            .filter(|row| row.sent())
            .map(|row| row.unsupported_sentences)
            .sum(),
        invented_sent: answers.iter().filter(|row| row.sent()).map(|row| row.invented.len()).sum(),
        mean_similarity: (!similarities.is_empty())
            .then(|| similarities.iter().sum::<f64>() / similarities.len() as f64),
        reliability: reliability(&drafted),
        milliseconds_median: median(&times),
        milliseconds_p95: percentile(&times, 95.0),
        answers,
    }
}

impl fmt::Display for AnswersReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |value: f64| format!("{:.1} %", value * 100.0);
        writeln!(
            out,
            "{} questions: {} answerable, {} not\n",
            self.rows, self.answerable, self.unanswerable
        )?;
        let similarity =
            self.mean_similarity.map_or_else(|| "no embedder".to_owned(), |mean| format!("{mean:.3}"));
        for (what, figure) in [
            ("answerable: right source", percent(self.right_source)),
            ("answerable: sent without a person", percent(self.sent)),
            ("answerable: went to a person", percent(self.refused)),
            ("sent: right source", percent(self.right_source_of_sent)),
            ("sent: nothing left out", percent(self.complete_of_sent)),
            ("sent: unsupported sentences", self.unsupported_sentences_sent.to_string()),
            ("sent: invented numbers or addresses", self.invented_sent.to_string()),
            ("unanswerable: answered", percent(self.unanswerable_sent)),
            ("similarity to the reference", similarity),
            (
                "time, median and 95th percentile",
                format!("{:.0} ms, {:.0} ms", self.milliseconds_median, self.milliseconds_p95),
            ),
        ] {
            writeln!(out, "{what:<38} {figure}")?;
        }
        write!(out, "\n{}", self.reliability)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{DocumentId, PassageId};
    use rstest::rstest;

    fn row(answerable: bool, decision: &str, right_source: bool, lacks: &[&str]) -> AnsweredRow {
        AnsweredRow {
            id: "x".into(),
            question: "?".into(),
            answerable,
            decision: decision.into(),
            reason: String::new(),
            sources: vec![],
            right_source,
            lacks: lacks.iter().map(|&part| part.to_owned()).collect(),
            invented: vec![],
            unsupported_sentences: 0,
            confidence: 0.9,
            similarity: None,
            milliseconds: 1.0,
            answer: String::new(),
            evidence: Some([0.0; FEATURES.len()]),
        }
    }

    #[test]
    fn shares_are_taken_of_the_right_whole() {
        let report = report(vec![
            row(true, "sent", true, &[]),
            row(true, "flagged", false, &["3"]),
            row(true, "held", true, &[]),
            row(true, "escalated", false, &[]),
            row(false, "sent", false, &[]),
            row(false, "hard_case", false, &[]),
        ]);
        let near =
            |value: f64, expected: f64| assert!((value - expected).abs() < 1e-9, "{value} is not {expected}");
        near(report.right_source, 0.5);
        near(report.sent, 0.5);
        near(report.refused, 0.5);
        near(report.right_source_of_sent, 0.5);
        near(report.complete_of_sent, 0.5);
        near(report.unanswerable_sent, 0.5);
    }

    #[rstest]
    #[case("1. Pay $8 a month.\n2. Write to a@b.example (twice).", &[])]
    #[case("It takes 10,000 rows.", &[])]
    #[case("It takes 12 rows; see https://x.example/y.", &["12", "https://x.example/y"])]
    fn figures_and_addresses_come_from_the_passages(#[case] answer: &str, #[case] expected: &[&str]) {
        let passage = Passage {
            id: PassageId(1),
            document_id: DocumentId::new(),
            title: "Plans".into(),
            section_path: vec!["Plans".into()],
            text: "Pro is **$8** a month for 10000 rows. Write to A@b.example.".into(),
            url: "/help/plans#plans".into(),
        };
        assert_eq!(invented(answer, &[passage]), expected);
    }

    #[rstest]
    #[case("Go to **Settings →\nData**.", "settings → data", true)]
    #[case("It costs $8.", "$8", true)]
    #[case("It costs $8.", "$9", false)]
    fn what_must_stand_in_an_answer_is_found_in_any_dress(
        #[case] answer: &str,
        #[case] part: &str,
        #[case] found: bool,
    ) {
        assert_eq!(holds(answer, part), found);
    }
}
