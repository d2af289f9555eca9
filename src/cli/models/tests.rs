//! The command lines of the documentation, and what is said when something is wrong.

use super::*;
use clap::{Parser, error::ErrorKind};
use rstest::rstest;

#[derive(Parser)]
struct Line {
    #[command(subcommand)]
    command: ModelsCommand,
}

fn settings(folder: &std::path::Path) -> ModelsSettings {
    ModelsSettings { directory: Some(folder.to_owned()), ..ModelsSettings::default() }
}

#[rstest]
#[case(&["pull"])]
#[case(&["pull", "a", "b", "--from", "/stick", "--allow-unverified"])]
#[case(&["list", "--json"])]
#[case(&["verify"])]
#[case(&["remove", "a"])]
fn the_lines_of_the_documentation_are_understood(#[case] line: &[&str]) {
    let words = std::iter::once("models").chain(line.iter().copied());
    assert!(Line::try_parse_from(words).is_ok(), "{line:?}");
}

#[rstest]
#[case("list")]
#[case("pull")]
#[case("verify")]
#[case("remove")]
fn every_subcommand_shows_an_example(#[case] subcommand: &str) {
    let help = Line::try_parse_from(["models", subcommand, "--help"]).err().expect("help is an early end");
    assert_eq!(help.kind(), ErrorKind::DisplayHelp);
    assert!(help.to_string().contains(&format!("frontdesk models {subcommand}")), "{help}");
}

// Typed at the end of a long line, found out after an hour: so all ids are looked at before the first byte.
#[test]
fn a_mistyped_id_is_refused_before_anything_is_fetched() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let ids = vec!["smollm2-135m-instruct-q4_1".to_owned(), "all-minilm".to_owned()];
    let command = ModelsCommand::Pull { ids, from: None, allow_unverified: false };
    let error = run(&command, &settings(folder.path())).expect_err("no such model");
    assert!(error.to_string().contains("`all-minilm-l6-v2`"), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0);
}

#[test]
fn a_spoilt_model_makes_verify_fail_and_says_how_to_mend_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let model = folder.path().join("all-minilm-l6-v2");
    std::fs::create_dir(&model).expect("a folder");
    std::fs::write(model.join("config.json"), b"{}").expect("a written file");
    let error =
        run(&ModelsCommand::Verify { ids: Vec::new() }, &settings(folder.path())).expect_err("spoilt");
    assert!(error.to_string().contains("frontdesk models pull all-minilm-l6-v2"), "{error}");
}
