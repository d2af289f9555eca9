//! The built-in catalog's content, and the checks a catalog must pass.

use super::super::entry::{Catalog, Sha256Origin, Source};
use super::super::error::PullError;
use super::super::space;
use super::super::store::FileState;
use rstest::rstest;
use std::collections::HashSet;
use std::io::Write;
use std::path::Path;

// A wrong line here would reach every customer, and the first to find out would be one of them.
#[test]
fn the_built_in_catalog_is_sound() {
    let catalog = Catalog::embedded();
    let ids: HashSet<&str> = catalog.models().iter().map(|model| model.id.as_str()).collect();
    assert_eq!(ids.len(), catalog.models().len(), "ids are unique");
    for model in catalog.models() {
        assert!(!model.licence.is_empty() && !model.quality.is_empty(), "{}", model.id);
        assert_eq!(model.measured, !model.quality.to_lowercase().contains("not measured"), "{}", model.id);
        for file in &model.files {
            let hash = file.sha256.as_deref().unwrap_or(concat!(
                "0000000000000000",
                "0000000000000000",
                "0000000000000000",
                "0000000000000000"
            ));
            assert!(hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()), "{}", model.id);
            assert_ne!(file.bytes, Some(0), "{}", model.id);
            for source in &file.sources {
                if let Source::Hub { revision, .. } = source {
                    let commit = revision.len() == 40 && revision.bytes().all(|b| b.is_ascii_hexdigit());
                    assert!(commit, "{}: a branch can change under us", model.id);
                }
            }
            let only_hub = file.sources.iter().all(|source| matches!(source, Source::Hub { .. }));
            if file.sha256_origin == Some(Sha256Origin::Published) {
                assert!(only_hub, "{}: a file that can be had here has no reason to be unchecked", model.id);
            }
        }
    }
}

// A new box pulls these without a question: they must be certain, and reachable without the hub.
#[test]
fn the_defaults_are_checked_by_us_and_have_a_second_source() {
    let catalog = Catalog::embedded();
    let defaults = catalog.defaults();
    assert_eq!(defaults.chat, "qwen2.5-coder-1.5b-instruct-q4_k_m");
    assert_eq!(defaults.embedding, "all-minilm-l6-v2");
    assert_eq!(defaults.tiny, "smollm2-135m-instruct-q4_1");
    for id in [&defaults.chat, &defaults.embedding, &defaults.tiny] {
        let model = catalog.find(id).expect("a known id");
        assert!(model.measured, "{id}");
        for file in &model.files {
            assert_eq!(file.sha256_origin, Some(Sha256Origin::Computed), "{id}");
            assert!(matches!(file.sources[0], Source::Hub { .. }), "{id}: the hub comes first");
            assert!(file.sources.len() > 1, "{id}: a blocked hub must not end a set-up");
        }
    }
}

const ENTRY: &str = "id = \"x\"\nname = \"X\"\nrole = \"chat\"\narchitecture = \"llama\"\nlicence = \"MIT\"\ncontext_tokens = 8\nmeasured = false\nquality = \"none\"\n";
const FILE: &str = "[[model.file]]\nname = \"f\"\n";
const SOURCE: &str = "[[model.file.source]]\nkind = \"url\"\nurl = \"https://files.example/f\"\n";

fn with(entry: &str, file: &str, source: &str) -> String {
    format!("schema = 1\n[[model]]\n{entry}{file}{source}")
}

#[rstest]
#[case::not_toml("schema = ", "the operator's file is not a valid catalog")]
#[case::newer_schema("schema = 2", "schema 2 is not 1")]
#[case::unknown_key(&with(&format!("{ENTRY}sise = 3\n"), FILE, SOURCE), "unknown field `sise`")]
#[case::unknown_role(&with(&ENTRY.replace("\"chat\"", "\"chatty\""), FILE, SOURCE), "unknown variant `chatty`")]
#[case::path_as_id(&with(&ENTRY.replace("\"x\"", "\"../x\""), FILE, SOURCE), "starts with a letter or digit")]
#[case::path_as_name(&with(ENTRY, &FILE.replace("\"f\"", "\"a/f\""), SOURCE), "must be a plain file name")]
#[case::zero_bytes(&with(ENTRY, &format!("{FILE}bytes = 0\n"), SOURCE), "bytes is 0")]
#[case::short_hash(&with(ENTRY, &format!("{FILE}sha256 = \"ab\"\nsha256_origin = \"computed\"\n"), SOURCE), "64 lower-case")]
#[case::hash_from_nowhere(&with(ENTRY, &format!("{FILE}sha256 = \"{}\"\n", "a".repeat(64)), SOURCE), "come together")]
#[case::no_context(&with(&ENTRY.replace("= 8", "= 0"), FILE, SOURCE), "context_tokens is 0")]
#[case::odd_address(&with(ENTRY, FILE, &SOURCE.replace("https", "ftp")), "neither https nor http")]
#[case::half_a_repository(
    &with(ENTRY, FILE, "[[model.file.source]]\nkind = \"hub\"\nrepository = \"r\"\nrevision = \"a\"\nfile = \"f\"\n"),
    "owner/name")]
#[case::no_parts(&with(ENTRY, FILE, "[[model.file.source]]\nkind = \"python\"\nparts = []\n"), "needs parts")]
#[case::twice(&format!("{}\n[[model]]\n{ENTRY}{FILE}{SOURCE}", with(ENTRY, FILE, SOURCE)), "the id is there twice")]
#[case::default_of_another_role(
    &format!("{}\n[defaults]\nchat = \"x\"\nembedding = \"x\"\ntiny = \"x\"\n", with(ENTRY, FILE, SOURCE)),
    "`x`, which is no embedding model")]
fn a_wrong_catalog_is_refused_with_the_reason(#[case] text: &str, #[case] expected: &str) {
    let error = Catalog::parse(text, "the operator's file", Some(Catalog::embedded()));
    let shown = error.expect_err("a wrong catalog").to_string();
    assert!(shown.contains(expected), "{shown}");
    assert!(shown.contains("the operator's file"), "{shown}");
}

#[test]
fn an_operators_catalog_adds_and_replaces() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("catalog.toml");
    let own = with(ENTRY, FILE, SOURCE);
    let replaced = ENTRY.replace("\"x\"", "\"gte-small\"");
    std::fs::write(&path, format!("{own}\n[[model]]\n{replaced}{FILE}{SOURCE}")).expect("a written file");
    let catalog = Catalog::with_file(&path).expect("a good catalog");
    assert_eq!(catalog.models().len(), Catalog::embedded().models().len() + 1);
    assert_eq!(catalog.find("gte-small").expect("still there").name, "X");
    assert_eq!(catalog.defaults(), Catalog::embedded().defaults());

    let missing = Catalog::with_file(Path::new("/nowhere/catalog.toml")).expect_err("no such file");
    assert!(missing.to_string().contains("models.catalog_file"), "{missing}");
}

#[rstest]
#[case("qwen2.5-coder-1.5b-instruct-q4_k_n", "Did you mean `qwen2.5-coder-1.5b-instruct-q4_k_m`")]
#[case("qwen2.5-coder", "Did you mean `qwen2.5-coder-1.5b-instruct-q4_k_m`?")]
#[case("all-MiniLM-L6-v2", "`all-minilm-l6-v2`")]
#[case("zzz", "See all with: frontdesk models list")]
fn an_unknown_id_gets_a_suggestion(#[case] id: &str, #[case] expected: &str) {
    let error = Catalog::embedded().find(id).expect_err("no such id").to_string();
    assert!(error.contains(expected) && error.contains(id), "{error}");
}

#[rstest]
#[case::plenty(1_000, Some(10 << 30), true)]
#[case::exactly_with_the_margin(1_000, Some(1_000 + (64 << 20)), true)]
#[case::one_byte_short(1_000, Some(999 + (64 << 20)), false)]
#[case::full(1_000, Some(0), false)]
#[case::the_system_does_not_say(1_000, None, true)]
#[case::absurd_size(u64::MAX, Some(1 << 40), false)]
fn space_is_checked_before_anything_is_fetched(
    #[case] needed: u64,
    #[case] free: Option<u64>,
    #[case] fits: bool,
) {
    let checked = space::check(needed, free, Path::new("/models"));
    assert_eq!(checked.is_ok(), fits);
    if let Err(error) = checked {
        let shown = error.to_string();
        assert!(
            shown.contains("/models") && shown.contains("free") && shown.contains("models.directory"),
            "{shown}"
        );
    }
}

// The disk can fill up during the download too: the same words, not "os error 28".
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_up_says_so() {
    let mut full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
    let source = full.write_all(b"x").expect_err("it is always full");
    let error = space::write_error("cannot write", Path::new("/dev/full"), source);
    assert!(matches!(error, PullError::NoSpace { .. }), "{error:?}");
}

#[rstest]
#[case(1, "1 kB")]
#[case(98_362_432, "98.4 MB")]
#[case(1_117_320_768, "1.12 GB")]
fn sizes_read_as_on_download_pages(#[case] bytes: u64, #[case] expected: &str) {
    assert_eq!(space::readable(bytes), expected);
}

#[test]
fn only_checked_files_count_as_good() {
    assert!(FileState::Good.is_good() && FileState::AsItCame.is_good());
    assert!(!FileState::Missing.is_good() && !FileState::Unknown { found: String::new() }.is_good());
}

proptest::proptest! {
    // The operator's catalog is typed by hand: any text gives a catalog or a reason, never a panic.
    #[test]
    fn any_text_can_be_read_as_a_catalog(text in "(schema = 1\n|\\[\\[model\\]\\]\n|id = \"[a-z]?\"\n|[a-z=\"\\[\\]\n ]){0,30}") {
        let _ = Catalog::parse(&text, "any text", Some(Catalog::embedded()));
    }
}
