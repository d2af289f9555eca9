//! The injection screen on attacks and innocent texts.

use super::{
    rows::InjectionRow,
    statistics::{Interval, f1, share, wilson},
};
use crate::domain::triage::InjectionScreen;
use serde::Serialize;
use std::{collections::BTreeMap, fmt};

/// A row that was flagged wrongly or not flagged.
#[derive(Debug, Clone, Serialize)]
pub struct InjectionMiss {
    pub id: String,
    pub attack: bool,
    pub score: f32,
    pub evidence: Vec<String>,
    pub text: String,
}

/// Flags among the rows of one source (the id up to its first dash).
#[derive(Debug, Clone, Default, Serialize)]
pub struct SourceScore {
    pub attacks: usize,
    pub caught: usize,
    pub innocent: usize,
    pub false_alarms: usize,
}

/// What `frontdesk eval injection` reports.
#[derive(Debug, Clone, Serialize)]
pub struct InjectionReport {
    pub rows: usize,
    pub recall: f64,
    pub recall_wilson: Interval,
    pub precision: f64,
    pub f1: f64,
    pub false_positive_rate: f64,
    pub false_positive_wilson: Interval,
    pub by_source: BTreeMap<String, SourceScore>,
    pub misses: Vec<InjectionMiss>,
}

/// Runs `screen` on every row and scores the flags.
pub fn evaluate_injection(
    rows: &[InjectionRow],
    mut screen: impl FnMut(&str) -> InjectionScreen,
    mut progress: impl FnMut(usize),
) -> InjectionReport {
    let mut by_source: BTreeMap<String, SourceScore> = BTreeMap::new();
    let mut misses = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let found = screen(&row.text);
        let source = by_source.entry(row.id.split('-').next().unwrap_or_default().to_owned()).or_default();
        let flagged = usize::from(found.flagged);
        if row.label {
            source.attacks += 1;
            source.caught += flagged;
        } else {
            source.innocent += 1;
            source.false_alarms += flagged;
        }
        if found.flagged != row.label {
            misses.push(InjectionMiss {
                id: row.id.clone(),
                attack: row.label,
                score: found.score,
                evidence: found.evidence,
                text: row.text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect(),
            });
        }
        progress(index + 1);
    }
    let sum = |count: fn(&SourceScore) -> usize| by_source.values().map(count).sum::<usize>();
    let (attacks, caught) = (sum(|s| s.attacks), sum(|s| s.caught));
    let (innocent, false_alarms) = (sum(|s| s.innocent), sum(|s| s.false_alarms));
    let (recall, precision) = (share(caught, attacks), share(caught, caught + false_alarms));
    InjectionReport {
        rows: rows.len(),
        recall,
        recall_wilson: wilson(caught, attacks),
        precision,
        f1: f1(precision, recall),
        false_positive_rate: share(false_alarms, innocent),
        false_positive_wilson: wilson(false_alarms, innocent),
        by_source,
        misses,
    }
}

impl fmt::Display for InjectionReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            out,
            "{} texts: caught {:.1} % (Wilson {:.1} to {:.1} %), false alarms {:.1} % (Wilson {:.1} to {:.1} %), precision {:.1} %",
            self.rows,
            self.recall * 100.0,
            self.recall_wilson.low * 100.0,
            self.recall_wilson.high * 100.0,
            self.false_positive_rate * 100.0,
            self.false_positive_wilson.low * 100.0,
            self.false_positive_wilson.high * 100.0,
            self.precision * 100.0
        )?;
        writeln!(
            out,
            "\n{:<16} {:>8} {:>8} {:>9} {:>13}",
            "source", "attacks", "caught", "innocent", "false alarms"
        )?;
        for (name, source) in &self.by_source {
            writeln!(
                out,
                "{name:<16} {:>8} {:>8} {:>9} {:>13}",
                source.attacks, source.caught, source.innocent, source.false_alarms
            )?;
        }
        Ok(())
    }
}
