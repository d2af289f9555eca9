//! Checking a draft against the passages it claims to come from. A sentence stays only if every number, address, path, quoted label
//! and name in it stands in a passage literally, and its meaning is close to a passage's sentence.

use crate::domain::{
    draft::SentenceSupport,
    ids::PassageId,
    knowledge::Passage,
    text::{blocks, constant_pattern, figure_of, strip_markdown},
};
use regex::Regex;
use std::{collections::HashSet, sync::LazyLock};

/// Below this cosine similarity to every passage sentence, and with too few shared words, a sentence says something else.
pub const LEAST_SIMILARITY: f32 = 0.55;
/// From this share of shared words on, the words alone carry a sentence.
pub const ENOUGH_SHARED_WORDS: f32 = 0.6;

/// The passages of an answer, prepared for checking many sentences.
pub struct Ground {
    /// Plain text of all passages with their headings, folded.
    folded: String,
    words: HashSet<String>,
    numbers: HashSet<String>,
    /// The numbers of each passage by itself.
    numbers_by_passage: Vec<(PassageId, HashSet<String>)>,
    /// Every sentence of every passage, plain.
    pub sentences: Vec<(PassageId, String)>,
}

impl Ground {
    /// `question` lends its names (a product, the customer's own words), never its numbers.
    pub fn new(passages: &[Passage], question: &str) -> Self {
        let mut text = String::new();
        let (mut sentences, mut numbers_by_passage) = (Vec::new(), Vec::new());
        for passage in passages {
            let plain = strip_markdown(&passage.text);
            let own = numbers(&format!("{}\n{plain}", passage.section_path.join("\n")));
            numbers_by_passage.push((passage.id, own));
            for heading in &passage.section_path {
                text.push_str(heading);
                text.push_str(".\n");
            }
            text.push_str(&plain);
            text.push('\n');
            // A heading and a list's item are read together: "To export: … Click Export."
            sentences.push((passage.id, passage.heading().to_owned()));
            for block in blocks(&plain) {
                sentences.extend(block.sentences.into_iter().map(|sentence| (passage.id, sentence)));
            }
        }
        let folded = fold(&text);
        let mut words: HashSet<String> = content_words(&text).collect();
        words.extend(content_words(question));
        Self { numbers: numbers(&text), numbers_by_passage, folded, words, sentences }
    }

    /// For each of [`Self::sentences`] whether its passage holds every number of this sentence: only such a passage can be its
    /// source. All of them when none does by itself.
    pub fn possible_sources(&self, sentence: &str) -> Vec<bool> {
        let wanted = numbers(&strip_markdown(sentence));
        let holds = |id: PassageId| {
            self.numbers_by_passage.iter().any(|(passage, own)| *passage == id && wanted.is_subset(own))
        };
        let possible: Vec<bool> = self.sentences.iter().map(|(id, _)| holds(*id)).collect();
        if possible.contains(&true) { possible } else { vec![true; self.sentences.len()] }
    }

    /// What a sentence holds that no passage has, if anything: `number`, `url`, `path`, `quoted_label` or `name`.
    pub fn literal_fault(&self, sentence: &str) -> Option<&'static str> {
        let plain = strip_markdown(sentence);
        if numbers(&plain).iter().any(|number| !self.numbers.contains(number)) {
            return Some("number");
        }
        if ADDRESS.find_iter(&plain).any(|address| {
            !self.folded.contains(&fold(address.as_str().trim_end_matches(['.', ',', ')', ':'])))
        }) {
            return Some("url");
        }
        if PATH.find_iter(&plain).any(|path| !self.has_path(path.as_str())) {
            return Some("path");
        }
        if QUOTED.captures_iter(sentence).any(|label| {
            label.iter().skip(1).flatten().any(|label| !self.folded.contains(&fold(label.as_str())))
        }) {
            return Some("quoted_label");
        }
        if names(&plain).any(|name| !self.words.contains(&name)) {
            return Some("name");
        }
        None
    }

    /// A menu path such as `Settings → Data → Export` must stand there in this order.
    fn has_path(&self, path: &str) -> bool {
        let arrows = fold(path).replace(['>', '›'], "→");
        let steps: Vec<&str> = arrows.split('→').map(str::trim).filter(|step| !step.is_empty()).collect();
        let ground = self.folded.replace(['>', '›'], "→");
        // The first and last step may carry words of the sentence around them: their inner border is what counts.
        steps.windows(2).all(|pair| {
            let left = pair[0].rsplit(' ').next().unwrap_or(pair[0]);
            let right = pair[1].split(' ').next().unwrap_or(pair[1]).trim_end_matches(['.', ',', ';', ':']);
            ground.contains(&format!("{left} → {right}"))
        })
    }

    /// Share of the sentence's content words that some passage (or the question) has, 0..1; 1 when it has none.
    pub fn shared_words(&self, sentence: &str) -> f32 {
        let all: Vec<String> = content_words(&strip_markdown(sentence)).collect();
        if all.is_empty() {
            return 1.0;
        }
        all.iter().filter(|word| self.words.contains(*word)).count() as f32 / all.len() as f32
    }
}

/// The verdict on one sentence. `best` is its nearest passage sentence with the cosine similarity, when an embedder was there.
pub fn judge(ground: &Ground, sentence: &str, best: Option<(usize, f32)>) -> SentenceSupport {
    let literal = ground.literal_fault(sentence);
    let shared = ground.shared_words(sentence);
    let close = best.is_some_and(|(_, similarity)| similarity >= LEAST_SIMILARITY);
    // Words alone suffice when nearly all are there; meaning alone needs some of them too.
    let carried = if best.is_some() {
        (close && shared >= 0.35) || shared >= 0.85
    } else {
        shared >= ENOUGH_SHARED_WORDS
    };
    let contradicts =
        best.filter(|(_, similarity)| *similarity >= LEAST_SIMILARITY).is_some_and(|(index, _)| {
            ground
                .sentences
                .get(index)
                .is_some_and(|(_, source)| negated(sentence) != negated(source) && negated(sentence))
        });
    let fault = literal.or((!carried).then_some("meaning")).or(contradicts.then_some("negation"));
    SentenceSupport {
        text: sentence.to_owned(),
        supported: fault.is_none(),
        passage_id: best.and_then(|(index, _)| ground.sentences.get(index)).map(|(id, _)| *id),
        similarity: best.map(|(_, similarity)| similarity),
        fault: fault.map(str::to_owned),
    }
}

static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    constant_pattern(
        r"(?i)(?:https?://|www\.)\S+|[a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,}|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|io|org|net|app|dev|example)(?:/\S*)?",
    )
});
static PATH: LazyLock<Regex> = LazyLock::new(|| constant_pattern(r"[\w&'/ ]+(?:\s*[→>›]\s*[\w&'/ ]+)+"));
static QUOTED: LazyLock<Regex> = LazyLock::new(|| {
    constant_pattern(r#""([^"\n]{2,80})"|“([^”\n]{2,80})”|\*\*([^*\n]{2,80})\*\*|`([^`\n]{1,80})`"#)
});
static NUMBER: LazyLock<Regex> = LazyLock::new(|| constant_pattern(r"\d+(?:[.,:]\d+)*"));
static NUMBER_WORD: LazyLock<Regex> = LazyLock::new(|| {
    constant_pattern(
        r"(?i)\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|ninety|hundred|thousand|million)\b",
    )
});

/// Lower-cased, typographic quotes and dashes made plain, white space folded.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.chars().flat_map(char::to_lowercase).map(|c| match c {
            '’' | '‘' => '\'',
            '“' | '”' => '"',
            '–' | '—' => '-',
            other => other,
        }));
    }
    folded
}

/// Figures and number words, thousands separators taken out: `1,000` and `1000` are one number, `ten` and `10` too.
pub(super) fn numbers(text: &str) -> HashSet<String> {
    let digits = NUMBER.find_iter(text).map(|number| {
        let number = number.as_str().trim_end_matches(['.', ',', ':']);
        let groups: Vec<&str> = number.split(',').collect();
        if groups.len() > 1 && groups[1..].iter().all(|group| group.len() == 3) {
            groups.concat()
        } else {
            number.to_owned()
        }
    });
    let words = NUMBER_WORD.find_iter(text).map(|word| {
        let word = word.as_str().to_lowercase();
        figure_of(&word).map_or(word, str::to_owned)
    });
    digits.chain(words).collect()
}

/// Words that carry meaning, lower-cased and cut to their stem's first letters so that `exporting` meets `export`.
pub fn content_words(text: &str) -> impl Iterator<Item = String> + use<> {
    let folded = fold(text);
    let words: Vec<String> = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() > 2 && !COMMON.contains(word))
        .map(stem)
        .collect();
    words.into_iter()
}

/// Takes off the commonest English endings: enough to match forms of a word, nothing more is claimed.
fn stem(word: &str) -> String {
    for ending in ["ations", "ation", "ings", "ing", "ied", "ies", "ed", "es", "s", "ly", "e"] {
        if let Some(rest) = word.strip_suffix(ending)
            && rest.chars().count() >= 3
        {
            return rest.to_owned();
        }
    }
    word.to_owned()
}

/// Capitalised words inside a sentence that are no sentence start: names, products, features.
fn names(plain: &str) -> impl Iterator<Item = String> + use<> {
    let mut found = Vec::new();
    let mut starts = true;
    for word in plain.split_whitespace() {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let capital = bare.chars().next().is_some_and(char::is_uppercase);
        if capital && !starts && bare.len() > 2 && !COMMON.contains(bare.to_lowercase().as_str()) {
            found.extend(
                bare.split(|c: char| !c.is_alphanumeric())
                    .filter(|part| part.chars().count() > 2)
                    .map(|part| stem(&fold(part))),
            );
        }
        starts = word.ends_with(['.', ':', '!', '?', '→', '>']) || bare.is_empty();
    }
    found.into_iter()
}

/// Whether a sentence denies something.
fn negated(sentence: &str) -> bool {
    let folded = fold(sentence);
    folded.split(|c: char| !c.is_alphanumeric() && c != '\'').any(|word| {
        matches!(word, "not" | "no" | "never" | "cannot" | "without" | "neither") || word.ends_with("n't")
    })
}

static COMMON: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    "the and for you your are can will with this that from have has was were but not all any our out use its also then than when what how \
     into more most other some such only own same too very just here there where which who why does did done may might must shall should \
     would could yes let get got make made them they their his her she him these those over under again each per via about after before \
     please thank thanks hello dear need want like via one"
        .split_whitespace()
        .collect()
});

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
