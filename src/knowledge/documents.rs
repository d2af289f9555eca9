//! A help document's own particulars: title, name in addresses, public address. They come from its front matter, else
//! from its first heading, else from the file's name.

use super::{chunking::blocks, slug::slug_of};

/// A document ready to be cut up or shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelpDocument {
    pub title: String,
    /// Name in `/help/{slug}`.
    pub slug: String,
    /// Public address of the page, where the company has one.
    pub url: Option<String>,
    /// Markdown without the front matter.
    pub body: String,
}

impl HelpDocument {
    /// Where a reader opens a passage: the public address when there is one, else our own help page.
    pub fn address_of(&self, anchor: &str) -> String {
        match &self.url {
            Some(url) => format!("{}#{anchor}", url.split('#').next().unwrap_or(url)),
            None => format!("/help/{}#{anchor}", self.slug),
        }
    }
}

/// Reads the particulars from the text. `stem` is the file's name without extension.
pub fn parse_document(markdown: &str, stem: &str) -> HelpDocument {
    let (front_matter, body) = split_front_matter(markdown);
    let field = |name: &str| {
        front_matter.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            let value = value.trim().trim_matches(['"', '\'']).trim();
            (key.trim() == name && !value.is_empty()).then(|| value.to_owned())
        })
    };
    let title = field("title").or_else(|| blocks::first_heading(body)).unwrap_or_else(|| readable(stem));
    let slug = [field("slug").as_deref(), Some(stem), Some(title.as_str())]
        .into_iter()
        .flatten()
        .map(slug_of)
        .find(|slug| !slug.is_empty())
        .unwrap_or_else(|| "document".to_owned());
    let url = field("url").filter(|url| url.starts_with("https://") || url.starts_with("http://"));
    HelpDocument { title, slug, url, body: body.to_owned() }
}

/// Front matter (between two `---` lines at the very start) and the rest.
pub fn split_front_matter(markdown: &str) -> (&str, &str) {
    let Some(rest) = markdown.strip_prefix("---\n") else { return ("", markdown) };
    let mut offset = 0;
    for line in rest.split_inclusive('\n') {
        if line.trim_end() == "---" {
            let (front_matter, body) = (&rest[..offset], &rest[offset + line.len()..]);
            // Two rules around prose are not front matter.
            let is_front_matter = front_matter.lines().all(|line| {
                line.trim().is_empty() || line.starts_with(['#', ' ', '-']) || line.contains(':')
            });
            return if is_front_matter { (front_matter, body) } else { ("", markdown) };
        }
        offset += line.len();
    }
    ("", markdown)
}

fn readable(stem: &str) -> String {
    let words = stem.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    let text = words.collect::<Vec<_>>().join(" ");
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => "Document".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(
        "---\ntitle: \"Plans: all\"\nslug: plans\nurl: https://a.example/p#x\n---\n# Other\n",
        "Plans: all",
        "plans",
        "https://a.example/p#pay"
    )]
    #[case("# Getting *started*\n\ntext", "Getting started", "my-file", "/help/my-file#pay")]
    #[case("no heading", "My file", "my-file", "/help/my-file#pay")]
    #[case("---\nslug: ???\nurl: javascript:alert(1)\n---\n", "My file", "my-file", "/help/my-file#pay")]
    fn a_document_has_title_name_and_address(
        #[case] markdown: &str,
        #[case] title: &str,
        #[case] slug: &str,
        #[case] address: &str,
    ) {
        let document = parse_document(markdown, "my_file");
        assert_eq!((document.title.as_str(), document.slug.as_str()), (title, slug));
        assert_eq!(document.address_of("pay"), address);
    }

    #[rstest]
    #[case("---\ntitle: a\n---\nbody", "title: a\n", "body")]
    #[case("---\nWe close early\n---\nbody", "", "---\nWe close early\n---\nbody")]
    #[case("---\ntitle: never closed", "", "---\ntitle: never closed")]
    #[case("body\n---\nb: c\n---\n", "", "body\n---\nb: c\n---\n")]
    fn only_real_front_matter_is_taken_off(
        #[case] markdown: &str,
        #[case] front_matter: &str,
        #[case] body: &str,
    ) {
        assert_eq!(split_front_matter(markdown), (front_matter, body));
    }
}
