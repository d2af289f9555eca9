//! The text a reader of an HTML mail would see: nothing hidden by styles, nothing in the colour of its background.
//! It reads tokens, not a tree, so that no nesting can exhaust the stack.

use super::style::{Look, hidden_classes};
use html5ever::{
    tendril::StrTendril,
    tokenizer::{
        BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
        states::RawKind,
    },
};
use std::{cell::RefCell, collections::HashSet};

/// Elements nested deeper are not followed; a mail with more is read, but not shown as HTML.
pub const MAX_DEPTH: usize = 256;

const VOID: [&str; 13] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];
/// Elements whose content is no text of the mail.
const DROPPED: [&str; 16] = [
    "script", "style", "title", "template", "svg", "math", "iframe", "object", "canvas", "audio", "video", "select",
    "textarea", "button", "noframes", "noembed",
];
const BLOCKS: [&str; 24] = [
    "address", "article", "aside", "blockquote", "dd", "div", "dl", "dt", "fieldset", "footer", "form", "h1", "h2", "h3",
    "h4", "h5", "h6", "header", "main", "ol", "pre", "section", "table", "ul",
];

/// What was read of the HTML.
pub struct Visible {
    pub text: String,
    /// Nested beyond [`MAX_DEPTH`].
    pub too_deep: bool,
}

/// The visible text. Quoted parts come with ">" before their lines, as in plain text.
pub fn visible_text(html: &str) -> Visible {
    let sink = Sink(RefCell::new(Reader { hidden_classes: hidden_classes(html), ..Reader::default() }));
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    while !input.is_empty() {
        // A sink that runs no scripts is fed in one go; the loop ends when everything is read.
        let _ = tokenizer.feed(&input);
    }
    tokenizer.end();
    let reader = tokenizer.sink.0.into_inner();
    Visible { text: reader.text.trim().to_owned(), too_deep: reader.too_deep }
}

struct Sink(RefCell<Reader>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut reader = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) => return reader.tag(&tag),
            Token::CharacterTokens(text) => reader.characters(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

struct Open {
    name: String,
    hidden: bool,
    quoted: bool,
    preformatted: bool,
    look: Look,
}

#[derive(Default)]
struct Reader {
    hidden_classes: HashSet<String>,
    open: Vec<Open>,
    text: String,
    too_deep: bool,
    space: bool,
}

impl Reader {
    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name: &str = &tag.name;
        if tag.kind == TagKind::EndTag {
            self.end(name);
            return TokenSinkResult::Continue;
        }
        self.close_implied(name);
        match name {
            "br" => self.line(1, false),
            "hr" => {
                self.line(1, true);
                self.write("_____");
                self.line(1, true);
            }
            _ if is_block(name) => self.line(1, true),
            "p" => self.line(2, true),
            _ => {}
        }
        if VOID.contains(&name) {
            return TokenSinkResult::Continue;
        }
        self.start(name, tag);
        match name {
            "li" => self.write("- "),
            "td" | "th" => self.space = true,
            _ => {}
        }
        match name {
            "script" => TokenSinkResult::RawData(RawKind::ScriptData),
            "style" | "iframe" | "noframes" | "noembed" => TokenSinkResult::RawData(RawKind::Rawtext),
            "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
            _ => TokenSinkResult::Continue,
        }
    }

    fn start(&mut self, name: &str, tag: &Tag) {
        if self.open.len() >= MAX_DEPTH {
            self.too_deep = true;
            return;
        }
        let attribute = |wanted: &str| {
            tag.attrs.iter().find(|attribute| &*attribute.name.local == wanted).map(|found| &*found.value)
        };
        let classes = attribute("class").unwrap_or_default().to_lowercase();
        let id = attribute("id").unwrap_or_default();
        let above = self.open.last();
        let look = above.map_or_else(Look::default, |above| above.look).with(
            attribute("style").unwrap_or_default(),
            attribute("color"),
            attribute("bgcolor"),
        );
        let by_class = classes.split_whitespace().any(|class| self.hidden_classes.contains(class));
        let hidden = above.is_some_and(|above| above.hidden)
            || DROPPED.contains(&name)
            || attribute("hidden").is_some()
            || by_class
            || self.hidden_classes.contains(&format!("#{}", id.to_lowercase()))
            || look.is_hidden();
        let cited = attribute("type") == Some("cite") || classes.contains("quote") || classes.contains("cite");
        let quoted = above.is_some_and(|above| above.quoted)
            || (name == "blockquote" && cited)
            || ["gmail_quote", "yahoo_quoted", "protonmail_quote"].iter().any(|class| classes.contains(class));
        let preformatted = name == "pre" || above.is_some_and(|above| above.preformatted);
        self.open.push(Open { name: name.to_owned(), hidden, quoted, preformatted, look });
        // Outlook puts the head of the mail it quotes into this element, and the quoted mail after it, unmarked.
        if id.contains("divRplyFwdMsg") {
            self.write("-----Original Message-----");
            self.line(1, true);
        }
    }

    fn end(&mut self, name: &str) {
        let Some(at) = self.open.iter().rposition(|open| open.name == name) else { return };
        if is_block(name) {
            self.line(1, true);
        } else if name == "p" {
            self.line(2, true);
        }
        self.open.truncate(at);
    }

    /// Elements that end where the next of their kind begins.
    fn close_implied(&mut self, name: &str) {
        let Some(top) = self.open.last().map(|open| open.name.as_str()) else { return };
        let ends = match top {
            "p" => name == "p" || is_block(name),
            "li" => name == "li",
            "td" | "th" => matches!(name, "td" | "th" | "tr"),
            "tr" => name == "tr",
            "dt" | "dd" => matches!(name, "dt" | "dd"),
            "option" => name == "option",
            _ => false,
        };
        if ends {
            self.open.pop();
            self.close_implied(name);
        }
    }

    fn hidden(&self) -> bool {
        self.open.last().is_some_and(|open| open.hidden)
    }

    fn characters(&mut self, text: &str) {
        if self.hidden() {
            return;
        }
        if self.open.last().is_some_and(|open| open.preformatted) {
            for (position, line) in text.split('\n').enumerate() {
                if position > 0 {
                    self.line(1, false);
                }
                self.write(line);
            }
            return;
        }
        let mut words = text.split([' ', '\t', '\n', '\r', '\u{c}']).filter(|word| !word.is_empty()).peekable();
        self.space |= text.starts_with(|c: char| c.is_ascii_whitespace());
        while let Some(word) = words.next() {
            self.write(word);
            self.space = words.peek().is_some() || text.ends_with(|c: char| c.is_ascii_whitespace());
        }
    }

    fn write(&mut self, piece: &str) {
        if self.hidden() || piece.is_empty() {
            return;
        }
        if self.text.is_empty() || self.text.ends_with('\n') {
            if self.open.last().is_some_and(|open| open.quoted) {
                self.text.push_str("> ");
            }
        } else if self.space && !self.text.ends_with(' ') {
            self.text.push(' ');
        }
        self.space = false;
        self.text.push_str(piece);
    }

    /// Ends the line. `soft` borders only see to it that at least so many line ends stand there.
    fn line(&mut self, count: usize, soft: bool) {
        if self.hidden() || self.text.is_empty() {
            return;
        }
        self.space = false;
        let there = self.text.bytes().rev().take_while(|byte| *byte == b'\n').count();
        let missing = if soft { count.saturating_sub(there) } else { count.min(2usize.saturating_sub(there)) };
        self.text.extend(std::iter::repeat_n('\n', missing));
    }
}

fn is_block(name: &str) -> bool {
    BLOCKS.contains(&name) || matches!(name, "li" | "tr" | "body" | "center")
}

#[cfg(test)]
#[path = "visible_text_tests.rs"]
mod tests;
