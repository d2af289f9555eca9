//! The little language rules are written in, and its matcher over folded tokens. Knows nothing of what a rule means.
//!
//! A pattern is a row of elements separated by blanks, all within one sentence:
//!
//! | element | matches |
//! | --- | --- |
//! | `refund` | the word itself |
//! | `refund*` | words that begin so |
//! | `a b\|c` | either row of words, the whole pattern over |
//! | `my (money back\|refund*)` | either row of words in this place; `(…)?` may be missing |
//! | `<charge>` | any word of the list `charge` in the policy's `[words]` |
//! | `the?` | the word or nothing |
//! | `~3` | up to three words in between |
//! | `#` | a number, in digits or as a word up to twelve, or "several", "many" |
//! | `^` / `.` | the start / the end of the sentence |
//!
//! Words are folded like messages are (case, accents, contractions), so `can't` and `can not` are the same pattern.

use super::reading::{Reading, fold};
use std::{collections::HashMap, ops::Range};

/// A pattern that cannot be read, with what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    #[error("pattern {0:?}: a bracket is not closed")]
    Bracket(String),
    #[error("pattern {0:?} stands for more than {MAX_EXPANSIONS} rows of words; split it")]
    TooWide(String),
    #[error("pattern {0:?}: there is no word list <{1}> in [words]")]
    UnknownList(String, String),
    #[error("pattern {0:?} must begin with a word")]
    NoFirstWord(String),
}

/// The most rows of words one pattern may stand for.
const MAX_EXPANSIONS: usize = 2_000;

#[derive(Debug, Clone, PartialEq, Default)]
struct Words {
    exact: Vec<String>,
    prefixes: Vec<String>,
    number: bool,
}

impl Words {
    fn matches(&self, token: &str) -> bool {
        self.exact.iter().any(|word| word == token)
            || self.prefixes.iter().any(|prefix| token.starts_with(prefix.as_str()))
            || (self.number && is_number(token))
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Element {
    Words { words: Words, optional: bool },
    Gap(usize),
    SentenceEnd,
}

#[derive(Debug, Clone)]
struct Pattern {
    owner: usize,
    at_start: bool,
    elements: Vec<Element>,
}

/// Where a pattern was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Whose pattern it was: the number given to [`PatternSet::add`].
    pub owner: usize,
    pub tokens: Range<usize>,
    pub sentence: usize,
}

/// Many patterns, searched for at once.
#[derive(Debug, Clone, Default)]
pub struct PatternSet {
    patterns: Vec<Pattern>,
    by_word: HashMap<String, Vec<usize>>,
    by_prefix: HashMap<String, Vec<usize>>,
    by_number: Vec<usize>,
}

/// The policy's named word lists.
pub type WordLists = HashMap<String, Vec<String>>;

impl PatternSet {
    /// Adds a pattern under an owner's number.
    pub fn add(&mut self, owner: usize, source: &str, lists: &WordLists) -> Result<(), PatternError> {
        for row in expand_brackets(source)? {
            let pattern = compile(owner, source, &row, lists)?;
            let index = self.patterns.len();
            // every leading optional word and the first required one can begin a match
            for element in &pattern.elements {
                let Element::Words { words, optional } = element else {
                    return Err(PatternError::NoFirstWord(source.to_owned()));
                };
                for word in &words.exact {
                    self.by_word.entry(word.clone()).or_default().push(index);
                }
                for prefix in &words.prefixes {
                    self.by_prefix.entry(prefix.clone()).or_default().push(index);
                }
                if words.number {
                    self.by_number.push(index);
                }
                if !optional {
                    break;
                }
            }
            self.patterns.push(pattern);
        }
        Ok(())
    }

    /// Every word that some pattern names in full.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.patterns
            .iter()
            .flat_map(|pattern| &pattern.elements)
            .flat_map(|element| match element {
                Element::Words { words, .. } => words.exact.as_slice(),
                Element::Gap(_) | Element::SentenceEnd => &[],
            })
            .map(String::as_str)
    }

    /// All matches, at most one for each owner and starting word.
    pub fn find(&self, reading: &Reading) -> Vec<Match> {
        let mut matches: Vec<Match> = Vec::new();
        for start in 0..reading.tokens.len() {
            let token = reading.tokens[start].text.as_str();
            let from_here = matches.len();
            for index in self.candidates(token) {
                let pattern = &self.patterns[index];
                if matches[from_here..].iter().any(|found| found.owner == pattern.owner) {
                    continue;
                }
                let sentence = reading.tokens[start].sentence;
                let bounds = &reading.sentences[sentence].tokens;
                if pattern.at_start && bounds.start != start {
                    continue;
                }
                if let Some(end) = match_elements(&pattern.elements, reading, start, bounds.end) {
                    matches.push(Match { owner: pattern.owner, tokens: start..end.max(start + 1), sentence });
                }
            }
        }
        matches
    }

    fn candidates<'a>(&'a self, token: &'a str) -> impl Iterator<Item = usize> + 'a {
        let exact = self.by_word.get(token).into_iter().flatten().copied();
        let prefixed = token
            .char_indices()
            .map(|(at, character)| &token[..at + character.len_utf8()])
            .filter_map(|prefix| self.by_prefix.get(prefix))
            .flatten()
            .copied();
        let numbers = if is_number(token) { self.by_number.as_slice() } else { &[] };
        exact.chain(prefixed).chain(numbers.iter().copied())
    }
}

fn match_elements(elements: &[Element], reading: &Reading, position: usize, end: usize) -> Option<usize> {
    let Some((element, rest)) = elements.split_first() else { return Some(position) };
    match element {
        Element::Words { words, optional } => {
            let taken = (position < end && words.matches(&reading.tokens[position].text))
                .then(|| match_elements(rest, reading, position + 1, end))
                .flatten();
            taken.or_else(|| if *optional { match_elements(rest, reading, position, end) } else { None })
        }
        Element::Gap(most) => (0..=*most)
            .take_while(|skip| position + skip <= end)
            .find_map(|skip| match_elements(rest, reading, position + skip, end)),
        Element::SentenceEnd => (position == end).then_some(position),
    }
}

fn compile(owner: usize, source: &str, row: &str, lists: &WordLists) -> Result<Pattern, PatternError> {
    let mut elements = Vec::new();
    let mut at_start = false;
    for part in row.split_whitespace() {
        if part == "^" {
            at_start = true;
            continue;
        }
        if part == "." {
            elements.push(Element::SentenceEnd);
            continue;
        }
        if let Some(most) = part.strip_prefix('~').and_then(|digits| digits.parse().ok()) {
            elements.push(Element::Gap(most));
            continue;
        }
        let (part, optional) = part.strip_suffix('?').map_or((part, false), |part| (part, true));
        let mut words = Words::default();
        let mut rows: Vec<Vec<String>> = Vec::new();
        for word in part.split(['|', '\u{1}']).filter(|word| !word.is_empty()) {
            if word == "#" {
                words.number = true;
            } else if let Some(name) = word.strip_prefix('<').and_then(|word| word.strip_suffix('>')) {
                let list = lists
                    .get(name)
                    .ok_or_else(|| PatternError::UnknownList(source.to_owned(), name.to_owned()))?;
                for word in list {
                    add_word(word, &mut words, &mut rows);
                }
            } else {
                add_word(word, &mut words, &mut rows);
            }
        }
        if words == Words::default() {
            // one contraction: its parts in a row ("can't")
            for word in rows.into_iter().next().unwrap_or_default() {
                elements.push(Element::Words {
                    words: Words { exact: vec![word], ..Words::default() },
                    optional,
                });
            }
        } else {
            elements.push(Element::Words { words, optional });
        }
    }
    if !matches!(elements.first(), Some(Element::Words { .. })) {
        return Err(PatternError::NoFirstWord(source.to_owned()));
    }
    Ok(Pattern { owner, at_start, elements })
}

fn add_word(word: &str, words: &mut Words, rows: &mut Vec<Vec<String>>) {
    if let Some(prefix) = word.strip_suffix('*') {
        if !prefix.is_empty() {
            words.prefixes.push(fold(prefix));
        }
        return;
    }
    if "$€£₹%".contains(word) {
        words.exact.push(word.to_owned());
        return;
    }
    let parts: Vec<String> = Reading::new(None, word).tokens.into_iter().map(|token| token.text).collect();
    match parts.len() {
        0 => {}
        1 => words.exact.extend(parts),
        _ => rows.push(parts),
    }
}

/// Replaces the innermost brackets first: alternatives of one word become one group, the others a row each.
fn expand_brackets(source: &str) -> Result<Vec<String>, PatternError> {
    let bracket = || PatternError::Bracket(source.to_owned());
    let mut finished = Vec::new();
    // `|` outside brackets separates whole patterns
    let mut pending = vec![format!("({source})")];
    while let Some(row) = pending.pop() {
        let Some(close) = row.find(')') else {
            if row.contains('(') {
                return Err(bracket());
            }
            finished.push(row);
            continue;
        };
        let open = row[..close].rfind('(').ok_or_else(bracket)?;
        let optional = row[close + 1..].starts_with('?');
        let (before, after) = (&row[..open], &row[close + 1 + usize::from(optional)..]);
        let (single, rows): (Vec<&str>, Vec<&str>) =
            row[open + 1..close].split('|').map(str::trim).partition(|words| is_single(words));
        let group = (!single.is_empty()).then(|| single.join(GROUP));
        let alternatives = group.iter().map(String::as_str).chain(rows).chain(optional.then_some(""));
        pending.extend(alternatives.map(|words| format!("{before} {words} {after}")));
        if pending.len() + finished.len() > MAX_EXPANSIONS {
            return Err(PatternError::TooWide(source.to_owned()));
        }
    }
    Ok(finished)
}

/// Separates the words of a bracket's group, so that `|` of an outer bracket is not mistaken for it.
const GROUP: &str = "\u{1}";

fn is_single(words: &str) -> bool {
    if words.is_empty()
        || words == "."
        || words.contains(char::is_whitespace)
        || words.starts_with('~')
        || words.ends_with('?')
    {
        return false;
    }
    words.split(GROUP).all(|word| {
        word.starts_with(['<', '#']) || word.ends_with('*') || Reading::new(None, word).tokens.len() == 1
    })
}

fn is_number(token: &str) -> bool {
    const WORDS: &[&str] = &[
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "several",
        "many",
        "few",
        "couple",
        "multiple",
        "dozen",
        "hundred",
        "hundreds",
        "thousand",
        "thousands",
    ];
    token.starts_with(|c: char| c.is_ascii_digit()) || WORDS.contains(&token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn found(pattern: &str, text: &str) -> Option<String> {
        let lists = WordLists::from([("charge".to_owned(), vec!["charged".to_owned(), "bill*".to_owned()])]);
        let mut set = PatternSet::default();
        set.add(7, pattern, &lists).expect("readable");
        let reading = Reading::new(None, text);
        set.find(&reading).first().map(|found| reading.words(found.tokens.clone()))
    }

    #[rstest]
    #[case("refund*", "Refunding now", Some("Refunding"))]
    #[case("<charge> ~3 twice", "You billed my card twice!", Some("billed my card twice"))]
    #[case("<charge> ~1 twice", "You billed my old card twice!", None)]
    #[case("<charge> ~3 twice", "You billed me. Twice is nice", None)]
    #[case("money back|again", "I want it back", None)]
    #[case("money back|again", "not again", Some("again"))]
    #[case("(money back|a refund) please?", "my money back", Some("money back"))]
    #[case("can't log in", "I cannot log in", Some("cannot log in"))]
    #[case("# days", "for three days now", Some("three days"))]
    #[case("# days", "for 12 days now", Some("12 days"))]
    #[case("^ hello .", "Hello!", Some("Hello"))]
    #[case("^ hello .", "Well hello", None)]
    #[case("the? bug", "a bug", Some("bug"))]
    fn patterns_match_what_they_say(
        #[case] pattern: &str,
        #[case] text: &str,
        #[case] expected: Option<&str>,
    ) {
        assert_eq!(found(pattern, text).as_deref(), expected);
    }

    #[rstest]
    #[case("(a|b")]
    #[case("~3 word")]
    #[case("<nothing>")]
    fn a_pattern_that_cannot_be_read_is_refused(#[case] pattern: &str) {
        assert!(PatternSet::default().add(0, pattern, &WordLists::new()).is_err());
    }
}
