//! Reading ahead by the running program, with the smallest real chat model: what it read is there after a restart, and what
//! a changed document said before is forgotten.

use crate::support::TestBox;
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

const EXPORT: &str = "# Data\n\n## Export your data\n\nOpen **Settings**, choose **Data** and press **Export**. The file arrives by mail within ten minutes.\n";
const COLOURS: &str = "# Looks\n\n## Change the colours\n\nOpen **Settings**, choose **Looks** and pick a theme. Every member of the team sees it at once.\n";

/// Names of the files of kept states.
fn states(data: &Path) -> BTreeSet<PathBuf> {
    let Ok(files) = fs::read_dir(data.join("prompt-states")) else { return BTreeSet::new() };
    let paths = files.map(|file| file.expect("an entry").path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "kv")).collect()
}

fn write_and_add(test_box: &TestBox, name: &str, text: &str) {
    let folder = test_box.folder.path().join("help");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join(name), text).expect("a document");
    test_box.run(&["knowledge", "add", &folder.display().to_string()]).expect("added");
}

#[test]
fn a_running_box_reads_ahead_and_forgets_what_changed() {
    let test_box = TestBox::new(&[("models.chat", "smollm2-135m-instruct-q4_1"), ("log.level", "info")]);
    let data = test_box.folder.path().join("data");
    write_and_add(&test_box, "data.md", EXPORT);
    write_and_add(&test_box, "looks.md", COLOURS);
    let server = test_box.serve();
    server.log.wait_for("read ahead");
    server.terminate();
    let first = states(&data);
    assert_eq!(first.len(), 3, "the instructions and two passages: {first:?}");

    let asked = test_box.run(&["ask", "--json", "How do I export my data?"]).expect("an answer");
    let asked: Value = serde_json::from_str(&asked).expect("JSON");
    let tokens =
        |name: &str| asked["generation"][name].as_u64().unwrap_or_else(|| panic!("{name} of {asked}"));
    assert!(
        tokens("cached_tokens") * 10 > tokens("prompt_tokens") * 7,
        "the new process found what was read: {asked}"
    );

    write_and_add(&test_box, "looks.md", &COLOURS.replace("at once", "after a minute"));
    let server = test_box.serve();
    server.log.wait_for("read ahead");
    server.terminate();
    let second = states(&data);
    assert_eq!(second.len(), 3, "{second:?}");
    assert_eq!(
        first.intersection(&second).count(),
        2,
        "only the changed passage was read anew, its old state is gone"
    );
}
