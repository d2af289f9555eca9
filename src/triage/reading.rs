//! Turns a message into tokens that rules can be matched on: case, accents, look-alike letters, contractions and
//! stretched words are folded away, while each token still knows which of the customer's words it came from.
//! Knows nothing of rules or decisions.

use std::ops::Range;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The longest part of a message that is read, in characters; the rest is the tail of a pasted log or thread.
pub const MAX_READ_CHARS: usize = 12_000;

/// One folded word.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// Folded text: what rules see.
    pub text: String,
    /// Bytes of the read text it came from.
    pub source: Range<usize>,
    /// Index into [`Reading::sentences`].
    pub sentence: usize,
    /// Written in capitals throughout (two letters or more).
    pub capitals: bool,
    /// Written with a capital first letter, not at the start of a sentence: probably a name.
    pub name_like: bool,
    /// Inside quotation marks or a quoted mail line.
    pub quoted: bool,
}

/// One sentence, as a range of tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct Sentence {
    pub tokens: Range<usize>,
    pub ends_with_question_mark: bool,
    pub exclamation_marks: usize,
    /// A line of an earlier mail (`> …`) that the customer did not write now.
    pub quoted_line: bool,
    /// The subject line.
    pub subject: bool,
}

/// A message ready for rules.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Subject and text as read.
    pub original: String,
    pub tokens: Vec<Token>,
    pub sentences: Vec<Sentence>,
}

impl Reading {
    /// Reads subject and text; the subject becomes its own sentences.
    pub fn new(subject: Option<&str>, text: &str) -> Self {
        let mut reader = Reader::default();
        if let Some(subject) = subject.map(str::trim).filter(|subject| !subject.is_empty()) {
            reader.read(&truncated(subject, 500), true);
            reader.original.push('\n');
        }
        reader.read(&truncated(text, MAX_READ_CHARS), false);
        reader.finish()
    }

    /// The customer's own words behind a range of tokens.
    pub fn words(&self, tokens: Range<usize>) -> String {
        let (Some(first), Some(last)) =
            (self.tokens.get(tokens.start), self.tokens.get(tokens.end.saturating_sub(1)))
        else {
            return String::new();
        };
        let words = self.original.get(first.source.start..last.source.end).unwrap_or_default();
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The folded text, words separated by one space.
    #[cfg(test)]
    pub fn folded(&self) -> String {
        self.tokens.iter().map(|token| token.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// Letters written in capitals as a share of all cased letters, 0 when there are fewer than `least` of them.
    pub fn capitals_share(&self, least: usize) -> f32 {
        let (mut upper, mut all) = (0_usize, 0_usize);
        for character in self.original.chars() {
            upper += usize::from(character.is_uppercase());
            all += usize::from(character.is_uppercase() || character.is_lowercase());
        }
        if all < least { 0.0 } else { upper as f32 / all as f32 }
    }
}

/// The first two thirds and the last third of a text that is too long to read.
fn truncated(text: &str, limit: usize) -> String {
    let count = text.chars().count();
    if count <= limit {
        return text.to_owned();
    }
    let head: String = text.chars().take(limit * 2 / 3).collect();
    let tail: String = text.chars().skip(count - limit / 3).collect();
    format!("{head}\n{tail}")
}

#[derive(Default)]
struct Reader {
    original: String,
    tokens: Vec<Token>,
    sentences: Vec<Sentence>,
    open: Option<usize>,
    exclamation_marks: usize,
    /// Of the line being read.
    quoted_line: bool,
    subject: bool,
}

impl Reader {
    fn read(&mut self, text: &str, subject: bool) {
        let base = self.original.len();
        self.original.push_str(text);
        let mut offset = base;
        let mut previous_length = 0;
        for line in text.split_inclusive('\n') {
            let trimmed = line.trim();
            let quoted_line = trimmed.starts_with('>') || trimmed.starts_with('|');
            let continues = previous_length >= 60 && trimmed.chars().next().is_some_and(char::is_lowercase);
            if !continues {
                self.close(false);
            }
            self.quoted_line = quoted_line;
            self.subject = subject;
            self.line(line, offset);
            offset += line.len();
            previous_length = trimmed.chars().count();
        }
        self.close(false);
    }

    fn line(&mut self, line: &str, offset: usize) {
        let characters: Vec<(usize, char)> = line.char_indices().collect();
        let mut quote_ends = quoted_ranges(line).into_iter().peekable();
        let mut position = 0;
        while position < characters.len() {
            let (at, character) = characters[position];
            while quote_ends.peek().is_some_and(|range: &Range<usize>| range.end <= at) {
                quote_ends.next();
            }
            let quoted = self.quoted_line || quote_ends.peek().is_some_and(|range| range.contains(&at));
            if is_word_character(character) {
                let start = position;
                while position < characters.len() && continues_word(&characters, position) {
                    position += 1;
                }
                let end = characters.get(position).map_or(line.len(), |(end, _)| *end);
                self.word(&line[characters[start].0..end], offset + at..offset + end, quoted);
                continue;
            }
            if "$€£₹%".contains(character) {
                let source = offset + at..offset + at + character.len_utf8();
                let sentence = self.open_sentence();
                let text = character.to_string();
                self.tokens.push(Token { text, source, sentence, capitals: false, name_like: false, quoted });
            }
            let at_end = characters.get(position + 1).is_none_or(|(_, next)| !is_word_character(*next));
            match character {
                '?' | '؟' => self.close(true),
                '!' => {
                    self.exclamation_marks += 1;
                    if at_end {
                        self.close(false);
                    }
                }
                '.' | ';' | '…' if at_end => self.close(false),
                '۔' | '।' | '。' => self.close(false),
                _ => {}
            }
            position += 1;
        }
    }

    fn word(&mut self, raw: &str, source: Range<usize>, quoted: bool) {
        let letters = raw.chars().filter(|c| c.is_alphabetic()).count();
        let capitals =
            letters >= 2 && raw.chars().all(|c| !c.is_lowercase()) && raw.chars().any(char::is_uppercase);
        let name_like =
            self.open.is_some() && raw.chars().next().is_some_and(char::is_uppercase) && !capitals;
        for part in expand(&fold(raw)) {
            let sentence = self.open_sentence();
            self.tokens.push(Token {
                text: part,
                source: source.clone(),
                sentence,
                capitals,
                name_like,
                quoted,
            });
        }
    }

    fn open_sentence(&mut self) -> usize {
        if let Some(open) = self.open {
            return open;
        }
        let start = self.tokens.len();
        self.sentences.push(Sentence {
            tokens: start..start,
            ends_with_question_mark: false,
            exclamation_marks: 0,
            quoted_line: self.quoted_line,
            subject: self.subject,
        });
        self.open = Some(self.sentences.len() - 1);
        self.sentences.len() - 1
    }

    fn close(&mut self, question: bool) {
        let marks = std::mem::take(&mut self.exclamation_marks);
        let index = self.open.take();
        let Some(index) = index else {
            // a second mark after the end ("?!", "!!!") belongs to the sentence before
            if let Some(last) = self.sentences.last_mut() {
                last.ends_with_question_mark |= question;
                last.exclamation_marks += marks;
            }
            return;
        };
        let end = self.tokens.len();
        let sentence = &mut self.sentences[index];
        sentence.tokens.end = end;
        sentence.ends_with_question_mark = question;
        sentence.exclamation_marks += marks;
    }

    fn finish(mut self) -> Reading {
        self.close(false);
        Reading { original: self.original, tokens: self.tokens, sentences: self.sentences }
    }
}

fn is_word_character(character: char) -> bool {
    character.is_alphanumeric()
        || is_combining_mark(character)
        || matches!(character, '_' | '\u{200b}'..='\u{200d}' | '\u{ad}' | '\u{2060}' | '\u{feff}')
}

/// Apostrophes inside a word, and dots or commas inside a number, belong to it.
fn continues_word(characters: &[(usize, char)], position: usize) -> bool {
    let character = characters[position].1;
    if is_word_character(character) {
        return true;
    }
    let next = characters.get(position + 1).map(|(_, next)| *next);
    let previous = position.checked_sub(1).map(|before| characters[before].1);
    match character {
        '\'' | '\u{2019}' | '\u{2bc}' | '`' => {
            next.is_some_and(char::is_alphabetic) && previous.is_some_and(char::is_alphabetic)
        }
        '.' | ',' => next.is_some_and(|c| c.is_ascii_digit()) && previous.is_some_and(|c| c.is_ascii_digit()),
        _ => false,
    }
}

/// Byte ranges between paired quotation marks of one line.
fn quoted_ranges(line: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut open: Option<(usize, char)> = None;
    for (at, character) in line.char_indices() {
        match (open, character) {
            (None, '"') => open = Some((at, '"')),
            (None, '“' | '„') => open = Some((at, '”')),
            (None, '«') => open = Some((at, '»')),
            (Some((start, closing)), _) if character == closing || (closing == '”' && character == '“') =>
            {
                ranges.push(start..at);
                open = None;
            }
            _ => {}
        }
    }
    ranges
}

/// Folds one word: compatibility forms, case, accents, Arabic letter variants, look-alikes, stretched letters.
pub fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    for character in word.nfkc().flat_map(char::to_lowercase) {
        match character {
            '\u{ad}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2060}'
            | '\u{feff}'
            | '\u{640}'
            | '\u{64b}'..='\u{652}' => {}
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'ı' => folded.push('i'),
            '\u{2019}' | '\u{2bc}' | '`' => folded.push('\''),
            'ي' | 'ى' | 'ئ' => folded.push('ی'),
            'ك' => folded.push('ک'),
            'أ' | 'إ' | 'آ' | 'ٱ' => folded.push('ا'),
            'ة' | 'ہ' | 'ۃ' | 'ھ' | 'ۀ' | 'ۂ' => folded.push('ه'),
            'ؤ' => folded.push('و'),
            other => folded
                .extend(std::iter::once(other).nfd().filter(|mark| !('\u{300}'..='\u{36f}').contains(mark))),
        }
    }
    unstretch(&unmask(&folded))
}

/// A word that mixes Latin with look-alike letters is read as Latin ("rеfund" with a Cyrillic "е").
fn unmask(word: &str) -> String {
    if !word.chars().any(|c| c.is_ascii_alphabetic()) || word.is_ascii() {
        return word.to_owned();
    }
    const ALIKE: &str = "аaеeоoрpсcхxуyіiјjѕsԁdһhкkмmтtвbнnгrαaοoεeρpιiκkνvτtυuχxηnωw";
    let pairs: Vec<char> = ALIKE.chars().collect();
    word.chars().map(|c| pairs.chunks(2).find(|pair| pair[0] == c).map_or(c, |pair| pair[1])).collect()
}

/// "pleeeease" becomes "please": a letter three or more times in a row counts once.
fn unstretch(word: &str) -> String {
    let characters: Vec<char> = word.chars().collect();
    if characters.iter().all(|c| *c == characters[0]) {
        return word.to_owned();
    }
    let mut result = String::with_capacity(word.len());
    let mut position = 0;
    while position < characters.len() {
        let character = characters[position];
        let run = characters[position..].iter().take_while(|c| **c == character).count();
        let kept = if run >= 3 && character.is_alphabetic() { 1 } else { run };
        result.extend(std::iter::repeat_n(character, kept));
        position += run;
    }
    result
}

/// Splits contractions and shorthand into the words they stand for.
fn expand(word: &str) -> Vec<String> {
    let own = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    match word {
        "can't" | "cant" | "cannot" => return own(&["can", "not"]),
        "won't" | "wont" => return own(&["will", "not"]),
        "ain't" | "aint" => return own(&["is", "not"]),
        "dont" | "doesnt" | "didnt" | "isnt" | "wasnt" | "arent" | "werent" | "havent" | "hasnt"
        | "hadnt" | "couldnt" | "wouldnt" | "shouldnt" => return own(&[&word[..word.len() - 2], "not"]),
        "im" => return own(&["i", "am"]),
        "ive" => return own(&["i", "have"]),
        "i'd" => return own(&["i", "would"]),
        "youre" => return own(&["you", "are"]),
        "thats" => return own(&["that", "is"]),
        "whats" => return own(&["what", "is"]),
        "wanna" => return own(&["want", "to"]),
        "gonna" => return own(&["going", "to"]),
        "gotta" => return own(&["got", "to"]),
        "gimme" => return own(&["give", "me"]),
        "lemme" => return own(&["let", "me"]),
        "let's" => return own(&["let", "us"]),
        "u" => return own(&["you"]),
        "ur" => return own(&["your"]),
        "r" => return own(&["are"]),
        "pls" | "plz" | "plss" => return own(&["please"]),
        "thx" | "thnx" | "tks" | "ty" | "tysm" => return own(&["thanks"]),
        "bc" | "cuz" | "coz" => return own(&["because"]),
        "acct" | "acc" => return own(&["account"]),
        "msg" => return own(&["message"]),
        _ => {}
    }
    let Some((head, tail)) = word.split_once('\'') else { return vec![word.to_owned()] };
    match tail {
        "t" if head.ends_with('n') => own(&[&head[..head.len() - 1], "not"]),
        "m" => own(&[head, "am"]),
        "re" => own(&[head, "are"]),
        "ve" => own(&[head, "have"]),
        "ll" => own(&[head, "will"]),
        "d" => own(&[head, "would"]),
        "s" if ["it", "that", "what", "there", "he", "she", "who", "here", "how", "where"]
            .contains(&head) =>
        {
            own(&[head, "is"])
        }
        "s" => own(&[head]),
        _ if head.chars().count() <= 2 => own(&[head, tail]),
        _ => own(&[&word.replace('\'', "")]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("I can't log in, it doesn't work", "i can not log in it does not work")]
    #[case("REFUND pleeeease!!!", "refund please")]
    #[case("rеfund", "refund")]
    #[case("ｒｅｆｕｎｄ", "refund")]
    #[case("Je veux l'avocat, déjà facturé", "je veux l avocat deja facture")]
    #[case("Rückerstattung, Straße", "ruckerstattung strasse")]
    #[case("$12.50 per user", "$ 12.50 per user")]
    #[case("it's the company's fault", "it is the company fault")]
    #[case("re\u{200b}fund", "refund")]
    fn words_are_folded_so_that_one_rule_finds_all_spellings(#[case] text: &str, #[case] folded: &str) {
        assert_eq!(Reading::new(None, text).folded(), folded);
    }

    #[test]
    fn evidence_shows_what_the_customer_wrote() {
        let reading = Reading::new(Some("Bill"), "Hello.\nI WANT a\n Refund now!");
        let refund = reading.tokens.iter().position(|token| token.text == "refund").expect("folded");
        assert_eq!(reading.words(refund - 2..refund + 1), "WANT a Refund");
    }

    #[test]
    fn sentences_end_where_people_end_them() {
        let reading = Reading::new(Some("Help"), "It costs 12.50 now. Why?!\n> old text\nThanks");
        let spans: Vec<(bool, bool, bool)> =
            reading.sentences.iter().map(|s| (s.subject, s.ends_with_question_mark, s.quoted_line)).collect();
        assert_eq!(
            spans,
            [
                (true, false, false),
                (false, false, false),
                (false, true, false),
                (false, false, true),
                (false, false, false)
            ]
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_read(text in "\\PC{0,300}") {
            let reading = Reading::new(Some(&text), &text);
            for token in &reading.tokens {
                proptest::prop_assert!(reading.original.get(token.source.clone()).is_some());
            }
            for sentence in &reading.sentences {
                proptest::prop_assert!(sentence.tokens.end <= reading.tokens.len());
            }
        }
    }
}
