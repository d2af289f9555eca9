//! What is known by its form: mail addresses, cards, bank accounts, machine addresses, keys, phones, offices' numbers.

use super::{Finding, Kind, words::RedactionWords};
use crate::domain::text::constant_pattern;
use regex::Regex;
use std::{net::IpAddr, ops::Range, sync::LazyLock};

static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    constant_pattern(
        r"(?i)[\p{L}\p{N}._%+\-]+(?:@|\s?\(at\)\s?|\s\[at\]\s)[\p{L}\p{N}\-]+(?:\.[\p{L}\p{N}\-]+)+",
    )
});
static URL: LazyLock<Regex> =
    LazyLock::new(|| constant_pattern(r#"(?i)\b[a-z][a-z0-9+.\-]{1,15}://[^\s<>"']+"#));
static SECRET_PART: LazyLock<Regex> = LazyLock::new(|| {
    constant_pattern(
        r"(?i)(?:[?&#;](?:[a-z0-9_\-]*(?:token|key|secret|password|passwd|pwd|signature|sig|auth|session|code|otp|jwt|credential))=|://[^/\s@]+:[^/\s@]+@)",
    )
});
static KEY: LazyLock<Regex> = LazyLock::new(|| {
    constant_pattern(
        r"(?x)\b(?:(?:sk|pk|rk|whsec|xox[abprs]|gh[opsur]|glpat|hf|npm|dop_v1|shpat|EAA)[-_][A-Za-z0-9_\-]{10,}
        |(?:AKIA|ASIA)[0-9A-Z]{16} |AIza[0-9A-Za-z_\-]{30,}
        |eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}(?:\.[A-Za-z0-9_\-]*)?
        |[A-Fa-f0-9]{32,}|[A-Za-z0-9+/_\-]{40,}={0,2})",
    )
});
static PASSWORD: LazyLock<Regex> = LazyLock::new(|| {
    constant_pattern(
        r"(?i)\b(?:password|passwd|passcode|pin|api key|secret|token)\s*(?:is|:|=)\s*(\S*[\d!@#$%^&*]\S*)",
    )
});
static IBAN: LazyLock<Regex> =
    LazyLock::new(|| constant_pattern(r"\b[A-Z]{2}\d{2}(?:[ \-]?[A-Z0-9]{2,4}){3,8}\b"));
static DIGITS: LazyLock<Regex> = LazyLock::new(|| constant_pattern(r"\d(?:[ \-]?\d){11,18}"));
static PHONE: LazyLock<Regex> = LazyLock::new(|| {
    constant_pattern(r"(?:(?:\+|\b00|\()[ ]?)?\d[\d \t().\-/]{5,20}\d(?:[ ]?(?:x|ext\.?)[ ]?\d{1,6})?")
});
static SSN: LazyLock<Regex> = LazyLock::new(|| {
    constant_pattern(
        r"\b(?:\d{3}-\d{2}-\d{4}|\d{5}-\d{7}-\d|[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D])\b",
    )
});
static MACHINE: LazyLock<Regex> = LazyLock::new(|| {
    constant_pattern(r"\b(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}(?::{1,2}[0-9A-Fa-f]{1,4}){2,7})\b")
});
static DATE: LazyLock<Regex> = LazyLock::new(|| {
    constant_pattern(r"^(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})(?:[^\d\-/.]|$)")
});
static LOCAL: LazyLock<Regex> = LazyLock::new(|| constant_pattern(r"^\d{3}[-.]\d{4}$"));
static NUMBER_AFTER_CUE: LazyLock<Regex> =
    LazyLock::new(|| constant_pattern(r"[A-Za-z]{0,3}[ ]?\d[A-Za-z0-9\-/]{3,20}"));
/// A state of the USA with its postal code.
static STATE_AND_ZIP: LazyLock<Regex> = LazyLock::new(|| {
    constant_pattern(
        r"\b(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]),?[ ]\d{5}(?:-\d{4})?\b",
    )
});
static ZIP: LazyLock<Regex> = LazyLock::new(|| {
    constant_pattern(
        r"[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{2,5}-\d{3,4}|\d{4} [A-Z]{2}\b|\d{3,6}",
    )
});

/// Everything with a form of its own.
pub fn find(text: &str, words: &RedactionWords) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    let mut add = |kind, range: Range<usize>| found.push(Finding { kind, range });
    EMAIL.find_iter(text).for_each(|hit| add(Kind::Email, hit.range()));
    URL.find_iter(text)
        .filter(|hit| SECRET_PART.is_match(hit.as_str()))
        .for_each(|hit| add(Kind::SecretUrl, hit.range()));
    KEY.find_iter(text).filter(|hit| mixed(hit.as_str())).for_each(|hit| add(Kind::ApiKey, hit.range()));
    PASSWORD.captures_iter(text).filter_map(|hit| hit.get(1)).for_each(|hit| add(Kind::ApiKey, hit.range()));
    IBAN.find_iter(text).filter(|hit| is_iban(hit.as_str())).for_each(|hit| add(Kind::Iban, hit.range()));
    DIGITS
        .find_iter(text)
        .filter(|hit| stands_alone(text, hit.range()) && is_card(hit.as_str()))
        .for_each(|hit| add(Kind::Card, hit.range()));
    MACHINE
        .find_iter(text)
        .filter(|hit| hit.as_str().parse::<IpAddr>().is_ok())
        .for_each(|hit| add(Kind::IpAddress, hit.range()));
    SSN.find_iter(text).for_each(|hit| add(Kind::NationalId, hit.range()));
    after_cue(text, &words.id_cues, &NUMBER_AFTER_CUE).for_each(|range| add(Kind::NationalId, range));
    STATE_AND_ZIP.find_iter(text).for_each(|hit| add(Kind::Address, hit.range()));
    after_cue(text, &words.zip_cues, &ZIP).for_each(|range| add(Kind::Address, range));
    PHONE
        .find_iter(text)
        .filter(|hit| stands_alone(text, hit.range()) && is_phone(text, hit.range(), words))
        .for_each(|hit| add(Kind::Phone, trimmed(text, hit.range())));
    found
}

/// Letters and digits both: a word of forty letters is no key.
fn mixed(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit()) && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

fn stands_alone(text: &str, range: Range<usize>) -> bool {
    let glued =
        |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '#' | '_' | '$' | '€' | '£'));
    let before = text[..range.start].trim_end_matches(['-', '.']).chars().next_back();
    !glued(before.filter(|_| !text[..range.start].ends_with(' '))) && !glued(text[range.end..].chars().next())
}

/// Luhn's check (ISO/IEC 7812-1, annex B).
fn is_card(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, &digit)| if index % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 })
        .sum();
    (12..=19).contains(&digits.len())
        && sum.is_multiple_of(10)
        && digits.iter().any(|&digit| digit != digits[0])
}

/// The remainder check of ISO 13616: letters become numbers, the first four characters go last, modulo 97 is 1.
fn is_iban(text: &str) -> bool {
    let plain: Vec<u8> =
        text.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_uppercase()).collect();
    if !(15..=34).contains(&plain.len()) {
        return false;
    }
    let remainder = plain[4..].iter().chain(&plain[..4]).fold(0_u32, |remainder, &byte| {
        let value = u32::from(if byte.is_ascii_digit() { byte - b'0' } else { byte - b'A' + 10 });
        (remainder * if value > 9 { 100 } else { 10 } + value) % 97
    });
    remainder == 1
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let inside = &text[range.clone()];
    let start = range.start + inside.len() - inside.trim_start().len();
    start..start + inside.trim().len()
}

/// Seven to fifteen digits in groups, or with a plus, or near a word that says so; never a date, a time or one long number alone.
fn is_phone(text: &str, range: Range<usize>, words: &RedactionWords) -> bool {
    let hit = text[range.clone()].trim();
    let digits = hit.bytes().filter(u8::is_ascii_digit).count();
    if !(7..=15).contains(&digits) || DATE.is_match(hit) {
        return false;
    }
    let groups = hit.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).count();
    let decimal = hit.contains('.') && groups == 2;
    let start = text[..range.start].char_indices().rev().nth(40).map_or(0, |(at, _)| at);
    let before = text[start..range.start].to_lowercase();
    let cue = words.phone_cues.iter().any(|cue| before.contains(cue.as_str()));
    let form = hit.starts_with(['+', '(']) || hit.starts_with("00") || (groups >= 2 && !decimal);
    (form && digits >= 8)
        || (cue && !decimal)
        || (groups == 1 && (9..=11).contains(&digits))
        || LOCAL.is_match(hit)
        || (!decimal && (cue_after(text, range.end, words) || groups >= 2) && somewhere_valid(hit, words))
}

/// A word that says so behind the number: "… is my new number".
fn cue_after(text: &str, end: usize, words: &RedactionWords) -> bool {
    let after: String = text[end..].chars().take(30).collect::<String>().to_lowercase();
    let sentence = after.split(['.', '!', '\n']).next().unwrap_or_default();
    words.phone_cues.iter().any(|cue| sentence.contains(cue.as_str()))
}

/// Whether the number is one that some region gives out, by the public numbering plans.
fn somewhere_valid(hit: &str, words: &RedactionWords) -> bool {
    let regions = words.phone_regions.iter().filter_map(|region| region.parse().ok());
    regions.into_iter().any(|region: phonenumber::country::Id| {
        phonenumber::parse(Some(region), hit).is_ok_and(|number| phonenumber::is_valid(&number))
    })
}

/// What the pattern finds within a few words behind a cue.
fn after_cue<'a>(
    text: &'a str,
    cues: &'a [String],
    pattern: &'a Regex,
) -> impl Iterator<Item = Range<usize>> + 'a {
    let lower = text.to_lowercase();
    // Lower-casing may change lengths in rare scripts; then places would not fit.
    let usable = lower.len() == text.len();
    let mut ranges = Vec::new();
    for cue in cues.iter().filter(|_| usable) {
        for (at, _) in lower.match_indices(cue.as_str()) {
            let from = at + cue.len();
            let glued = text[..at].chars().next_back().is_some_and(char::is_alphanumeric);
            let end = text[from..].char_indices().nth(60).map_or(text.len(), |(offset, _)| from + offset);
            if let Some(hit) = pattern.find(&text[from..end]).filter(|hit| !glued && hit.start() < 30) {
                ranges.push(trimmed(text, from + hit.start()..from + hit.end()));
            }
        }
    }
    ranges.into_iter()
}

/// What is left over in a redacted text and looks wrong: long numbers, at-signs.
pub fn suspicious(redacted: &str) -> Vec<String> {
    redacted
        .split_whitespace()
        .filter(|word| {
            let digits = word.bytes().filter(u8::is_ascii_digit).count();
            digits >= 8 || (word.contains('@') && word.contains('.'))
        })
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_patterns_compile() {
        for pattern in [
            &EMAIL,
            &URL,
            &SECRET_PART,
            &KEY,
            &PASSWORD,
            &IBAN,
            &DIGITS,
            &PHONE,
            &SSN,
            &MACHINE,
            &DATE,
            &LOCAL,
            &NUMBER_AFTER_CUE,
            &ZIP,
            &STATE_AND_ZIP,
        ] {
            assert!(!pattern.as_str().is_empty());
        }
    }
}
