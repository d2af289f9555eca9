//! What can be told of a message before any answer is thought of: its kind, language, mood, intent, attempts to instruct
//! the assistant, and whether a person must take over. Rules hold what must never be missed; classifiers learned from
//! exemplars when the policy is loaded weigh the rest. Needs no model file. Knows `domain`; does no I/O.

mod assessment;
mod disguise;
mod exemplars;
mod injection;
mod kinds;
mod language;
mod learning;
mod likeness;
mod meaning;
mod meaning_fit;
mod moods;
mod pattern;
mod policy;
mod reading;
mod rules;
mod sentiment;
mod spelling;

pub use exemplars::LocalExemplar;
pub use meaning::text_for_vector;
pub use meaning_fit::{Fitted, Lessons};
pub use pattern::PatternError;
pub use policy::{PolicyError, PolicyFiles};

use crate::domain::{
    customer::Plan,
    escalation::{EscalationAssessment, EscalationCategory, Signal, SignalClass, SignalSource, Urgency},
    sentiment::Sentiment,
    triage::{MessageKind, Triage, TriageInput},
};
use meaning::Meaning;
use policy::{Combining, EscalationPolicy};
use reading::Reading;
use std::{
    collections::HashSet,
    sync::{PoisonError, RwLock},
};

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
    exemplars: exemplars::ExemplarReader,
    spelling: spelling::Spelling,
    meaning: Meaning,
    local: RwLock<exemplars::LocalExemplars>,
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
        let known = exemplars::known(files)?;
        let messages = kinds::MessagesPolicy::load(&files.messages)?;
        let harmless: Vec<&str> = known.iter().map(|exemplar| exemplar.text.as_str()).collect();
        let injection =
            injection::InjectionReader::load(&files.injection, &files.injection_exemplars, &harmless)?;
        let moods: Vec<(&str, f32)> =
            known.iter().filter_map(|exemplar| Some((exemplar.text.as_str(), exemplar.mood?))).collect();
        let sentiment = sentiment::SentimentReader::load(&files.sentiment, &files.moods(), &moods)?;
        let exemplars = exemplars::ExemplarReader::learn(known);
        let kinds = kinds::KindReader::load(&messages)?;
        let spelling = spelling(messages.spelling.words, &rules, &sentiment, &exemplars);
        Ok(Self {
            combining,
            rules,
            urgencies,
            kinds,
            languages: language::LanguageReader::load(messages.languages)?,
            sentiment,
            injection,
            exemplars,
            spelling,
            meaning: Meaning::load(&files.meaning)?,
            local: RwLock::default(),
        })
    }

    /// Reads a message. Needs no model and never fails: what cannot be told is left at neutral.
    pub fn triage(&self, input: &TriageInput<'_>) -> Triage {
        self.triage_with_vector(input, None)
    }

    /// The embedding model whose vectors help to read a message.
    pub fn embedding_model(&self) -> &str {
        &self.meaning.model
    }

    /// Reads a message with the vector of its [`text_for_vector`] by the [`embedding_model`](Self::embedding_model), when there is
    /// one; one of another length counts for nothing.
    pub fn triage_with_vector(&self, input: &TriageInput<'_>, vector: Option<&[f32]>) -> Triage {
        let meaning =
            vector.filter(|vector| self.meaning.reads(vector)).map(|vector| (&self.meaning, vector));
        let mut reading = Reading::new(input.subject, input.text);
        self.spelling.correct(&mut reading);
        let body = Reading::new(None, input.text);
        let taught = self
            .local
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .nearest([&reading, &body], self.exemplars.weights());
        let kind = match self.kinds.kind(&reading, &body, input.automatic_mail) {
            MessageKind::AutomaticMail => MessageKind::AutomaticMail,
            // An operator has said that one like it is to be answered or handed over, so it is neither spam nor a greeting.
            _ if taught.is_some() => MessageKind::Request,
            kind => kind,
        };
        let language = self.languages.detect(&reading);
        let language_served = self.languages.serves(language.as_deref());
        let sentiment = self.sentiment.read(&reading, meaning);
        let injection = self.injection.screen(&reading);
        let intent = self.kinds.intent(&reading);
        let escalation = if kind == MessageKind::Request {
            self.escalation(
                &reading,
                input,
                language.as_deref(),
                Views { sentiment, meaning, taught: taught.as_ref() },
            )
        } else {
            EscalationAssessment::none()
        };
        Triage { kind, language, language_served, sentiment, intent, injection, escalation }
    }

    /// Replaces the exemplars that operators of this box have marked. They hold from the next message on.
    pub fn set_local_exemplars(&self, exemplars: Vec<LocalExemplar>) {
        let read = exemplars.into_iter().map(|exemplar| {
            let mut reading = Reading::new(None, &exemplar.text);
            self.spelling.correct(&mut reading);
            let language = self.languages.detect(&reading);
            let found = self.rules.find(&reading, Plan::default(), language.as_deref());
            let signals: Vec<Signal> = found.iter().map(assessment::signal).collect();
            let binding = self.binding(&signals).map(|signal| signal.name.clone()).collect();
            (exemplar, reading, binding)
        });
        let learned = exemplars::LocalExemplars::new(read, self.exemplars.weights());
        *self.local.write().unwrap_or_else(PoisonError::into_inner) = learned;
    }

    /// The signals that escalate by themselves.
    fn binding<'a>(&self, signals: &'a [Signal]) -> impl Iterator<Item = &'a Signal> + use<'a> {
        let threshold = self.combining.threshold;
        signals.iter().filter(move |signal| signal.class == SignalClass::Always && signal.weight >= threshold)
    }

    fn escalation(
        &self,
        reading: &Reading,
        input: &TriageInput<'_>,
        language: Option<&str>,
        Views { sentiment, meaning, taught }: Views<'_>,
    ) -> EscalationAssessment {
        let mut signals: Vec<Signal> =
            self.rules.find(reading, input.plan, language).iter().map(assessment::signal).collect();
        let opinion = self.exemplars.opinion(reading, self.combining.text_offset, |words| match meaning {
            Some((meaning, vector)) => meaning.escalation(words, vector),
            None => words,
        });
        self.release(&mut signals, opinion.log_odds);
        signals.extend(self.text_signal(opinion, meaning.is_some()));
        signals.extend(self.mood(sentiment));
        signals.extend(shouting(reading));
        signals.extend(answered_before(input));
        signals.extend(taught.filter(|near| near.escalate).map(local_signal));
        let mut assessment = assessment::assess(signals, &self.urgencies, &self.combining, input.plan);
        match taught {
            Some(near) if near.escalate => {
                // The operator named the team; a binding rule's team still comes first.
                if !self.binding(&assessment.signals).any(|signal| signal.source != SignalSource::Exemplar) {
                    assessment.category = near.category;
                }
                assessment
            }
            Some(near) => self.answer_as_taught(assessment, near),
            None => assessment,
        }
    }

    /// A rule of the always class that found its words in a text which as a whole reads like an everyday question keeps only the
    /// policy's `modifier`: "how do I set the copyright year?" is no legal matter. Two such rules are never overruled.
    fn release(&self, signals: &mut [Signal], log_odds: f32) {
        let asks = signals.iter().any(|signal| signal.name == HOW_TO);
        let sure = if asks { self.combining.release_question } else { self.combining.release };
        let binding = |signal: &Signal| {
            signal.class == SignalClass::Always && signal.weight >= self.combining.threshold
        };
        if log_odds > sure || signals.iter().filter(|signal| binding(signal)).count() != 1 {
            return;
        }
        if let Some(signal) = signals.iter_mut().find(|signal| binding(signal)) {
            signal.weight *= self.combining.modifier;
        }
    }

    /// An operator said that a message like this can be answered. What a binding rule holds (a refund, a lawyer, an intruder, a
    /// wish for a person) goes to a person all the same, unless the text is nearly the marked one and breaks no binding rule
    /// that the marked one does not break: a long message with "and my lawyer will call" at its end is nearly the same, too.
    fn answer_as_taught(
        &self,
        mut assessment: EscalationAssessment,
        near: &exemplars::Taught,
    ) -> EscalationAssessment {
        const NEARLY_THE_SAME: f32 = 0.9;
        let (mut any, mut unseen) = (false, false);
        for signal in self.binding(&assessment.signals) {
            any = true;
            unseen |= !near.binding.contains(&signal.name);
        }
        if unseen || (any && near.similarity < NEARLY_THE_SAME) {
            return assessment;
        }
        assessment.escalate = false;
        assessment.score = assessment.score.min(0.2);
        let weight = -near.similarity;
        assessment.signals.insert(0, Signal { class: SignalClass::Never, weight, ..local_signal(near) });
        assessment
    }

    /// What the classifier taught by the exemplars adds: for a person when it is surer than the policy's offset, else for an answer.
    fn text_signal(&self, opinion: exemplars::TextOpinion, with_meaning: bool) -> Option<Signal> {
        let lean = (opinion.log_odds - self.combining.text_offset) * self.combining.text_scale;
        let strength = lean.clamp(-self.combining.text_against, self.combining.text_for);
        let nearest = opinion.nearest?;
        let weight = 1.0 - (-strength.abs()).exp();
        (weight >= 0.02).then(|| Signal {
            name: if with_meaning { "exemplars.meaning" } else { "exemplars.text" }.to_owned(),
            category: nearest.category,
            class: if strength > 0.0 { SignalClass::Likely } else { SignalClass::Never },
            source: SignalSource::Exemplar,
            weight: weight * strength.signum(),
            evidence: format!(
                "most like “{}”",
                nearest.text.split_whitespace().collect::<Vec<_>>().join(" ")
            ),
        })
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
        self.sentiment.read(&Reading::new(None, text), None)
    }

    /// The injection screen alone, for documents and histories.
    pub fn screen(&self, text: &str) -> crate::domain::triage::InjectionScreen {
        self.injection.screen(&Reading::new(None, text))
    }
}

/// What else is known of a message when it is weighed whether a person must take over.
#[derive(Clone, Copy)]
struct Views<'a> {
    sentiment: Sentiment,
    meaning: Option<(&'a Meaning, &'a [f32])>,
    taught: Option<&'a exemplars::Taught>,
}

/// The rule that says somebody asks how something is done.
const HOW_TO: &str = "general.how_to";

/// An operator said that a message like this belongs to a person.
fn local_signal(near: &exemplars::Taught) -> Signal {
    Signal {
        name: "exemplars.local".to_owned(),
        category: near.category,
        class: SignalClass::Always,
        source: SignalSource::Exemplar,
        weight: 0.95,
        evidence: format!("marked here before: “{}”", near.text),
    }
}

/// The words that are never taken for slips: those the rules and the lexicon name, and what the exemplars use twice or more.
fn spelling(
    targets: Vec<String>,
    rules: &rules::RuleSet,
    sentiment: &sentiment::SentimentReader,
    exemplars: &exemplars::ExemplarReader,
) -> spelling::Spelling {
    let mut known: HashSet<String> = rules.words().chain(sentiment.words()).map(str::to_owned).collect();
    let mut once: HashSet<String> = HashSet::new();
    for word in exemplars.words() {
        if !once.insert(word.clone()) {
            known.insert(word);
        }
    }
    spelling::Spelling::new(targets, known)
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

#[cfg(test)]
mod tests;
