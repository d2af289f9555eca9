//! `frontdesk models bench`: how fast the chat models that are here are on this box, and which one fits.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is the command line")]

use crate::{
    catalog::ModelStore,
    llm::{
        chat_engine::PromptMaker,
        embedder::{EmbedderOptions, SentenceEmbedder},
        speed::{TYPICAL_REPLY, mean_surprise, measure, measure_together, memory_bandwidth},
        transformer::{LoadOptions, Model, Workspace},
    },
    ports::model::Embedder,
};
use anyhow::{Context, bail};
use serde_json::{Value, json};
use std::{
    io::{BufRead, Write as _},
    path::{Path, PathBuf},
    time::Instant,
};

const PROMPT_TOKENS: usize = 512;
const DECODE_TOKENS: usize = 32;
/// How long a typical reply may take when nobody says otherwise.
pub const TARGET_SECONDS: f64 = 15.0;
/// Each figure is the median of so many measurements.
const ROUNDS: usize = 3;

/// What to measure and how.
#[derive(Debug, clap::Args)]
pub struct BenchArguments {
    /// Ids from the catalog; without any, every chat model that is here.
    ids: Vec<String>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// The longest a typical reply may take, in seconds.
    #[arg(long, default_value_t = TARGET_SECONDS, value_name = "SECONDS")]
    target: f64,
    /// Threads; without it one a core.
    #[arg(long)]
    threads: Option<usize>,
    /// Measure on request: a GGUF file, and lines of requests on standard input. For comparisons with other engines.
    #[arg(long, hide = true, value_name = "FILE")]
    lines: Option<PathBuf>,
}

/// # Errors
/// When a model cannot be loaded or none is here.
pub(super) fn run(arguments: &BenchArguments, store: &ModelStore) -> anyhow::Result<()> {
    if let Some(file) = &arguments.lines {
        return answer_lines(file, arguments.threads, store);
    }
    let files = chat_models(store, &arguments.ids)?;
    if files.is_empty() {
        bail!("no chat model is here; get the default one with `frontdesk models pull`");
    }
    let threads = arguments.threads.or_else(|| std::thread::available_parallelism().ok().map(Into::into));
    let bandwidth = memory_bandwidth(threads.unwrap_or(1));
    let mut rows = Vec::new();
    for (id, file) in &files {
        eprintln!("measuring {id} …");
        rows.push(bench(id, file, arguments.threads, bandwidth)?);
    }
    let fits = |row: &Value| {
        Some(Estimate {
            id: row["id"].as_str()?.to_owned(),
            reply_seconds: row["typical_reply_seconds"].as_f64()?,
            file_bytes: row["file_bytes"].as_u64()?,
        })
    };
    let wording: Vec<Estimate> =
        rows.iter().filter_map(fits).filter(|estimate| words_replies(store, &estimate.id)).collect();
    let best = recommended(&wording, arguments.target).map(|estimate| estimate.id.clone());
    if arguments.json {
        let whole = json!({
            "threads": threads, "memory_bytes_per_second": bandwidth, "target_seconds": arguments.target,
            "models": rows, "recommended": best,
        });
        println!("{}", serde_json::to_string_pretty(&whole)?);
        return Ok(());
    }
    print_table(&rows);
    let [prompt, cached, answer] = TYPICAL_REPLY;
    println!(
        "\nA typical reply: {prompt} tokens of prompt, {cached} of them read ahead, {answer} of answer."
    );
    match best {
        Some(id) => println!("Recommended for replies within {} s: {id}", arguments.target),
        None => println!(
            "None answers within {} s: answers.mode=passage needs no chat model, or name a longer --target",
            arguments.target
        ),
    }
    Ok(())
}

/// The GGUF files of the chat models that are here, by id.
fn chat_models(store: &ModelStore, ids: &[String]) -> anyhow::Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for id in store.present() {
        let entry = store.catalog().find(id)?;
        let gguf = entry.files.iter().find(|file| is_gguf(Path::new(&file.name)));
        if let Some(file) = gguf.filter(|_| ids.is_empty() || ids.iter().any(|wanted| wanted == id)) {
            found.push((id.to_owned(), store.path(id, &file.name)));
        }
    }
    for id in ids {
        store.catalog().find(id)?;
        if !found.iter().any(|(here, _)| here == id) {
            bail!("{id} is no chat model that is here; get it with `frontdesk models pull {id}`");
        }
    }
    Ok(found)
}

fn is_gguf(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "gguf")
}

fn bench(id: &str, file: &Path, threads: Option<usize>, bandwidth: f64) -> anyhow::Result<Value> {
    let before = resident_bytes();
    let model = load(file, threads)?;
    let mut work = Workspace::new();
    let context = model.config().context_tokens;
    let prompt = PROMPT_TOKENS.min(context / 2);
    let mut runs = Vec::new();
    for _ in 0..ROUNDS {
        runs.push(measure(&model, &mut work, prompt, 0, DECODE_TOKENS));
    }
    let prefill = median(runs.iter().map(|run| prompt as f64 / run.prefill));
    let decode = median(runs.iter().map(|run| DECODE_TOKENS as f64 / run.decode));
    let [reply_prompt, cached, answer] = TYPICAL_REPLY;
    let reply = measure(&model, &mut work, reply_prompt, cached, answer);
    Ok(json!({
        "id": id,
        "prefill_tokens_per_second": rounded(prefill),
        "decode_tokens_per_second": rounded(decode),
        "decode_share_of_memory_bandwidth": rounded(decode * model.weight_bytes() as f64 / bandwidth),
        "typical_first_token_seconds": rounded(reply.prefill),
        "typical_reply_seconds": rounded(reply.prefill + reply.decode),
        "file_bytes": model.file_bytes(),
        "memory_bytes": resident_bytes().saturating_sub(before),
    }))
}

/// What a few seconds of measuring say of a chat model on this box.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    pub id: String,
    /// Of a typical reply, its instructions and first passage read ahead.
    pub reply_seconds: f64,
    pub file_bytes: u64,
}

/// Estimates every chat model that is here and may word replies, from some five seconds of measuring each.
///
/// # Errors
/// When a model cannot be loaded.
pub fn estimates(store: &ModelStore, threads: Option<usize>) -> anyhow::Result<Vec<Estimate>> {
    const PROMPT_TOKENS: usize = 256;
    const DECODE_TOKENS: usize = 16;
    let [prompt, cached, answer] = TYPICAL_REPLY;
    let files = chat_models(store, &[])?.into_iter().filter(|(id, _)| words_replies(store, id));
    let estimate = |(id, file): (String, PathBuf)| {
        let model = load(&file, threads)?;
        let mut work = Workspace::new();
        // Once to bring the file into memory and the threads awake.
        measure(&model, &mut work, PROMPT_TOKENS / 4, 0, 1);
        let run = measure(&model, &mut work, PROMPT_TOKENS, 0, DECODE_TOKENS);
        let reading = run.prefill / PROMPT_TOKENS as f64 * (prompt - cached) as f64;
        let writing = run.decode / DECODE_TOKENS as f64 * answer as f64;
        Ok(Estimate { id, reply_seconds: reading + writing, file_bytes: model.file_bytes() })
    };
    files.map(estimate).collect()
}

fn words_replies(store: &ModelStore, id: &str) -> bool {
    store.catalog().find(id).is_ok_and(|entry| entry.words_replies)
}

/// The largest model whose typical reply meets the target.
pub fn recommended(estimates: &[Estimate], target_seconds: f64) -> Option<&Estimate> {
    estimates
        .iter()
        .filter(|estimate| estimate.reply_seconds <= target_seconds)
        .max_by_key(|estimate| estimate.file_bytes)
}

fn print_table(rows: &[Value]) {
    println!(
        "{:40} {:>12} {:>12} {:>12} {:>12} {:>10}",
        "model", "reads, tok/s", "writes,tok/s", "1st token, s", "reply, s", "memory"
    );
    for row in rows {
        let figure = |key: &str| row[key].as_f64().unwrap_or_default();
        println!(
            "{:40} {:>12.1} {:>12.1} {:>12.1} {:>12.1} {:>7.0} MB",
            row["id"].as_str().unwrap_or_default(),
            figure("prefill_tokens_per_second"),
            figure("decode_tokens_per_second"),
            figure("typical_first_token_seconds"),
            figure("typical_reply_seconds"),
            figure("memory_bytes") / 1e6,
        );
    }
}

fn load(file: &Path, threads: Option<usize>) -> anyhow::Result<Model> {
    Model::load(file, &LoadOptions { threads, instruction_set: None })
        .with_context(|| format!("{} cannot be loaded", file.display()))
}

/// Answers lines of requests with lines of JSON:
/// `tokens PROMPT CACHED DECODE`, `together ANSWERS PROMPT DECODE`, `bandwidth THREADS`, `surprise CONTEXT TEXT_FILE`, `ids TEXT_FILE`, `embed BATCH TOKENS`,
/// `memory`.
fn answer_lines(file: &Path, threads: Option<usize>, store: &ModelStore) -> anyhow::Result<()> {
    let model = load(file, threads)?;
    let mut work = Workspace::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut embedder = None;
    println!("ready");
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let number = |at: usize| -> anyhow::Result<usize> {
            words
                .get(at)
                .and_then(|word| word.parse().ok())
                .with_context(|| format!("{line:?} lacks a number"))
        };
        let text_ids = |at: usize| -> anyhow::Result<Vec<u32>> {
            let text = std::fs::read_to_string(words.get(at).context("a text file")?)?;
            Ok(PromptMaker::from_gguf(file)?.tokenizer.encode_text(&text)?)
        };
        let answer = match words.first() {
            Some(&"tokens") => {
                let measured = measure(&model, &mut work, number(1)?, number(2)?, number(3)?);
                json!({ "prefill_seconds": measured.prefill, "decode_seconds": measured.decode,
                        "weight_bytes": model.weight_bytes() })
            }
            Some(&"together") => {
                let seconds = measure_together(&model, &mut work, number(1)?, number(2)?, number(3)?);
                json!({ "seconds": seconds })
            }
            Some(&"bandwidth") => json!({ "bytes_per_second": memory_bandwidth(number(1)?) }),
            Some(&"surprise") => {
                let (context, mut ids) = (number(1)?, text_ids(2)?);
                ids.truncate(context);
                let surprise = mean_surprise(&model, &mut work, &ids, context);
                json!({ "mean_surprise": surprise })
            }
            Some(&"ids") => json!(text_ids(1)?),
            Some(&"embed") => {
                if embedder.is_none() {
                    let folder = store.directory().join(&store.catalog().defaults().embedding);
                    let options =
                        EmbedderOptions { cache_entries: 0, threads, ..EmbedderOptions::mini_lm(&folder) };
                    let started = SentenceEmbedder::start(options)?;
                    runtime.block_on(started.loaded());
                    embedder = Some(started);
                }
                // "a" is one token; the model adds two.
                let texts = vec![vec!["a"; number(2)? - 2].join(" "); number(1)?];
                let started = Instant::now();
                let vectors = match &embedder {
                    Some(embedder) => runtime.block_on(embedder.embed(texts))?,
                    None => Vec::new(),
                };
                json!({ "seconds": started.elapsed().as_secs_f64(), "vector": vectors.first() })
            }
            Some(&"memory") => json!({ "resident_bytes": resident_bytes() }),
            _ => bail!("{line:?} is no request"),
        };
        println!("{answer}");
        std::io::stdout().flush()?;
    }
    Ok(())
}

/// Bytes of this process in memory (Linux; zero elsewhere).
fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default() * 1024
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

/// Three digits say enough of a measurement.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_model_within_the_target_is_recommended() {
        let estimate = |id: &str, reply_seconds: f64, file_bytes: u64| Estimate {
            id: id.to_owned(),
            reply_seconds,
            file_bytes,
        };
        let all = [estimate("small", 2.0, 400), estimate("middle", 9.0, 1100), estimate("large", 40.0, 4000)];
        let best = |target: f64| recommended(&all, target).map(|estimate| estimate.id.as_str());
        assert_eq!(best(10.0), Some("middle"));
        assert_eq!(best(50.0), Some("large"));
        assert_eq!(best(1.0), None, "none is better than one that is too slow");
    }
}
