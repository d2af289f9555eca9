//! HTML to Markdown: what a reader would see on the page, nothing else.

use super::ReadError;
use crate::domain::text::constant_pattern;
use htmd::{Element, HtmlToMarkdown, Node, element_handler::Handlers};
use regex::Regex;
use std::{rc::Rc, sync::LazyLock};

/// Deepest nesting that is converted; the converter recurses.
const MAXIMUM_DEPTH: usize = 256;

/// Elements whose content is not text of the page.
const DROPPED: [&str; 18] = [
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "canvas", "audio", "video",
    "nav", "footer", "form", "button", "select", "textarea", "title",
];

/// Elements that are dropped when they are hidden.
const HIDEABLE: [&str; 32] = [
    "div",
    "span",
    "p",
    "section",
    "article",
    "main",
    "aside",
    "header",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "table",
    "tr",
    "td",
    "th",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "a",
    "b",
    "i",
    "strong",
    "em",
    "details",
    "figure",
    "blockquote",
];

static TITLE: LazyLock<Regex> = LazyLock::new(|| constant_pattern(r"(?is)<title[^>]*>(.*?)</title>"));
static FIRST_HEADING: LazyLock<Regex> = LazyLock::new(|| constant_pattern(r"(?i)<h1[\s>]"));
static CANONICAL: LazyLock<Regex> = LazyLock::new(|| {
    constant_pattern(r#"(?is)<link\s[^>]*rel=["']?canonical["']?[^>]*href=["']([^"'>\s]+)["']"#)
});

/// The page as Markdown. Its title becomes front matter when the page has no first-level heading; its canonical
/// address becomes front matter too.
pub fn to_markdown(html: &str) -> Result<String, ReadError> {
    let body = fragment_to_markdown(html)?;
    let mut front_matter = String::new();
    if !FIRST_HEADING.is_match(html)
        && let Some(title) = TITLE.captures(html).and_then(|found| plain(&found[1]))
    {
        front_matter.push_str(&format!("title: {title}\n"));
    }
    if let Some(address) = CANONICAL.captures(html) {
        front_matter.push_str(&format!("url: {}\n", &address[1]));
    }
    if front_matter.is_empty() || body.trim().is_empty() {
        return Ok(body);
    }
    Ok(format!("---\n{front_matter}---\n\n{body}"))
}

/// A piece of HTML as Markdown.
pub fn fragment_to_markdown(html: &str) -> Result<String, ReadError> {
    let converter = HtmlToMarkdown::builder()
        .scripting_enabled(false)
        .skip_tags(DROPPED.to_vec())
        .add_handler(HIDEABLE.to_vec(), drop_hidden)
        .add_handler(vec!["img"], image_as_words)
        .build();
    let tree = converter.html_to_tree(html)?;
    if depth_exceeds(&tree, MAXIMUM_DEPTH) {
        return Err(ReadError::TooDeep { limit: MAXIMUM_DEPTH });
    }
    Ok(converter.tree_to_markdown(&tree))
}

fn drop_hidden(handlers: &dyn Handlers, element: Element) -> Option<htmd::element_handler::HandlerResult> {
    let hidden = element.attrs.iter().any(|attribute| {
        let value = attribute.value.to_ascii_lowercase();
        match &*attribute.name.local {
            "hidden" => true,
            "aria-hidden" => value == "true",
            "style" => {
                let style: String = value.split_whitespace().collect();
                style.contains("display:none") || style.contains("visibility:hidden")
            }
            _ => false,
        }
    });
    if hidden { None } else { handlers.fallback(element) }
}

/// A picture cannot be shown in a reply; its description can.
fn image_as_words(_: &dyn Handlers, element: Element) -> Option<htmd::element_handler::HandlerResult> {
    let description = element.attrs.iter().find(|attribute| &*attribute.name.local == "alt")?;
    Some(description.value.trim().to_owned().into())
}

/// Without recursion: the tree may be deeper than the stack.
fn depth_exceeds(tree: &Rc<Node>, limit: usize) -> bool {
    let mut open = vec![(Rc::clone(tree), 0)];
    while let Some((node, depth)) = open.pop() {
        if depth > limit {
            return true;
        }
        open.extend(node.children.borrow().iter().map(|child| (Rc::clone(child), depth + 1)));
    }
    false
}

/// Text of a title on one line, entities resolved.
fn plain(html: &str) -> Option<String> {
    let text = htmd::convert(html).ok()?.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}
