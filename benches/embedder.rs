//! Processor time of embedding texts of 16, 64 and 256 tokens and a batch of 32 texts of 64, on the real model.
//! `cargo bench --bench embedder -- FOLDER [THREADS]`, where FOLDER holds all-MiniLM-L6-v2.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use frontdesk::{
    llm::embedder::{EmbedderOptions, SentenceEmbedder},
    ports::model::{Embedder, ModelState},
};
use std::{path::PathBuf, time::Instant};

/// Processor time of the whole process in seconds (Linux counts it in hundredths).
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    let Some(folder) = arguments.next() else {
        println!("usage: cargo bench --bench embedder -- FOLDER_OF_ALL_MINILM_L6_V2 [THREADS]");
        return;
    };
    let threads = arguments.next().map(|threads| threads.parse().unwrap());
    let options =
        EmbedderOptions { cache_entries: 0, threads, ..EmbedderOptions::mini_lm(&PathBuf::from(folder)) };
    let embedder = SentenceEmbedder::start(options).unwrap();
    assert!(matches!(embedder.loaded().await, ModelState::Ready(_)));
    // "a" is one token; the model adds two.
    for (tokens, batch, repetitions) in [(16, 1, 60), (64, 1, 40), (256, 1, 20), (64, 32, 6)] {
        let texts = vec![vec!["a"; tokens - 2].join(" "); batch];
        embedder.embed(texts.clone()).await.unwrap();
        let (started, processor) = (Instant::now(), processor_seconds());
        for _ in 0..repetitions {
            embedder.embed(texts.clone()).await.unwrap();
        }
        let wall_ms = started.elapsed().as_secs_f64() * 1000.0 / f64::from(repetitions);
        let processor_ms = (processor_seconds() - processor) * 1000.0 / f64::from(repetitions);
        println!(
            "{batch:>3} x {tokens:>3} tokens: {wall_ms:7.1} ms, {processor_ms:7.1} ms of processor time"
        );
    }
}
