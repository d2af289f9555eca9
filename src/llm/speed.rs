//! How fast a chat model is on this box: reading a prompt, writing, a typical reply, and what the memory could give at most.
//! Measures; prints and decides nothing.

use super::{
    kv_cache::Sequence,
    speculation::greedy_token,
    transformer::{BatchItem, Model, Workspace},
};
use std::{hint::black_box, time::Instant};

/// Tokens of a typical reply's prompt, how many of them were read ahead, and tokens of the answer.
pub const TYPICAL_REPLY: [usize; 3] = [900, 600, 120];
/// Larger than the caches of nearly all processors, so that reading it measures the memory.
const MEMORY_BYTES: usize = 512 << 20;
const MEMORY_ROUNDS: usize = 5;

/// Seconds of one measurement.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    /// Reading what was not cached.
    pub prefill: f64,
    pub decode: f64,
}

/// Reads a prompt of which `cached` tokens are there already, then writes greedily. The tokens are made up; speed does not
/// depend on which they are.
///
/// # Panics
/// If nothing of the prompt is left to read.
pub fn measure(model: &Model, work: &mut Workspace, prompt: usize, cached: usize, decode: usize) -> Measured {
    assert!(cached < prompt, "the last token is always read");
    let vocabulary = model.config().vocabulary;
    let ids: Vec<u32> = (0..prompt).map(|index| ((100 + index * 7919) % vocabulary) as u32).collect();
    let mut sequence = model.new_sequence(prompt + decode + 1);
    if cached > 0 {
        model.forward(work, &mut sequence, &ids[..cached], 0);
    }
    let started = Instant::now();
    let mut next = greedy_token(model.forward(work, &mut sequence, &ids[cached..], 1));
    let prefill = started.elapsed().as_secs_f64();
    let started = Instant::now();
    for _ in 0..decode {
        next = greedy_token(model.forward(work, &mut sequence, &[next], 1));
    }
    Measured { prefill, decode: started.elapsed().as_secs_f64() }
}

/// Seconds in which so many answers, each behind a prompt of its own, are written together, `decode` tokens each.
pub fn measure_together(
    model: &Model,
    work: &mut Workspace,
    answers: usize,
    prompt: usize,
    decode: usize,
) -> f64 {
    let vocabulary = model.config().vocabulary;
    let mut sequences: Vec<Sequence> =
        (0..answers).map(|_| model.new_sequence(prompt + decode + 1)).collect();
    for (number, sequence) in sequences.iter_mut().enumerate() {
        let ids: Vec<u32> =
            (0..prompt).map(|index| ((100 + number + index * 7919) % vocabulary) as u32).collect();
        model.forward(work, sequence, &ids, 0);
    }
    let mut next = vec![[100_u32]; answers];
    let started = Instant::now();
    for _ in 0..decode {
        let mut items: Vec<BatchItem<'_>> = sequences
            .iter_mut()
            .zip(&next)
            .map(|(sequence, tokens)| BatchItem { sequence, tokens, wanted: 1 })
            .collect();
        let rows = model.forward_batch(work, &mut items);
        next = rows.chunks_exact(vocabulary).map(|row| [greedy_token(row)]).collect();
    }
    started.elapsed().as_secs_f64()
}

/// Mean negative log likelihood of each token given those before it, in nats; the perplexity is its exponential. At most
/// `context` tokens are read at once.
pub fn mean_surprise(model: &Model, work: &mut Workspace, tokens: &[u32], context: usize) -> f64 {
    let vocabulary = model.config().vocabulary;
    let (mut sum, mut count) = (0.0, 0);
    for part in tokens.chunks(context).filter(|part| part.len() > 1) {
        let mut sequence = model.new_sequence(part.len());
        let logits = model.forward(work, &mut sequence, part, part.len());
        for (row, next) in logits.chunks_exact(vocabulary).zip(&part[1..]) {
            let most = f64::from(row.iter().copied().fold(f32::NEG_INFINITY, f32::max));
            let total: f64 = row.iter().map(|logit| (f64::from(*logit) - most).exp()).sum();
            sum += total.ln() + most - f64::from(row[*next as usize]);
            count += 1;
        }
    }
    sum / f64::from(count.max(1))
}

/// Bytes a second that so many threads read from memory together, at best.
pub fn memory_bandwidth(threads: usize) -> f64 {
    let words = MEMORY_BYTES / size_of::<u64>();
    let memory: Vec<u64> = (0..words as u64).collect();
    let mut best = f64::INFINITY;
    for _ in 0..MEMORY_ROUNDS {
        let started = Instant::now();
        std::thread::scope(|scope| {
            for part in memory.chunks(words.div_ceil(threads.max(1))) {
                scope.spawn(move || {
                    // Eight sums side by side: one alone would wait for itself.
                    let mut sums = [0_u64; 8];
                    for eight in part.chunks_exact(8) {
                        for (sum, word) in sums.iter_mut().zip(eight) {
                            *sum = sum.wrapping_add(*word);
                        }
                    }
                    black_box(sums)
                });
            }
        });
        best = best.min(started.elapsed().as_secs_f64());
    }
    MEMORY_BYTES as f64 / best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llm::{tiny_models::TinyModel, transformer::LoadOptions};
    use candle_core::quantized::GgmlDType;

    #[test]
    fn surprise_is_what_the_logits_say_and_does_not_depend_on_cuts_within_the_context() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tiny.gguf");
        TinyModel { vocabulary: 50, ..TinyModel::new("llama", GgmlDType::Q8_0) }.write(&path, &[]).unwrap();
        let model = Model::load(&path, &LoadOptions { threads: Some(1), instruction_set: None }).unwrap();
        let mut work = Workspace::new();
        let tokens: Vec<u32> = (0..20).map(|index| index * 7 % 50).collect();
        let whole = mean_surprise(&model, &mut work, &tokens, 20);
        assert!((0.5..20.0).contains(&whole), "{whole}");
        let halves = mean_surprise(&model, &mut work, &tokens, 10);
        let (first, second) = (
            mean_surprise(&model, &mut work, &tokens[..10], 10),
            mean_surprise(&model, &mut work, &tokens[10..], 10),
        );
        assert!((halves - f64::midpoint(first, second)).abs() < 1e-9);
        assert!((halves - whole).abs() > 1e-9, "more context changes what is expected");
    }

    #[test]
    fn a_measurement_takes_time_for_both_halves() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tiny.gguf");
        TinyModel::new("llama", GgmlDType::Q8_0).write(&path, &[]).unwrap();
        let model = Model::load(&path, &LoadOptions { threads: Some(1), instruction_set: None }).unwrap();
        let measured = measure(&model, &mut Workspace::new(), 40, 20, 3);
        assert!(measured.prefill > 0.0 && measured.decode > 0.0);
    }
}
