//! Whether two addresses are one person's. A statement proves nothing: it makes us send a one-time code to the other address, and
//! only who brings that code back is believed. Everything here is pure; codes are made and kept elsewhere.

use super::{
    address::{normalise_email, normalise_phone},
    channel::Channel,
    customer::IdentifierKind,
    text::constant_pattern,
};
use jiff::{SignedDuration, Timestamp};
use regex::Regex;
use std::sync::LazyLock;

/// How long a code is good.
pub const CODE_LASTS: SignedDuration = SignedDuration::from_mins(10);
/// Wrong codes before it is spent.
pub const CODE_TRIES: u32 = 3;
/// Codes that one sender may have sent in [`ASKER_WINDOW`], and that one address may get in [`TARGET_WINDOW`].
pub const CODES_BY_ASKER: u32 = 3;
pub const ASKER_WINDOW: SignedDuration = SignedDuration::from_hours(1);
pub const CODES_TO_TARGET: u32 = 5;
pub const TARGET_WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// An address somebody says is theirs, in normal form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub kind: IdentifierKind,
    pub value: String,
}

impl Claim {
    /// Where a code for it goes.
    pub fn channel(&self) -> Channel {
        match self.kind {
            IdentifierKind::Email => Channel::Email,
            IdentifierKind::Phone | IdentifierKind::Whatsapp => Channel::Whatsapp,
        }
    }
}

/// What a message says of identity. `alone`: it says nothing else that wants an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    Nothing,
    Claim {
        claim: Claim,
        alone: bool,
    },
    /// Asks us to check the address given before.
    WantsCode {
        alone: bool,
    },
    /// Six digits. `bare`: and nothing else at all.
    Code {
        code: String,
        bare: bool,
    },
}

static BARE_CODE: LazyLock<Regex> = LazyLock::new(|| constant_pattern(r"^\W*(\d{3})[ -]?(\d{3})\W*$"));
static NAMED_CODE: LazyLock<Regex> =
    LazyLock::new(|| constant_pattern(r"(?i)\bcode\b[^\d\n]{0,20}\b(\d{3})[ -]?(\d{3})\b"));
static EMAIL_CLAIM: LazyLock<Regex> = LazyLock::new(|| {
    constant_pattern(
        r"(?ix) (?: \b(?:my|our|meine?)\s+(?:\w+\s+){0,2}?(?:e-?mail|mail|address|adresse)[\w-]*(?:\s+address)?(?:\s+here)?\s*(?:is|was|ist|lautet|[:=])
              | \b(?:i|we|ich)\s+(?:also\s+|have\s+|habe\s+)?(?:wrote|written|mailed|e-?mailed|write|geschrieben|schrieb)\b[^.!?\n]{0,50}?\b(?:from|as|von|mit)
              | \byou\s+know\s+(?:me|us)\s+(?:as|by|under) )
          \s*:?\s*[<(]?(?P<value>[^\s<>()@,;]{1,64}@[^\s<>()@,;]{3,255})",
    )
});
static PHONE_CLAIM: LazyLock<Regex> = LazyLock::new(|| {
    constant_pattern(
        r"(?ix) (?: \b(?:my|our|meine?)\s+(?:\w+\s+){0,2}?(?:whats-?app|phone|mobile|cell|number|handy|telefon|mobil|nummer)[\w-]*(?:\s+(?:number|nummer))?\s*(?:is|was|ist|lautet|[:=])
              | \b(?:i|we|ich)\s+(?:also\s+|have\s+|habe\s+)?(?:wrote|written|write|geschrieben|schrieb)\b[^.!?\n]{0,50}?\b(?:from|as|von|mit)
              | \byou\s+know\s+(?:me|us)\s+(?:as|by|under) )
          \s*:?\s*(?P<value>(?:\+|00)\d[\d\ ()/.-]{5,25}\d)",
    )
});
static WISH: LazyLock<Regex> = LazyLock::new(|| {
    constant_pattern(
        r"(?i)\b(?:send (?:me |us )?(?:a|the) (?:one-time |confirmation |verification )?code|(?:verify|confirm) my (?:e-?mail|address|identity)|best(?:ä|ae)tigungscode|schick\w* mir (?:einen|den) code)\b",
    )
});

/// A line that programs put above a mail that is passed on or quoted: words between rules.
static PASSED_ON: LazyLock<Regex> = LazyLock::new(|| constant_pattern(r"^\s*[-_=]{2,}.*\p{L}"));
/// A line of a mail's head, in any language.
static HEAD_LINE: LazyLock<Regex> =
    LazyLock::new(|| constant_pattern(r"^\s*\*?\p{L}[\p{L} -]{1,20}\*?\s?[:\u{ff1a}]\s*\S"));
/// So many of them in a row are a head.
const HEAD_LINES: usize = 3;

/// What the sender says, without what somebody else said: the model reads a mail that was passed on, and a mail that is nothing but
/// a quote, and from neither may a code or an address count.
fn own_words(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let is_head = |at: usize| {
        at + HEAD_LINES <= lines.len()
            && lines[at..at + HEAD_LINES].iter().all(|line| HEAD_LINE.is_match(line))
    };
    let end =
        (0..lines.len()).find(|at| PASSED_ON.is_match(lines[*at]) || is_head(*at)).unwrap_or(lines.len());
    let own = lines[..end].iter().filter(|line| !line.trim_start().starts_with('>'));
    own.copied().collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// Reads a message's text: what the model reads, without quotes and signature.
pub fn read(text: &str) -> Reading {
    let text = own_words(text);
    let text = text.as_str();
    if let Some(found) = BARE_CODE.captures(text) {
        return Reading::Code { code: format!("{}{}", &found[1], &found[2]), bare: true };
    }
    if let Some(found) = NAMED_CODE.captures(text).filter(|_| text.split_whitespace().count() <= 12) {
        return Reading::Code { code: format!("{}{}", &found[1], &found[2]), bare: false };
    }
    let claim = |pattern: &Regex, kind| {
        let found = pattern.captures(text)?;
        let value = found.name("value")?.as_str().trim_end_matches(['.', '!', '?', ':', '"', '\'', '*', '_']);
        let value = match kind {
            IdentifierKind::Email => normalise_email(value),
            IdentifierKind::Phone | IdentifierKind::Whatsapp => normalise_phone(value),
        };
        Some(Reading::Claim {
            claim: Claim { kind, value: value.ok()? },
            alone: is_alone(text, found.get(0)?.len()),
        })
    };
    claim(&EMAIL_CLAIM, IdentifierKind::Email)
        .or_else(|| claim(&PHONE_CLAIM, IdentifierKind::Phone))
        .or_else(|| WISH.find(text).map(|found| Reading::WantsCode { alone: is_alone(text, found.len()) }))
        .unwrap_or(Reading::Nothing)
}

/// Little besides the statement, and no question.
fn is_alone(text: &str, statement_bytes: usize) -> bool {
    !text.contains('?') && text.len().saturating_sub(statement_bytes) <= 60
}

/// Whether another code may be sent.
pub fn may_send(by_asker: u32, to_target: u32) -> bool {
    by_asker < CODES_BY_ASKER && to_target < CODES_TO_TARGET
}

/// What an attempt at a code came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Proven,
    Wrong {
        tries_left: u32,
    },
    /// Too late or tried too often, right or wrong.
    Spent,
}

/// Judges an attempt. A code that is spent tells nobody whether it was right.
pub fn judge(fits: bool, tries_left: u32, expires_at: Timestamp, now: Timestamp) -> Verdict {
    if tries_left == 0 || now >= expires_at {
        return Verdict::Spent;
    }
    if fits { Verdict::Proven } else { Verdict::Wrong { tries_left: tries_left - 1 } }
}

/// What decides which of two customers the other becomes part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Proved an address before now. Who never did may be the work of anybody who typed that address.
    pub proven: bool,
    pub created_at: Timestamp,
}

/// Whether the first one stays.
pub fn first_stays(first: Standing, second: Standing) -> bool {
    if first.proven == second.proven { first.created_at <= second.created_at } else { first.proven }
}

/// An address as a stranger may see it: enough to know one's own by.
pub fn masked(value: &str) -> String {
    if let Some((name, domain)) = value.split_once('@') {
        return format!("{}…@{domain}", name.chars().take(1).collect::<String>());
    }
    let count = value.chars().count();
    let start: String = value.chars().take(3).collect();
    let end: String = value.chars().skip(count.saturating_sub(2).max(3)).collect();
    format!("{start}…{end}")
}

#[cfg(test)]
#[path = "identity_tests.rs"]
mod tests;
