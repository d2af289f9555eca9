//! Words of questions and passages: what counts as one, which carry meaning, which are forms of another.

mod stem;
mod stop_words;
mod synonyms;

pub use stem::light_stem;
pub use stop_words::{capitalises_nouns, informative_words};
pub use synonyms::Synonyms;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_segmentation::UnicodeSegmentation;

/// All words in order, lower case, without accents or apostrophes (`can't` is `cant`). Punctuation within a word
/// separates: `e-mail` and `taskflow.example` are two words each.
pub fn all_words(text: &str) -> Vec<String> {
    let joined: String = text.chars().filter(|character| !matches!(character, '\'' | '’' | 'ʼ')).collect();
    joined
        .unicode_words()
        .flat_map(|word| {
            word.split(|character: char| !character.is_alphanumeric() && !is_combining_mark(character))
        })
        .map(folded)
        .filter(|word| !word.is_empty())
        .collect()
}

/// Lower case, accents off.
fn folded(word: &str) -> String {
    let lower = word.to_lowercase();
    if lower.is_ascii() {
        lower
    } else {
        lower.nfd().filter(|character| !is_combining_mark(*character)).collect()
    }
}

#[cfg(test)]
mod tests;
