//! Promises with a date that has passed: "valid until March 2024".

use crate::{
    domain::{knowledge::Passage, text::constant_pattern},
    knowledge::search::{plain_text, split_sentences},
};
use jiff::civil::Date;
use regex::{Captures, Regex};
use std::sync::LazyLock;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

static UNTIL: LazyLock<Regex> = LazyLock::new(|| {
    let month = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*";
    constant_pattern(&format!(
        r"(?i)\b(?:until|till|through|valid to|ends? (?:on|in)|expires? (?:on|in|at the end of))\s+(?:the\s+)?(?:end of\s+)?(?P<date>(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})|(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?\s+(?P<m1>{month})\.?,?\s+(?P<y1>\d{{4}})|(?P<m2>{month})\.?\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y2>\d{{4}})|(?P<m3>{month})\.?,?\s+(?P<y3>\d{{4}})|(?P<dd>\d{{1,2}})\.(?P<dm>\d{{1,2}})\.(?P<dy>\d{{4}})|(?P<y4>20\d{{2}}))\b"
    ))
});
/// A sentence that tells of the past says so rightly.
static PAST: LazyLock<Regex> = LazyLock::new(|| {
    constant_pattern(
        r"(?i)\b(?:was|were|had|used to|previously|formerly|no longer|until then|ended|expired)\b",
    )
});

/// Sentences with the date they name as still to come, where `today` is later.
pub fn expired(passage: &Passage, today: Date) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for piece in split_sentences(&passage.text) {
        let sentence = plain_text(&piece.text).replace('\n', " ");
        if PAST.is_match(&sentence) {
            continue;
        }
        for date in UNTIL.captures_iter(&sentence) {
            if last_day(&date).is_some_and(|last| last < today) {
                let value = date.name("date").map(|date| date.as_str().to_owned()).unwrap_or_default();
                found.push((sentence.clone(), value));
            }
        }
    }
    found
}

/// The last day that the words include.
fn last_day(found: &Captures<'_>) -> Option<Date> {
    let number = |name: &str| found.name(name).and_then(|text| text.as_str().parse::<i16>().ok());
    let month = |name: &str| {
        let word = found.name(name)?.as_str().to_lowercase();
        let at = MONTHS.iter().position(|month| word.starts_with(month))?;
        i8::try_from(at + 1).ok()
    };
    let day = |name: &str| number(name).and_then(|day| i8::try_from(day).ok());
    if let Some(iso) = found.name("iso") {
        return iso.as_str().parse().ok();
    }
    if let (Some(year), Some(month), Some(day)) = (number("y1"), month("m1"), day("day")) {
        return Date::new(year, month, day).ok();
    }
    if let (Some(year), Some(month), Some(day)) = (number("y2"), month("m2"), day("d2")) {
        return Date::new(year, month, day).ok();
    }
    if let (Some(year), Some(month)) = (number("y3"), month("m3")) {
        return Some(Date::new(year, month, 1).ok()?.last_of_month());
    }
    if let (Some(year), Some(month), Some(day)) = (number("dy"), day("dm"), day("dd")) {
        return Date::new(year, month, day).ok();
    }
    Date::new(number("y4")?, 12, 31).ok()
}
