//! A help document as a web page: sanitised HTML whose heading ids are the passages' anchors.

use super::{chunking::blocks::dialect, documents::split_front_matter, slug::Anchors};
use ammonia::Builder;
use comrak::{
    adapters::{HeadingAdapter, HeadingMeta},
    markdown_to_html_with_plugins,
    nodes::Sourcepos,
    options::Plugins,
};
use std::{
    collections::HashSet,
    fmt::{self, Write},
    sync::{Mutex, PoisonError},
};

/// Renders Markdown (front matter is left out). Scripts, styles, event handlers, frames, forms and dangerous addresses
/// are removed; links open without handing over a reference to our page.
pub fn render_help_page(markdown: &str) -> String {
    let (_, body) = split_front_matter(markdown);
    let headings = NumberedHeadings::default();
    let mut plugins = Plugins::default();
    plugins.render.heading_adapter = Some(&headings);
    let mut options = dialect();
    // Raw HTML passes here because the sanitiser below decides what may stay.
    options.render.r#unsafe = true;
    let html = markdown_to_html_with_plugins(body, &options, &plugins);
    sanitiser().clean(&html).to_string()
}

fn sanitiser() -> Builder<'static> {
    let mut builder = Builder::default();
    builder
        .add_tags(["details", "summary", "section", "input"])
        .add_tag_attributes("h1", ["id"])
        .add_tag_attributes("h2", ["id"])
        .add_tag_attributes("h3", ["id"])
        .add_tag_attributes("h4", ["id"])
        .add_tag_attributes("h5", ["id"])
        .add_tag_attributes("h6", ["id"])
        .add_tag_attributes("details", ["open"])
        .add_tag_attributes("input", ["checked", "disabled"])
        .set_tag_attribute_value("input", "type", "checkbox")
        .set_tag_attribute_value("input", "disabled", "")
        .add_allowed_classes("code", &[] as &[&str])
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .link_rel(Some("noopener noreferrer"));
    builder
}

/// Gives headings the anchors that the passages' addresses name.
#[derive(Default)]
struct NumberedHeadings {
    anchors: Mutex<Anchors>,
}

impl HeadingAdapter for NumberedHeadings {
    fn enter(&self, output: &mut dyn Write, heading: &HeadingMeta, _: Option<Sourcepos>) -> fmt::Result {
        let anchor = self.anchors.lock().unwrap_or_else(PoisonError::into_inner).next(&heading.content);
        // Letters, digits and dashes only: nothing to escape.
        write!(output, "<h{} id=\"{anchor}\">", heading.level)
    }

    fn exit(&self, output: &mut dyn Write, heading: &HeadingMeta) -> fmt::Result {
        writeln!(output, "</h{}>", heading.level)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::chunk_markdown;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case(
        "---\ntitle: x\n---\n# Pay *now*\n\n## Pay now",
        "<h1 id=\"pay-now\">Pay <em>now</em></h1>\n<h2 id=\"pay-now-2\">Pay now</h2>\n"
    )]
    #[case("<script>alert(1)</script>\n\ntext", "\n<p>text</p>\n")]
    #[case("[a](javascript:alert(1))", "<p><a rel=\"noopener noreferrer\">a</a></p>\n")]
    #[case("<img src=x onerror=alert(1)>", "<img src=\"x\">\n")]
    #[case("<h2 id=\"x\" onclick=\"y\" style=\"z\">a</h2>", "<h2 id=\"x\">a</h2>\n")]
    #[case("<form action=/steal><iframe src=x></iframe></form>", "\n")]
    #[case(
        "| a |\n|---|\n| 1 |",
        "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n</tr>\n</tbody>\n</table>\n"
    )]
    fn a_page_shows_markdown_and_runs_nothing(#[case] markdown: &str, #[case] expected: &str) {
        assert_eq!(render_help_page(markdown), expected);
    }

    #[test]
    fn every_passage_address_opens_at_a_heading() {
        let markdown = "# A\n\nintro of more than a dozen words so that it becomes a passage of its own, really.\n\n\
            ## B `c`\n\ntext\n\n### B c\n\ntext\n\n## É?\n\ntext\n\n## <b>bold</b> &amp; more\n\ntext";
        let html = render_help_page(markdown);
        let chunks = chunk_markdown("A", markdown);
        assert_eq!(chunks.len(), 4);
        for chunk in chunks {
            assert!(html.contains(&format!("id=\"{}\"", chunk.anchor)), "{} is not in {html}", chunk.anchor);
        }
    }

    #[test]
    fn the_questions_written_for_search_are_not_shown() {
        let html = render_help_page("# A\n\n## B\n\n<!-- asked: where is my money -->\n\nText.\n");
        assert!(html.contains("Text.") && !html.contains("money") && !html.contains("<!--"), "{html}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn nothing_that_runs_survives(markdown in "(<script>|</script>|<img src=x onerror=|<a href=\"javascript:|[a-z\"'> \n`*#&]{0,6}){0,30}") {
            let html = render_help_page(&markdown).to_lowercase();
            prop_assert!(!html.contains("<script"));
            let in_tag = |needle: &str| html.split('<').skip(1).any(|tag| tag.split('>').next().is_some_and(|tag| tag.contains(needle)));
            // A heading's id is made of its words, so the bare word may stand there; a handler has a blank before and a sign after.
            prop_assert!(!in_tag(" onerror=") && !in_tag("javascript:"), "{}", html);
        }
    }
}
