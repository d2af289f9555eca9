//! The HTML of a mail as an operator may see it: no scripts, forms, styles or drawings, nothing fetched from elsewhere.
//! It is still shown in a sandboxed frame with a policy that forbids everything: this is the inner of two walls.

use ammonia::{Builder, UrlRelative};
use std::{borrow::Cow, collections::HashSet, sync::LazyLock};

/// Longer HTML is read, but not shown.
const MAX_BYTES: usize = 2 * 1024 * 1024;
/// Stands before the address of a picture that was not fetched: no browser follows it, and a console can offer to.
pub const BLOCKED: &str = "blocked:";

/// Pictures keep their address in one of two forms: `cid:ID` names a file of the same mail (by its content id) that is a picture,
/// `blocked:https://…` one that lies elsewhere and was not fetched. `None` when the HTML is too long to be shown.
pub fn sanitised(html: &str, pictures: &HashSet<String>) -> Option<String> {
    if html.len() > MAX_BYTES {
        return None;
    }
    let cleaned = CLEANER.clean(html).to_string();
    Some(without_strange_pictures(&cleaned, pictures))
}

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder
        .rm_tags(["area", "map", "figure", "figcaption"])
        .add_tags(["font", "u", "big"])
        .add_tag_attributes("font", ["color"])
        .clean_content_tags(HashSet::from([
            "script", "style", "title", "svg", "math", "template", "iframe", "object", "textarea", "select", "button",
        ]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel", "cid", "blocked"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"))
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            ("img", "src") => picture_address(value),
            // A link must not fake the mark of a picture that was not fetched, nor open files of the mail.
            (_, "href" | "cite") if !is_link(value) => None,
            _ => Some(value.into()),
        });
    builder
});

fn picture_address(value: &str) -> Option<Cow<'static, str>> {
    let value = value.trim();
    let lower = value.to_ascii_lowercase();
    if let Some(id) = lower.strip_prefix("cid:") {
        let id = value.get(value.len() - id.len()..)?;
        return Some(format!("cid:{}", content_id(id)).into());
    }
    (lower.starts_with("http:") || lower.starts_with("https:")).then(|| format!("{BLOCKED}{value}").into())
}

fn is_link(value: &str) -> bool {
    let lower = value.trim().to_ascii_lowercase();
    ["http:", "https:", "mailto:", "tel:"].iter().any(|scheme| lower.starts_with(scheme))
}

/// A content id in the one spelling used for comparing: without angle brackets and percent signs.
pub fn content_id(text: &str) -> String {
    let text = text.trim().trim_start_matches('<').trim_end_matches('>');
    let kept = |c: char| c.is_ascii_alphanumeric() || "!#$&'*+-./=?^_`{|}~@".contains(c);
    text.replace("%40", "@").replace("%24", "$").chars().filter(|c| kept(*c)).take(255).collect()
}

/// Takes the address from pictures that name a file the mail does not have. The cleaner writes every attribute as `name="value"`.
fn without_strange_pictures(html: &str, pictures: &HashSet<String>) -> String {
    const MARK: &str = "src=\"cid:";
    let mut pieces = html.split(MARK);
    let mut shown = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (id, rest) = piece.split_once('"').unwrap_or((piece, ""));
        // In running text the cleaner leaves quotes as they are; there the words stay.
        let in_text = shown.rfind('>') > shown.rfind('<');
        if in_text || pictures.contains(&id.replace("&amp;", "&")) {
            shown.push_str(&format!("{MARK}{id}\""));
        }
        shown.push_str(rest);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn clean(html: &str) -> String {
        sanitised(html, &HashSet::from(["logo@mail".to_owned()])).expect("short enough")
    }

    #[rstest]
    #[case::text("<p>Hello <b>there</b></p>", "<p>Hello <b>there</b></p>")]
    #[case::scripts("<script>alert(1)</script>Hi", "Hi")]
    #[case::handlers("<p onclick=\"x()\" style=\"position:fixed\">Hi</p>", "<p>Hi</p>")]
    #[case::forms("<form action=\"https://evil.example\"><input name=p>Password</form>", "Password")]
    #[case::drawings("<svg><script>x</script><image href=\"https://evil.example\"/></svg>Hi", "Hi")]
    #[case::own_picture("<img src=\"cid:logo@mail\" alt=\"Logo\">", "<img src=\"cid:logo@mail\" alt=\"Logo\">")]
    #[case::own_picture_escaped("<img src=\"CID:logo%40mail\">", "<img src=\"cid:logo@mail\">")]
    #[case::no_such_picture("<img src=\"cid:other@mail\">", "<img >")]
    #[case::remote_picture("<img src=\"https://track.example/1.png\">", "<img src=\"blocked:https://track.example/1.png\">")]
    #[case::inline_data("<img src=\"data:image/svg+xml;base64,AAAA\">", "<img>")]
    #[case::script_link("<a href=\"javascript:alert(1)\">x</a>", "<a rel=\"noopener noreferrer nofollow\">x</a>")]
    #[case::file_link("<a href=\"cid:logo@mail\">x</a>", "<a rel=\"noopener noreferrer nofollow\">x</a>")]
    #[case::relative_link("<a href=\"/logout\">x</a>", "<a rel=\"noopener noreferrer nofollow\">x</a>")]
    #[case::meta("<meta http-equiv=refresh content=\"0;url=https://evil.example\"><base href=\"https://evil.example\">Hi", "Hi")]
    #[case::frames("<iframe src=\"https://evil.example\"></iframe>Hi", "Hi")]
    #[case::remote_style("<link rel=stylesheet href=\"https://evil.example/a.css\"><style>@import 'x'</style>Hi", "Hi")]
    #[case::background("<table background=\"https://track.example/1.png\"><tr><td>Hi</td></tr></table>", "<table><tbody><tr><td>Hi</td></tr></tbody></table>")]
    #[case::a_text_that_looks_like_a_picture("<p>src=\"cid:x\" and more</p>", "<p>src=\"cid:x\" and more</p>")]
    fn nothing_runs_and_nothing_is_fetched(#[case] html: &str, #[case] expected: &str) {
        assert_eq!(clean(html), expected);
    }
}
