//! Finds which rules of the policy a message meets, and how much of each match stands once negation, supposition,
//! quotation and "it is solved" are taken into account. Decides nothing.

use super::{
    pattern::{Match, PatternSet, WordLists},
    policy::{EscalationPolicy, Modifier, PolicyError, Rule},
    reading::Reading,
};
use crate::domain::{customer::Plan, escalation::EscalationCategory};
use std::collections::HashMap;

/// What a pattern was compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Any(usize),
    Unless(usize),
    UnlessMessage(usize),
    Phrase(usize),
}

/// The policy's rules, compiled.
#[derive(Debug, Clone)]
pub struct RuleSet {
    rules: Vec<CompiledRule>,
    patterns: PatternSet,
    purposes: Vec<Purpose>,
    phrase_names: Vec<String>,
    modifier_weight: f32,
}

#[derive(Debug, Clone)]
struct CompiledRule {
    rule: Rule,
    category: EscalationCategory,
    also: Vec<usize>,
    also_near: Vec<usize>,
    unless_language: Option<String>,
    any_phrases: Vec<usize>,
    unless_phrases: Vec<usize>,
    unless_message_phrases: Vec<usize>,
}

/// A rule that a message meets.
#[derive(Debug, Clone)]
pub struct Finding<'a> {
    pub rule: &'a Rule,
    pub category: EscalationCategory,
    /// The rule's weight after modifiers.
    pub weight: f32,
    /// The customer's words.
    pub evidence: String,
}

/// Named phrases found, for the sentence they are in.
struct Phrases {
    found: Vec<(usize, Match)>,
}

impl Phrases {
    fn in_message(&self, phrase: usize) -> bool {
        self.found.iter().any(|(found, _)| *found == phrase)
    }

    fn in_sentence(&self, phrase: usize, sentence: usize) -> Option<&Match> {
        self.found
            .iter()
            .find(|(found, place)| *found == phrase && place.sentence == sentence)
            .map(|(_, place)| place)
    }
}

impl RuleSet {
    /// Compiles policies; those after the first add rules, words and phrases.
    pub fn compile(
        policies: &[(&'static str, &EscalationPolicy)],
        modifier_weight: f32,
    ) -> Result<Self, PolicyError> {
        let mut lists = WordLists::new();
        let mut phrases: Vec<(String, &'static str, Vec<String>)> = Vec::new();
        for (file, policy) in policies {
            lists.extend(policy.words.clone());
            for (name, patterns) in &policy.phrases {
                match phrases.iter_mut().find(|(known, ..)| known == name) {
                    Some((_, _, known)) => known.extend(patterns.iter().cloned()),
                    None => phrases.push((name.clone(), file, patterns.clone())),
                }
            }
        }
        let mut set = Self {
            rules: Vec::new(),
            patterns: PatternSet::default(),
            purposes: Vec::new(),
            phrase_names: phrases.iter().map(|(name, ..)| name.clone()).collect(),
            modifier_weight,
        };
        for (index, (name, file, patterns)) in phrases.iter().enumerate() {
            set.add(file, name, patterns, Purpose::Phrase(index), &lists)?;
        }
        for (file, policy) in policies {
            for rule in &policy.rules {
                let unless_language = policy.unless_language.clone().filter(|_| !rule.in_any_language);
                set.add_rule(file, rule, unless_language, &lists)?;
            }
        }
        Ok(set)
    }

    fn add_rule(
        &mut self,
        file: &'static str,
        rule: &Rule,
        unless_language: Option<String>,
        lists: &WordLists,
    ) -> Result<(), PolicyError> {
        let problem =
            |problem: &str| PolicyError::Rule { rule: rule.name.clone(), problem: problem.to_owned() };
        let category = rule
            .category()
            .ok_or_else(|| problem("its name's first part is no category, so it needs `category`"))?;
        if !(0.0..1.0).contains(&rule.weight) {
            return Err(problem("`weight` must be at least 0 and under 1"));
        }
        let index = self.rules.len();
        let (any_phrases, any) = self.split(&rule.name, &rule.any)?;
        let (unless_phrases, unless) = self.split(&rule.name, &rule.unless)?;
        let (unless_message_phrases, unless_message) = self.split(&rule.name, &rule.unless_message)?;
        self.add(file, &rule.name, &any, Purpose::Any(index), lists)?;
        self.add(file, &rule.name, &unless, Purpose::Unless(index), lists)?;
        self.add(file, &rule.name, &unless_message, Purpose::UnlessMessage(index), lists)?;
        let also = rule.also.iter().map(|name| self.phrase(&rule.name, name)).collect::<Result<_, _>>()?;
        let also_near =
            rule.also_near.iter().map(|name| self.phrase(&rule.name, name)).collect::<Result<_, _>>()?;
        self.rules.push(CompiledRule {
            rule: rule.clone(),
            category,
            also,
            also_near,
            unless_language,
            any_phrases,
            unless_phrases,
            unless_message_phrases,
        });
        Ok(())
    }

    /// Separates `@name` (all patterns of a phrase list) from patterns written out.
    fn split(&self, rule: &str, patterns: &[String]) -> Result<(Vec<usize>, Vec<String>), PolicyError> {
        let (mut phrases, mut own) = (Vec::new(), Vec::new());
        for pattern in patterns {
            match pattern.strip_prefix('@') {
                Some(name) => phrases.push(self.phrase(rule, name)?),
                None => own.push(pattern.clone()),
            }
        }
        Ok((phrases, own))
    }

    fn phrase(&self, rule: &str, name: &str) -> Result<usize, PolicyError> {
        self.phrase_names
            .iter()
            .position(|known| known == name)
            .ok_or_else(|| PolicyError::UnknownPhrases { rule: rule.to_owned(), phrase: name.to_owned() })
    }

    fn add(
        &mut self,
        file: &'static str,
        rule: &str,
        patterns: &[String],
        purpose: Purpose,
        lists: &WordLists,
    ) -> Result<(), PolicyError> {
        let owner = self.purposes.len();
        self.purposes.push(purpose);
        for pattern in patterns {
            self.patterns.add(owner, pattern, lists).map_err(|error| PolicyError::Pattern {
                file,
                rule: rule.to_owned(),
                error,
            })?;
        }
        Ok(())
    }

    /// Every word that some rule names in full.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.patterns.words()
    }

    /// The rules a message meets, each once, in the policy's order.
    pub fn find(&self, reading: &Reading, plan: Plan, language: Option<&str>) -> Vec<Finding<'_>> {
        let mut phrases = Phrases { found: Vec::new() };
        let mut any: HashMap<usize, Vec<Match>> = HashMap::new();
        let mut unless: Vec<(usize, usize)> = Vec::new();
        let mut unless_message: Vec<usize> = Vec::new();
        for found in self.patterns.find(reading) {
            match self.purposes[found.owner] {
                Purpose::Phrase(phrase) => phrases.found.push((phrase, found)),
                Purpose::Any(rule) => any.entry(rule).or_default().push(found),
                Purpose::Unless(rule) => unless.push((rule, found.sentence)),
                Purpose::UnlessMessage(rule) => unless_message.push(rule),
            }
        }
        let context = Context { set: self, reading, phrases: &phrases };
        let mut findings = Vec::new();
        for (index, compiled) in self.rules.iter().enumerate() {
            let rule = &compiled.rule;
            let blocked = unless_message.contains(&index)
                || compiled.unless_message_phrases.iter().any(|phrase| phrases.in_message(*phrase))
                || !compiled.also.iter().all(|phrase| phrases.in_message(*phrase))
                || (compiled.unless_language.is_some() && compiled.unless_language.as_deref() == language)
                || (!rule.plans.is_empty() && !rule.plans.contains(&plan));
            if blocked {
                continue;
            }
            let mut matches = any.remove(&index).unwrap_or_default();
            for phrase in &compiled.any_phrases {
                matches.extend(
                    phrases.found.iter().filter(|(found, _)| found == phrase).map(|(_, place)| place.clone()),
                );
            }
            matches.retain(|place| {
                !unless.contains(&(index, place.sentence))
                    && !compiled
                        .unless_phrases
                        .iter()
                        .any(|phrase| phrases.in_sentence(*phrase, place.sentence).is_some())
                    && compiled
                        .also_near
                        .iter()
                        .all(|phrase| phrases.in_sentence(*phrase, place.sentence).is_some())
                    && !reading.sentences[place.sentence].quoted_line
            });
            if let Some(finding) = context.finding(compiled, &matches) {
                findings.push(finding);
            }
        }
        findings
    }
}

struct Context<'a, 'b> {
    set: &'a RuleSet,
    reading: &'b Reading,
    phrases: &'b Phrases,
}

impl<'a> Context<'a, '_> {
    fn finding(&self, compiled: &'a CompiledRule, matches: &[Match]) -> Option<Finding<'a>> {
        let standing: Vec<(f32, &Match)> =
            matches.iter().map(|place| (self.standing(&compiled.rule, place), place)).collect();
        let (best, place) = standing.iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
        if *best <= 0.0 {
            return None;
        }
        let whole = standing
            .iter()
            .filter(|(standing, _)| *standing >= 1.0)
            .map(|(_, place)| place.tokens.start)
            .collect::<Vec<_>>();
        let spread =
            whole.iter().max().zip(whole.iter().min()).is_some_and(|(last, first)| last - first >= 3);
        let weight = match compiled.rule.twice {
            Some(twice) if spread => twice,
            _ => compiled.rule.weight,
        };
        Some(Finding {
            rule: &compiled.rule,
            category: compiled.category,
            weight: weight * best,
            evidence: self.reading.words(place.tokens.clone()),
        })
    }

    /// How much of a match stands, 0..1.
    fn standing(&self, rule: &Rule, place: &Match) -> f32 {
        let weakened_by = |modifier: Modifier| !rule.stands.contains(&modifier);
        if rule.class == crate::domain::escalation::SignalClass::Never {
            return 1.0;
        }
        if weakened_by(Modifier::Denied) && self.denied(place)
            || weakened_by(Modifier::No) && self.after_no(place)
        {
            return 0.0;
        }
        let weak = weakened_by(Modifier::Quoted) && self.quoted(place)
            || weakened_by(Modifier::Hypothetical) && self.hypothetical(place)
            || weakened_by(Modifier::Policy) && self.near("policy", place).is_some()
            || weakened_by(Modifier::Resolved) && self.resolved(place);
        if weak { self.set.modifier_weight } else { 1.0 }
    }

    fn near(&self, phrases: &str, place: &Match) -> Option<&Match> {
        let phrase = self.set.phrase_names.iter().position(|name| name == phrases)?;
        self.phrases.in_sentence(phrase, place.sentence)
    }

    /// A denial at most four words before.
    fn denied(&self, place: &Match) -> bool {
        let Some(phrase) = self.set.phrase_names.iter().position(|name| name == "denial") else {
            return false;
        };
        self.phrases.found.iter().any(|(found, denial)| {
            *found == phrase
                && denial.sentence == place.sentence
                && denial.tokens.end <= place.tokens.start
                && place.tokens.start - denial.tokens.end <= 4
                && !self.reading.tokens[denial.tokens.end..place.tokens.start]
                    .iter()
                    .any(|token| token.text == "but")
        })
    }

    /// A bare "not", "no", "never" right before, or with one word between.
    fn after_no(&self, place: &Match) -> bool {
        const NO: &[&str] = &[
            "not", "no", "never", "without", "nor", "neither", "nie", "kein", "keine", "nicht", "ne", "pas",
            "nao", "nunca", "niet", "geen",
        ];
        let start = self.reading.sentences[place.sentence].tokens.start;
        let before = place.tokens.start.saturating_sub(2).max(start)..place.tokens.start;
        let words = &self.reading.tokens[before];
        let adjacent = words.last().is_some_and(|token| NO.contains(&token.text.as_str()));
        let linked = words.len() == 2
            && NO.contains(&words[0].text.as_str())
            && ["a", "an", "any", "been", "be", "being", "was", "the", "really", "actually"]
                .contains(&words[1].text.as_str());
        adjacent || linked
    }

    /// In quotation marks, while the customer says more than the quotation.
    fn quoted(&self, place: &Match) -> bool {
        let quoted = self.reading.tokens.iter().filter(|token| token.quoted).count();
        self.reading.tokens[place.tokens.clone()].iter().all(|token| token.quoted)
            && quoted * 10 < self.reading.tokens.len() * 6
    }

    /// Supposed in the same sentence, unless the supposition is a threat.
    fn hypothetical(&self, place: &Match) -> bool {
        self.near("hypothetical", place).is_some_and(|supposed| supposed.tokens.start <= place.tokens.end)
            && self.near("threat", place).is_none()
    }

    /// Said to be over, in the same sentence or as the message's last word on it.
    fn resolved(&self, place: &Match) -> bool {
        let named = |name: &str| self.set.phrase_names.iter().position(|known| known == name);
        let (Some(resolved), Some(unresolved)) = (named("resolved"), named("unresolved")) else {
            return false;
        };
        self.phrases.in_message(resolved)
            && !self.phrases.in_message(unresolved)
            && self
                .phrases
                .found
                .iter()
                .any(|(found, over)| *found == resolved && over.sentence >= place.sentence.saturating_sub(1))
    }
}
