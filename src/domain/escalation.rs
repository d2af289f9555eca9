//! Handing a matter to a person: the kinds of reason, the signals that speak for it, and the record that goes along.

use super::{sentiment::Sentiment, ticket::text_enum};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

text_enum!(
    /// Which team's matter it is.
    EscalationCategory {
        Billing => "billing", Legal => "legal", Security => "security", Account => "account",
        Technical => "technical", Churn => "churn", General => "general",
    }
);
text_enum!(
    /// How fast a person must look.
    Urgency { Critical => "critical", High => "high", Normal => "normal", Low => "low" }
);
text_enum!(
    /// How binding a signal is.
    SignalClass {
        /// Escalates by itself, whatever else is said.
        Always => "always",
        /// Speaks for a person; several together, or one with low confidence, escalate.
        Likely => "likely",
        /// Speaks for an answer by the assistant.
        Never => "never",
    }
);
text_enum!(
    /// Where a signal comes from.
    SignalSource { Rule => "rule", Exemplar => "exemplar", Sentiment => "sentiment", History => "history", Circumstance => "circumstance" }
);

/// One reason for or against a person, readable by an operator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Signal {
    /// The rule's name in the policy, for example `billing.refund`.
    pub name: String,
    pub category: EscalationCategory,
    pub class: SignalClass,
    pub source: SignalSource,
    /// How much it counts, 0..1 (negative for `Never`).
    pub weight: f32,
    /// The customer's words (or the circumstance) that led to it.
    pub evidence: String,
}

/// What the signals say together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EscalationAssessment {
    pub escalate: bool,
    /// Combined strength 0..1; at or over the policy's threshold it escalates.
    pub score: f32,
    pub category: EscalationCategory,
    pub urgency: Urgency,
    /// Strongest first.
    pub signals: Vec<Signal>,
}

impl EscalationAssessment {
    pub fn none() -> Self {
        Self {
            escalate: false,
            score: 0.0,
            category: EscalationCategory::General,
            urgency: Urgency::Normal,
            signals: Vec::new(),
        }
    }

    /// One sentence for the record: the strongest signals by name.
    pub fn reason(&self) -> String {
        let names: Vec<&str> = self
            .signals
            .iter()
            .filter(|s| s.class != SignalClass::Never)
            .take(3)
            .map(|s| s.name.as_str())
            .collect();
        if names.is_empty() { "no signal".to_owned() } else { names.join(", ") }
    }
}

/// A decision to hand over, before it has an id or a due time.
#[derive(Debug, Clone, PartialEq)]
pub struct HandOver {
    pub category: EscalationCategory,
    pub urgency: Urgency,
    /// For the operator: why.
    pub reason: String,
    /// Two or three sentences of what the customer wants.
    pub summary: String,
    /// What the assistant tried, if anything.
    pub attempts: Vec<String>,
    pub sentiment: Sentiment,
    pub suggested_next_step: String,
}

/// Whom a hand-over goes to and by when, from the routing policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub team: String,
    pub mailbox: String,
    pub due_at: Timestamp,
    /// The promise in words: "within 1 hour".
    pub promise: String,
}
