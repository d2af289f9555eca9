//! Search against judged questions.

use super::statistics::percentile;
use crate::knowledge::evaluation::{Query, metrics};
use serde::Serialize;
use std::fmt;

/// What a question brought up.
#[derive(Debug, Clone)]
pub struct QueryOutcome {
    pub query: Query,
    /// Identifiers, best first.
    pub ranking: Vec<String>,
    pub milliseconds: f64,
}

/// A question whose first result does not answer it.
#[derive(Debug, Clone, Serialize)]
pub struct RetrievalMiss {
    pub id: String,
    pub text: String,
    pub relevant: Vec<String>,
    pub found: Vec<String>,
}

/// What `frontdesk eval retrieval` reports.
#[derive(Debug, Clone, Serialize)]
pub struct RetrievalReport {
    pub queries: usize,
    /// Share of questions whose first result answers them.
    pub top1: f64,
    /// Mean share of a question's passages among the first five.
    pub recall5: f64,
    /// Share of questions with any of their passages among the first five.
    pub hit5: f64,
    pub ndcg10: f64,
    pub median_ms: f64,
    pub p95_ms: f64,
    pub misses: Vec<RetrievalMiss>,
}

impl RetrievalReport {
    /// Scores all questions.
    pub fn of(outcomes: Vec<QueryOutcome>) -> Self {
        let measured = metrics(outcomes.iter().map(|o| (&o.query.relevant, o.ranking.as_slice())));
        let mut times: Vec<f64> = outcomes.iter().map(|outcome| outcome.milliseconds).collect();
        times.sort_by(f64::total_cmp);
        let missed = |outcome: &QueryOutcome| {
            !outcome.ranking.first().is_some_and(|first| outcome.query.relevant.contains(first))
        };
        let misses = outcomes.into_iter().filter(missed).map(miss).collect();
        Self {
            queries: measured.queries,
            top1: measured.top_1,
            recall5: measured.recall_at_5,
            hit5: measured.hit_at_5,
            ndcg10: measured.ndcg_at_10,
            median_ms: percentile(&times, 50.0),
            p95_ms: percentile(&times, 95.0),
            misses,
        }
    }
}

fn miss(outcome: QueryOutcome) -> RetrievalMiss {
    let mut relevant: Vec<String> = outcome.query.relevant.into_iter().collect();
    relevant.sort();
    let mut found = outcome.ranking;
    found.truncate(5);
    RetrievalMiss { id: outcome.query.id, text: outcome.query.text, relevant, found }
}

impl fmt::Display for RetrievalReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |share: f64| format!("{:.1} %", share * 100.0);
        writeln!(out, "{} questions", self.queries)?;
        writeln!(out, "{:<28} {:>8}", "first result answers", percent(self.top1))?;
        writeln!(out, "{:<28} {:>8}", "an answer in the first five", percent(self.hit5))?;
        writeln!(out, "{:<28} {:>8}", "recall at 5", percent(self.recall5))?;
        writeln!(out, "{:<28} {:>8.3}", "nDCG at 10", self.ndcg10)?;
        write!(out, "time a question: median {:.1} ms, 95th percentile {:.1} ms", self.median_ms, self.p95_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_question_whose_answer_comes_second_is_a_miss_that_shows_what_was_found() {
        let query =
            Query { id: "q".to_owned(), text: "how".to_owned(), relevant: HashSet::from(["b".to_owned()]) };
        let ranking = vec!["a".to_owned(), "b".to_owned()];
        let report = RetrievalReport::of(vec![QueryOutcome { query, ranking, milliseconds: 2.0 }]);
        assert!(report.top1.abs() < 1e-9 && (report.recall5 - 1.0).abs() < 1e-9, "{report}");
        assert_eq!(report.misses[0].found, ["a", "b"]);
    }
}
