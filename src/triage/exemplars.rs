//! Phrases whose right decision is known: those shipped, and those an operator marked on this box. They teach the text
//! classifier, and a message much like one of them is decided like it.

use super::{
    learning::{Example, Features, LinearModel, Training, features_of, similarity},
    policy::{PolicyError, parse},
    reading::Reading,
};
use crate::domain::escalation::EscalationCategory;
use serde::Deserialize;

const FILE: &str = "exemplars.toml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExemplarFile {
    #[serde(default)]
    exemplars: Vec<ExemplarGroup>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExemplarGroup {
    category: String,
    label: Label,
    language: String,
    texts: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Label {
    Escalate,
    Answer,
}

/// One phrase with its decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Exemplar {
    pub text: String,
    pub escalate: bool,
    pub category: EscalationCategory,
    /// How much it counts in training.
    pub weight: f32,
    /// BCP 47.
    pub language: String,
}

/// Reads exemplars.toml; an empty file teaches nothing.
pub fn parse_exemplars(text: &str) -> Result<Vec<Exemplar>, PolicyError> {
    let file: ExemplarFile = parse(FILE, text)?;
    let mut exemplars = Vec::new();
    for group in file.exemplars {
        let weight = if LESS_BINDING.contains(&group.category.as_str()) && group.label == Label::Escalate {
            0.3
        } else {
            1.0
        };
        let category = category(&group.category).ok_or_else(|| PolicyError::Rule {
            rule: format!("exemplars of {:?}", group.category),
            problem: "there is no such category".to_owned(),
        })?;
        let escalate = group.label == Label::Escalate;
        exemplars.extend(group.texts.into_iter().map(|text| Exemplar {
            text,
            escalate,
            category,
            weight,
            language: group.language.clone(),
        }));
    }
    Ok(exemplars)
}

/// Kinds of trouble that a person takes only when it is bad enough: words alone say little.
const LESS_BINDING: &[&str] = &["stuck", "lockout", "outage", "repeat_contact", "anger"];

/// Exemplars are kept by kind of matter, finer than the teams.
fn category(name: &str) -> Option<EscalationCategory> {
    Some(match name {
        "human_request" | "repeat_contact" | "anger" => EscalationCategory::General,
        "data_loss" | "outage" | "stuck" => EscalationCategory::Technical,
        "lockout" => EscalationCategory::Account,
        "compliance" => EscalationCategory::Legal,
        other => other.parse().ok()?,
    })
}

/// What the classifier thinks of a message.
#[derive(Debug, Clone, PartialEq)]
pub struct TextOpinion {
    /// Log-odds that a person must take over.
    pub log_odds: f32,
    /// The exemplar for a person that is most like the message.
    pub nearest: Option<Nearest>,
}

/// An exemplar and how like the message it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Nearest {
    pub text: String,
    pub escalate: bool,
    pub category: EscalationCategory,
    /// 0..1.
    pub similarity: f32,
}

/// The exemplars, learned.
#[derive(Debug)]
pub struct ExemplarReader {
    exemplars: Vec<(Exemplar, Features)>,
    model: LinearModel,
}

impl ExemplarReader {
    /// Learns the exemplars: well under a second for a thousand.
    pub fn learn(exemplars: Vec<Exemplar>) -> Self {
        let exemplars: Vec<(Exemplar, Features)> = exemplars
            .into_iter()
            .map(|exemplar| {
                let features = whole(&Reading::new(None, &exemplar.text));
                (exemplar, features)
            })
            .collect();
        let model = LinearModel::train(&examples(&exemplars), Training::default());
        Self { exemplars, model }
    }

    /// All exemplars.
    pub fn all(&self) -> Vec<Exemplar> {
        self.exemplars.iter().map(|(exemplar, _)| exemplar.clone()).collect()
    }

    /// The words of all exemplars, folded.
    pub fn words(&self) -> impl Iterator<Item = String> + '_ {
        self.exemplars.iter().flat_map(|(exemplar, _)| Reading::new(None, &exemplar.text).tokens).map(|token| token.text)
    }

    /// How a message sounds to somebody who knows the exemplars: the whole of it and its most telling sentence.
    pub fn opinion(&self, reading: &Reading) -> TextOpinion {
        let whole_odds = self.model.log_odds(&whole(reading));
        let sentences: Vec<Features> = sentences(reading);
        let telling =
            sentences.iter().map(|sentence| self.model.log_odds(sentence)).fold(f32::NEG_INFINITY, f32::max);
        let log_odds = if sentences.len() < 2 { whole_odds } else { f32::midpoint(whole_odds, telling) };
        let mut nearest = self.nearest(reading, true);
        if let Some(n) = &mut nearest { let a = self.nearest(reading, false).map_or(0.0, |n| n.similarity); n.text = format!("{whole_odds} {telling} {} {} {a}", sentences.len(), n.similarity); }
        TextOpinion { log_odds, nearest }
    }

    /// The exemplar most like any sentence of the message, or the whole of it.
    pub fn nearest(&self, reading: &Reading, escalate: bool) -> Option<Nearest> {
        let mut parts = sentences(reading);
        parts.push(whole(reading));
        self.exemplars
            .iter()
            .filter(|(exemplar, _)| exemplar.escalate == escalate)
            .map(|(exemplar, features)| {
                let nearest = parts.iter().map(|part| similarity(part, features)).fold(0.0, f32::max);
                (exemplar, nearest)
            })
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(exemplar, similarity)| Nearest {
                text: exemplar.text.clone(),
                escalate: exemplar.escalate,
                category: exemplar.category,
                similarity,
            })
    }
}

/// A message that an operator of this box decided on.
#[derive(Debug, Clone, PartialEq)]
pub struct LocalExemplar {
    pub text: String,
    pub escalate: bool,
    pub category: EscalationCategory,
}

/// What operators of this box have marked. Matched by likeness alone, so one is learned and unlearned at once.
#[derive(Debug, Default)]
pub struct LocalExemplars {
    exemplars: Vec<(LocalExemplar, Features)>,
}

/// From this likeness on a message is decided like a marked one.
const ALIKE: f32 = 0.55;

impl LocalExemplars {
    /// Takes all of them; earlier ones are forgotten.
    pub fn new(exemplars: Vec<LocalExemplar>) -> Self {
        let exemplars = exemplars
            .into_iter()
            .map(|exemplar| {
                let features = whole(&Reading::new(None, &exemplar.text));
                (exemplar, features)
            })
            .collect();
        Self { exemplars }
    }

    /// The marked message that this one is like, if it is like enough. On a tie the later one counts.
    pub fn nearest(&self, reading: &Reading) -> Option<Nearest> {
        let message = whole(reading);
        self.exemplars
            .iter()
            .map(|(exemplar, features)| (exemplar, similarity(&message, features)))
            .filter(|(_, similarity)| *similarity >= ALIKE)
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(exemplar, similarity)| Nearest {
                text: exemplar.text.clone(),
                escalate: exemplar.escalate,
                category: exemplar.category,
                similarity,
            })
    }
}

fn whole(reading: &Reading) -> Features {
    features_of(reading, 0..reading.tokens.len())
}

/// Sentences of three words or more that the customer wrote now.
fn sentences(reading: &Reading) -> Vec<Features> {
    reading
        .sentences
        .iter()
        .filter(|sentence| sentence.tokens.len() >= 3 && !sentence.quoted_line)
        .map(|sentence| features_of(reading, sentence.tokens.clone()))
        .collect()
}

/// Every exemplar once, and pairs as customers write them: a harmless sentence before the one that matters.
fn examples(exemplars: &[(Exemplar, Features)]) -> Vec<Example> {
    let mut examples: Vec<Example> = exemplars
        .iter()
        .map(|(exemplar, features)| Example {
            features: features.clone(),
            positive: exemplar.escalate,
            weight: 1.0,
        })
        .collect();
    let harmless: Vec<&Exemplar> = exemplars
        .iter()
        .map(|(exemplar, _)| exemplar)
        .filter(|exemplar| !exemplar.escalate && exemplar.language == "en")
        .collect();
    if harmless.is_empty() {
        return examples;
    }
    for (index, (exemplar, _)) in
        exemplars.iter().enumerate().filter(|(_, (exemplar, _))| exemplar.language == "en")
    {
        let before = harmless[(index * 7 + 3) % harmless.len()];
        let after = harmless[(index * 13 + 5) % harmless.len()];
        let text = format!("{} {} {}", before.text, exemplar.text, after.text);
        examples.push(Example {
            features: whole(&Reading::new(None, &text)),
            positive: exemplar.escalate,
            weight: 0.7,
        });
    }
    examples
}
