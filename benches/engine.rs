//! Measures the engine on a real model file. `cargo bench --bench engine -- MODEL.gguf [options]`; prints JSON lines.
//! With `--serve` it answers `PROMPT DECODE` lines (token counts) with the seconds both took, for comparisons.
//! With `--greedy "1 2 3"` it prints the greedy continuation of those tokens instead.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use frontdesk::llm::{
    speculation::greedy_token,
    transformer::{LoadOptions, Model, Workspace},
};
use std::{env, path::Path, time::Instant};

fn option(arguments: &[String], name: &str) -> Option<String> {
    arguments.iter().position(|argument| argument == name).and_then(|at| arguments.get(at + 1)).cloned()
}

fn number(arguments: &[String], name: &str, default: usize) -> usize {
    option(arguments, name).map_or(default, |value| value.parse().expect("a number"))
}

/// Seconds all threads have spent on a core so far (Linux; zero elsewhere): on a busy machine steadier than the clock.
fn cpu_seconds() -> f64 {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return 0.0 };
    let nanoseconds: u64 = tasks
        .flatten()
        .filter_map(|task| std::fs::read_to_string(task.path().join("schedstat")).ok())
        .filter_map(|text| text.split_whitespace().next()?.parse::<u64>().ok())
        .sum();
    nanoseconds as f64 * 1e-9
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let Some(path) = arguments.first() else {
        println!(
            "usage: engine MODEL.gguf [--threads N] [--prompt N] [--decode N] [--repeat N] [--greedy IDS]"
        );
        return;
    };
    let threads = option(&arguments, "--threads").map(|value| value.parse().expect("a number"));
    let started = Instant::now();
    let model = Model::load(Path::new(path), &LoadOptions { threads, instruction_set: None }).unwrap();
    println!(
        "{{\"load_seconds\": {:.3}, \"weight_bytes\": {}, \"kernels\": \"{:?}\"}}",
        started.elapsed().as_secs_f64(),
        model.weight_bytes(),
        model.instruction_set()
    );
    let mut work = Workspace::new();
    if let Some(ids) = option(&arguments, "--greedy") {
        let ids: Vec<u32> = ids.split_whitespace().map(|id| id.parse().unwrap()).collect();
        let steps = number(&arguments, "--decode", 32);
        let mut sequence = model.new_sequence(ids.len() + steps);
        let mut next = greedy_token(model.forward(&mut work, &mut sequence, &ids, 1));
        let mut out = vec![next.to_string()];
        for _ in 1..steps {
            next = greedy_token(model.forward(&mut work, &mut sequence, &[next], 1));
            out.push(next.to_string());
        }
        println!("{}", out.join(" "));
        return;
    }
    if arguments.iter().any(|argument| argument == "--serve") {
        println!("ready");
        for line in std::io::stdin().lines() {
            let line = line.unwrap();
            let counts: Vec<usize> = line.split_whitespace().map(|count| count.parse().unwrap()).collect();
            let measured = measure(&model, &mut work, counts[0], counts[1]);
            println!(
                "{{\"prefill_seconds\": {:.6}, \"decode_seconds\": {:.6}}}",
                measured.prefill, measured.decode
            );
        }
        return;
    }
    let prompt = number(&arguments, "--prompt", 512);
    let decode = number(&arguments, "--decode", 32);
    for _ in 0..number(&arguments, "--repeat", 1) {
        let measured = measure(&model, &mut work, prompt, decode);
        println!(
            "{{\"prompt\": {prompt}, \"prefill_tokens_per_second\": {:.2}, \"decode_tokens_per_second\": {:.2}, \
             \"prefill_tokens_per_cpu_second\": {:.2}, \"decode_tokens_per_cpu_second\": {:.2}}}",
            prompt as f64 / measured.prefill,
            decode as f64 / measured.decode,
            prompt as f64 / measured.prefill_cpu,
            decode as f64 / measured.decode_cpu
        );
    }
}

/// Seconds of one measurement.
struct Measured {
    prefill: f64,
    decode: f64,
    prefill_cpu: f64,
    decode_cpu: f64,
}

fn measure(model: &Model, work: &mut Workspace, prompt: usize, decode: usize) -> Measured {
    let ids: Vec<u32> = (0..prompt).map(|index| (100 + index * 7919 % 20_000) as u32).collect();
    let mut sequence = model.new_sequence(prompt + decode + 1);
    let (started, cpu) = (Instant::now(), cpu_seconds());
    let mut next = if prompt > 0 { greedy_token(model.forward(work, &mut sequence, &ids, 1)) } else { 1 };
    let (prefill, prefill_cpu) = (started.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    let (started, cpu) = (Instant::now(), cpu_seconds());
    for _ in 0..decode {
        next = greedy_token(model.forward(work, &mut sequence, &[next], 1));
    }
    Measured {
        prefill,
        decode: started.elapsed().as_secs_f64(),
        prefill_cpu,
        decode_cpu: cpu_seconds() - cpu,
    }
}
