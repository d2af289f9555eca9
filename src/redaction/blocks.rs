//! Postal addresses by their build, whatever the street is called: parts set off by commas or line breaks, with a house number
//! and a postal code or a country among them.

use super::words::{RedactionWords, Token};

/// The longest address in words.
const MOST: usize = 22;

/// First and last word of an address that begins at this word.
pub fn block_at(
    text: &str,
    tokens: &[Token<'_>],
    index: usize,
    words: &RedactionWords,
) -> Option<(usize, usize)> {
    let first = &tokens[index];
    if !(first.capital() || first.has_digit()) || (index > 0 && near(text, &tokens[index - 1], first, words))
    {
        return None;
    }
    let mut last = index;
    while last + 1 < tokens.len()
        && last - index < MOST
        && goes_on(text, tokens, last, tokens[index..=last].iter().any(Token::has_digit), words)
    {
        last += 1;
    }
    while last > index && !(tokens[last].capital() || tokens[last].has_digit()) {
        last -= 1;
    }
    is_address(text, tokens, index..=last, words).then_some((index, last))
}

/// Whether the word before belongs to the same row of words, so that an address would have begun there.
fn near(text: &str, before: &Token<'_>, token: &Token<'_>, words: &RedactionWords) -> bool {
    let gap = &text[before.end..token.start];
    gap == " " && (before.capital() || before.has_digit()) && !words.not_names.contains(&before.lower())
}

/// Whether the next word still belongs to the address.
fn goes_on(text: &str, tokens: &[Token<'_>], at: usize, numbered: bool, words: &RedactionWords) -> bool {
    let next = &tokens[at + 1];
    let gap = &text[tokens[at].end..next.start];
    let between = gap
        .chars()
        .all(|c| matches!(c, ' ' | ',' | '\n' | '\r' | '\t' | '/' | '-' | '–' | '#' | '(' | ')' | '.'));
    // A full stop ends an address unless it belongs to a short form: "St. Gallen".
    let stop = gap.contains('.') && tokens[at].text.chars().count() > 4;
    if !between || gap.len() > 10 || stop || gap.contains("\n\n") {
        return false;
    }
    let lower = next.lower();
    // Before the house number only a street's own small words: "Rua das Flores 120", and not "Invoice an Elm Road 4".
    let small = words.name_particles.contains(&lower)
        || (numbered && matches!(lower.as_str(), "of" | "the" | "and" | "on" | "sur" | "en" | "am" | "upon"));
    let followed =
        tokens.get(at + 2).is_some_and(|after| after.capital() && &text[next.end..after.start] == " ");
    let part = words.address_parts.contains(&lower) || words.streets.contains(&lower);
    next.capital() || next.has_digit() || part || (small && followed)
}

fn is_address(
    text: &str,
    tokens: &[Token<'_>],
    range: std::ops::RangeInclusive<usize>,
    words: &RedactionWords,
) -> bool {
    let (first, last) = (*range.start(), *range.end());
    let inside = &text[tokens[first].start..tokens[last].end];
    let breaks = inside.matches([',', '\n']).count();
    let house = range.clone().any(|at| house_number(tokens[at].text));
    let names =
        range.clone().filter(|&at| tokens[at].capital() && tokens[at].text.chars().count() > 2).count();
    if breaks == 0 || !house || names < 2 {
        return false;
    }
    let code = range.clone().any(|at| at > first && postal_code(text, tokens, at, last));
    let country = range.clone().any(|at| words.countries.contains(&tokens[at].lower()));
    let country = country
        || (first..last).any(|at| {
            words.countries.contains(&format!("{} {}", tokens[at].lower(), tokens[at + 1].lower()))
        });
    // A date has a month and a year, which look like a house number and a code.
    let month = range.clone().any(|at| words.months.contains(&tokens[at].lower()));
    !month && (code || country)
}

/// One to five digits with a letter or so: 12, 12a, 7/2.
pub fn house_number(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (1..=5).contains(&digits) && text.len() <= digits + 2 && text.as_bytes()[0].is_ascii_digit()
}

/// Five or six digits, 12-345, 1012 AB, SW1A 1AA, K1A 0B1; four digits beside a town's name.
fn postal_code(text: &str, tokens: &[Token<'_>], at: usize, last: usize) -> bool {
    let word = tokens[at].text;
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let letters = word.bytes().filter(u8::is_ascii_uppercase).count();
    let plain = digits == word.len();
    let next = (at < last).then(|| &tokens[at + 1]);
    let spaced = next.filter(|next| &text[tokens[at].end..next.start] == " ");
    let mixed = |text: &str| {
        text.bytes().any(|byte| byte.is_ascii_digit()) && text.bytes().any(|byte| byte.is_ascii_uppercase())
    };
    let dashed = word.split_once('-').is_some_and(|(one, other)| {
        let number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        (2..=5).contains(&one.len()) && (3..=4).contains(&other.len()) && number(one) && number(other)
    });
    (plain && (5..=6).contains(&digits))
        || dashed
        || (plain && digits == 4 && spaced.is_some_and(Token::capital))
        || (plain && digits == 3 && spaced.is_some_and(|next| next.text.len() == 2 && next.has_digit()))
        || (word.len() <= 4
            && letters > 0
            && mixed(word)
            && spaced.is_some_and(|next| next.text.len() == 3 && mixed(next.text)))
        || (word.len() >= 5
            && word.len() <= 7
            && digits >= 2
            && letters >= 2
            && digits + letters == word.len())
}

#[cfg(test)]
mod tests {
    use crate::redaction::{Kind, Known, Redactor};
    use rstest::rstest;

    #[rstest]
    #[case("Send it to Hoge Wei 32, 3811 CE Amersfoort, please", "Hoge Wei 32, 3811 CE Amersfoort")]
    #[case(
        "I live at\nUl. Lipowa 57\n03-463 Warszawa\nPoland\n\nRegards",
        "Ul. Lipowa 57\n03-463 Warszawa\nPoland"
    )]
    #[case(
        "deliver to 7 Foundry Yard, Unit 3, Leeds LS1 4AP tomorrow",
        "7 Foundry Yard, Unit 3, Leeds LS1 4AP"
    )]
    #[case("My office: 400 Broad Hollow\nMelville\nNY 11747", "400 Broad Hollow\nMelville\nNY 11747")]
    fn an_address_is_known_by_its_build(#[case] text: &str, #[case] address: &str) {
        let found = Redactor::shipped().expect("words").find(text, Known::default(), None);
        let addresses: Vec<&str> =
            found.iter().filter(|f| f.kind == Kind::Address).map(|f| &text[f.range.clone()]).collect();
        assert_eq!(addresses, [address], "{found:?}");
    }

    /// Orders and dates would come back as gaps.
    #[rstest]
    #[case("Order 4711, Plan Pro, 20 seats.")]
    #[case("On 12 March, 2025, Version 10245 came out.")]
    #[case("Open Settings, then Data, then Export.")]
    fn lists_and_dates_are_no_addresses(#[case] text: &str) {
        let found = Redactor::shipped().expect("words").find(text, Known::default(), None);
        assert!(found.iter().all(|finding| finding.kind != Kind::Address), "{found:?}");
    }
}
