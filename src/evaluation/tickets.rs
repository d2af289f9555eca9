//! Escalation decisions on labelled messages.

use super::{
    rows::TicketRow,
    statistics::{Interval, cluster_bootstrap, f1, percentile, share, wilson},
};
use crate::domain::{
    decision::{ConversationState, FirstDecision, decide_first},
    triage::{Triage, TriageInput},
};
use serde::Serialize;
use std::{collections::BTreeMap, fmt, time::Duration};

/// Counts and shares of one group of rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct GroupScore {
    pub rows: usize,
    pub accuracy: f64,
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
    pub true_positives: usize,
    pub false_positives: usize,
    pub false_negatives: usize,
    pub true_negatives: usize,
}

impl GroupScore {
    fn add(&mut self, expected: bool, decided: bool) {
        self.rows += 1;
        match (expected, decided) {
            (true, true) => self.true_positives += 1,
            (false, true) => self.false_positives += 1,
            (true, false) => self.false_negatives += 1,
            (false, false) => self.true_negatives += 1,
        }
        self.accuracy = share(self.true_positives + self.true_negatives, self.rows);
        self.precision = share(self.true_positives, self.true_positives + self.false_positives);
        self.recall = share(self.true_positives, self.true_positives + self.false_negatives);
        self.f1 = f1(self.precision, self.recall);
    }
}

/// A row that was decided otherwise than its label.
#[derive(Debug, Clone, Serialize)]
pub struct Miss {
    pub id: String,
    pub set: String,
    pub expected: bool,
    pub category: Option<String>,
    pub score: f32,
    /// Why it was escalated, or what spoke for it.
    pub reason: String,
    pub signals: Vec<crate::domain::escalation::Signal>,
    /// The message's first words.
    pub text: String,
}

/// What `frontdesk eval tickets` reports.
#[derive(Debug, Clone, Serialize)]
pub struct TicketReport {
    pub rows: usize,
    pub accuracy: f64,
    pub accuracy_wilson: Interval,
    /// Whole sets drawn with replacement: the honest interval, since rows of one set share an author.
    pub accuracy_by_set_bootstrap: Interval,
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
    pub by_category: BTreeMap<String, GroupScore>,
    pub by_set: BTreeMap<String, GroupScore>,
    /// Share of labelled rows whose mood was read rightly; none labelled: none.
    pub sentiment_direction_accuracy: Option<f64>,
    pub sentiment_rows: usize,
    pub median_ms: f64,
    pub p95_ms: f64,
    pub misses: Vec<Miss>,
    /// Every row's decision in the order of the rows, to compare two runs by.
    pub decisions: Vec<RowDecision>,
}

/// What was decided on one row.
#[derive(Debug, Clone, Serialize)]
pub struct RowDecision {
    pub id: String,
    pub expected: bool,
    pub escalated: bool,
    pub score: f32,
    /// Signed weight by signal.
    pub signals: BTreeMap<String, f32>,
}

/// Runs `triage` on every row and scores the first decision. Rows escalated carry a category; by category only recall
/// means anything, since rows not escalated have none. `clock` tells the time since some start.
pub fn evaluate_tickets(
    rows: &[TicketRow],
    mut triage: impl FnMut(&TriageInput<'_>) -> Triage,
    clock: impl Fn() -> Duration,
    mut progress: impl FnMut(usize),
) -> TicketReport {
    let mut overall = GroupScore::default();
    let mut by_category: BTreeMap<String, GroupScore> = BTreeMap::new();
    let mut by_set: BTreeMap<String, GroupScore> = BTreeMap::new();
    let (mut moods, mut moods_right) = (0, 0);
    let mut times = Vec::with_capacity(rows.len());
    let mut misses = Vec::new();
    let mut decisions = Vec::with_capacity(rows.len());
    for (index, row) in rows.iter().enumerate() {
        let input = TriageInput {
            subject: row.subject.as_deref(),
            text: &row.body,
            plan: row.customer.plan(),
            ..TriageInput::default()
        };
        let started = clock();
        let found = triage(&input);
        let decision = decide_first(&found, &ConversationState::default());
        times.push((clock().saturating_sub(started)).as_secs_f64() * 1000.0);
        let decided = matches!(decision, FirstDecision::Escalate { .. } | FirstDecision::HandOverQuietly { .. });
        overall.add(row.expect.escalate, decided);
        decisions.push(RowDecision {
            id: row.id.clone(),
            expected: row.expect.escalate,
            escalated: decided,
            score: found.escalation.score,
            signals: found.escalation.signals.iter().map(|s| (s.name.clone(), s.weight)).collect(),
        });
        by_set.entry(row.set.clone()).or_default().add(row.expect.escalate, decided);
        if let Some(category) = row.expect.category.as_ref().filter(|_| row.expect.escalate) {
            by_category.entry(category.clone()).or_default().add(true, decided);
        }
        if let Some(mood) = row.expect.sentiment {
            moods += 1;
            moods_right += usize::from(found.sentiment.label() == mood);
        }
        if decided != row.expect.escalate {
            misses.push(miss(row, &found, &decision));
        }
        progress(index + 1);
    }
    times.sort_by(f64::total_cmp);
    let clusters: Vec<(f64, usize)> =
        by_set.values().map(|set| ((set.true_positives + set.true_negatives) as f64, set.rows)).collect();
    TicketReport {
        rows: overall.rows,
        accuracy: overall.accuracy,
        accuracy_wilson: wilson(overall.true_positives + overall.true_negatives, overall.rows),
        accuracy_by_set_bootstrap: cluster_bootstrap(&clusters, 4000),
        precision: overall.precision,
        recall: overall.recall,
        f1: overall.f1,
        by_category,
        by_set,
        sentiment_direction_accuracy: (moods > 0).then(|| share(moods_right, moods)),
        sentiment_rows: moods,
        median_ms: percentile(&times, 50.0),
        p95_ms: percentile(&times, 95.0),
        misses,
        decisions,
    }
}

fn miss(row: &TicketRow, found: &Triage, decision: &FirstDecision) -> Miss {
    let reason = match decision {
        FirstDecision::Escalate { reason, .. } | FirstDecision::HandOverQuietly { reason, .. } => reason.clone(),
        _ => found.escalation.reason(),
    };
    let text = [row.subject.as_deref().unwrap_or_default(), &row.body].join(" | ");
    Miss {
        id: row.id.clone(),
        set: row.set.clone(),
        expected: row.expect.escalate,
        category: row.expect.category.clone(),
        score: found.escalation.score,
        reason,
        signals: found.escalation.signals.clone(),
        text: text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect(),
    }
}

impl fmt::Display for TicketReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |share: f64| format!("{:5.1} %", share * 100.0);
        writeln!(
            out,
            "{} messages: accuracy {} (Wilson {} to {}, by set {} to {})",
            self.rows,
            percent(self.accuracy),
            percent(self.accuracy_wilson.low),
            percent(self.accuracy_wilson.high),
            percent(self.accuracy_by_set_bootstrap.low),
            percent(self.accuracy_by_set_bootstrap.high)
        )?;
        writeln!(
            out,
            "precision {}  recall {}  F1 {:.3}",
            percent(self.precision),
            percent(self.recall),
            self.f1
        )?;
        if let Some(direction) = self.sentiment_direction_accuracy {
            writeln!(out, "mood read rightly {} of {} labelled", percent(direction), self.sentiment_rows)?;
        }
        writeln!(
            out,
            "time a message: median {:.2} ms, 95th percentile {:.2} ms",
            self.median_ms, self.p95_ms
        )?;
        writeln!(out, "\n{:<20} {:>5} {:>8} {:>7}", "category", "rows", "recall", "missed")?;
        for (name, group) in &self.by_category {
            writeln!(
                out,
                "{name:<20} {:>5} {:>8} {:>7}",
                group.rows,
                percent(group.recall),
                group.false_negatives
            )?;
        }
        writeln!(
            out,
            "\n{:<20} {:>5} {:>8} {:>9} {:>8} {:>6} {:>12} {:>7}",
            "set", "rows", "accuracy", "precision", "recall", "F1", "false alarms", "missed"
        )?;
        for (name, group) in &self.by_set {
            writeln!(
                out,
                "{name:<20} {:>5} {:>8} {:>9} {:>8} {:>6.3} {:>12} {:>7}",
                group.rows,
                percent(group.accuracy),
                percent(group.precision),
                percent(group.recall),
                group.f1,
                group.false_positives,
                group.false_negatives
            )?;
        }
        Ok(())
    }
}
