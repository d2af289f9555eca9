//! Phrases whose right decision is known: those shipped, and those an operator marked on this box. They teach the text
//! classifier, and a message much like one of them is decided like it.

use super::{
    learning::{Example, Features, LinearModel, features_of, similarity},
    likeness::{Word, WordWeights, alike},
    policy::{PolicyError, PolicyFiles, parse},
    reading::Reading,
};
use crate::domain::escalation::EscalationCategory;
use serde::Deserialize;
use std::collections::HashMap;

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
    #[allow(dead_code, reason = "for those who read the policy")]
    language: String,
    /// How such texts sound, -1..1.
    #[serde(default)]
    mood: Option<f32>,
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
    /// How it sounds, -1..1, where that was said.
    pub mood: Option<f32>,
}

/// Reads a file of exemplars; an empty file teaches nothing.
pub fn parse_exemplars(text: &str) -> Result<Vec<Exemplar>, PolicyError> {
    let file: ExemplarFile = parse(FILE, text)?;
    let mut exemplars = Vec::new();
    for group in file.exemplars {
        let category = category(&group.category).ok_or_else(|| PolicyError::Rule {
            rule: format!("exemplars of {:?}", group.category),
            problem: "there is no such category".to_owned(),
        })?;
        let (escalate, mood) = (group.label == Label::Escalate, group.mood);
        exemplars.extend(group.texts.into_iter().map(|text| Exemplar { text, escalate, category, mood }));
    }
    Ok(exemplars)
}

/// All exemplars of a policy.
pub fn known(files: &PolicyFiles) -> Result<Vec<Exemplar>, PolicyError> {
    let mut known = Vec::new();
    for file in [&files.exemplars, &files.everyday, &files.messages_exemplars] {
        known.extend(parse_exemplars(file)?);
    }
    Ok(known)
}

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
    exemplars: Vec<Exemplar>,
    /// Which exemplars have a feature, and how strongly: finds the nearest without going through all of them.
    places: HashMap<u32, Vec<(u32, f32)>>,
    model: LinearModel,
    weights: WordWeights,
}

impl ExemplarReader {
    /// Learns the exemplars: well under a second for two thousand.
    pub fn learn(exemplars: Vec<Exemplar>) -> Self {
        let mut weights = WordWeights::default();
        let exemplars: Vec<(Exemplar, Features)> = exemplars
            .into_iter()
            .map(|exemplar| {
                let reading = Reading::new(None, &exemplar.text);
                weights.count(&reading);
                (exemplar, whole(&reading))
            })
            .collect();
        let examples: Vec<Example> = exemplars
            .iter()
            .map(|(exemplar, features)| Example {
                features: features.clone(),
                target: if exemplar.escalate { 1.0 } else { -1.0 },
                weight: 1.0,
            })
            .collect();
        let mut places: HashMap<u32, Vec<(u32, f32)>> = HashMap::new();
        for (index, (_, features)) in (0_u32..).zip(&exemplars) {
            for (bucket, value) in features {
                places.entry(*bucket).or_default().push((index, *value));
            }
        }
        let model = classifier(&examples);
        let exemplars = exemplars.into_iter().map(|(exemplar, _)| exemplar).collect();
        Self { exemplars, places, model, weights }
    }

    /// How much each word tells.
    pub fn weights(&self) -> &WordWeights {
        &self.weights
    }

    /// The words of all exemplars, folded.
    pub fn words(&self) -> impl Iterator<Item = String> + '_ {
        self.exemplars
            .iter()
            .flat_map(|exemplar| Reading::new(None, &exemplar.text).tokens)
            .map(|token| token.text)
    }

    /// How a message sounds to somebody who knows the exemplars, and the exemplar for that view that is most like it. `weigh` may
    /// change what the words alone say.
    pub fn opinion(&self, reading: &Reading, offset: f32, weigh: impl Fn(f32) -> f32) -> TextOpinion {
        let message = whole(reading);
        let log_odds = weigh(self.model.value(&message));
        TextOpinion { log_odds, nearest: self.nearest(&message, log_odds > offset) }
    }

    fn nearest(&self, message: &Features, escalate: bool) -> Option<Nearest> {
        let mut alike = vec![0.0_f32; self.exemplars.len()];
        for (bucket, value) in message {
            for (index, own) in self.places.get(bucket).into_iter().flatten() {
                alike[*index as usize] += value * own;
            }
        }
        self.exemplars
            .iter()
            .zip(alike)
            .filter(|(exemplar, _)| exemplar.escalate == escalate)
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(exemplar, similarity)| Nearest {
                text: exemplar.text.clone(),
                escalate: exemplar.escalate,
                category: exemplar.category,
                similarity,
            })
    }
}

/// How closely the classifier follows the exemplars; chosen by trial, with cross-validation over them and labelled messages of others in view.
const COST: f32 = 30.0;

/// What words say, learned.
pub fn classifier(examples: &[Example]) -> LinearModel {
    LinearModel::classifier(examples, COST)
}

/// A message that an operator of this box decided on.
#[derive(Debug, Clone, PartialEq)]
pub struct LocalExemplar {
    pub text: String,
    pub escalate: bool,
    pub category: EscalationCategory,
}

/// A marked message that another one is like.
#[derive(Debug, Clone, PartialEq)]
pub struct Taught {
    pub text: String,
    pub escalate: bool,
    pub category: EscalationCategory,
    /// 0..1.
    pub similarity: f32,
    /// The binding rules that the marked message breaks itself: whoever marked it has seen them.
    pub binding: Vec<String>,
}

/// What operators of this box have marked. Matched by likeness alone, so one is learned and unlearned at once.
#[derive(Debug, Default)]
pub struct LocalExemplars {
    marked: Vec<Marked>,
}

#[derive(Debug)]
struct Marked {
    exemplar: LocalExemplar,
    features: Features,
    words: Vec<Word>,
    binding: Vec<String>,
}

impl LocalExemplars {
    /// Takes all of them, each with its reading and the binding rules found in it; earlier ones are forgotten.
    pub fn new(
        exemplars: impl Iterator<Item = (LocalExemplar, Reading, Vec<String>)>,
        weights: &WordWeights,
    ) -> Self {
        let marked = exemplars.map(|(exemplar, reading, binding)| Marked {
            features: whole(&reading),
            words: weights.words(&reading),
            exemplar,
            binding,
        });
        Self { marked: marked.collect() }
    }

    /// The marked message that this one is like, if it is like enough, read with its subject or without: a form asks for a
    /// subject, and the same question comes under many. On a tie the later one counts.
    pub fn nearest(&self, readings: [&Reading; 2], weights: &WordWeights) -> Option<Taught> {
        if self.marked.is_empty() {
            return None;
        }
        let message = readings.map(|reading| (whole(reading), weights.words(reading)));
        let likeness = |marked: &Marked| {
            let each = message.iter().filter_map(|(features, words)| {
                let similarity = similarity(features, &marked.features);
                alike(similarity, words, &marked.words).then_some(similarity)
            });
            each.reduce(f32::max)
        };
        self.marked
            .iter()
            .filter_map(|marked| Some((marked, likeness(marked)?)))
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(marked, similarity)| Taught {
                text: marked.exemplar.text.clone(),
                escalate: marked.exemplar.escalate,
                category: marked.exemplar.category,
                similarity,
                binding: marked.binding.clone(),
            })
    }
}

/// The features of a whole message.
pub fn whole(reading: &Reading) -> Features {
    features_of(reading, 0..reading.tokens.len())
}
