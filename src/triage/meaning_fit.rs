//! Fits `meaning.toml` to the exemplars. What words and meaning count beside each other is learned from what classifiers say
//! of exemplars they were not fitted to (stacking; Wolpert, 1992), in five folds, so that the words, which remember their own
//! exemplars best, are not trusted too much.

use super::{
    exemplars,
    learning::{Example, Features, LinearModel},
    meaning::{EscalationHead, MOODS, Meaning, MoodHead},
    moods::Directions,
    policy::{PolicyError, PolicyFiles},
    reading::Reading,
    sentiment::SentimentReader,
};
use crate::domain::sentiment::{Sentiment, SentimentLabel};
use std::fmt;

const FOLDS: usize = 5;
/// How closely the weights over the vector follow the exemplars, and those that blend.
const COST: f32 = 4.0;
const BLEND_COST: f32 = 1.0;
const PASSES: usize = 40;

/// What is to be learned: texts whose vectors are wanted, in the order of [`Lessons::texts`].
#[derive(Debug)]
pub struct Lessons {
    moods: Vec<Lesson>,
    decisions: Vec<Lesson>,
}

#[derive(Debug)]
struct Lesson {
    text: String,
    words: Features,
    /// A mood's score, or 1 for a person and -1 for an answer.
    target: f32,
    weight: f32,
}

/// How often exemplars were read rightly by a reader that had not seen them.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    pub words: f64,
    pub meaning: f64,
    pub both: f64,
}

/// What came of it.
#[derive(Debug)]
pub struct Fitted {
    /// The file.
    pub toml: String,
    pub moods: Share,
    pub mood_lessons: usize,
    pub decisions: Share,
    pub decision_lessons: usize,
}

impl Lessons {
    /// The exemplars of a policy.
    pub fn of(files: &PolicyFiles) -> Result<Self, PolicyError> {
        let known = exemplars::known(files)?;
        let moods: Vec<(&str, f32)> =
            known.iter().filter_map(|exemplar| Some((exemplar.text.as_str(), exemplar.mood?))).collect();
        let moods = SentimentReader::lessons(&files.sentiment, &files.moods(), &moods)?
            .into_iter()
            .map(|(text, example)| Lesson {
                text,
                words: example.features,
                target: example.target,
                weight: example.weight,
            })
            .collect();
        let decisions = known
            .into_iter()
            .map(|exemplar| Lesson {
                words: exemplars::whole(&Reading::new(None, &exemplar.text)),
                target: if exemplar.escalate { 1.0 } else { -1.0 },
                weight: 1.0,
                text: exemplar.text,
            })
            .collect();
        Ok(Self { moods, decisions })
    }

    /// The texts, those of moods first.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.moods.iter().chain(&self.decisions).map(|lesson| lesson.text.as_str())
    }

    /// Learns; `vectors` are those of the texts, in order.
    pub fn fit(&self, vectors: &[Vec<f32>], model: &str) -> Result<Fitted, toml::ser::Error> {
        let (moods, decisions) = vectors.split_at(self.moods.len());
        let (mood_heads, mood_share) = fit_moods(&self.moods, moods);
        let (escalation, decision_share) = fit_escalation(&self.decisions, decisions);
        let meaning = Meaning { model: model.to_owned(), moods: mood_heads, escalation };
        Ok(Fitted {
            toml: written(&meaning)?,
            moods: mood_share,
            mood_lessons: self.moods.len(),
            decisions: decision_share,
            decision_lessons: self.decisions.len(),
        })
    }
}

fn label(score: f32) -> SentimentLabel {
    Sentiment { score, confidence: 1.0 }.label()
}

/// A mood or none of it, 1 or -1.
fn is(lesson: &Lesson, mood: SentimentLabel) -> f32 {
    if label(lesson.target) == mood { 1.0 } else { -1.0 }
}

/// Weights over vectors; each class counts the same however many exemplars it has.
fn head(lessons: &[&Lesson], vectors: &[&Vec<f32>], target: impl Fn(&Lesson) -> f32) -> Vec<f32> {
    let all = lessons.len() as f32;
    let yes = lessons.iter().filter(|lesson| target(lesson) > 0.0).count() as f32;
    let examples: Vec<Example> = lessons
        .iter()
        .zip(vectors)
        .map(|(lesson, vector)| {
            let target = target(lesson);
            let share = if target > 0.0 { yes } else { all - yes };
            Example { features: plain(vector), target, weight: lesson.weight * all / (2.0 * share.max(1.0)) }
        })
        .collect();
    LinearModel::classifier_in(PASSES, &examples, COST).first(vectors.first().map_or(0, |v| v.len()))
}

/// The last of the weights is the constant.
fn value(head: &[f32], vector: &[f32]) -> f32 {
    super::meaning::product(head, vector) + head.last().copied().unwrap_or_default()
}

fn plain(values: &[f32]) -> Features {
    (0..).zip(values.iter().copied()).collect()
}

/// What readers that had not seen a lesson say of it.
fn unseen(count: usize, mut learn: impl FnMut(&[usize], &[usize]) -> Vec<Vec<f32>>) -> Vec<Vec<f32>> {
    let mut said = vec![Vec::new(); count];
    for fold in 0..FOLDS {
        let (held, known): (Vec<usize>, Vec<usize>) = (0..count).partition(|index| index % FOLDS == fold);
        for (index, values) in held.iter().zip(learn(&known, &held)) {
            said[*index] = values;
        }
    }
    said
}

/// How what readers say is to be blended: weights and a constant for each class. Also says, with weights learned on the other
/// folds, what each lesson is read as.
fn blend(
    said: &[Vec<f32>],
    classes: usize,
    target: impl Fn(usize, usize) -> f32,
) -> (Vec<Vec<f32>>, Vec<usize>) {
    let learn = |known: &[usize]| -> Vec<Vec<f32>> {
        (0..classes)
            .map(|class| {
                let examples: Vec<Example> = known
                    .iter()
                    .map(|index| Example {
                        features: plain(&said[*index]),
                        target: target(*index, class),
                        weight: 1.0,
                    })
                    .collect();
                LinearModel::classifier_in(PASSES, &examples, BLEND_COST)
                    .first(said.first().map_or(0, Vec::len))
            })
            .collect()
    };
    let read = unseen(said.len(), |known, held| {
        let heads = learn(known);
        held.iter().map(|index| heads.iter().map(|head| value(head, &said[*index])).collect()).collect()
    });
    let all: Vec<usize> = (0..said.len()).collect();
    (learn(&all), read.iter().map(|values| greatest(values)).collect())
}

/// The place of the greatest; of one value, whether it is over 0.
fn greatest(values: &[f32]) -> usize {
    match values {
        [single] => usize::from(*single > 0.0),
        _ => (0..values.len()).max_by(|a, b| values[*a].total_cmp(&values[*b])).unwrap_or_default(),
    }
}

fn share(read: impl Iterator<Item = bool>) -> f64 {
    let (right, all) = read.fold((0_u32, 0_u32), |(right, all), hit| (right + u32::from(hit), all + 1));
    f64::from(right) / f64::from(all.max(1))
}

fn picked<'a, T>(all: &'a [T], places: &[usize]) -> Vec<&'a T> {
    places.iter().map(|index| &all[*index]).collect()
}

fn fit_moods(lessons: &[Lesson], vectors: &[Vec<f32>]) -> (Vec<MoodHead>, Share) {
    let heads = |places: &[usize]| -> Vec<Vec<f32>> {
        let (lessons, vectors) = (picked(lessons, places), picked(vectors, places));
        MOODS.iter().map(|mood| head(&lessons, &vectors, |lesson| is(lesson, *mood))).collect()
    };
    let said = unseen(lessons.len(), |known, held| {
        let examples: Vec<Example> = known
            .iter()
            .map(|index| &lessons[*index])
            .map(|lesson| Example {
                features: lesson.words.clone(),
                target: lesson.target,
                weight: lesson.weight,
            })
            .collect();
        let (words, heads) = (Directions::from(&examples), heads(known));
        held.iter()
            .map(|index| {
                let mut values = words.log_odds(&lessons[*index].words).to_vec();
                values.extend(heads.iter().map(|head| value(head, &vectors[*index])));
                values
            })
            .collect()
    });
    let target = |index: usize, class: usize| is(&lessons[index], MOODS[class]);
    let right = |read: &[usize]| {
        share(read.iter().zip(lessons).map(|(class, lesson)| MOODS[*class] == label(lesson.target)))
    };
    let only = |from: usize, to: usize| {
        let some: Vec<Vec<f32>> = said.iter().map(|values| values[from..to].to_vec()).collect();
        right(&blend(&some, MOODS.len(), target).1)
    };
    let (blends, read) = blend(&said, MOODS.len(), target);
    let share = Share { words: only(0, 2), meaning: only(2, 5), both: right(&read) };
    let all: Vec<usize> = (0..lessons.len()).collect();
    let heads = heads(&all);
    let moods = MOODS.iter().zip(&blends).map(|(mood, blend)| {
        let (vector, constant) = together(&heads, &blend[2..5]);
        MoodHead { mood: *mood, constant: constant + blend[5], words: [blend[0], blend[1]], vector }
    });
    (moods.collect(), share)
}

/// Heads, each counting so much, as one.
fn together(heads: &[Vec<f32>], counts: &[f32]) -> (Vec<f32>, f32) {
    let length = heads.first().map_or(0, Vec::len);
    let mut sum: Vec<f32> = (0..length)
        .map(|place| heads.iter().zip(counts).map(|(head, count)| head[place] * count).sum())
        .collect();
    let constant = sum.pop().unwrap_or_default();
    (sum, constant)
}

fn fit_escalation(lessons: &[Lesson], vectors: &[Vec<f32>]) -> (EscalationHead, Share) {
    let said = unseen(lessons.len(), |known, held| {
        let examples: Vec<Example> = known
            .iter()
            .map(|index| Example {
                features: lessons[*index].words.clone(),
                target: lessons[*index].target,
                weight: 1.0,
            })
            .collect();
        let words = exemplars::classifier(&examples);
        let head = head(&picked(lessons, known), &picked(vectors, known), |lesson| lesson.target);
        held.iter()
            .map(|index| vec![words.value(&lessons[*index].words), value(&head, &vectors[*index])])
            .collect()
    });
    let target = |index: usize, _: usize| lessons[index].target;
    let right = |read: &[usize]| {
        share(read.iter().zip(lessons).map(|(class, lesson)| (*class == 1) == (lesson.target > 0.0)))
    };
    let only = |place: usize| -> (Vec<f32>, f64) {
        let some: Vec<Vec<f32>> = said.iter().map(|values| vec![values[place]]).collect();
        let (blends, read) = blend(&some, 1, target);
        (blends[0].clone(), right(&read))
    };
    let ((words_alone, words), (_, meaning)) = (only(0), only(1));
    let (blends, read) = blend(&said, 1, target);
    let both = &blends[0];
    let all: Vec<usize> = (0..lessons.len()).collect();
    let head = head(&picked(lessons, &all), &picked(vectors, &all), |lesson| lesson.target);
    // In the units of the words' log-odds: those that would say the same by themselves.
    let unit = words_alone[0].max(1e-3);
    let (vector, constant) = together(&[head], &[both[1] / unit]);
    let escalation = EscalationHead {
        constant: constant + (both[2] - words_alone[1]) / unit,
        words: both[0] / unit,
        vector,
    };
    (escalation, Share { words, meaning, both: right(&read) })
}

fn written(meaning: &Meaning) -> Result<String, toml::ser::Error> {
    Ok(format!(
        "# What the meaning of a message counts beside its words. Written by `frontdesk eval meaning --write` from the\n\
         # exemplars in this folder; do not edit.\n{}",
        toml::to_string(meaning)?
    ))
}

impl fmt::Display for Fitted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "Exemplars read rightly by readers that had not seen them (five folds):\n")?;
        writeln!(out, "{:<12} {:>9} {:>8} {:>8} {:>8}", "", "exemplars", "words", "meaning", "both")?;
        for (name, count, share) in
            [("mood", self.mood_lessons, self.moods), ("a person", self.decision_lessons, self.decisions)]
        {
            let percent = |share: f64| format!("{:.1} %", share * 100.0);
            let (words, meaning, both) = (percent(share.words), percent(share.meaning), percent(share.both));
            writeln!(out, "{name:<12} {count:>9} {words:>8} {meaning:>8} {both:>8}")?;
        }
        Ok(())
    }
}
