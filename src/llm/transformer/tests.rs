//! The passes against candle-transformers' own readings of the same tiny files, and against themselves in other orders.

use super::*;
use crate::llm::{
    kernels::{Gate, InstructionSet},
    tiny_models::TinyModel,
    weights::LoadError,
};
use candle_core::{
    Device, Tensor,
    quantized::{GgmlDType, gguf_file},
};
use candle_transformers::models::{
    quantized_gemma3, quantized_llama, quantized_phi3, quantized_qwen2, quantized_qwen3,
};
use rstest::rstest;
use std::{fs::File, path::PathBuf};

struct Written {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn written(tiny: &TinyModel) -> Written {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tiny.gguf");
    tiny.write(&path, &[]).unwrap();
    Written { _folder: folder, path }
}

fn load(path: &std::path::Path, instruction_set: Option<InstructionSet>) -> Model {
    Model::load(path, &LoadOptions { threads: Some(2), instruction_set }).unwrap()
}

fn tokens(count: usize, vocabulary: usize) -> Vec<u32> {
    (0..count).map(|index| ((index * 7919 + 13) % vocabulary) as u32).collect()
}

/// candle's logits of the last token.
fn candle_logits(architecture: &str, path: &std::path::Path, tokens: &[u32]) -> Vec<f32> {
    let device = Device::Cpu;
    let mut file = File::open(path).unwrap();
    let content = gguf_file::Content::read(&mut file).unwrap();
    let input = Tensor::new(tokens, &device).unwrap().unsqueeze(0).unwrap();
    let logits = match architecture {
        "llama" => quantized_llama::ModelWeights::from_gguf(content, &mut file, &device)
            .and_then(|mut model| model.forward(&input, 0)),
        "qwen2" => quantized_qwen2::ModelWeights::from_gguf(content, &mut file, &device)
            .and_then(|mut model| model.forward(&input, 0)),
        "qwen3" => quantized_qwen3::ModelWeights::from_gguf(content, &mut file, &device)
            .and_then(|mut model| model.forward(&input, 0)),
        "gemma3" => quantized_gemma3::ModelWeights::from_gguf(content, &mut file, &device)
            .and_then(|mut model| model.forward(&input, 0)),
        _ => quantized_phi3::ModelWeights::from_gguf(false, content, &mut file, &device)
            .and_then(|mut model| model.forward(&input, 0)),
    };
    logits.unwrap().flatten_all().unwrap().to_vec1().unwrap()
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot: f32 = a.iter().zip(b).map(|(a, b)| a * b).sum();
    let norm = |v: &[f32]| v.iter().map(|v| v * v).sum::<f32>().sqrt();
    dot / (norm(a) * norm(b))
}

/// Both sides round activations to eight bits, each in its own way: logits agree to about a percent, no better.
fn assert_alike(ours: &[f32], theirs: &[f32], what: &str) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    let likeness = cosine(ours, theirs);
    assert!(likeness > 0.9985, "{what}: likeness to candle's logits is {likeness}");
}

#[rstest]
fn logits_agree_with_candle(
    #[values("llama", "qwen2", "qwen3", "gemma3", "phi3")] architecture: &'static str,
    #[values(GgmlDType::Q8_0, GgmlDType::Q4K)] format: GgmlDType,
) {
    let tiny = TinyModel::new(architecture, format);
    let file = written(&tiny);
    let input = tokens(41, tiny.vocabulary);
    // candle's window counts the positions before a token's own, the original (and ours) its own too.
    let other = written(&TinyModel { window: tiny.window - 1, ..tiny });
    let theirs = candle_logits(architecture, &other.path, &input);
    for set in InstructionSet::available() {
        let mut model = load(&file.path, Some(set));
        // candle squashes Gemma's gates with SiLU, the original (and ours) with GELU; everything else is compared.
        model.config.gate = Gate::Silu;
        let mut sequence = model.new_sequence(64);
        let mut work = Workspace::new();
        let ours = model.forward(&mut work, &mut sequence, &input, 1);
        assert_alike(ours, &theirs, &format!("{architecture} {format:?} {set:?}"));
    }
}

#[rstest]
#[case(GgmlDType::Q4_0)]
#[case(GgmlDType::Q4_1)]
#[case(GgmlDType::Q5_0)]
#[case(GgmlDType::Q5_1)]
#[case(GgmlDType::Q5K)]
#[case(GgmlDType::Q6K)]
#[case(GgmlDType::F16)]
#[case(GgmlDType::BF16)]
#[case(GgmlDType::F32)]
fn every_weight_format_loads_and_agrees_with_candle(#[case] format: GgmlDType) {
    let mut tiny = TinyModel::new("llama", format);
    tiny.tied = true;
    tiny.vocabulary = 301;
    let file = written(&tiny);
    let input = tokens(20, tiny.vocabulary);
    let theirs = candle_logits("llama", &file.path, &input);
    let model = load(&file.path, None);
    let ours = model.forward(&mut Workspace::new(), &mut model.new_sequence(64), &input, 1).to_vec();
    assert_alike(&ours, &theirs, &format!("{format:?}"));
}

#[rstest]
#[case("llama")]
#[case("qwen2")]
#[case("gemma3")]
fn token_by_token_gives_what_one_pass_gives(#[case] architecture: &'static str) {
    let tiny = TinyModel::new(architecture, GgmlDType::Q8_0);
    let file = written(&tiny);
    let model = load(&file.path, None);
    let input = tokens(90, tiny.vocabulary);
    let mut work = Workspace::new();
    let mut whole = model.new_sequence(100);
    let all = model.forward(&mut work, &mut whole, &input, input.len()).to_vec();
    let mut stepwise = model.new_sequence(100);
    for (index, token) in input.iter().enumerate() {
        let step = model.forward(&mut work, &mut stepwise, &[*token], 1);
        let expected = &all[index * tiny.vocabulary..][..tiny.vocabulary];
        assert!(step == expected, "{architecture}: token {index} depends on the tokens computed beside it");
    }
    assert_eq!((whole.len(), stepwise.len()), (90, 90));
}

/// What a remembered beginning, a guess or another conversation in the same pass change is only how many rows go together.
#[rstest]
#[case("llama", GgmlDType::Q4_1)]
#[case("qwen2", GgmlDType::Q4K)]
#[case("gemma3", GgmlDType::Q6K)]
fn long_prompts_give_the_same_logits_however_they_are_cut(
    #[case] architecture: &'static str,
    #[case] format: GgmlDType,
) {
    let tiny = TinyModel { context_tokens: 1024, window: 300, ..TinyModel::new(architecture, format) };
    let file = written(&tiny);
    let input = tokens(700, tiny.vocabulary);
    for set in InstructionSet::available().into_iter().filter(|set| *set != InstructionSet::Scalar) {
        let model = load(&file.path, Some(set));
        let mut work = Workspace::new();
        let mut pass = |cuts: &[usize]| {
            let mut sequence = model.new_sequence(768);
            let (mut from, mut logits) = (0, Vec::new());
            for to in cuts.iter().copied().chain([700]) {
                logits = model.forward(&mut work, &mut sequence, &input[from..to], 1).to_vec();
                from = to;
            }
            logits
        };
        let whole = pass(&[]);
        for cuts in [&[300][..], &[600, 613, 617, 699], &[1, 511, 514, 515, 690], &[256, 512, 687]] {
            assert!(pass(cuts) == whole, "{architecture} {set:?}: another answer when cut at {cuts:?}");
        }
    }
}

#[test]
fn truncating_and_forking_forget_exactly_the_rest() {
    let tiny = TinyModel::new("qwen2", GgmlDType::Q8_0);
    let file = written(&tiny);
    let model = load(&file.path, None);
    let mut work = Workspace::new();
    let input = tokens(40, tiny.vocabulary);
    let mut sequence = model.new_sequence(64);
    model.forward(&mut work, &mut sequence, &input[..30], 0);
    let expected = model.forward(&mut work, &mut sequence.fork(30, 200), &input[30..], 1).to_vec();
    model.forward(&mut work, &mut sequence, &tokens(9, 200), 0);
    sequence.truncate(30);
    let truncated = model.forward(&mut work, &mut sequence, &input[30..], 1).to_vec();
    assert_eq!(expected, truncated, "an answer must not depend on what was taken back");
}

#[test]
fn a_batch_gives_each_sequence_its_own_answer() {
    let tiny = TinyModel::new("llama", GgmlDType::Q4K);
    let file = written(&tiny);
    let model = load(&file.path, None);
    let mut work = Workspace::new();
    let prompts: Vec<Vec<u32>> = [5, 40, 17].iter().map(|len| tokens(*len, tiny.vocabulary)).collect();
    let mut alone = Vec::new();
    let mut sequences = Vec::new();
    for prompt in &prompts {
        let mut sequence = model.new_sequence(64);
        model.forward(&mut work, &mut sequence, prompt, 0);
        sequences.push(sequence.fork(prompt.len(), 64));
        alone.push(model.forward(&mut work, &mut sequence, &[7], 1).to_vec());
    }
    let mut items: Vec<BatchItem<'_>> =
        sequences.iter_mut().map(|sequence| BatchItem { sequence, tokens: &[7], wanted: 1 }).collect();
    let together = model.forward_batch(&mut work, &mut items);
    for (index, (alone, together)) in alone.iter().zip(together.chunks(tiny.vocabulary)).enumerate() {
        assert!(alone == together, "conversation {index} is answered otherwise when others are answered too");
    }
}

#[test]
fn damaged_and_foreign_files_are_refused_with_a_reason() {
    let mut tiny = TinyModel::new("llama", GgmlDType::Q8_0);
    let file = written(&tiny);
    let bytes = std::fs::read(&file.path).unwrap();
    let cut = file.path.with_extension("cut");
    std::fs::write(&cut, &bytes[..bytes.len() - 4000]).unwrap();
    let options = LoadOptions::default();
    assert!(matches!(Model::load(&cut, &options), Err(LoadError::Shape { .. } | LoadError::NotGguf { .. })));
    std::fs::write(&cut, b"not a model").unwrap();
    assert!(matches!(Model::load(&cut, &options), Err(LoadError::NotGguf { .. })));
    assert!(matches!(Model::load(&file.path.with_extension("none"), &options), Err(LoadError::Io { .. })));
    tiny.architecture = "mamba";
    let foreign = written(&tiny);
    let error = Model::load(&foreign.path, &options).err().unwrap();
    assert!(error.to_string().contains("qwen2"), "the message names what is supported: {error}");
}

/// The real thing, where the model has been pulled: the tokens are those llama.cpp gives for the same file and prompt.
#[test]
fn the_small_model_speaks_as_it_does_in_llama_cpp() {
    let model = "smollm2-135m-instruct-q4_1/SmolLM2-135M-Instruct.Q4_1.gguf";
    let Some(path) = crate::llm::testing::model_file(model) else { return };
    // "Write a short poem about the sea and explain photosynthesis in two sentences." as a chat turn.
    let prompt = [
        1, 4093, 198, 19161, 253, 1890, 8216, 563, 260, 3426, 284, 3556, 19173, 281, 827, 8545, 30, 2, 198,
        1, 520, 9531, 198,
    ];
    let expected = [504, 5065, 506, 253, 4749, 284, 11965, 7815, 28, 837, 260, 6177];
    for set in InstructionSet::available().into_iter().filter(|set| *set != InstructionSet::Scalar) {
        let model = load(&path, Some(set));
        let mut sequence = model.new_sequence(64);
        let mut work = Workspace::new();
        let mut logits = model.forward(&mut work, &mut sequence, &prompt, 1);
        let mut text = Vec::new();
        while text.len() < expected.len() {
            let next = crate::llm::speculation::greedy_token(logits);
            text.push(next);
            logits = model.forward(&mut work, &mut sequence, &[next], 1);
        }
        assert_eq!(text, expected, "{set:?}");
    }
}
