//! Names of people: behind a cue, by a known given name, or as two capitalised words that we do not know for something else.

use super::{
    Finding, Kind,
    words::{RedactionWords, Token, tokens},
};

/// The longest name in words.
const MOST_WORDS: usize = 5;

pub fn find(text: &str, words: &RedactionWords, keep: &[&str]) -> Vec<Finding> {
    let keep: Vec<String> =
        keep.iter().flat_map(|word| word.split_whitespace()).map(str::to_lowercase).collect();
    let tokens = tokens(text);
    let reader = Reader { text, words, keep: &keep, tokens: &tokens };
    let mut found = Vec::new();
    let mut index = 0;
    while index < tokens.len() {
        let last = reader.name_at(index);
        match last {
            Some(last) => {
                found.push(Finding { kind: Kind::Person, range: tokens[index].start..tokens[last].end });
                index = last + 1;
            }
            None => index += 1,
        }
    }
    found
}

struct Reader<'a> {
    text: &'a str,
    words: &'a RedactionWords,
    keep: &'a [String],
    tokens: &'a [Token<'a>],
}

impl Reader<'_> {
    /// The last word of the name that begins here, if one does.
    fn name_at(&self, index: usize) -> Option<usize> {
        if self.small_name(index) {
            let more = (index + 1..self.tokens.len().min(index + 3)).take_while(|&at| {
                // Whoever writes the first name small writes the second so, and no list has all of those.
                let plain = &self.text[self.tokens[at - 1].end..self.tokens[at].start] == " ";
                plain
                    && (self.is_listed(at)
                        || (at == index + 1 && !self.words.not_names.contains(&self.tokens[at].lower())))
            });
            return Some(more.last().unwrap_or(index));
        }
        if !self.may_be_name(index) {
            return None;
        }
        let last = self.extend(index);
        let parts = (index..=last).filter(|&at| self.may_be_name(at)).count();
        let known = (index..=last).any(|at| self.is_listed(at));
        let convincing = self.after_cue(index) || known || parts >= 2;
        convincing.then_some(last)
    }

    /// A name we have heard of; of two names joined by a dash, one is enough.
    fn is_listed(&self, index: usize) -> bool {
        self.words.is_listed_name(&self.tokens[index].lower())
    }

    /// "my name is ada lovelace": written small, but what stands before leaves no doubt.
    fn small_name(&self, index: usize) -> bool {
        let token = &self.tokens[index];
        let before = self.text[..token.start].trim_end().to_lowercase();
        !token.capital()
            && self.is_listed(index)
            && self.words.sure_name_cues.iter().any(|cue| before.ends_with(cue.as_str()))
    }

    /// Capitalised, letters only, and no word we know for something else.
    fn may_be_name(&self, index: usize) -> bool {
        let token = &self.tokens[index];
        let lower = token.lower();
        let shouted = token.text.chars().count() > 4 && !token.text.chars().any(char::is_lowercase);
        token.capital()
            && !token.has_digit()
            && (!shouted || self.is_listed(index))
            && token.text.chars().count() > 1
            && !self.words.not_names.contains(&lower)
            && !self.keep.contains(&lower)
            && !self.words.name_cues.contains(&lower)
    }

    /// Further names, initials and particles directly behind.
    fn extend(&self, index: usize) -> usize {
        let mut last = index;
        let mut at = index + 1;
        while at < self.tokens.len() && at - index < MOST_WORDS {
            let gap = &self.text[self.tokens[at - 1].end..self.tokens[at].start];
            let initial = self.tokens[at - 1].text.chars().count() == 1;
            let title =
                matches!(self.tokens[at - 1].lower().as_str(), "dr" | "mr" | "mrs" | "ms" | "st" | "prof");
            let turned = gap == ", " && at == index + 1 && self.is_listed(index) && self.is_listed(at);
            if !(gap == " " || turned || ((initial || title) && gap == ". ")) {
                break;
            }
            let token = &self.tokens[at];
            if self.may_be_name(at) {
                last = at;
            } else {
                let single = token.text.chars().count() == 1 && token.capital() && token.text != "I";
                let particle = self.words.name_particles.contains(&token.lower());
                if !single && !particle {
                    break;
                }
            }
            at += 1;
        }
        last
    }

    /// The words before, on the same line, end in a cue ("my name is").
    fn after_cue(&self, index: usize) -> bool {
        let start =
            self.text[..self.tokens[index].start].char_indices().rev().nth(24).map_or(0, |(at, _)| at);
        let before = self.text[start..self.tokens[index].start].trim_end_matches(' ').to_lowercase();
        let before = before.trim_end_matches('\n');
        self.words.name_cues.iter().any(|cue| {
            before.strip_suffix(cue.as_str()).is_some_and(|rest| !rest.ends_with(char::is_alphanumeric))
        })
    }
}
