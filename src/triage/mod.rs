//! What can be told of a message before any answer is thought of: its kind, language, mood, intent, attempts to instruct
//! the assistant, and whether a person must take over. Works from rules and lexicons alone; an embedder, when there is
//! one, adds similarity to exemplars. Knows `domain` and `ports`; does no I/O.

mod assessment;
mod injection;
mod kinds;
mod language;
mod pattern;
mod policy;
mod reading;
mod routing;
mod rules;
mod sentiment;

pub use pattern::PatternError;
pub use policy::{PolicyError, PolicyFiles};
pub use routing::{RoutingPolicy, Team};

use crate::domain::{
    escalation::{EscalationAssessment, EscalationCategory, Signal, SignalClass, SignalSource, Urgency},
    sentiment::Sentiment,
    triage::{MessageKind, Triage, TriageInput},
};
use policy::{Combining, EscalationPolicy};
use reading::Reading;

/// Reads messages by the policy it was loaded with.
#[derive(Debug)]
pub struct TriageEngine {
    combining: Combining,
    rules: rules::RuleSet,
    urgencies: Vec<(String, Urgency)>,
    kinds: kinds::KindReader,
    languages: language::LanguageReader,
    sentiment: sentiment::SentimentReader,
    injection: injection::InjectionReader,
    routing: RoutingPolicy,
}

impl TriageEngine {
    /// Compiles the policy; says which file and rule cannot be read.
    pub fn load(files: &PolicyFiles) -> Result<Self, PolicyError> {
        let escalation: EscalationPolicy = policy::parse("escalation.toml", &files.escalation)?;
        let languages: EscalationPolicy = policy::parse("escalation-languages.toml", &files.languages)?;
        let combining = escalation.combining.ok_or_else(|| PolicyError::Rule {
            rule: "[combining]".to_owned(),
            problem: "escalation.toml does not say how signals combine".to_owned(),
        })?;
        let rules = rules::RuleSet::compile(
            &[("escalation.toml", &escalation), ("escalation-languages.toml", &languages)],
            combining.modifier,
        )?;
        let urgencies = escalation
            .rules
            .iter()
            .chain(&languages.rules)
            .filter_map(|rule| Some((rule.name.clone(), rule.urgency?)))
            .collect();
        let messages = kinds::MessagesPolicy::load(&files.messages)?;
        Ok(Self {
            combining,
            rules,
            urgencies,
            kinds: kinds::KindReader::load(&messages)?,
            languages: language::LanguageReader::load(messages.languages)?,
            sentiment: sentiment::SentimentReader::load(&files.sentiment)?,
            injection: injection::InjectionReader::load(&files.injection)?,
            routing: RoutingPolicy::load(&files.routing)?,
        })
    }

    /// Reads a message. Needs no model and never fails: what cannot be told is left at neutral.
    pub fn triage(&self, input: &TriageInput<'_>) -> Triage {
        let reading = Reading::new(input.subject, input.text);
        let body = Reading::new(None, input.text);
        let kind = self.kinds.kind(&reading, &body, input.automatic_mail);
        let language = self.languages.detect(&reading);
        let language_served = self.languages.serves(language.as_deref());
        let sentiment = self.sentiment.read(&reading);
        let injection = self.injection.screen(&reading);
        let intent = self.kinds.intent(&reading);
        let escalation = if kind == MessageKind::Request {
            self.escalation(&reading, input, language.as_deref(), sentiment)
        } else {
            EscalationAssessment::none()
        };
        Triage { kind, language, language_served, sentiment, intent, injection, escalation }
    }

    fn escalation(
        &self,
        reading: &Reading,
        input: &TriageInput<'_>,
        language: Option<&str>,
        sentiment: Sentiment,
    ) -> EscalationAssessment {
        let mut signals: Vec<Signal> =
            self.rules.find(reading, input.plan, language).iter().map(assessment::signal).collect();
        signals.extend(self.mood(sentiment));
        signals.extend(shouting(reading));
        signals.extend(answered_before(input));
        assessment::assess(signals, &self.urgencies, &self.combining, input.plan)
    }

    fn mood(&self, sentiment: Sentiment) -> Option<Signal> {
        let (from, most) = (self.combining.sentiment_from, self.combining.sentiment_weight);
        (sentiment.score < from).then(|| Signal {
            name: "general.mood".to_owned(),
            category: EscalationCategory::General,
            class: SignalClass::Likely,
            source: SignalSource::Sentiment,
            weight: most * ((from - sentiment.score) / (1.0 + from)).clamp(0.2, 1.0),
            evidence: format!("mood {:.2}", sentiment.score),
        })
    }

    /// The mood of one text by itself.
    pub fn sentiment(&self, text: &str) -> Sentiment {
        self.sentiment.read(&Reading::new(None, text))
    }

    /// The injection screen alone, for documents and histories.
    pub fn screen(&self, text: &str) -> crate::domain::triage::InjectionScreen {
        self.injection.screen(&Reading::new(None, text))
    }

    /// Who gets a hand-over and by when.
    pub fn routing(&self) -> &RoutingPolicy {
        &self.routing
    }
}

/// A message written in capitals.
fn shouting(reading: &Reading) -> Option<Signal> {
    let share = reading.capitals_share(15);
    (share >= 0.6).then(|| Signal {
        name: "general.capitals".to_owned(),
        category: EscalationCategory::General,
        class: SignalClass::Likely,
        source: SignalSource::Sentiment,
        weight: 0.35,
        evidence: format!("{:.0} % capitals", share * 100.0),
    })
}

/// The assistant has answered twice and the customer still writes of trouble.
fn answered_before(input: &TriageInput<'_>) -> Option<Signal> {
    (input.answers_so_far >= 2 && !input.earlier_texts.is_empty()).then(|| Signal {
        name: "general.answers_did_not_help".to_owned(),
        category: EscalationCategory::General,
        class: SignalClass::Likely,
        source: SignalSource::History,
        weight: 0.4,
        evidence: format!("{} answers so far", input.answers_so_far),
    })
}
