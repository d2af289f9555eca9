//! What a passage states: amounts and yes-or-no, each with what it is about and the plan it holds for.

use super::{
    amounts::{Amount, Unit, amounts, with_figures},
    words::{Vocabulary, places},
};
use crate::{
    domain::{knowledge::Passage, text::constant_pattern},
    knowledge::search::{SentenceKind, SentenceMatch, plain_text, split_sentences},
};
use regex::Regex;
use std::{collections::BTreeSet, ops::Range, sync::LazyLock};

/// The fact itself.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    Amount(Amount),
    /// Whether something can be done or is there, or (`needed`) must be.
    YesNo {
        yes: bool,
        needed: bool,
    },
}

/// One fact of a passage.
#[derive(Debug, Clone)]
pub struct Fact {
    /// Index of the passage it stands in.
    pub passage: usize,
    /// Index of its sentence, as the sentence vectors count; `None` for a heading.
    pub sentence: Option<usize>,
    pub what: What,
    /// Stems of what it is about.
    pub subject: BTreeSet<String>,
    /// The plan or platform it holds for, if it names one.
    pub qualifiers: BTreeSet<String>,
    /// What the passage's own heading is about, and those of its words that are names.
    pub heading: BTreeSet<String>,
    pub heading_names: BTreeSet<String>,
    /// For people: the sentence, and the amount or answer in it.
    pub text: String,
    pub value: String,
}

/// An example, a comparison or a story states nothing that holds.
static NO_STATEMENT: LazyLock<Regex> = LazyLock::new(|| {
    constant_pattern(
        r"(?i)\b(?:for example|for instance|e\.g\.|such as|suppose|imagine|was|were|used to|previously|formerly|instead of|save|discount|than|off|lowers?|raises?|reduces?|increases?)\b|\bfrom\s+\S+\s+to\b",
    )
});
/// A statement with a condition holds only under it.
static CONDITION: LazyLock<Regex> = LazyLock::new(|| {
    constant_pattern(
        r"(?i)\b(?:if|unless|only|except|without|while|when|whenever|before|after|however|but|although|though|instead|until|once|yet|where|also|both|either|neither|as long as|not just)\b|[;:]",
    )
});
/// What these words point at stands elsewhere.
static POINTING: LazyLock<Regex> = LazyLock::new(|| {
    constant_pattern(
        r"(?i)\b(?:this|that|these|those|it|they|them|its|their|here|there|one|ones|other|others|same|such|else)\b",
    )
});
static CAN: LazyLock<Regex> = LazyLock::new(|| {
    constant_pattern(
        r"(?i)\b(?:can|cannot|can't|includes?|included|available|unavailable|supports?|supported|unsupported|offers?|offered|allows?|allowed|possible|impossible|comes? with|provides?|works?)\b",
    )
});
static NEED: LazyLock<Regex> = LazyLock::new(|| {
    constant_pattern(r"(?i)\b(?:needs?|needed|requires?|required|necessary|must|mandatory)\b")
});
static NOT: LazyLock<Regex> = LazyLock::new(|| {
    constant_pattern(
        r"(?i)\b(?:not|no|never|cannot|unavailable|unsupported|impossible|(?:can|do|does|is|are|wo|need)n['’]?t)\b",
    )
});
static QUESTION: LazyLock<Regex> =
    LazyLock::new(|| constant_pattern(r"(?i)^(?:is|are|can|do|does|will)\s.*\?$"));

/// Words that a yes-or-no statement is made with, by stem; they are not what it is about.
const FRAME: &[&str] = &[
    "includ",
    "avail",
    "availabl",
    "unavail",
    "unavailabl",
    "support",
    "unsupport",
    "offer",
    "allow",
    "possib",
    "possibl",
    "impossib",
    "impossibl",
    "provid",
    "need",
    "requir",
    "necessari",
    "must",
    "mandatori",
    "come",
    "valid",
    "do",
    "user",
    "person",
];
/// Words that a price is said with.
const PRICE: &[&str] = &[
    "pric",
    "price",
    "cost",
    "fee",
    "charg",
    "pai",
    "pay",
    "paid",
    "bill",
    "amount",
    "person",
    "month",
    "year",
    "week",
    "dai",
    "day",
    "usd",
    "eur",
    "gbp",
    "chf",
    "pkr",
    "inr",
    "dollar",
    "euro",
    "pound",
    "rate",
    "account",
    "workspace",
    "team",
    "member",
];
/// A single word that says enough of what a time is for.
const TELLING: &[&str] = &["trial", "refund", "warranti", "notice", "guarante"];
/// Longest statement whose yes or no is read, in words.
const SHORT: usize = 14;

/// All facts of a passage.
pub fn facts_of(at: usize, passage: &Passage, vocabulary: &Vocabulary) -> Vec<Fact> {
    let heading = vocabulary.subject(passage.heading());
    let base = Fact {
        passage: at,
        sentence: None,
        what: What::YesNo { yes: true, needed: false },
        subject: BTreeSet::new(),
        qualifiers: BTreeSet::new(),
        heading_names: vocabulary.names(&heading).cloned().collect(),
        heading,
        text: String::new(),
        value: String::new(),
    };
    let reader = Reader { passage, vocabulary, base };
    let pieces = split_sentences(&passage.text);
    let mut found = Vec::new();
    let mut header: Option<(usize, Vec<String>)> = None;
    for piece in &pieces {
        match piece.kind {
            SentenceKind::Code => {}
            SentenceKind::TableRow => match &header {
                Some((block, columns)) if *block == piece.block => found.extend(reader.row(piece, columns)),
                _ => header = Some((piece.block, cells(&piece.text))),
            },
            _ => {
                let text = plain_text(&piece.text).replace('\n', " ");
                found.extend(reader.sentence(&text, &text, Some(piece.index)));
            }
        }
    }
    found.extend(reader.answered_heading(&pieces));
    found
}

struct Reader<'a> {
    passage: &'a Passage,
    vocabulary: &'a Vocabulary,
    base: Fact,
}

impl Reader<'_> {
    /// A table's row: each cell under its column's heading.
    fn row(&self, piece: &SentenceMatch, columns: &[String]) -> Vec<Fact> {
        let cells = cells(&piece.text);
        let Some(first) = cells.first() else { return Vec::new() };
        let shown = plain_text(&piece.text);
        let told = cells.iter().zip(columns).skip(1).map(|(cell, column)| format!("{first} {cell} {column}"));
        told.flat_map(|text| self.amounts(&text, &shown, Some(piece.index))).collect()
    }

    fn sentence(&self, text: &str, shown: &str, index: Option<usize>) -> Vec<Fact> {
        if matches(&NO_STATEMENT, text) || text.ends_with('?') {
            return Vec::new();
        }
        let mut found = self.amounts(text, shown, index);
        let text = ["Yes, ", "No, ", "Yes. ", "No. "]
            .iter()
            .find_map(|word| text.strip_prefix(word))
            .unwrap_or(text);
        found.extend(self.yes_no(text, negations(text), shown, index));
        found
    }

    fn amounts(&self, text: &str, shown: &str, index: Option<usize>) -> Vec<Fact> {
        let text = with_figures(text);
        let all = amounts(&text);
        let clauses = clauses(&text);
        let sentence_plans = self.vocabulary.plans(&text);
        all.iter()
            .filter_map(|amount| {
                let clause = clauses.iter().find(|clause| clause.contains(&amount.place.start))?;
                let alike = |other: &&Amount| other.comparable(amount) && !other.agrees(amount);
                let own = without(&text, clause.clone(), &all);
                let plans = self.vocabulary.plans(&own);
                // Two amounts of a kind in one sentence are told apart by the plan each clause names, or not at all.
                if plans.is_empty() && all.iter().filter(alike).count() > 0 {
                    return None;
                }
                let qualifiers = self.holds_for(plans, &sentence_plans, &text)?;
                let mut amount = amount.clone();
                let whole = without(&text, 0..text.len(), &all);
                let mut subject = self.subject(&own, &mut amount);
                let named_price = matches!(amount.unit, Unit::Money(_)) && !qualifiers.is_empty();
                if subject.is_empty() && !named_price {
                    subject = self.subject(&whole, &mut amount);
                }
                if pointing(&own) || (subject.is_empty() && qualifiers.is_empty()) {
                    subject.extend(self.base.heading.iter().cloned());
                    Self::drop_frame(&mut subject, &amount.unit);
                }
                if !says_enough(&amount.unit, &subject, &qualifiers) {
                    return None;
                }
                let value = text.get(amount.place.clone())?.trim().to_owned();
                Some(Fact {
                    sentence: index,
                    what: What::Amount(amount),
                    subject,
                    qualifiers,
                    text: shown.to_owned(),
                    value,
                    ..self.base.clone()
                })
            })
            .collect()
    }

    fn subject(&self, text: &str, amount: &mut Amount) -> BTreeSet<String> {
        let mut subject = self.vocabulary.subject(text);
        if matches!(amount.unit, Unit::Money(_))
            && !amount.per.contains("month")
            && !amount.per.contains("year")
        {
            for period in ["month", "year"] {
                if subject.contains(period) {
                    amount.per.insert(period);
                }
            }
        }
        // "Deleted after 7 days" is "kept for 7 days".
        if amount.after
            && amount.unit == Unit::Time
            && (subject.remove("delet") || subject.contains("retain"))
        {
            subject.insert("retain".to_owned());
        }
        Self::drop_frame(&mut subject, &amount.unit);
        subject
    }

    fn drop_frame(subject: &mut BTreeSet<String>, unit: &Unit) {
        subject.retain(|word| !matches!(unit, Unit::Money(_)) || !PRICE.contains(&word.as_str()));
        if subject.iter().any(|word| TELLING.contains(&word.as_str())) {
            subject.remove("valid");
        }
        subject.retain(|word| {
            !["day", "dai", "hour", "minut", "week", "month", "second"].contains(&word.as_str())
        });
    }

    /// The plan a fact holds for: that of its clause, else the only one of its sentence, its heading, or the sections above.
    /// `None` where several are named and nothing says which.
    /// The platform or place is the one that the whole sentence names, else those of the sections above.
    fn holds_for(
        &self,
        clause: BTreeSet<String>,
        sentence: &BTreeSet<String>,
        text: &str,
    ) -> Option<BTreeSet<String>> {
        let sections = || self.passage.section_path.iter().rev();
        let mut found = clause;
        if found.is_empty() {
            let above = sections().map(|heading| self.vocabulary.plans(heading));
            let nearest = std::iter::once(sentence.clone()).chain(above).find(|plans| !plans.is_empty());
            found = nearest.unwrap_or_default();
            if found.len() > 1 {
                return None;
            }
        }
        let mut named = places(text);
        if named.is_empty() {
            named = sections().flat_map(|heading| places(heading)).collect();
        }
        found.extend(named);
        Some(found)
    }

    fn yes_no(&self, text: &str, negations: usize, shown: &str, index: Option<usize>) -> Option<Fact> {
        let (can, need) = (matches(&CAN, text), matches(&NEED, text));
        let doubtful =
            matches(&CONDITION, text) || pointing(text) || text.contains(|c: char| c.is_ascii_digit());
        if can == need || doubtful || negations > 1 || text.split_whitespace().count() > SHORT {
            return None;
        }
        let mut subject = self.vocabulary.subject(text);
        subject.retain(|word| !FRAME.contains(&word.as_str()));
        let qualifiers = self.holds_for(self.vocabulary.plans(text), &BTreeSet::new(), text)?;
        // "You can export" alone may be said of anything.
        if subject.len() + qualifiers.len() < 2 || subject.is_empty() {
            return None;
        }
        let yes = negations == 0;
        Some(Fact {
            sentence: index,
            what: What::YesNo { yes, needed: need },
            subject,
            qualifiers,
            text: shown.to_owned(),
            value: if yes { "yes" } else { "no" }.to_owned(),
            ..self.base.clone()
        })
    }

    /// A heading that asks, and a text that begins with nothing but yes or no.
    fn answered_heading(&self, pieces: &[SentenceMatch]) -> Option<Fact> {
        let heading = self.passage.heading().trim();
        let answer = plain_text(&pieces.first()?.text).to_lowercase();
        // "Yes, on Enterprise" has a condition.
        let yes = match answer.split_once(['.', '!']).map(|(word, _)| word.trim()) {
            Some("yes") => true,
            Some("no") => false,
            _ => return None,
        };
        if !matches(&QUESTION, heading) || negations(heading) > 0 {
            return None;
        }
        // The question's own "can" or "need" tells which kind it is; a plain "is there" or "does" asks for presence.
        let statement = heading.trim_end_matches('?');
        let statement = if matches(&CAN, statement) || matches(&NEED, statement) {
            statement.to_owned()
        } else {
            format!("{statement} available")
        };
        let shown = format!("{heading} {}", if yes { "Yes." } else { "No." });
        self.yes_no(&statement, usize::from(!yes), &shown, None)
    }
}

fn matches(pattern: &LazyLock<Regex>, text: &str) -> bool {
    pattern.is_match(text)
}

fn pointing(text: &str) -> bool {
    matches(&POINTING, text)
}

fn negations(text: &str) -> usize {
    NOT.find_iter(text).count()
}

/// Whether it is clear what an amount is of.
fn says_enough(unit: &Unit, subject: &BTreeSet<String>, qualifiers: &BTreeSet<String>) -> bool {
    match unit {
        Unit::Money(_) => !subject.is_empty() || !qualifiers.is_empty(),
        // The noun is part of it.
        Unit::Count(_) => !subject.is_empty(),
        Unit::Percent | Unit::Size | Unit::Time => {
            subject.len() >= 2
                || (!subject.is_empty() && !qualifiers.is_empty())
                || subject.iter().any(|word| TELLING.contains(&word.as_str()))
        }
    }
}

/// A text without its amounts.
fn without(text: &str, part: Range<usize>, amounts: &[Amount]) -> String {
    let mut rest = String::new();
    let mut from = part.start;
    for amount in amounts.iter().filter(|amount| part.contains(&amount.place.start)) {
        rest.push_str(text.get(from..amount.place.start).unwrap_or_default());
        // What is counted is what it is about.
        if let Unit::Count(noun) = &amount.unit {
            rest.push_str(noun);
        }
        rest.push(' ');
        from = amount.place.end;
    }
    rest.push_str(text.get(from..part.end).unwrap_or_default());
    rest
}

/// Where a sentence falls into clauses.
fn clauses(text: &str) -> Vec<Range<usize>> {
    static BORDER: LazyLock<Regex> =
        LazyLock::new(|| constant_pattern(r"(?i),\s|;|\s–\s|\s-\s|[()]|\band\b|\bbut\b|\bwhile\b|\bor\b"));
    let mut found = Vec::new();
    let mut start = 0;
    for border in BORDER.find_iter(text) {
        found.push(start..border.start());
        start = border.end();
    }
    found.push(start..text.len());
    found
}

fn cells(row: &str) -> Vec<String> {
    row.trim().trim_matches('|').split('|').map(|cell| plain_text(cell.trim())).collect()
}
