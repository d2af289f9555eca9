#![allow(
    clippy::wildcard_imports,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods
)]
use frontdesk::{evaluation::*, triage::*};
use std::time::Instant;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let t = Instant::now();
    let mut files = PolicyFiles::embedded();
    for name in [
        "escalation.toml",
        "escalation-languages.toml",
        "messages.toml",
        "sentiment.toml",
        "injection.toml",
        "exemplars.toml",
        "exemplars-everyday.toml",
    ] {
        files.replace(name, std::fs::read_to_string(format!("assets/policy/{name}")).unwrap()).unwrap();
    }
    if let Ok(path) = std::env::var("EXEMPLARS") {
        files.replace("exemplars.toml", std::fs::read_to_string(path).unwrap()).unwrap();
    }
    if let Ok(sets) = std::env::var("SET") {
        let mut t = files.escalation.to_string();
        for kv in sets.split(',') {
            let (k, v) = kv.split_once('=').unwrap();
            t = t
                .lines()
                .map(|l| if l.starts_with(&format!("{k} =")) { format!("{k} = {v}") } else { l.to_owned() })
                .collect::<Vec<_>>()
                .join("\n");
        }
        files.replace("escalation.toml", t).unwrap();
    }
    let engine = match TriageEngine::load(&files) {
        Ok(e) => e,
        Err(e) => {
            println!("{e}");
            return;
        }
    };
    eprintln!("load {:?}", t.elapsed());
    if args[1] == "one" {
        let found =
            engine.triage(&frontdesk::domain::triage::TriageInput { text: &args[2], ..Default::default() });
        println!(
            "{:?} {:?} served {} {:?} {:?}",
            found.kind, found.language, found.language_served, found.intent, found.sentiment
        );
        println!("injection {:.2} {:?}", found.injection.score, found.injection.evidence);
        println!(
            "escalate {} {:.2} {:?} {:?}",
            found.escalation.escalate,
            found.escalation.score,
            found.escalation.category,
            found.escalation.urgency
        );
        for s in found.escalation.signals {
            println!("  {:+.2} {} {:?}: {}", s.weight, s.name, s.class, s.evidence);
        }
        return;
    }
    let text = std::fs::read_to_string(&args[2]).unwrap();
    let sets: Vec<&str> = args.get(3).map(|s| s.split(',').collect()).unwrap_or_default();
    if args[1] == "dump" {
        let rows: Vec<TicketRow> = parse_rows(&text).unwrap();
        for r in &rows {
            let found = engine.triage(&frontdesk::domain::triage::TriageInput { subject: r.subject.as_deref(), text: &r.body, plan: r.customer.plan(), ..Default::default() });
            println!("{}", serde_json::json!({"id": r.id, "set": r.set, "y": r.expect.escalate, "cat": r.expect.category, "score": found.escalation.score, "signals": found.escalation.signals, "flag": found.injection.flagged, "served": found.language_served, "kind": found.kind, "mood": found.sentiment.score}));
        }
        return;
    }
    let json = match args[1].as_str() {
        "tickets" => {
            let rows: Vec<TicketRow> = parse_rows(&text).unwrap();
            let rows: Vec<_> =
                rows.into_iter().filter(|r| sets.is_empty() || sets.contains(&r.set.as_str())).collect();
            let r = evaluate_tickets(&rows, |i| engine.triage(i), || t.elapsed(), |_| {});
            println!("{r}");
            serde_json::to_string(&r).unwrap()
        }
        "sentiment" => {
            let rows: Vec<SentimentRow> = parse_rows(&text).unwrap();
            let rows: Vec<_> =
                rows.into_iter().filter(|r| sets.is_empty() || sets.contains(&r.set.as_str())).collect();
            let r = evaluate_sentiment(
                &rows,
                |s, b| {
                    engine
                        .triage(&frontdesk::domain::triage::TriageInput {
                            subject: s,
                            text: b,
                            ..Default::default()
                        })
                        .sentiment
                },
                |_| {},
            );
            println!("{r}");
            serde_json::to_string(&r).unwrap()
        }
        _ => {
            let rows: Vec<InjectionRow> = parse_rows(&text).unwrap();
            let r = evaluate_injection(&rows, |s| engine.screen(s), |_| {});
            println!("{r}");
            serde_json::to_string(&r).unwrap()
        }
    };
}
