//! What a box is already set up for is found, and no password is shown.

use super::*;
use rstest::rstest;
use std::collections::HashMap;

fn discovered(variables: &[(&str, &str)], files: &[(&str, &str)]) -> NetworkSettings {
    let variables: HashMap<_, _> = variables.iter().copied().collect();
    let files: HashMap<_, _> = files.iter().map(|(path, text)| (PathBuf::from(path), *text)).collect();
    NetworkSettings::discover(&|name| variables.get(name).map(ToString::to_string), &|path| {
        files.get(path).map(ToString::to_string)
    })
}

const PIP: &str =
    "# company\n[install]\nuser = no\n[global]\ntimeout = 60\nindex_url = https://mirror.example/simple\n";

// A company sets its mirror once, for pip; whoever installs Frontdesk there must not have to find it again.
#[rstest]
#[case::nothing_set(&[], &[], "https://pypi.org/simple")]
#[case::pip_variable(&[("PIP_INDEX_URL", "https://a.example/simple")], &[], "https://a.example/simple")]
#[case::uv_before_pip(
    &[("PIP_INDEX_URL", "https://a.example/s"), ("UV_INDEX_URL", "https://b.example/s")], &[], "https://b.example/s")]
#[case::user_file(&[("HOME", "/home/u")], &[("/home/u/.config/pip/pip.conf", PIP)], "https://mirror.example/simple")]
#[case::system_file(&[], &[("/etc/pip.conf", PIP)], "https://mirror.example/simple")]
#[case::variable_before_file(
    &[("PIP_INDEX_URL", "https://a.example/s")], &[("/etc/pip.conf", PIP)], "https://a.example/s")]
#[case::empty_variable_is_unset(&[("PIP_INDEX_URL", " ")], &[("/etc/pip.conf", PIP)], "https://mirror.example/simple")]
fn the_python_index_is_the_one_pip_uses(
    #[case] variables: &[(&str, &str)],
    #[case] files: &[(&str, &str)],
    #[case] expected: &str,
) {
    assert_eq!(discovered(variables, files).python_indexes[0], expected);
}

#[test]
fn extra_indexes_follow_the_first_one_even_over_several_lines() {
    let text = "[global]\nindex-url = https://a.example/s\nextra-index-url =\n  https://b.example/s\n  # old\n  https://c.example/s\nproxy = p\n";
    let settings = discovered(&[], &[("/etc/pip.conf", text)]);
    assert_eq!(
        settings.python_indexes,
        ["https://a.example/s", "https://b.example/s", "https://c.example/s"]
    );
    assert_eq!(settings.proxy.as_deref(), Some("p"));
}

#[test]
fn npm_and_the_hub_are_found_too() {
    let npmrc = "; company\n@scope:registry=https://other.example\nregistry = https://npm.example/\n";
    let settings = discovered(
        &[("HOME", "/home/u"), ("HF_ENDPOINT", "https://hub.example")],
        &[("/home/u/.npmrc", npmrc)],
    );
    assert_eq!(settings.npm_registry, "https://npm.example/");
    assert_eq!(settings.hub_endpoint, "https://hub.example");
    assert_eq!(settings.hub_cache, Some(PathBuf::from("/home/u/.cache/huggingface/hub")));
}

#[test]
fn what_the_operator_chose_wins_and_empty_values_choose_nothing() {
    let found =
        discovered(&[("PIP_INDEX_URL", "https://a.example/s"), ("HF_ENDPOINT", "https://hub.example")], &[]);
    let chosen = ChosenSources { pypi_index_url: "https://own.example/s", ..ChosenSources::default() };
    let settings = found.with_chosen(chosen);
    assert_eq!(settings.python_indexes, ["https://own.example/s"]);
    assert_eq!(settings.hub_endpoint, "https://hub.example");
}

// Settings land in logs by way of {:?}; an index password must not.
#[test]
fn a_password_in_an_address_is_never_shown() {
    let settings = discovered(
        &[("PIP_INDEX_URL", "https://user:hunter2@mirror.example/simple"), ("HF_TOKEN", "hf_secret")],
        &[],
    );
    let shown = format!("{settings:?}");
    assert!(shown.contains("mirror.example"), "{shown}");
    assert!(!shown.contains("hunter2") && !shown.contains("hf_secret"), "{shown}");
}

proptest::proptest! {
    // pip.conf is somebody else's file: whatever is in it, finding the settings must not fall over.
    #[test]
    fn any_text_can_be_read_as_pip_conf(text in "[ \\t\\[\\]a-z=:#;\n-]{0,200}") {
        let _ = pip_value(&text, "index-url");
        let _ = npm_value(&text, "registry");
    }
}
