//! Screens a text for attempts to instruct the assistant. A flag sends the message to a person; it never blocks one, and
//! nothing relies on it: customer text stays data whether flagged or not.

use super::{
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
    #[serde(rename = "sign")]
    signs: Vec<Sign>,
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
    signs: Vec<Sign>,
    any: PatternSet,
    unless: PatternSet,
}

impl InjectionReader {
    /// Compiles the policy.
    pub fn load(text: &str) -> Result<Self, PolicyError> {
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
        Ok(Self { threshold: policy.threshold, signs: policy.signs, any, unless })
    }

    /// Screens a text.
    pub fn screen(&self, reading: &Reading) -> InjectionScreen {
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
        let score = 1.0 - innocent;
        InjectionScreen { score, flagged: score >= self.threshold, evidence }
    }
}
