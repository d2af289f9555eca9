//! Which language a message is in. Statistics (whatlang) for texts long enough, frequent words for short ones and for
//! Urdu and Hindi in Latin letters, which statistics do not know.

use super::{policy::PolicyError, reading::Reading};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap, HashSet};
use whatlang::{Detector, Lang, Script};

/// The `[languages]` part of messages.toml.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LanguagePolicy {
    served: Vec<String>,
    markers: BTreeMap<String, Vec<String>>,
}

/// Tells languages apart.
#[derive(Debug)]
pub struct LanguageReader {
    served: HashSet<String>,
    /// Folded marker word to the languages it speaks for.
    markers: HashMap<String, Vec<String>>,
    detector: Detector,
}

/// Languages statistics may answer with: those we know the words of, and their neighbours that people write in.
const CANDIDATES: &[Lang] = &[
    Lang::Eng,
    Lang::Deu,
    Lang::Fra,
    Lang::Spa,
    Lang::Por,
    Lang::Ita,
    Lang::Nld,
    Lang::Urd,
    Lang::Hin,
    Lang::Ara,
    Lang::Pes,
    Lang::Tur,
    Lang::Pol,
    Lang::Swe,
    Lang::Dan,
    Lang::Ces,
    Lang::Ron,
    Lang::Hun,
    Lang::Fin,
    Lang::Vie,
    Lang::Ind,
    Lang::Rus,
    Lang::Ukr,
    Lang::Ell,
    Lang::Heb,
    Lang::Ben,
    Lang::Tha,
    Lang::Kor,
    Lang::Jpn,
    Lang::Cmn,
    Lang::Mar,
    Lang::Tam,
    Lang::Tel,
    Lang::Pan,
    Lang::Guj,
];

impl LanguageReader {
    /// Builds the reader.
    pub fn load(policy: LanguagePolicy) -> Result<Self, PolicyError> {
        let mut markers: HashMap<String, Vec<String>> = HashMap::new();
        for (language, words) in policy.markers {
            for word in words {
                markers.entry(super::reading::fold(&word)).or_default().push(language.clone());
            }
        }
        if policy.served.is_empty() {
            return Err(PolicyError::Rule {
                rule: "languages".to_owned(),
                problem: "`served` names no language".to_owned(),
            });
        }
        Ok(Self {
            served: policy.served.into_iter().collect(),
            markers,
            detector: Detector::with_allowlist(CANDIDATES.to_vec()),
        })
    }

    /// ISO 639-1 code, or `None` when the text is too short to tell.
    pub fn detect(&self, reading: &Reading) -> Option<String> {
        let text = reading.original.as_str();
        let letters = text.chars().filter(|c| c.is_alphabetic()).count();
        let information = self.detector.detect(text);
        let latin = information.as_ref().is_none_or(|found| found.script() == Script::Latin);
        if !latin {
            let found = information?;
            return (letters >= 2).then(|| non_latin(found.script(), found.lang(), text).to_owned());
        }
        let (marked, strength, share) = self.by_markers(reading);
        let statistics = information
            .filter(|found| letters >= 24 && found.confidence() > 0.25)
            .map(|found| code(found.lang()));
        match (marked, statistics) {
            (Some(marked), Some(statistics)) if marked == statistics => Some(marked),
            (Some(marked), _) if strength >= 2.0 || share >= 0.3 => Some(marked),
            (Some(marked), None) if strength >= 1.0 => Some(marked),
            (_, Some(statistics)) if letters >= 40 => Some(statistics.to_owned()),
            (marked, _) => marked,
        }
    }

    /// Whether the assistant answers in that language; unknown is taken as served.
    pub fn serves(&self, language: Option<&str>) -> bool {
        language.is_none_or(|language| self.served.contains(language))
    }

    /// The language most marker words speak for, its lead over the next, and its share of all words.
    fn by_markers(&self, reading: &Reading) -> (Option<String>, f32, f32) {
        let mut votes: BTreeMap<&str, f32> = BTreeMap::new();
        for token in &reading.tokens {
            if let Some(languages) = self.markers.get(&token.text) {
                for language in languages {
                    *votes.entry(language).or_default() += 1.0 / languages.len() as f32;
                }
            }
        }
        let mut ranked: Vec<(&str, f32)> = votes.into_iter().collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        let Some((language, first)) = ranked.first().copied() else { return (None, 0.0, 0.0) };
        let second = ranked.get(1).map_or(0.0, |(_, votes)| *votes);
        let lead = first - second;
        if lead <= 0.0 {
            return (None, 0.0, 0.0);
        }
        (Some(language.to_owned()), lead, first / reading.tokens.len().max(1) as f32)
    }
}

/// Scripts that several languages share are told apart by letters of their own.
fn non_latin(script: Script, language: Lang, text: &str) -> &'static str {
    match script {
        Script::Arabic => {
            const URDU: &str = "ٹڈڑںےہھگچپ";
            const PERSIAN_ONLY: &[&str] = &["است", "می", "های", "این", "را"];
            if text.chars().any(|c| "ٹڈڑںے".contains(c)) {
                "ur"
            } else if text.split_whitespace().any(|word| PERSIAN_ONLY.contains(&word)) {
                "fa"
            } else if text.chars().filter(|c| URDU.contains(*c)).count() >= 2 {
                "ur"
            } else {
                "ar"
            }
        }
        Script::Devanagari if language != Lang::Mar => "hi",
        _ => code(language),
    }
}

fn code(language: Lang) -> &'static str {
    match language {
        Lang::Eng => "en",
        Lang::Deu => "de",
        Lang::Fra => "fr",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Ita => "it",
        Lang::Nld => "nl",
        Lang::Urd => "ur",
        Lang::Hin => "hi",
        Lang::Ara => "ar",
        Lang::Pes => "fa",
        Lang::Tur => "tr",
        Lang::Pol => "pl",
        Lang::Swe => "sv",
        Lang::Dan => "da",
        Lang::Ces => "cs",
        Lang::Ron => "ro",
        Lang::Hun => "hu",
        Lang::Fin => "fi",
        Lang::Vie => "vi",
        Lang::Ind => "id",
        Lang::Rus => "ru",
        Lang::Ukr => "uk",
        Lang::Ell => "el",
        Lang::Heb => "he",
        Lang::Ben => "bn",
        Lang::Tha => "th",
        Lang::Kor => "ko",
        Lang::Jpn => "ja",
        Lang::Cmn => "zh",
        Lang::Mar => "mr",
        Lang::Tam => "ta",
        Lang::Tel => "te",
        Lang::Pan => "pa",
        Lang::Guj => "gu",
        _ => "und",
    }
}
