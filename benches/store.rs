//! How fast the store accepts, works off and searches. Run: `cargo bench --bench store`.
//! Prints one line a measurement; the folder for the file is the first argument, else the system's temporary folder.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measuring program: its output is its purpose"
)]

use frontdesk::{
    domain::{
        channel::Channel,
        customer::{Identifier, IdentifierKind},
        inbound::{Extras, Inbound},
        ticket::{Category, Priority},
    },
    ports::{
        knowledge::{KnowledgeIndex, NewDocument, NewPassage},
        store::{Inbox, WorkQueue},
    },
    store::{Durability, Store, StoreOptions},
};
use jiff::{SignedDuration, Timestamp};
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

const MESSAGES: usize = 10_000;
const DIMENSIONS: usize = 384;

#[tokio::main]
async fn main() {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with("--")).map(PathBuf::from);
    for (durability, callers) in [
        (Durability::ProcessCrash, 1),
        (Durability::ProcessCrash, 64),
        (Durability::PowerLoss, 1),
        (Durability::PowerLoss, 64),
    ] {
        accept(folder.as_ref(), durability, callers).await;
    }
    for passages in [1_000, 10_000] {
        search(folder.as_ref(), passages).await;
    }
}

fn open(folder: Option<&PathBuf>, durability: Durability) -> (Store, tempfile::TempDir) {
    let folder = folder.map_or_else(tempfile::tempdir, tempfile::tempdir_in).unwrap();
    let options = StoreOptions { durability, ..StoreOptions::default() };
    (Store::open(&folder.path().join("bench.db"), options).unwrap(), folder)
}

fn message(number: usize) -> Inbound {
    let text = "The export of our largest board stops half way and the file is empty. ".repeat(6);
    Inbound {
        channel: Channel::Web,
        account: String::new(),
        provider_message_id: format!("bench-{number}"),
        identifiers: vec![Identifier {
            kind: IdentifierKind::Email,
            value: format!("customer{}@example.org", number % 3000),
            verified: false,
        }],
        customer_name: Some("Ana Li".to_owned()),
        plan: None,
        subject: Some("The export stops".to_owned()),
        raw: text.clone().into_bytes(),
        text,
        category: Category::Technical,
        priority: Priority::Medium,
        ticket: None,
        received_at: Timestamp::UNIX_EPOCH,
        extras: Extras::default(),
    }
}

async fn accept(folder: Option<&PathBuf>, durability: Durability, callers: usize) {
    let (store, _folder) = open(folder, durability);
    let messages = if callers == 1 { MESSAGES / 5 } else { MESSAGES };
    let next = Arc::new(AtomicUsize::new(0));
    let started = Instant::now();
    let tasks: Vec<_> = (0..callers)
        .map(|_| {
            let (store, next) = (store.clone(), next.clone());
            tokio::spawn(async move {
                let mut waits = Vec::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= messages {
                        return waits;
                    }
                    let asked = Instant::now();
                    store.accept(message(number)).await.unwrap();
                    waits.push(asked.elapsed());
                }
            })
        })
        .collect();
    let mut waits = Vec::new();
    for task in tasks {
        waits.extend(task.await.unwrap());
    }
    let rate = messages as f64 / started.elapsed().as_secs_f64();
    println!("accept, {durability:?}, {callers} at once: {rate:.0} messages/s, wait {}", spread(&mut waits));
    if callers > 1 {
        turns(&store, messages / 10).await;
    }
    store.close().await;
}

/// Lease, read the context, give back: the queue's share of a turn, with the whole backlog waiting.
async fn turns(store: &Store, count: usize) {
    let (now, lease) = (Timestamp::UNIX_EPOCH, SignedDuration::from_secs(60));
    let later = now + SignedDuration::from_hours(1);
    let mut waits = Vec::new();
    for _ in 0..count {
        let started = Instant::now();
        let job = store.lease_job(now, lease).await.unwrap().unwrap();
        store.turn_context(&job).await.unwrap();
        store.release_job(&job, later).await.unwrap();
        waits.push(started.elapsed());
    }
    println!("lease, context and release: {}", spread(&mut waits));
}

async fn search(folder: Option<&PathBuf>, passages: usize) {
    let (store, _folder) = open(folder, Durability::ProcessCrash);
    let mut seed = 1u64;
    let mut random = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize
    };
    let vocabulary: Vec<String> = (0..5_000).map(|number| format!("word{number}")).collect();
    let passage = |number: usize, random: &mut dyn FnMut() -> usize| {
        // Common words are common: squaring skews the choice towards the first ones.
        let words = |count: usize, random: &mut dyn FnMut() -> usize| {
            let pick = |random: &mut dyn FnMut() -> usize| {
                let share = (random() % 1_000) as f64 / 1_000.0;
                vocabulary[(share * share * 4_999.0) as usize].as_str()
            };
            (0..count).map(|_| pick(random)).collect::<Vec<_>>().join(" ")
        };
        NewPassage {
            section_path: vec![words(4, random)],
            url: String::new(),
            anchor: String::new(),
            text: words(80, random),
            asked: Vec::new(),
            content_hash: number.to_string(),
            embedding: Some((0..DIMENSIONS).map(|_| (random() % 2_000) as f32 / 1_000.0 - 1.0).collect()),
            part_vectors: None,
        }
    };
    for part in 0..passages / 500 {
        let document = NewDocument {
            source: part.to_string(),
            slug: part.to_string(),
            title: "Bench".to_owned(),
            content_hash: String::new(),
            markdown: String::new(),
            passages: (0..500).map(|number| passage(number, &mut random)).collect(),
        };
        store.upsert(document, "bench", Timestamp::UNIX_EPOCH).await.unwrap();
    }
    let (mut by_words, mut by_vector) = (Vec::new(), Vec::new());
    for _ in 0..100 {
        let words: Vec<String> = (0..6).map(|_| vocabulary[random() % 5_000].clone()).collect();
        let started = Instant::now();
        store.search_words(&words, 20).await.unwrap();
        by_words.push(started.elapsed());
        let vector: Vec<f32> = (0..DIMENSIONS).map(|_| (random() % 2_000) as f32 / 1_000.0 - 1.0).collect();
        let started = Instant::now();
        store.search_vector(&vector, "bench", 20).await.unwrap();
        by_vector.push(started.elapsed());
    }
    println!("search of {passages} passages by words: {}", spread(&mut by_words));
    println!("search of {passages} passages by vector: {}", spread(&mut by_vector));
}

fn spread(times: &mut [Duration]) -> String {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    format!("median {:.2} ms, p95 {:.2} ms", at(0.5), at(0.95))
}
