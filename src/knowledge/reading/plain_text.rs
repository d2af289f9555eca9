//! Plain text to Markdown. Headings are guessed only where there is little doubt: a wrong heading tears an answer apart.

/// Longest line taken for a heading.
const MAXIMUM_HEADING_CHARACTERS: usize = 70;

/// The text as Markdown: lines in capitals and questions that stand alone become headings, deep indentation
/// (which Markdown would take for code) is lost, the rest stays.
pub fn to_markdown(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let has_markdown_headings = lines.iter().any(|line| line.starts_with("# ") || line.starts_with("## "));
    let mut markdown = String::with_capacity(text.len());
    for (index, line) in lines.iter().enumerate() {
        let alone_above = index == 0 || lines[index - 1].is_empty();
        let below = lines.get(index + 1).copied().unwrap_or_default();
        let followed = lines[index + 1..].iter().any(|later| !later.is_empty());
        let level = if has_markdown_headings || !alone_above || !followed {
            None
        } else {
            heading_level(line, below)
        };
        match level {
            Some(level) => {
                markdown.push_str(&"#".repeat(level));
                markdown.push(' ');
                markdown.push_str(line.trim());
                if !below.is_empty() {
                    markdown.push('\n');
                }
            }
            None => markdown.push_str(&without_code_indent(line, alone_above)),
        }
        markdown.push('\n');
    }
    markdown
}

/// 2 for a line in capitals, 3 for a question, `None` for prose.
fn heading_level(line: &str, below: &str) -> Option<usize> {
    let line = line.trim();
    let letters = line.chars().filter(|character| character.is_alphabetic()).count();
    if line.chars().count() > MAXIMUM_HEADING_CHARACTERS
        || letters < 3
        || line.starts_with(['-', '*', '•', '>', '|'])
    {
        return None;
    }
    let in_capitals = !line.chars().any(char::is_lowercase) && line.chars().any(char::is_uppercase);
    if in_capitals && below.is_empty() && !line.ends_with(['.', '!', ',', ';', ':']) {
        return Some(2);
    }
    let labelled = line.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("q:"));
    (line.ends_with('?') && !labelled).then_some(3)
}

fn without_code_indent(line: &str, starts_paragraph: bool) -> String {
    let indent = line.len() - line.trim_start().len();
    if starts_paragraph && indent >= 4 { line.trim_start().to_owned() } else { line.to_owned() }
}
