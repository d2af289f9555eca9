//! The escalation policy as it is written in TOML, and the check that it can be read. Knows nothing of messages.

use crate::domain::{
    customer::Plan,
    escalation::{EscalationCategory, SignalClass, SignalSource, Urgency},
};
use serde::Deserialize;
use std::{borrow::Cow, collections::BTreeMap};

/// The policy files' texts: those compiled in, or an operator's own.
#[derive(Debug, Clone)]
pub struct PolicyFiles {
    pub escalation: Cow<'static, str>,
    /// Rules in other languages; same form as `escalation`.
    pub languages: Cow<'static, str>,
    pub messages: Cow<'static, str>,
    pub sentiment: Cow<'static, str>,
    pub injection: Cow<'static, str>,
    /// Phrases that teach the injection screen.
    pub injection_exemplars: Cow<'static, str>,
    /// Phrases with their right decision.
    pub exemplars: Cow<'static, str>,
    /// More of them, of the length people write; same form.
    pub everyday: Cow<'static, str>,
    /// Whole messages; same form.
    pub messages_exemplars: Cow<'static, str>,
    /// Messages that teach how a text sounds.
    pub sentiment_exemplars: Cow<'static, str>,
    /// More of them, of the angry and the worried; same form.
    pub sentiment_trouble: Cow<'static, str>,
    /// Questions, calm remarks, thanks and praise; same form.
    pub sentiment_everyday: Cow<'static, str>,
    /// In other languages than English; same form.
    pub sentiment_languages: Cow<'static, str>,
    /// Weights over sentence vectors.
    pub meaning: Cow<'static, str>,
}

impl PolicyFiles {
    /// The files that teach how a text sounds, with their names.
    pub fn moods(&self) -> [(&'static str, &str); 4] {
        [
            ("sentiment-exemplars.toml", &self.sentiment_exemplars),
            ("sentiment-exemplars-trouble.toml", &self.sentiment_trouble),
            ("sentiment-exemplars-everyday.toml", &self.sentiment_everyday),
            ("sentiment-exemplars-languages.toml", &self.sentiment_languages),
        ]
    }

    /// What Frontdesk ships with.
    pub fn embedded() -> Self {
        Self {
            escalation: Cow::Borrowed(include_str!("../../assets/policy/escalation.toml")),
            languages: Cow::Borrowed(include_str!("../../assets/policy/escalation-languages.toml")),
            messages: Cow::Borrowed(include_str!("../../assets/policy/messages.toml")),
            sentiment: Cow::Borrowed(include_str!("../../assets/policy/sentiment.toml")),
            injection: Cow::Borrowed(include_str!("../../assets/policy/injection.toml")),
            injection_exemplars: Cow::Borrowed(include_str!("../../assets/policy/injection-exemplars.toml")),
            exemplars: Cow::Borrowed(include_str!("../../assets/policy/exemplars.toml")),
            everyday: Cow::Borrowed(include_str!("../../assets/policy/exemplars-everyday.toml")),
            messages_exemplars: Cow::Borrowed(include_str!("../../assets/policy/exemplars-messages.toml")),
            sentiment_exemplars: Cow::Borrowed(include_str!("../../assets/policy/sentiment-exemplars.toml")),
            sentiment_trouble: Cow::Borrowed(include_str!(
                "../../assets/policy/sentiment-exemplars-trouble.toml"
            )),
            sentiment_everyday: Cow::Borrowed(include_str!(
                "../../assets/policy/sentiment-exemplars-everyday.toml"
            )),
            sentiment_languages: Cow::Borrowed(include_str!(
                "../../assets/policy/sentiment-exemplars-languages.toml"
            )),
            meaning: Cow::Borrowed(include_str!("../../assets/policy/meaning.toml")),
        }
    }

    /// Replaces a file by name (`escalation.toml`, …); unknown names are refused so that a typing error is seen.
    pub fn replace(&mut self, file_name: &str, text: String) -> Result<(), PolicyError> {
        let target = match file_name {
            "escalation.toml" => &mut self.escalation,
            "escalation-languages.toml" => &mut self.languages,
            "messages.toml" => &mut self.messages,
            "sentiment.toml" => &mut self.sentiment,
            "injection.toml" => &mut self.injection,
            "injection-exemplars.toml" => &mut self.injection_exemplars,
            "exemplars.toml" => &mut self.exemplars,
            "exemplars-everyday.toml" => &mut self.everyday,
            "exemplars-messages.toml" => &mut self.messages_exemplars,
            "sentiment-exemplars.toml" => &mut self.sentiment_exemplars,
            "sentiment-exemplars-trouble.toml" => &mut self.sentiment_trouble,
            "sentiment-exemplars-everyday.toml" => &mut self.sentiment_everyday,
            "sentiment-exemplars-languages.toml" => &mut self.sentiment_languages,
            "meaning.toml" => &mut self.meaning,
            other => return Err(PolicyError::UnknownFile(other.to_owned())),
        };
        *target = Cow::Owned(text);
        Ok(())
    }
}

/// What can be wrong with a policy.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    #[error("there is no policy file called {0:?}")]
    UnknownFile(String),
    #[error("assets/policy/{file}: {error}")]
    Toml { file: &'static str, error: Box<toml::de::Error> },
    #[error("assets/policy/{file}: rule {rule:?}: {error}")]
    Pattern { file: &'static str, rule: String, error: super::pattern::PatternError },
    #[error("rule {rule:?} names the phrases {phrase:?}, which [phrases] does not have")]
    UnknownPhrases { rule: String, phrase: String },
    #[error("rule {rule:?}: {problem}")]
    Rule { rule: String, problem: String },
}

/// Reads one policy file.
pub fn parse<T: serde::de::DeserializeOwned>(file: &'static str, text: &str) -> Result<T, PolicyError> {
    toml::from_str(text).map_err(|error| PolicyError::Toml { file, error: Box::new(error) })
}

/// A pattern file's common parts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EscalationPolicy {
    /// The rules of this file do not apply to messages in this language, whose words they could mistake for their own.
    #[serde(default)]
    pub unless_language: Option<String>,
    #[serde(default)]
    pub combining: Option<Combining>,
    #[serde(default)]
    pub words: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub phrases: BTreeMap<String, Vec<String>>,
    #[serde(default, rename = "rule")]
    pub rules: Vec<Rule>,
}

/// How signals are weighed together.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Combining {
    /// Escalates at or over this combined score.
    pub threshold: f32,
    /// A second signal of the same category counts this much.
    pub same_category: f32,
    /// What is left of a match that is only supposed, quoted, over, or asked about.
    pub modifier: f32,
    /// Factor on technical and account signals of enterprise customers.
    pub enterprise: f32,
    /// Below this mood is a signal.
    pub sentiment_from: f32,
    /// Its weight at -1.
    pub sentiment_weight: f32,
    /// Log-odds at which the classifier taught by the exemplars has no opinion.
    pub text_offset: f32,
    /// How much a unit of log-odds counts.
    pub text_scale: f32,
    /// The most it can say for a person, and against one, in the units signals add up in.
    pub text_for: f32,
    pub text_against: f32,
    /// At or under these log-odds a single always-rule no longer decides: in general, and when the customer asks how something is done.
    pub release: f32,
    pub release_question: f32,
}

/// What can make a match mean something else than it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Modifier {
    /// "I do not want …".
    Denied,
    /// "not hacked".
    No,
    /// "what happens if …".
    Hypothetical,
    /// "what is your … policy?".
    Policy,
    /// "… was solved, thanks".
    Resolved,
    /// In quotation marks.
    Quoted,
}

/// One rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub name: String,
    #[serde(default)]
    pub category: Option<EscalationCategory>,
    pub class: SignalClass,
    pub weight: f32,
    #[serde(default)]
    pub urgency: Option<Urgency>,
    #[serde(default = "rule_source")]
    pub source: SignalSource,
    #[allow(dead_code, reason = "for those who read the policy")]
    pub description: String,
    pub any: Vec<String>,
    #[serde(default)]
    pub also: Vec<String>,
    #[serde(default)]
    pub also_near: Vec<String>,
    #[serde(default)]
    pub unless: Vec<String>,
    #[serde(default)]
    pub unless_message: Vec<String>,
    #[serde(default)]
    pub stands: Vec<Modifier>,
    #[serde(default)]
    pub plans: Vec<Plan>,
    /// Applies whatever the file's `unless_language` says: for languages that people mix with English.
    #[serde(default)]
    pub in_any_language: bool,
    /// Weight when found in two places or more.
    #[serde(default)]
    pub twice: Option<f32>,
}

fn rule_source() -> SignalSource {
    SignalSource::Rule
}

impl Rule {
    /// The category named, or the first part of the rule's name.
    pub fn category(&self) -> Option<EscalationCategory> {
        self.category.or_else(|| self.name.split('.').next()?.parse().ok())
    }
}
