//! The one formatter: every text that leaves, on every channel, is put together here and keeps the hard limits.

use super::{
    channel::Channel,
    customer::first_name,
    knowledge::Source,
    text::{Block, blocks, strip_markdown, write},
    voice::{ChannelVoice, MissingVoice, Voice},
};

/// What a reply is about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ReplyKind<'a> {
    /// An answer: body text in paragraphs and lists.
    Answer {
        body: &'a str,
        sources: &'a [Source],
    },
    /// A person has it: team and promise.
    HandOver {
        team: &'a str,
        promise: &'a str,
    },
    /// A draft waits for a person's approval.
    Held {
        promise: &'a str,
    },
    Invite,
    YouAreWelcome,
    AddedToTicket,
    /// A fixed text about the customer's addresses.
    Notice {
        text: &'a str,
    },
    /// An operator's own words, greeting included: nothing is put before or after them but reference and sign-off, and nothing
    /// is cut.
    Personal {
        body: &'a str,
    },
}

/// The circumstances of a reply.
#[derive(Debug, Clone, Copy)]
pub struct ReplyContext<'a> {
    pub channel: Channel,
    pub customer_name: Option<&'a str>,
    pub reference: &'a str,
    pub subject: &'a str,
    /// -1..1.
    pub sentiment: f32,
    pub company: &'a str,
    pub support_email: &'a str,
    /// Nobody approved it: the disclosure goes along.
    pub automatic: bool,
    /// A sentence that refers to what the customer said on another channel; kept when the body gives way.
    pub earlier_contact: Option<&'a str>,
    /// Where the customer rates an answer, if they are asked to; kept when the body gives way.
    pub rating_url: Option<&'a str>,
}

/// A reply ready to be stored and sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormattedReply {
    /// For channels that have subjects.
    pub subject: Option<String>,
    /// Each within the channel's limit.
    pub parts: Vec<String>,
}

/// Puts a reply together: greeting, empathy, body, follow-up, reference, sign-off, disclosure. The body gives way to the limits, the
/// rest does not.
///
/// # Errors
/// When the voice has no section for the channel.
pub fn format_reply(
    kind: &ReplyKind<'_>,
    context: &ReplyContext<'_>,
    voice: &Voice,
) -> Result<FormattedReply, MissingVoice> {
    let channel = voice.channel(context.channel)?;
    if let ReplyKind::Personal { body } = kind {
        return Ok(personal(body, context, voice, channel));
    }
    let fill = |text: &str| fill(text, kind, context);
    let opener = match kind {
        ReplyKind::Answer { body, .. } if already_empathises(body) => String::new(),
        _ => fill(empathy(kind, context.sentiment, channel)),
    };
    let (body, follow_up) = match kind {
        ReplyKind::Answer { body, .. } => ((*body).to_owned(), fill(&channel.follow_up)),
        ReplyKind::HandOver { .. } => (fill(&channel.hand_over.notice), String::new()),
        ReplyKind::Held { .. } => (fill(&channel.held), String::new()),
        ReplyKind::Invite => (fill(&channel.invite), String::new()),
        ReplyKind::YouAreWelcome => (fill(&channel.welcome), String::new()),
        ReplyKind::AddedToTicket => (fill(&channel.added_to_ticket), String::new()),
        ReplyKind::Notice { text } => (fill(text), String::new()),
        ReplyKind::Personal { body } => ((*body).to_owned(), String::new()),
    };
    let greeting = match first_name(context.customer_name) {
        Some(name) => channel.greeting.replace("{name}", &with_capital(name)),
        None => channel.greeting_without_name.clone(),
    };
    let mention = context.earlier_contact.unwrap_or_default().to_owned();
    let head = join([greeting, mention, opener]);
    let sources = match kind {
        ReplyKind::Answer { sources, .. } if channel.list_sources => source_lines(sources),
        _ => String::new(),
    };
    let disclosure = if context.automatic { fill(&voice.disclosure) } else { String::new() };
    let rating = match kind {
        ReplyKind::Answer { .. } => rating(context, channel),
        _ => String::new(),
    };
    let tail = if channel.max_parts > 1 {
        // Short messages carry no sign-off: the reference closes the last one, and the disclosure when it fits.
        join([follow_up, rating, fill(&channel.reference_line)])
    } else {
        join([sources, follow_up, rating, fill(&channel.reference_line), fill(&channel.sign_off), disclosure])
    };
    let body = voice.apply(&body);
    let parts = if channel.max_parts > 1 {
        in_parts(&head, &body, &tail, channel)
    } else {
        vec![in_one(&head, &body, &tail, channel)]
    };
    Ok(FormattedReply { subject: subject(context), parts })
}

/// Characters of one message where a channel takes only short ones: the providers' limit is 4096.
const LONGEST_PART: usize = 4_000;

/// An operator's words as they are, reference and sign-off below. Short-message channels get as many parts as it takes.
fn personal(body: &str, context: &ReplyContext<'_>, voice: &Voice, channel: &ChannelVoice) -> FormattedReply {
    let kind = ReplyKind::Personal { body };
    let fill = |text: &str| fill(text, &kind, context);
    let body = voice.apply(strip_markdown(body).trim());
    let parts = if channel.max_parts > 1 {
        let roomy =
            ChannelVoice { max_chars: LONGEST_PART, max_parts: 1 + chars(&body) / 1_000, ..channel.clone() };
        in_parts("", &body, &join([rating(context, channel), fill(&channel.reference_line)]), &roomy)
    } else {
        vec![join([body, rating(context, channel), fill(&channel.reference_line), fill(&channel.sign_off)])]
    };
    FormattedReply { subject: subject(context), parts }
}

/// Asks for a rating, where the channel's voice has words for it and there is an address to give it at.
fn rating(context: &ReplyContext<'_>, channel: &ChannelVoice) -> String {
    context.rating_url.map(|url| channel.rating.replace("{rating_url}", url)).unwrap_or_default()
}

fn subject(context: &ReplyContext<'_>) -> Option<String> {
    (context.channel == Channel::Email)
        .then(|| format!("Re: {} [{}]", bare_subject(context.subject), context.reference))
}

fn fill(text: &str, kind: &ReplyKind<'_>, context: &ReplyContext<'_>) -> String {
    let (team, promise) = match kind {
        ReplyKind::HandOver { team, promise } => (*team, *promise),
        ReplyKind::Held { promise } => ("", *promise),
        _ => ("", ""),
    };
    text.replace("{company}", context.company)
        .replace("{support_email}", context.support_email)
        .replace("{reference}", context.reference)
        .replace("{team}", team)
        .replace("{promise}", promise)
        .trim()
        .to_owned()
}

/// The opener of the matrix escalating x mood. Below -0.2 counts as negative, above 0.3 as positive.
fn empathy<'a>(kind: &ReplyKind<'_>, sentiment: f32, channel: &'a ChannelVoice) -> &'a str {
    let matrix = &channel.empathy;
    let escalating = matches!(kind, ReplyKind::HandOver { .. } | ReplyKind::Held { .. });
    let answer = matches!(kind, ReplyKind::Answer { .. });
    match (escalating, sentiment) {
        (true, s) if s < -0.2 => &matrix.escalating_negative,
        (true, s) if s > 0.3 => &matrix.escalating_positive,
        (true, _) => &matrix.escalating_neutral,
        (false, _) if !answer => "",
        (false, s) if s < -0.2 => &matrix.negative,
        (false, s) if s > 0.3 => &matrix.positive,
        (false, _) => &matrix.neutral,
    }
}

fn already_empathises(body: &str) -> bool {
    let start: String = body.chars().take(160).collect::<String>().to_lowercase();
    ["sorry", "understand how", "apolog", "frustrat"].iter().any(|word| start.contains(word))
}

fn source_lines(sources: &[Source]) -> String {
    let lines: Vec<String> =
        sources.iter().take(3).map(|source| format!("- {}: {}", source.section, source.url)).collect();
    if lines.is_empty() { String::new() } else { format!("Taken from:\n{}", lines.join("\n")) }
}

fn join<const N: usize>(pieces: [String; N]) -> String {
    pieces.into_iter().filter(|piece| !piece.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// Names typed in small letters get their capital.
fn with_capital(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// What mail programs of many languages put before the subject of an answer or a forwarded mail.
const SUBJECT_PREFIXES: [&str; 20] = [
    "re", "fwd", "fw", "aw", "wg", "tr", "rv", "sv", "vs", "vb", "vl", "antw", "res", "enc", "odp", "pd",
    "ynt", "ilt", "回复", "转发",
];

/// A subject without its reply prefixes and our reference.
pub fn bare_subject(subject: &str) -> &str {
    let mut rest = subject.trim();
    while let Some((before, after)) = rest.split_once([':', '\u{ff1a}']) {
        // "Re[2]:" and "RE :" are written, too.
        let word = before.split('[').next().unwrap_or_default().trim().to_lowercase();
        if !SUBJECT_PREFIXES.contains(&word.as_str()) {
            break;
        }
        rest = after.trim();
    }
    let tail = rest.strip_suffix(']').and_then(|inside| inside.rsplit_once('['));
    match tail {
        Some((before, inside)) if inside.parse::<super::ticket::TicketReference>().is_ok() => before.trim(),
        _ => rest,
    }
}

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

fn chars(text: &str) -> usize {
    text.chars().count()
}

/// One message: the body is cut at a sentence or list border to what head and tail leave free.
fn in_one(head: &str, body: &str, tail: &str, channel: &ChannelVoice) -> String {
    let whole = join([head.to_owned(), body.to_owned(), tail.to_owned()]);
    if words(&whole) <= channel.max_words && chars(&whole) <= channel.max_chars {
        return whole;
    }
    let frame = join([head.to_owned(), channel.shortened.clone(), tail.to_owned()]);
    let room_words = channel.max_words.saturating_sub(words(&frame));
    let room_chars = channel.max_chars.saturating_sub(chars(&frame) + 4);
    let (kept, _) = take(&blocks(body), room_words, room_chars);
    let text = join([head.to_owned(), kept, channel.shortened.clone(), tail.to_owned()]);
    clip(&text, channel.max_chars)
}

/// Several short messages: filled in order at sentence and list borders; the tail closes the last.
fn in_parts(head: &str, body: &str, tail: &str, channel: &ChannelVoice) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = blocks(body);
    let mut head = head.to_owned();
    while parts.len() < channel.max_parts {
        let last = parts.len() + 1 == channel.max_parts;
        let closing = join([head.clone(), write(&rest), tail.to_owned()]);
        if chars(&closing) <= channel.max_chars {
            parts.push(closing);
            return parts;
        }
        let end = if last { join([channel.shortened.clone(), tail.to_owned()]) } else { String::new() };
        let room = channel.max_chars.saturating_sub(chars(&head) + chars(&end) + 4);
        let (kept, left) = take(&rest, usize::MAX, room);
        parts.push(clip(&join([std::mem::take(&mut head), kept, end]), channel.max_chars));
        rest = left;
    }
    parts
}

/// As many sentences as fit, and what is left. At least something is taken: a sentence too long for any room is cut at a word.
fn take(all: &[Block], room_words: usize, room_chars: usize) -> (String, Vec<Block>) {
    let mut kept: Vec<Block> = Vec::new();
    for (index, block) in all.iter().enumerate() {
        for (position, sentence) in block.sentences.iter().enumerate() {
            let mut trial = kept.clone();
            match trial.last_mut().filter(|_| position > 0) {
                Some(open) => open.sentences.push(sentence.clone()),
                None => trial.push(Block { marker: block.marker.clone(), sentences: vec![sentence.clone()] }),
            }
            let text = write(&trial);
            if words(&text) > room_words || chars(&text) > room_chars {
                return close(kept, all, index, position, room_chars);
            }
            kept = trial;
        }
    }
    (write(&kept), Vec::new())
}

/// Ends a cut: a list item is not torn apart when others were kept, and a lone long sentence is cut at a word.
fn close(
    mut kept: Vec<Block>,
    all: &[Block],
    index: usize,
    position: usize,
    room_chars: usize,
) -> (String, Vec<Block>) {
    let mut from = position;
    if position > 0 && all[index].is_list_item() && kept.len() > 1 {
        kept.pop();
        from = 0;
    }
    let mut left: Vec<Block> = all[index..].to_vec();
    left[0].sentences.drain(..from);
    if kept.is_empty() {
        let sentence = left[0].sentences.remove(0);
        let cut = clip(&sentence, room_chars.max(20));
        let taken = cut.trim_end_matches('…').len();
        if let Some(rest) = sentence.get(taken..).map(str::trim).filter(|rest| !rest.is_empty()) {
            left[0].sentences.insert(0, rest.to_owned());
        }
        return (format!("{}{cut}", all[index].marker), left);
    }
    // An introduction that ends in a colon says nothing without its list.
    if kept.len() > 1
        && kept.last().is_some_and(|block| block.sentences.last().is_some_and(|s| s.ends_with(':')))
        && index > 0
    {
        let orphan = kept.pop();
        left.splice(0..0, orphan);
    }
    (write(&kept), left)
}

/// Cuts to at most `max` characters at a word border, with an ellipsis.
fn clip(text: &str, max: usize) -> String {
    if chars(text) <= max {
        return text.to_owned();
    }
    let cut: String = text.chars().take(max.saturating_sub(1)).collect();
    let at = cut.rfind(char::is_whitespace).filter(|at| *at > cut.len() / 2).unwrap_or(cut.len());
    format!("{}…", cut[..at].trim_end())
}

#[cfg(test)]
#[path = "formatting_tests.rs"]
mod tests;
