//! Files that are on this box already: on a stick, or in the hub's own cache.

use super::super::progress::NoProgress;
use super::super::pull::PullOptions;
use super::server::{sha256, wheel_with};
use super::{HUB, content, file, names, network, options, python, store};
use rstest::rstest;

#[derive(Debug, Clone, Copy)]
enum Stick {
    ByName,
    InModelFolder,
    UnderAnotherName,
    BesideAWrongOne,
    AsWheels,
}

// A box with no network gets its models on a stick, in whatever form somebody could download them.
#[rstest]
fn a_folder_can_take_the_networks_place(
    #[values(
        Stick::ByName,
        Stick::InModelFolder,
        Stick::UnderAnotherName,
        Stick::BesideAWrongOne,
        Stick::AsWheels
    )]
    form: Stick,
) {
    let body = content(100_000);
    let stick = tempfile::tempdir().expect("a temporary folder");
    let put = |name: &str, bytes: &[u8]| {
        let path = stick.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, bytes).expect("a written file");
    };
    match form {
        Stick::ByName => put("w.gguf", &body),
        Stick::InModelFolder => put("m/w.gguf", &body),
        Stick::UnderAnotherName => put("download (1)", &body),
        Stick::BesideAWrongOne => {
            put("w.gguf", &vec![0; body.len()]);
            put("x.bin", &body);
        }
        Stick::AsWheels => {
            put("part_1-1.0-py3-none-any.whl", &wheel_with("d/1.bin", &body[..60_000]));
            put("part_2-1.0-py3-none-any.whl", &wheel_with("d/2.bin", &body[60_000..]));
        }
    }
    let (_folder, store) = store(&file("w.gguf", &body, &(HUB.to_owned() + &python(2))));
    let from = PullOptions { from: Some(stick.path().to_owned()), ..options(network(None, false)) };
    store.pull("m", &from, &NoProgress).expect("a pull");
    assert_eq!(std::fs::read(store.path("m", "w.gguf")).expect("the file"), body);
    assert_eq!(names(&store), ["checksums.sha256", "w.gguf"]);
    let left = std::fs::read_dir(stick.path()).expect("the stick").count();
    assert_eq!(
        left,
        if matches!(form, Stick::AsWheels | Stick::BesideAWrongOne) { 2 } else { 1 },
        "the stick is not touched"
    );
}

#[test]
fn a_folder_without_the_files_says_what_it_lacks() {
    let stick = tempfile::tempdir().expect("a temporary folder");
    let body = content(10);
    let (_folder, store) = store(&file("w.gguf", &body, &python(2)));
    let from = PullOptions { from: Some(stick.path().to_owned()), ..options(network(None, false)) };
    let shown = store.pull("m", &from, &NoProgress).expect_err("an empty stick").to_string();
    assert!(shown.contains("w.gguf") && shown.contains("archives"), "{shown}");
    assert!(shown.contains(&stick.path().display().to_string()), "{shown}");
}

#[test]
fn the_hubs_own_cache_is_used_before_the_network() {
    let body = content(10_000);
    let cache = tempfile::tempdir().expect("a temporary folder");
    let blobs = cache.path().join("models--o--r").join("blobs");
    std::fs::create_dir_all(&blobs).expect("a folder");
    std::fs::write(blobs.join(sha256(&body)), &body).expect("a blob");
    let (_folder, store) = store(&file("w.gguf", &body, HUB));
    let mut settings = network(None, false);
    settings.hub_cache = Some(cache.path().to_owned());
    store.pull("m", &options(settings), &NoProgress).expect("no network is needed");
    assert!(store.installed("m").expect("a known id"));
}
