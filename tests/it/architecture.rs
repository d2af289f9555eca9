//! Which module may know which: read from the source text, so that a wrong import fails here and not in a review.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// module -> modules it may name. `app` and `cli` may name all.
const ALLOWED: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("config", &[]),
    ("telemetry", &["config"]),
    ("catalog", &["config"]),
    ("ports", &["domain"]),
    ("triage", &["domain", "ports"]),
    ("knowledge", &["domain", "ports"]),
    ("redaction", &["domain"]),
    ("tools", &["domain", "ports"]),
    ("pipeline", &["domain", "ports", "tools"]),
    ("evaluation", &["domain", "ports", "triage", "knowledge", "pipeline", "redaction"]),
    ("egress", &["domain", "ports"]),
    ("channels", &["domain", "ports", "config", "egress"]),
    ("monitoring", &["domain", "ports", "config", "egress"]),
    ("llm", &["domain", "ports", "config"]),
    ("hosted", &["domain", "ports", "config", "redaction", "egress"]),
    ("store", &["domain", "ports", "config"]),
    ("mqtt", &["domain", "ports", "config", "egress"]),
    ("mcp", &["domain", "ports", "tools"]),
    ("http", &["domain", "ports", "config", "pipeline", "tools", "mcp"]),
];

/// Third-party crate -> the only modules that may name it.
const CONFINED: &[(&str, &[&str])] = &[
    ("rusqlite", &["store"]),
    ("sqlite_vec", &["store"]),
    ("candle_core", &["llm"]),
    ("candle_nn", &["llm"]),
    ("candle_transformers", &["llm"]),
    ("tokenizers", &["llm"]),
    ("llguidance", &["llm"]),
    ("hf_hub", &["catalog"]),
    ("rumqttc", &["mqtt"]),
    ("lettre", &["channels"]),
    ("rmcp", &["mcp", "tools"]),
    ("reqwest", &["egress", "channels", "hosted"]),
    ("axum", &["http", "app"]),
    ("axum_server", &["http"]),
    ("rcgen", &["app"]),
    ("metrics_exporter_prometheus", &["monitoring"]),
    ("clap", &["cli", "main"]),
    ("sd_notify", &["app"]),
    ("indicatif", &["cli"]),
    ("anyhow", &["cli", "app", "main"]),
];

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn word(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// First path segments after `crate::`, also inside `crate::{a::b, c}`.
fn crate_references(source: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, marker) in source.match_indices("crate::") {
        let rest = &source[at + marker.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            found.insert(word(rest));
            continue;
        };
        let (mut depth, mut item) = (0, String::new());
        for character in group.chars() {
            match character {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    found.insert(word(&item));
                    item.clear();
                    continue;
                }
                _ => {}
            }
            item.push(character);
        }
        found.insert(word(&item));
    }
    found.remove("");
    found
}

fn without_comments(source: &str) -> String {
    source.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Every breach of the rules in one module's file.
fn breaches(module: &str, file: &str, code: &str, is_test: bool) -> Vec<String> {
    let rules: BTreeMap<_, BTreeSet<_>> =
        ALLOWED.iter().map(|(m, d)| (*m, d.iter().copied().collect())).collect();
    let mut bad = Vec::new();
    if let Some(allowed) = rules.get(module) {
        // A path that climbs out with `super::` counts too, when it lands on a top-level module.
        let climbs =
            code.split("super::super::").skip(1).map(word).filter(|name| rules.contains_key(name.as_str()));
        for used in crate_references(code).into_iter().chain(climbs) {
            if used != module && !allowed.contains(used.as_str()) && !is_test {
                bad.push(format!("{file}: `{module}` must not know `{used}`"));
            }
        }
    }
    for (name, owners) in CONFINED {
        let named = code
            .match_indices(&format!("{name}::"))
            .any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'));
        if named && !owners.contains(&module) && !is_test {
            bad.push(format!("{file}: `{name}` belongs to {owners:?}"));
        }
    }
    bad
}

/// Every source file below src by its path there, without comments and what follows `#[cfg(test)]`.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&root, &mut files);
    let read = |file: std::path::PathBuf| {
        let relative = file.strip_prefix(&root).expect("below src").display().to_string();
        let source = fs::read_to_string(&file).expect("readable");
        (relative, without_comments(source.split("#[cfg(test)]").next().unwrap_or_default()))
    };
    files.into_iter().map(read).collect()
}

#[test]
fn modules_know_only_what_they_may() {
    let mut bad = Vec::new();
    for (relative, code) in sources() {
        let module = relative.split('/').next().expect("a module").trim_end_matches(".rs").to_owned();
        // Tests inside a module may build what they test from other modules.
        let is_test = relative.contains("tests") || relative.contains("testing");
        bad.extend(breaches(&module, &relative, &code, is_test));
    }
    assert_eq!(bad, Vec::<String>::new());
}

#[test]
fn every_module_has_a_rule_or_is_at_the_top() {
    let map = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).expect("lib.rs");
    let ruled: BTreeSet<&str> = ALLOWED.iter().map(|(module, _)| *module).chain(["app", "cli"]).collect();
    let modules =
        map.lines().filter_map(|line| line.strip_prefix("pub mod ")).map(|line| line.trim_end_matches(';'));
    let unruled: Vec<&str> = modules.filter(|module| !ruled.contains(module)).collect();
    assert_eq!(unruled, Vec::<&str>::new());
}

/// What opens a connection, sends a packet or asks another machine for a name -> the only files that may say it, and why.
const WAYS_OUT: &[(&str, &[&str])] = &[
    // The one HTTP client.
    ("reqwest::Client::", &["egress/client.rs"]),
    ("reqwest::ClientBuilder", &[]),
    ("reqwest::get", &[]),
    ("reqwest::blocking", &[]),
    // The one dialer.
    ("TcpStream::connect", &["egress/dialer.rs"]),
    ("TcpSocket", &[]),
    ("UdpSocket", &[]),
    ("UnixStream::connect", &[]),
    ("socket2::", &[]),
    ("lookup_host", &[]),
    ("to_socket_addrs", &[]),
    // Downloads: the library's connections, each wrapped so that it is recorded; and a command that asks this very program how it is.
    ("Agent::", &["catalog/network/client.rs", "cli/healthcheck.rs"]),
    ("DefaultConnector", &["catalog/network/departures.rs"]),
    ("TcpConnector", &[]),
    ("ureq::get", &[]),
    ("ureq::agent", &[]),
    ("hf_hub::api", &[]),
    // Mail goes over connections the dialer opened.
    ("SmtpTransport", &[]),
    ("AsyncSmtpConnection::connect_tokio1", &[]),
    ("SmtpConnection::connect(", &[]),
    ("async_imap::connect", &[]),
];

/// Every way out of the box that one file opens beside the recorded ones.
fn unrecorded_ways_out(file: &str, code: &str) -> Vec<String> {
    let found = WAYS_OUT.iter().filter(|(way, allowed)| code.contains(way) && !allowed.contains(&file));
    found.map(|(way, _)| format!("{file}: {way} leaves past the ledger")).collect()
}

#[test]
fn nothing_leaves_the_box_but_by_the_recorded_ways() {
    let mut bad = Vec::new();
    for (relative, code) in sources().into_iter().filter(|(relative, _)| !relative.contains("tests")) {
        bad.extend(unrecorded_ways_out(&relative, &code));
    }
    assert_eq!(bad, Vec::<String>::new());
}

#[test]
fn planted_ways_out_are_seen() {
    for code in [
        "let client = reqwest::Client::new();",
        "let stream = tokio::net::TcpStream::connect((host, port)).await?;",
        "let page = ureq::get(url).call()?;",
        "let socket = std::net::UdpSocket::bind(any)?;",
        "let mailer = lettre::AsyncSmtpTransport::<Tokio1Executor>::relay(host)?;",
        "let agent: Agent = Agent::new_with_defaults();",
    ] {
        assert_eq!(unrecorded_ways_out("channels/planted.rs", code).len(), 1, "{code}");
    }
    assert!(unrecorded_ways_out("egress/client.rs", "reqwest::Client::builder()").is_empty());
}

#[test]
fn planted_breaches_are_seen() {
    let planted = [
        ("domain", "use crate::ports::clock::Clock;"),
        ("store", "use crate::llm::chat_engine::ChatEngine;"),
        ("pipeline", "let x = rusqlite::Connection::open_in_memory();"),
        ("http", "use crate::{domain::ids::TicketId, store::Store};"),
        ("knowledge", "use candle_core::Tensor;"),
        ("channels", "pub use crate::pipeline::Desk;"),
        ("tools", "use crate::store::Store;"),
        ("pipeline", "use rmcp::ServerHandler;"),
    ];
    for (module, code) in planted {
        assert_eq!(breaches(module, "planted.rs", code, false).len(), 1, "{module}: {code}");
    }
    assert!(
        breaches("http", "fine.rs", "use crate::{domain::{ids::A, ticket::B}, ports::store::C};", false)
            .is_empty()
    );
}
