use super::*;
use proptest::prelude::*;
use rstest::rstest;
use std::fs;

fn names(listing: &Listing) -> Vec<String> {
    let root = listing.folder.clone().unwrap_or_default();
    listing
        .files
        .iter()
        .map(|path| path.strip_prefix(&root).unwrap().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn a_folder_gives_its_documents_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir_all(root.join("deep/er")).unwrap();
    fs::create_dir_all(root.join(".git")).unwrap();
    for name in ["b.md", "deep/er/a.TXT", "c.html", ".hidden.md", ".git/x.md", "photo.png"] {
        fs::write(root.join(name), "text").unwrap();
    }
    fs::write(outside.path().join("secret.md"), "secret").unwrap();
    std::os::unix::fs::symlink(outside.path(), root.join("out")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("secret.md"), root.join("out.md")).unwrap();
    std::os::unix::fs::symlink(root, root.join("deep/loop")).unwrap();
    let listing = list_files(root);
    assert_eq!(names(&listing), ["b.md", "c.html", "deep/er/a.TXT"]);
    assert!(listing.problems.is_empty(), "{:?}", listing.problems);
}

#[test]
fn each_unreadable_file_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("picture.md"), b"\x89PNG\x00\x00").unwrap();
    fs::write(path("empty.md"), " \n ").unwrap();
    fs::write(path("large.txt"), vec![b'a'; MAXIMUM_FILE_BYTES as usize + 1]).unwrap();
    fs::write(path("sheet.xlsx"), "x").unwrap();
    let reason = |name: &str| read_file(&path(name)).unwrap_err().to_string();
    assert_eq!(reason("picture.md"), "it is not a text file");
    assert_eq!(reason("empty.md"), "it holds no text");
    assert_eq!(reason("large.txt"), "it has 5242881 bytes; the limit is 5242880: split it");
    assert_eq!(reason("sheet.xlsx"), "this kind of file is not read; use .md, .txt or .html");
    assert_eq!(reason("gone.md"), "it does not exist");
    assert_eq!(list_files(&path("gone")).problems.len(), 1);
}

#[rstest]
#[case(
    "<h1>Billing</h1><p>Pay <b>monthly</b>.</p><ul><li>one</li><li>two</li></ul>",
    "# Billing\n\nPay **monthly**.\n\n*   one\n*   two"
)]
#[case(
    "<p>seen</p><div hidden>no</div><p style='display: none'>no</p><span aria-hidden=true>no</span><script>no()</script><style>.no{}</style>",
    "seen"
)]
#[case(
    "<head><title>Price &amp; plan</title><link rel=canonical href='https://a.example/p'></head><p>text</p>",
    "---\ntitle: Price & plan\nurl: https://a.example/p\n---\n\ntext"
)]
#[case(
    "<nav><a href=/>Home</a></nav><p>See <a href='https://a.example'>this</a></p><footer>no</footer>",
    "See [this](https://a.example)"
)]
#[case("<p>A <img src=x alt='red button'> here</p>", "A red button here")]
fn a_page_becomes_what_its_reader_sees(#[case] html: &str, #[case] expected: &str) {
    assert_eq!(html::to_markdown(html).unwrap(), expected);
}

#[test]
fn a_page_that_would_exhaust_the_stack_is_refused() {
    let page = "<div>".repeat(100_000);
    assert!(matches!(html::to_markdown(&page), Err(ReadError::TooDeep { .. })));
}

#[test]
fn plain_text_gets_only_sure_headings() {
    let text = "TASKFLOW HELP\n\nIntro line.\n\nHow do I pay?\nBy card.\n\nA short line\nand more of it.\n\n- REALLY?\n\n      indented\n\nTHE END";
    assert_eq!(
        plain_text::to_markdown(text),
        "## TASKFLOW HELP\n\nIntro line.\n\n### How do I pay?\n\nBy card.\n\nA short line\nand more of it.\n\n- REALLY?\n\nindented\n\nTHE END\n"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_bytes_make_reading_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        for kind in [FileKind::Markdown, FileKind::PlainText, FileKind::Html] {
            let _ = read_bytes("x", "x", kind, bytes.clone());
        }
    }

    #[test]
    fn no_tag_soup_makes_reading_panic(html in "(<[/]?(p|ul|li|table|tr|td|pre|code|h2|a|br|div|b)( hidden)?>|[a-z &;#*_|]{0,5}){0,40}") {
        let _ = html::to_markdown(&html);
    }
}
