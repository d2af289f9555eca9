//! Redaction against marked texts: what was left in, and what was taken out for nothing.

use super::statistics::{Interval, f1, share, wilson};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, ops::Range};

/// A text with its marks; places are counted in characters.
#[derive(Debug, Clone, Deserialize)]
pub struct RedactionRow {
    pub id: String,
    pub text: String,
    #[serde(default)]
    pub spans: Vec<MarkedSpan>,
}

/// One mark.
#[derive(Debug, Clone, Deserialize)]
pub struct MarkedSpan {
    #[serde(rename = "type")]
    pub kind: String,
    pub start: usize,
    pub end: usize,
}

/// Marks that say nothing about a person by themselves: neither missed when left in nor wrong when taken out.
const NOT_ASKED: [&str; 7] = ["GPE", "ORGANIZATION", "DATE_TIME", "AGE", "TITLE", "NRP", "DOMAIN_NAME"];

/// Marks of one type.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SpanScore {
    pub marked: usize,
    /// Wholly taken out.
    pub caught: usize,
    pub recall: f64,
}

/// A mark that was left in, or something taken out for nothing.
#[derive(Debug, Clone, Serialize)]
pub struct RedactionMiss {
    pub id: String,
    /// `left_in` or `taken_out`.
    pub what: &'static str,
    pub kind: String,
    pub words: String,
    pub text: String,
}

/// What `frontdesk eval redaction` reports.
#[derive(Debug, Clone, Serialize)]
pub struct RedactionReport {
    pub rows: usize,
    /// Share of the marks that were wholly taken out.
    pub recall: f64,
    pub recall_wilson: Interval,
    /// Share of what was taken out that bears some mark.
    pub precision: f64,
    pub f1: f64,
    /// Share of the texts without any mark from which something was taken out.
    pub false_positive_rate: f64,
    pub by_category: BTreeMap<String, SpanScore>,
    pub misses: Vec<RedactionMiss>,
}

/// Runs `find` (ranges in bytes, with a name for their kind) on every row and scores it.
pub fn evaluate_redaction(
    rows: &[RedactionRow],
    mut find: impl FnMut(&str) -> Vec<(String, Range<usize>)>,
    mut progress: impl FnMut(usize),
) -> RedactionReport {
    let mut by_category: BTreeMap<String, SpanScore> = BTreeMap::new();
    let mut misses = Vec::new();
    let (mut taken, mut rightly, mut unmarked, mut disturbed) = (0, 0, 0, 0);
    for (index, row) in rows.iter().enumerate() {
        let found = find(&row.text);
        let marks: Vec<(&str, Range<usize>)> =
            row.spans.iter().map(|span| (span.kind.as_str(), bytes(&row.text, span))).collect();
        let mut miss = |what, kind: &str, range: &Range<usize>| {
            misses.push(RedactionMiss {
                id: row.id.clone(),
                what,
                kind: kind.to_owned(),
                words: row.text[range.clone()].to_owned(),
                text: row.text.chars().take(200).collect(),
            });
        };
        for (kind, range) in marks.iter().filter(|(kind, _)| !NOT_ASKED.contains(kind)) {
            let score = by_category.entry((*kind).to_owned()).or_default();
            score.marked += 1;
            let hidden = |at: usize| found.iter().any(|(_, finding)| finding.contains(&at));
            let seen = row.text[range.clone()]
                .char_indices()
                .any(|(at, c)| c.is_alphanumeric() && !hidden(range.start + at));
            if seen {
                miss("left_in", kind, range);
            } else {
                score.caught += 1;
            }
        }
        for (kind, range) in &found {
            taken += 1;
            if marks.iter().any(|(_, mark)| mark.start < range.end && range.start < mark.end) {
                rightly += 1;
            } else {
                miss("taken_out", kind, range);
            }
        }
        if marks.is_empty() {
            unmarked += 1;
            disturbed += usize::from(!found.is_empty());
        }
        progress(index + 1);
    }
    for score in by_category.values_mut() {
        score.recall = share(score.caught, score.marked);
    }
    let marked = by_category.values().map(|score| score.marked).sum();
    let caught = by_category.values().map(|score| score.caught).sum();
    let (recall, precision) = (share(caught, marked), share(rightly, taken));
    RedactionReport {
        rows: rows.len(),
        recall,
        recall_wilson: wilson(caught, marked),
        precision,
        f1: f1(precision, recall),
        false_positive_rate: share(disturbed, unmarked),
        by_category,
        misses,
    }
}

/// A mark's place in bytes, cut to the text.
fn bytes(text: &str, span: &MarkedSpan) -> Range<usize> {
    let at = |character: usize| text.char_indices().nth(character).map_or(text.len(), |(at, _)| at);
    let start = at(span.start);
    start..at(span.end).max(start)
}

impl fmt::Display for RedactionReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            out,
            "{} texts: taken out {:.1} % of the marks (Wilson {:.1} to {:.1} %), rightly {:.1} %; {:.1} % of the unmarked texts disturbed",
            self.rows,
            self.recall * 100.0,
            self.recall_wilson.low * 100.0,
            self.recall_wilson.high * 100.0,
            self.precision * 100.0,
            self.false_positive_rate * 100.0
        )?;
        writeln!(out, "\n{:<20} {:>7} {:>7} {:>8}", "kind", "marked", "caught", "recall")?;
        for (kind, score) in &self.by_category {
            writeln!(
                out,
                "{kind:<20} {:>7} {:>7} {:>6.1} %",
                score.marked,
                score.caught,
                score.recall * 100.0
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::parse_rows;

    #[test]
    fn half_a_name_left_in_is_a_name_left_in() {
        let rows: Vec<RedactionRow> = parse_rows(
            "{\"id\":\"1\",\"text\":\"é Ana Li here\",\"spans\":[{\"type\":\"PERSON\",\"start\":2,\"end\":8}]}\n{\"id\":\"2\",\"text\":\"nothing\"}",
        )
        .expect("rows");
        let whole = evaluate_redaction(
            &rows,
            |text| text.find("Ana Li").map(|at| ("p".into(), at..at + 6)).into_iter().collect(),
            |_| {},
        );
        let half = evaluate_redaction(
            &rows,
            |text| text.find("Ana").map(|at| ("p".into(), at..at + 3)).into_iter().collect(),
            |_| {},
        );
        let all = evaluate_redaction(&rows, |text| vec![("p".into(), 0..text.len())], |_| {});
        assert_eq!((whole.recall, whole.precision, whole.false_positive_rate), (1.0, 1.0, 0.0));
        assert_eq!((half.recall, half.precision), (0.0, 1.0));
        assert_eq!((all.precision, all.false_positive_rate), (0.5, 1.0));
    }
}
