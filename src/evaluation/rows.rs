//! Labelled rows: one JSON object a line.

use crate::domain::{
    customer::Plan,
    sentiment::{Sentiment, SentimentLabel},
};
use serde::{Deserialize, Deserializer};

/// A line that is not what it should be.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {error}")]
pub struct RowError {
    /// Counted from 1.
    pub line: usize,
    pub error: serde_json::Error,
}

/// Reads every line that is not blank.
pub fn parse_rows<T: serde::de::DeserializeOwned>(text: &str) -> Result<Vec<T>, RowError> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(index, line)| serde_json::from_str(line).map_err(|error| RowError { line: index + 1, error }))
        .collect()
}

/// A support message with the decision its author wanted.
#[derive(Debug, Clone, Deserialize)]
pub struct TicketRow {
    pub id: String,
    /// The company it was written for; a cluster in the statistics.
    #[serde(default)]
    pub set: String,
    #[serde(default)]
    pub subject: Option<String>,
    pub body: String,
    #[serde(default)]
    pub customer: RowCustomer,
    pub expect: Expectation,
}

/// What may be used of the customer.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct RowCustomer {
    /// The company's own name for its plan.
    #[serde(default)]
    pub plan: Option<String>,
}

impl RowCustomer {
    /// The nearest of our plans; plans have other names in other companies.
    pub fn plan(&self) -> Plan {
        let name = self.plan.as_deref().unwrap_or_default().to_lowercase();
        if name.contains("enterprise") || name.contains("corporate") {
            Plan::Enterprise
        } else if ["", "free", "starter", "basic", "trial"].contains(&name.as_str()) {
            Plan::Free
        } else {
            Plan::Pro
        }
    }
}

/// The labels.
#[derive(Debug, Clone, Deserialize)]
pub struct Expectation {
    pub escalate: bool,
    #[serde(default)]
    pub category: Option<String>,
    #[serde(default)]
    pub sentiment: Option<SentimentLabel>,
}

/// A text with its mood: a label, or a score from 0 to 1, or both.
#[derive(Debug, Clone, Deserialize)]
pub struct SentimentRow {
    pub id: String,
    #[serde(default)]
    pub set: String,
    #[serde(default)]
    pub subject: Option<String>,
    #[serde(alias = "text")]
    pub body: String,
    /// 0 (furious) to 1 (delighted).
    #[serde(default)]
    pub score: Option<f32>,
    /// negative, neutral or positive.
    #[serde(default, alias = "sentiment")]
    pub label: Option<SentimentLabel>,
    #[serde(default)]
    pub expect: Option<SentimentExpectation>,
}

/// The label where it stands under `expect`.
#[derive(Debug, Clone, Deserialize)]
pub struct SentimentExpectation {
    #[serde(default)]
    pub sentiment: Option<SentimentLabel>,
    #[serde(default)]
    pub score: Option<f32>,
}

impl SentimentRow {
    /// The label, given or taken from the score (±0.3 on the -1..1 scale).
    pub fn label(&self) -> Option<SentimentLabel> {
        let given = self.label.or_else(|| self.expect.as_ref()?.sentiment);
        given.or_else(|| {
            let score = self.unit_score()? * 2.0 - 1.0;
            Some(Sentiment { score, confidence: 1.0 }.label())
        })
    }

    /// The score from 0 to 1, if there is one.
    pub fn unit_score(&self) -> Option<f32> {
        self.score.or_else(|| self.expect.as_ref()?.score)
    }
}

/// A text that is an attack (1) or innocent (0).
#[derive(Debug, Clone, Deserialize)]
pub struct InjectionRow {
    pub id: String,
    #[serde(alias = "body")]
    pub text: String,
    #[serde(deserialize_with = "zero_or_one")]
    pub label: bool,
}

fn zero_or_one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Label {
        Number(u8),
        Truth(bool),
    }
    match Label::deserialize(deserializer)? {
        Label::Number(number @ (0 | 1)) => Ok(number == 1),
        Label::Truth(truth) => Ok(truth),
        Label::Number(other) => Err(serde::de::Error::custom(format!("label is 0 or 1, not {other}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_line_is_named() {
        let error = parse_rows::<InjectionRow>(
            "{\"id\":\"a\",\"text\":\"x\",\"label\":1}\n\n{\"id\":\"b\",\"text\":\"x\",\"label\":7}",
        );
        assert_eq!(error.expect_err("label 7").to_string().split(':').next(), Some("line 3"));
    }

    #[test]
    fn priority_and_category_of_a_row_do_not_reach_what_is_measured() {
        let row: TicketRow = parse_rows(
            "{\"id\":\"a\",\"body\":\"x\",\"priority\":\"critical\",\"expect\":{\"escalate\":true}}",
        )
        .expect("row")
        .remove(0);
        assert_eq!(row.customer.plan(), Plan::Free);
    }
}
