//! The HTML twin of a reply's text: paragraphs, lists and links, nothing else.

use crate::domain::text::constant_pattern;
use regex::Regex;
use std::sync::LazyLock;

static LINK: LazyLock<Regex> = LazyLock::new(|| constant_pattern(r#"https?://[^\s<>"']+[^\s<>"'.,;:!?)\]]"#));

/// The text as HTML; it says the same, word for word.
pub fn simple_html(text: &str) -> String {
    let mut html = String::from("<html><body>\n");
    for paragraph in text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
        let mut list: Option<&str> = None;
        let mut plain: Vec<String> = Vec::new();
        for line in paragraph.lines() {
            let item = list_item(line);
            if item.map(|(kind, _)| kind) != list {
                flush(&mut html, &mut plain);
                if let Some(open) = list {
                    html.push_str(&format!("</{open}>\n"));
                }
                list = item.map(|(kind, _)| kind);
                if let Some(kind) = list {
                    html.push_str(&format!("<{kind}>\n"));
                }
            }
            match item {
                Some((_, item)) => html.push_str(&format!("<li>{}</li>\n", with_links(item))),
                None => plain.push(with_links(line)),
            }
        }
        flush(&mut html, &mut plain);
        if let Some(open) = list {
            html.push_str(&format!("</{open}>\n"));
        }
    }
    html.push_str("</body></html>\n");
    html
}

fn flush(html: &mut String, lines: &mut Vec<String>) {
    if !lines.is_empty() {
        html.push_str(&format!("<p>{}</p>\n", lines.join("<br>\n")));
        lines.clear();
    }
}

/// The kind of list and the text of an item. Numbered steps stay as they are written: their numbers are part of what is said.
fn list_item(line: &str) -> Option<(&'static str, &str)> {
    let line = line.trim_start();
    line.strip_prefix("- ").or_else(|| line.strip_prefix("• ")).map(|item| ("ul", item))
}

fn with_links(line: &str) -> String {
    let mut html = String::new();
    let mut at = 0;
    for link in LINK.find_iter(line) {
        html.push_str(&escaped(&line[at..link.start()]));
        let address = escaped(link.as_str());
        html.push_str(&format!("<a href=\"{address}\">{address}</a>"));
        at = link.end();
    }
    html + &escaped(&line[at..])
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::simple_html;

    #[test]
    fn a_reply_says_the_same_in_html() {
        let text = "Hello Ana,\n\nDo this:\n- Open \"Board\" & wait\n- Save <all>\nDone.\n\nSee https://help.example/a?b=1&c=2.";
        let html = simple_html(text);
        let expected = "<html><body>\n<p>Hello Ana,</p>\n<p>Do this:</p>\n<ul>\n<li>Open &quot;Board&quot; &amp; wait</li>\n\
            <li>Save &lt;all&gt;</li>\n</ul>\n<p>Done.</p>\n<p>See <a href=\"https://help.example/a?b=1&amp;c=2\">\
            https://help.example/a?b=1&amp;c=2</a>.</p>\n</body></html>\n";
        assert_eq!(html, expected);
    }
}
