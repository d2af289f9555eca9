//! What a message asks, without the manners around it: greeting, thanks, signature, who writes. A name in them is the
//! customer's own and says nothing of what the documents know.

use super::names::people;
use crate::domain::text::constant_pattern;
use regex::Regex;
use std::sync::LazyLock;

/// A word of a person's or company's name.
const NAME: &str = r"(?-i:\p{Lu}[\p{L}\p{M}.'’-]*)";
/// A person.
const WHO: &str = r"(?-i:\p{Lu}[\p{L}\p{M}.'’-]*(?:[ ]+\p{Lu}[\p{L}\p{M}.'’-]*){0,2})";
/// A company: "Brandt and Sons".
const COMPANY: &str =
    r"(?-i:(?:the )?\p{Lu}[\p{L}\p{M}\d.'’-]*(?:[ ]+(?:of |and |& )?\p{Lu}[\p{L}\p{M}\d.'’-]*){0,3})";
/// Words that may stand between the parts of a signature: "Head of Operations".
const BETWEEN: &str = r"(?:of|and|the|for|at|de|van|von|der|&|\||/|,)";

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| Patterns {
    greeting: constant_pattern(&format!(
        r"(?im)^[ \t]*(?:hi|hello|hey|dear|greetings|good (?:morning|afternoon|evening|day))(?:[ ]+(?:{NAME}|there|all|team|support|everyone|everybody|folks|guys|again|both|sir|madam|or)){{0,4}}[ \t]*(?:[,.!:;–—]+|$)[ \t]*"
    )),
    introduction: constant_pattern(&format!(
        r"(?im)(?P<before>^|[,;.!?][ \t]*)[ \t]*(?:(?:i['’]?m|i am|my name is|my name['’]s)[ ]+{WHO}(?:[ ]+(?:from|at|with|of)[ ]+{COMPANY})?|this is[ ]+{WHO}[ ]+(?:from|at|with|of)[ ]+{COMPANY}|{WHO}[ ]+(?:here|speaking)(?:[ ]+from[ ]+{COMPANY})?)[ \t]*(?:[,;.!:–—]+[ \t]*|$)"
    )),
    closing: constant_pattern(&format!(
        r"(?im)(?P<before>^|[,.!?][ \t]*)[ \t]*(?:(?:(?:with[ ]+)?(?:best|kind|kindest|warm|warmest|many)(?:[ ]+(?:regards|wishes|thanks))?|regards|sincerely|yours(?:[ ]+(?:sincerely|truly|faithfully))?|cheers|(?:thanks|thank you|thx)(?:[ ]+(?:a lot|again|in advance|so much|very much|and regards))?)[ \t]*[,.!–—]*)[ \t\n]*(?:(?:{NAME}|{BETWEEN})[ \t\n,]*){{0,10}}\z"
    )),
    closing_line: constant_pattern(
        r"(?im)^[ \t]*(?:--+|(?:with[ ]+)?(?:best|kind|kindest|warm|warmest)[ ]+(?:regards|wishes)|regards|sincerely|yours (?:sincerely|truly|faithfully)|cheers|thanks|thank you|many thanks)[ \t]*[,.!]*[ \t]*$",
    ),
    last_line: constant_pattern(&format!(r"[.?!,][ \t]*\n\s*(?:[-–—][ \t]*)?(?P<who>{WHO})[ \t]*\z")),
});

struct Patterns {
    greeting: Regex,
    introduction: Regex,
    closing: Regex,
    closing_line: Regex,
    last_line: Regex,
}

/// A signature is no longer than this, in words.
const LONGEST_SIGNATURE: usize = 40;

/// The message without its courtesies; all of it when nothing else is there.
pub fn without_courtesies(message: &str) -> String {
    let patterns = &*PATTERNS;
    let mut text = message.trim();
    // From the line that closes a letter on everything is signature, unless something is asked there.
    let closing = patterns.closing_line.find_iter(text).find(|line| {
        let rest = &text[line.end()..];
        !rest.contains('?') && rest.split_whitespace().count() <= LONGEST_SIGNATURE
    });
    if let Some(line) = closing {
        text = text[..line.start()].trim_end();
    }
    let text = patterns.closing.replace(text, "$before");
    let text = without_last_name(text.trim_end());
    let text = patterns.greeting.replace_all(text, "");
    let text = patterns.introduction.replace_all(&text, "$before");
    let left = text.trim().trim_start_matches([',', ';', '.', '!', ':']).trim();
    if left.chars().any(char::is_alphanumeric) { left.to_owned() } else { message.trim().to_owned() }
}

/// A name by itself in the last line is who writes. Only a known given name tells it from a product.
fn without_last_name(text: &str) -> &str {
    let who = PATTERNS.last_line.captures(text).and_then(|found| found.name("who"));
    match who.filter(|who| !people(who.as_str()).is_empty()) {
        Some(who) => text[..who.start()].trim_end_matches(|c: char| c.is_whitespace() || "-–—".contains(c)),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::greeting("Hi Anna, how do I export?", "how do I export?")]
    #[case::letter(
        "Dear support team,\n\nHow do I export?\n\nKind regards,\nJo Nakagawa\nHead of Operations, Lumenworks\n+49 30 1234",
        "How do I export?"
    )]
    #[case::in_one_line("Hello. Can we export? Thanks, Marguerite", "Can we export?")]
    #[case::who_writes("Hi, I'm Jo from Lumenworks. Can we export?", "Can we export?")]
    #[case::here("Good afternoon, Bartholomew here. How do I mute it?", "How do I mute it?")]
    #[case::name_below("Can we export?\nSarah Nakagawa", "Can we export?")]
    #[case::product_below("How do I connect it?\nGoogle Drive", "How do I connect it?\nGoogle Drive")]
    #[case::product("This is Slack. Why is it silent?", "This is Slack. Why is it silent?")]
    #[case::this_is("Hello, this is Priya Raman from Brandt and Sons, can we export?", "can we export?")]
    #[case::nothing_else("Hi Anna,", "Hi Anna,")]
    #[case::no_manners("How do I link Slack?", "How do I link Slack?")]
    #[case::not_a_greeting("hi password lost, what now", "hi password lost, what now")]
    #[case::asked_below("Thanks\nHow do I link Slack?", "Thanks\nHow do I link Slack?")]
    #[case::owner(
        "I'm Admin of two workspaces. Can I merge them?",
        "I'm Admin of two workspaces. Can I merge them?"
    )]
    fn manners_are_left_out(#[case] message: &str, #[case] expected: &str) {
        assert_eq!(without_courtesies(message), expected);
    }
}
