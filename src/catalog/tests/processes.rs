//! Several processes at one model, and one that is killed. The processes are this test binary, started again.

use super::server::{Route, Server};
use super::{HUB, HUB_PATH, catalog_text, content, file, names, network, options, store};
use crate::catalog::entry::Catalog;
use crate::catalog::progress::NoProgress;
use crate::catalog::store::ModelStore;
use std::path::Path;
use std::process::{Child, Command, Stdio};

const HUB_VARIABLE: &str = "FRONTDESK_TEST_HUB";
const FOLDER_VARIABLE: &str = "FRONTDESK_TEST_FOLDER";

/// Not a test of its own: the work of the child process. Without its parent's settings it has none.
#[test]
#[allow(clippy::disallowed_methods, reason = "the parent hands its settings over")]
fn child_pulls() {
    let (Ok(hub), Ok(folder)) = (std::env::var(HUB_VARIABLE), std::env::var(FOLDER_VARIABLE)) else { return };
    let catalog = Catalog::with_file(&Path::new(&folder).join("catalog.toml")).expect("the parent's catalog");
    let store = ModelStore::with_catalog(Path::new(&folder).join("models"), catalog);
    let mut settings = network(None, true);
    settings.hub_endpoint = hub;
    store.pull("m", &options(settings), &NoProgress).expect("a pull");
}

fn start_child(server: &Server, folder: &Path) -> Child {
    Command::new(std::env::current_exe().expect("this binary"))
        .args(["--exact", "catalog::tests::processes::child_pulls"])
        .env(HUB_VARIABLE, &server.address)
        .env(FOLDER_VARIABLE, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a child process")
}

/// The catalog the children read: written once, before the first of them starts.
fn write_catalog(folder: &Path, files: &str) {
    std::fs::write(folder.join("catalog.toml"), catalog_text(files)).expect("a written file");
}

// A service that starts while somebody types `models pull` must not spoil the file, nor fetch it twice.
#[test]
fn two_processes_fetch_a_file_once() {
    let (server, body) = (Server::start(), content(3_000_000));
    server.set(HUB_PATH, Route::bytes(&body));
    let files = file("w.gguf", &body, HUB);
    let (folder, store) = store(&files);
    write_catalog(folder.path(), &files);
    let children: Vec<Child> = (0..3).map(|_| start_child(&server, folder.path())).collect();
    for mut child in children {
        assert!(child.wait().expect("an end").success(), "each of them succeeds");
    }
    assert_eq!(server.requests(HUB_PATH).len(), 1, "one fetched, the others waited and found it");
    assert_eq!(std::fs::read(store.path("m", "w.gguf")).expect("the file"), body);
}

// Power cut or Ctrl-C: no half file in the place, no lock left behind, and no byte lost.
#[test]
fn a_killed_process_leaves_a_beginning_to_go_on_from() {
    let (server, body) = (Server::start(), content(3_000_000));
    server.set(HUB_PATH, Route { stall_after: Some(1_000_000), ..Route::bytes(&body) });
    let files = file("w.gguf", &body, HUB);
    let (folder, store) = store(&files);
    write_catalog(folder.path(), &files);
    let mut child = start_child(&server, folder.path());
    let part = store.path("m", "w.gguf.part");
    while part.metadata().map_or(0, |data| data.len()) < 1_000_000 {
        assert!(child.try_wait().expect("a state").is_none(), "the child waits for the rest");
        std::thread::yield_now();
    }
    child.kill().expect("killed");
    child.wait().expect("an end");
    assert_eq!(names(&store), ["w.gguf.part"]);

    server.set(HUB_PATH, Route::bytes(&body));
    store.pull("m", &options(network(Some(&server), true)), &NoProgress).expect("a pull");
    assert_eq!(server.requests(HUB_PATH).last().map(|request| request.from), Some(1_000_000));
    assert_eq!(std::fs::read(store.path("m", "w.gguf")).expect("the file"), body);
}
