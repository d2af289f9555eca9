//! What leaves the box, seen from its wire: the program runs in a network namespace of its own, whose only way out is watched.

use crate::support::{TestBox, form};
use serde_json::{Value, json};
use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

/// Whether this machine lets us make network namespaces; the tests cannot be run without.
#[expect(clippy::print_stderr, reason = "a test that did not test says so")]
fn namespaces_are_permitted() -> bool {
    let tried =
        Command::new("unshare").args(["-rn", "ip", "link", "set", "lo", "up"]).stderr(Stdio::null()).status();
    let permitted = tried.is_ok_and(|status| status.success());
    if !permitted {
        eprintln!(
            "SKIPPED: this machine permits no network namespaces (unshare -rn, ip), so no packet can be watched"
        );
    }
    permitted
}

/// Serves in the namespace, submits the messages and says what left.
fn watch(test_box: &TestBox, serve: &[&str], messages: &[Value]) -> Value {
    let line = |arguments: &[&str]| -> Vec<String> {
        let command = test_box.command(arguments);
        std::iter::once(command.get_program())
            .chain(command.get_args())
            .map(|part| part.to_string_lossy().into_owned())
            .collect()
    };
    let wanted =
        json!({ "serve": line(serve), "ledger": line(&["egress", "list", "--json"]), "messages": messages });
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/packets/watch.py");
    let mut watching = Command::new("unshare")
        .args(["-rn", "python3"])
        .arg(script)
        .current_dir(test_box.folder.path())
        // A proxy of this machine is none of the namespace's.
        .envs(
            ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]
                .map(|name| (name, "")),
        )
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("unshare starts");
    let mut input = watching.stdin.take().expect("standard input");
    input.write_all(wanted.to_string().as_bytes()).expect("written");
    drop(input);
    let output = watching.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// A hard case each, so that the hosted model would be asked.
fn messages(count: usize) -> Vec<Value> {
    (0..count)
        .map(|number| {
            let text = format!("How do I export my data? I am Priya Raman, number {number} in the queue.");
            form(&format!("priya{number}@mail.example"), "A question", &text)
        })
        .collect()
}

fn box_with_a_hosted_model(base_url: &str) -> TestBox {
    TestBox::without_models()
        .set("hosted.provider", "openai")
        .set("hosted.base_url", base_url)
        .set("hosted.model", "a-larger-model")
        .set("hosted.timeout_ms", "5000")
        .set("hosted.max_attempts", "1")
        .set("hosted.hold_if_unsure", "false")
}

#[test]
fn an_offline_box_handles_fifty_messages_and_sends_not_one_packet() {
    if !namespaces_are_permitted() {
        return;
    }
    // A name: not even the question for its address may leave.
    let test_box = box_with_a_hosted_model("http://model.example.net/v1");
    let found = watch(&test_box, &["serve", "--offline"], &messages(50));
    assert_eq!((&found["answered"], &found["packets"]), (&json!(50), &json!(0)), "{found}");
    assert_eq!(found["seen"], true, "the watch would have seen a packet: {found}");
}

#[test]
fn what_is_on_the_wire_is_what_the_ledger_says() {
    if !namespaces_are_permitted() {
        return;
    }
    let test_box = box_with_a_hosted_model("http://198.51.100.9/v1");
    let found = watch(&test_box, &["serve"], &messages(5));
    assert_eq!(found["answered"], 5, "{found}");
    let rows = found["ledger"].as_array().expect("rows");
    let recorded: u64 = rows
        .iter()
        .map(|row| {
            assert_eq!(row["destination"], "198.51.100.9:80", "{row}");
            row["bytes"].as_u64().expect("a number")
        })
        .sum();
    assert!(recorded > 1000, "something was asked: {found}");
    assert_eq!(found["payload"], json!({ "198.51.100.9:80": recorded }), "per destination, to the byte");
}
