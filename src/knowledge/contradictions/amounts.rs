//! Amounts in a sentence: money, percentages, sizes, times and counted things, in one unit each. Pure parsing.

use crate::domain::text::{constant_pattern, figure_of};
use regex::{Captures, Regex};
use std::{collections::BTreeSet, ops::Range, sync::LazyLock};

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// By ISO code.
    Money(&'static str),
    Percent,
    /// In bytes.
    Size,
    /// In seconds.
    Time,
    /// By the plural noun.
    Count(String),
}

/// Which side of the amount is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// That, or up to that.
    Most,
    Least,
}

/// An amount and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Amount {
    pub unit: Unit,
    /// Both ends; the same for a single value.
    pub range: (f64, f64),
    pub bound: Bound,
    /// "month", "year", …, and "person": what a price is for.
    pub per: BTreeSet<&'static str>,
    /// Of the text.
    pub place: Range<usize>,
    /// The words just before say that it happens after this time.
    pub after: bool,
}

impl Amount {
    /// Whether both may be true of the same thing.
    pub fn agrees(&self, other: &Self) -> bool {
        // Months and years are not all of one length.
        let slack = if self.unit == Unit::Time { 0.03 } else { 0.0001 };
        let (low, high) = (self.range.0.max(other.range.0), self.range.1.min(other.range.1));
        low <= high * (1.0 + slack) + f64::EPSILON
    }

    /// Whether they measure the same, so that they can disagree.
    pub fn comparable(&self, other: &Self) -> bool {
        self.unit == other.unit && self.bound == other.bound && self.per == other.per
    }
}

const NUMBER: &str = r"\d[\d,]*(?:\.\d+)?";

static MONEY: LazyLock<Regex> = LazyLock::new(|| {
    constant_pattern(&format!(
        r"(?i)(?:(?P<sign>US\$|\$|€|£|₹|\bUSD|\bEUR|\bGBP|\bCHF|\bPKR|\bINR|\bRs\.?)\s?(?P<one>{NUMBER}))|(?:(?P<two>{NUMBER})\s?(?P<name>USD|EUR|GBP|CHF|PKR|INR|€|£|US dollars?|dollars?|euros?|pounds?)(?:\b|$|\s))"
    ))
});
static MEASURE: LazyLock<Regex> = LazyLock::new(|| {
    constant_pattern(&format!(
        r"(?i)(?P<low>{NUMBER})(?:\s?(?:-|–|to)\s?(?P<high>{NUMBER}))?(?:\s|-)?(?P<unit>%|percent\b|[KMGT]i?B\b|(?:business |working |calendar )?(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?)\b)"
    ))
});
static COUNT: LazyLock<Regex> = LazyLock::new(|| {
    constant_pattern(&format!(
        r"(?P<low>{NUMBER})\s(?:(?:team|active|free|paid|open|custom|different|own|guest|private|public|connected|workspace|project)\s)?(?P<noun>[a-z]{{3,}}s)\b"
    ))
});
/// Words that make of a counted thing a limit; without one a number may be anything.
static LIMITS: LazyLock<Regex> = LazyLock::new(|| {
    constant_pattern(
        r"(?i)\b(?:up to|at most|maximum|max|limit\w*|at least|minimum|includes?|included|allows?|can (?:have|hold|add|invite|create|upload|connect)|comes? with|holds?|supports?|needs?|must have)\b",
    )
});

/// Nouns after a number that count nothing worth comparing.
const NO_THINGS: &[&str] = &[
    "times", "steps", "ways", "things", "options", "reasons", "cases", "examples", "others", "parts", "rows",
    "plus", "sections", "tabs", "buttons", "this", "was", "has", "does", "its", "less", "always", "plans",
];

/// All amounts of a sentence, from left to right. What is only about so much is left out.
pub fn amounts(text: &str) -> Vec<Amount> {
    let mut found: Vec<Amount> = Vec::new();
    for money in MONEY.captures_iter(text) {
        found.extend(read_money(text, &money));
    }
    for measure in MEASURE.captures_iter(text) {
        found.extend(read_measure(text, &measure));
    }
    if LIMITS.is_match(text) {
        for count in COUNT.captures_iter(text) {
            found.extend(read_count(text, &count));
        }
    }
    found.sort_by_key(|amount| amount.place.start);
    let mut places: Vec<Range<usize>> = Vec::new();
    found.retain(|amount| {
        let free =
            !places.iter().any(|place| place.start < amount.place.end && amount.place.start < place.end);
        places.push(amount.place.clone());
        free
    });
    let ends: Vec<usize> =
        found.iter().skip(1).map(|next| next.place.start).chain(std::iter::once(text.len())).collect();
    for (amount, end) in found.iter_mut().zip(ends) {
        amount.per = per(text.get(amount.place.end..end).unwrap_or_default(), &amount.unit);
    }
    found
}

fn read_money(text: &str, found: &Captures<'_>) -> Option<Amount> {
    let number = found.name("one").or_else(|| found.name("two"))?;
    let name = found.name("sign").or_else(|| found.name("name"))?.as_str().trim().to_lowercase();
    let currency = match name.trim_end_matches('.') {
        "eur" | "€" | "euro" | "euros" => "EUR",
        "gbp" | "£" | "pound" | "pounds" => "GBP",
        "chf" => "CHF",
        "pkr" => "PKR",
        "inr" | "₹" | "rs" => "INR",
        _ => "USD",
    };
    let value = value(number.as_str())?;
    amount(text, Unit::Money(currency), (value, value), found.get(0)?.range())
}

fn read_measure(text: &str, found: &Captures<'_>) -> Option<Amount> {
    let low = value(found.name("low")?.as_str())?;
    let high = found.name("high").map_or(Some(low), |high| value(high.as_str()))?;
    let name = found.name("unit")?.as_str().to_lowercase();
    let working = name.starts_with("business ") || name.starts_with("working ");
    let name = name.rsplit(' ').next().unwrap_or_default();
    let (unit, factor) = match name.trim_end_matches('s') {
        "%" | "percent" => (Unit::Percent, 1.0),
        "kb" | "kib" => (Unit::Size, 1e3),
        "mb" | "mib" => (Unit::Size, 1e6),
        "gb" | "gib" => (Unit::Size, 1e9),
        "tb" | "tib" => (Unit::Size, 1e12),
        "second" => (Unit::Time, 1.0),
        "minute" => (Unit::Time, 60.0),
        "hour" => (Unit::Time, 3_600.0),
        "day" => (Unit::Time, 86_400.0),
        "week" => (Unit::Time, 7.0 * 86_400.0),
        "month" => (Unit::Time, 30.0 * 86_400.0),
        "year" => (Unit::Time, 365.0 * 86_400.0),
        _ => return None,
    };
    // Working days are a measure of their own.
    let unit = if working { Unit::Count("working days".to_owned()) } else { unit };
    amount(text, unit, (low * factor, high.max(low) * factor), found.get(0)?.range())
}

fn read_count(text: &str, found: &Captures<'_>) -> Option<Amount> {
    let noun = found.name("noun")?.as_str();
    if NO_THINGS.contains(&noun) {
        return None;
    }
    let value = value(found.name("low")?.as_str())?;
    amount(text, Unit::Count(noun.to_owned()), (value, value), found.get(0)?.range())
}

/// With what the words before it say; `None` for "about 5".
fn amount(text: &str, unit: Unit, range: (f64, f64), place: Range<usize>) -> Option<Amount> {
    let before = text.get(..place.start)?;
    // Within a word or a longer number it is a name or a version.
    if before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '/' | '#' | '-' | '+')) {
        return None;
    }
    let words: Vec<String> = before
        .rsplit(|c: char| !c.is_alphanumeric() && c != '\'')
        .filter(|word| !word.is_empty())
        .take(3)
        .map(str::to_lowercase)
        .collect();
    let [last, previous, _] = [0, 1, 2].map(|at| words.get(at).map(String::as_str).unwrap_or_default());
    let vague = matches!(
        (previous, last),
        (
            _,
            "about"
                | "around"
                | "roughly"
                | "approximately"
                | "nearly"
                | "almost"
                | "over"
                | "than"
                | "from"
                | "every"
                | "another"
                | "extra"
                | "additional"
                | "first"
                | "last"
                | "by"
        ) | ("starting" | "starts", "at")
    );
    if vague {
        return None;
    }
    let least =
        last == "minimum" || (previous == "at" && last == "least") || (previous == "minimum" && last == "of");
    Some(Amount {
        unit,
        range,
        bound: if least { Bound::Least } else { Bound::Most },
        per: BTreeSet::new(),
        place,
        after: last == "after" || (previous == "after"),
    })
}

/// "per user per month", "a year", "/ month".
fn per(rest: &str, unit: &Unit) -> BTreeSet<&'static str> {
    let near: String = rest.chars().take(60).collect::<String>().to_lowercase();
    let stop = near.find([';', '.']).unwrap_or(near.len());
    let words = near.get(..stop).unwrap_or_default().split(|c: char| !c.is_alphabetic());
    let mut found = BTreeSet::new();
    for word in words.filter(|word| !word.is_empty()).take(9) {
        let kind = match word {
            "day" | "daily" => "day",
            "week" | "weekly" => "week",
            "month" | "monthly" | "months" => "month",
            "year" | "yearly" | "annual" | "annually" => "year",
            "hour" | "hourly" => "hour",
            "user" | "users" | "person" | "seat" | "member" => "person",
            "workspace" | "team" | "account" | "company" => "account",
            "file" => "file",
            "project" | "board" => "project",
            _ => continue,
        };
        found.insert(kind);
    }
    // Only a price and a limit are for a time; "30 days a month" does not occur.
    if matches!(unit, Unit::Time) { BTreeSet::new() } else { found }
}

fn value(text: &str) -> Option<f64> {
    text.replace(',', "").parse().ok()
}

static NUMBER_WORD: LazyLock<Regex> = LazyLock::new(|| {
    constant_pattern(
        r"(?i)\b(two|three|four|five|six|seven|eight|nine|ten|twelve|fourteen|fifteen|twenty|thirty|sixty|ninety)\b|\b(one)(\s(?:second|minute|hour|day|week|month|year)\b)",
    )
});

/// "fourteen days" as "14 days", "one month" as "1 month".
pub fn with_figures(text: &str) -> String {
    let figure = |found: &Captures<'_>| {
        if let Some(unit) = found.get(3) {
            return format!("1{}", unit.as_str());
        }
        figure_of(&found[0].to_lowercase()).unwrap_or(&found[0]).to_owned()
    };
    NUMBER_WORD.replace_all(text, figure).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn read(text: &str) -> Vec<(Unit, f64, f64)> {
        amounts(&with_figures(text)).into_iter().map(|a| (a.unit, a.range.0, a.range.1)).collect()
    }

    #[rstest]
    #[case("Pro costs $12.50 per user.", &[(Unit::Money("USD"), 12.5, 12.5)])]
    #[case("It is 1,200 EUR a year.", &[(Unit::Money("EUR"), 1200.0, 1200.0)])]
    #[case("Exports are kept for fourteen days.", &[(Unit::Time, 1_209_600.0, 1_209_600.0)])]
    #[case("The 14-day trial", &[(Unit::Time, 1_209_600.0, 1_209_600.0)])]
    #[case("It takes 3 to 5 days.", &[(Unit::Time, 259_200.0, 432_000.0)])]
    #[case("Files may have up to 2 GB.", &[(Unit::Size, 2e9, 2e9)])]
    #[case("Free includes up to 25 team members.", &[(Unit::Count("members".to_owned()), 25.0, 25.0)])]
    #[case("You save 20% with it.", &[(Unit::Percent, 20.0, 20.0)])]
    #[case("About 5 minutes, more than 3 days.", &[])]
    #[case("Use version 2.1 of OAuth and port 8080.", &[])]
    #[case("Open the 3 tabs.", &[])]
    fn amounts_are_read_in_one_unit(#[case] text: &str, #[case] expected: &[(Unit, f64, f64)]) {
        assert_eq!(read(text), expected, "{text}");
    }

    #[test]
    fn what_a_price_is_for_is_read_up_to_the_next_one() {
        let found = amounts("Pro costs $12 per user per month or $120 per user per year.");
        let per: Vec<Vec<&str>> = found.iter().map(|amount| amount.per.iter().copied().collect()).collect();
        assert_eq!(per, [vec!["month", "person"], vec!["person", "year"]]);
        assert!(!found[0].comparable(&found[1]));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,200}") {
            for amount in amounts(&with_figures(&text)) {
                proptest::prop_assert!(amount.range.0 <= amount.range.1);
            }
        }
    }
}
