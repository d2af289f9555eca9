//! Screens a text for attempts to instruct the assistant. A flag sends the message to a person; it never blocks one, and
//! nothing relies on it: customer text stays data whether flagged or not.

use super::{
    disguise,
    learning::{Example, LinearModel, features_of},
    pattern::{PatternSet, WordLists},
    policy::{PolicyError, parse},
    reading::Reading,
};
use crate::domain::triage::InjectionScreen;
use serde::Deserialize;
use std::collections::BTreeMap;

const FILE: &str = "injection.toml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct InjectionPolicy {
    threshold: f32,
    classifier: Classifier,
    #[serde(rename = "sign")]
    signs: Vec<Sign>,
}

/// How much the classifier taught by the phrases counts, in the units signs add up in.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Classifier {
    offset: f32,
    scale: f32,
    most: f32,
    least: f32,
}

/// injection-exemplars.toml.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct InjectionExemplars {
    #[serde(default)]
    attack: Vec<String>,
    #[serde(default)]
    innocent: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sign {
    name: String,
    weight: f32,
    #[allow(dead_code, reason = "for those who read the policy")]
    description: String,
    #[serde(default)]
    any: Vec<String>,
    #[serde(default)]
    unless: Vec<String>,
    /// Literal marks, searched for in the lower-cased text.
    #[serde(default)]
    marks: Vec<String>,
}

/// The screen.
#[derive(Debug)]
pub struct InjectionReader {
    threshold: f32,
    classifier: Classifier,
    model: LinearModel,
    signs: Vec<Sign>,
    any: PatternSet,
    unless: PatternSet,
}

impl InjectionReader {
    /// Compiles the policy and learns the phrases; `harmless` are customers' ordinary words.
    pub fn load(text: &str, exemplars: &str, harmless: &[&str]) -> Result<Self, PolicyError> {
        let policy: InjectionPolicy = parse(FILE, text)?;
        let (mut any, mut unless) = (PatternSet::default(), PatternSet::default());
        for (owner, sign) in policy.signs.iter().enumerate() {
            for (set, patterns) in [(&mut any, &sign.any), (&mut unless, &sign.unless)] {
                for pattern in patterns {
                    set.add(owner, pattern, &WordLists::new()).map_err(|error| PolicyError::Pattern {
                        file: FILE,
                        rule: sign.name.clone(),
                        error,
                    })?;
                }
            }
        }
        let exemplars: InjectionExemplars = parse("injection-exemplars.toml", exemplars)?;
        let model = learn(&exemplars, harmless);
        Ok(Self {
            threshold: policy.threshold,
            classifier: policy.classifier,
            model,
            signs: policy.signs,
            any,
            unless,
        })
    }

    /// Screens a text as it stands and with its disguises taken off.
    pub fn screen(&self, reading: &Reading) -> InjectionScreen {
        let mut worst = self.screen_plain(reading);
        for plain in disguise::unveiled(&reading.original) {
            let mut unveiled = self.screen_plain(&Reading::new(None, &plain));
            if unveiled.score > worst.score {
                unveiled
                    .evidence
                    .insert(0, format!("disguised: {}", plain.chars().take(80).collect::<String>().trim()));
                worst = unveiled;
            }
        }
        worst
    }

    fn screen_plain(&self, reading: &Reading) -> InjectionScreen {
        let excused = self.unless.find(reading);
        let mut found: BTreeMap<usize, (usize, String)> = BTreeMap::new();
        for place in self.any.find(reading) {
            if excused.iter().any(|excuse| excuse.owner == place.owner && excuse.sentence == place.sentence) {
                continue;
            }
            let entry = found.entry(place.owner).or_insert_with(|| (0, reading.words(place.tokens.clone())));
            entry.0 += 1;
        }
        let lower = reading.original.to_lowercase();
        for (owner, sign) in self.signs.iter().enumerate() {
            if let Some(mark) = sign.marks.iter().find(|mark| lower.contains(mark.as_str())) {
                found.entry(owner).or_insert_with(|| (1, mark.clone())).0 += 0;
            }
        }
        let mut innocent = 1.0_f32;
        let mut evidence = Vec::new();
        for (owner, (count, words)) in &found {
            let weight = self.signs[*owner].weight;
            innocent *= 1.0 - weight;
            if *count >= 2 {
                innocent *= 1.0 - weight * 0.5;
            }
            evidence.push(format!("{}: {words}", self.signs[*owner].name));
        }
        let lean = (self.log_odds(reading) - self.classifier.offset) * self.classifier.scale;
        let lean = lean.clamp(-self.classifier.least, self.classifier.most);
        if lean > 0.1 {
            evidence.push(format!("sounds like an instruction to the assistant ({lean:.1})"));
        }
        let score = (1.0 - innocent * (-lean).exp()).max(0.0);
        InjectionScreen { score, flagged: score >= self.threshold, evidence }
    }

    /// Between the whole text and its most telling sentence: an order hides in a long text, a harmless text has odd sentences.
    fn log_odds(&self, reading: &Reading) -> f32 {
        let whole = self.model.value(&features_of(reading, 0..reading.tokens.len()));
        let telling = reading
            .sentences
            .iter()
            .filter(|sentence| sentence.tokens.len() >= 3)
            .map(|sentence| self.model.value(&features_of(reading, sentence.tokens.clone())))
            .fold(whole, f32::max);
        f32::midpoint(whole, telling)
    }
}

/// How closely the classifier follows the phrases.
const COST: f32 = 30.0;

fn learn(exemplars: &InjectionExemplars, harmless: &[&str]) -> LinearModel {
    let example = |text: &str, target: f32, weight: f32| {
        let reading = Reading::new(None, text);
        Example { features: features_of(&reading, 0..reading.tokens.len()), target, weight }
    };
    let attacks = exemplars.attack.iter().map(|text| example(text, 1.0, 1.0));
    let innocent = exemplars.innocent.iter().map(|text| example(text, -1.0, 1.0));
    let harmless = harmless.iter().map(|text| example(text, -1.0, 0.3));
    LinearModel::classifier(&attacks.chain(innocent).chain(harmless).collect::<Vec<_>>(), COST)
}
