//! A tiny network with random weights against a plain reference, and the real model against recorded vectors.

use super::*;
use crate::llm::testing::model_file;
use candle_core::{Device, Tensor};
use std::{collections::HashMap, path::Path};

const HIDDEN: usize = 64;
const INNER: usize = 96;
const HEADS: usize = 4;
const WORDS: [&str; 12] =
    ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "my", "order", "is", "late", "##r", "where", "?", "order##s"];

/// Numbers from -0.5 to 0.5 that are the same in every run.
fn random(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed;
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1u64 << 24) as f32 - 0.5
        })
        .collect()
}

fn tiny_weights(prefix: &str) -> HashMap<String, Tensor> {
    let mut shapes: Vec<(String, Vec<usize>)> = vec![
        ("embeddings.word_embeddings.weight".into(), vec![WORDS.len(), HIDDEN]),
        ("embeddings.position_embeddings.weight".into(), vec![16, HIDDEN]),
        ("embeddings.token_type_embeddings.weight".into(), vec![2, HIDDEN]),
        ("embeddings.LayerNorm.weight".into(), vec![HIDDEN]),
        ("embeddings.LayerNorm.bias".into(), vec![HIDDEN]),
    ];
    for layer in 0..2 {
        for (part, outputs, inputs) in [
            ("attention.self.query", HIDDEN, HIDDEN),
            ("attention.self.key", HIDDEN, HIDDEN),
            ("attention.self.value", HIDDEN, HIDDEN),
            ("attention.output.dense", HIDDEN, HIDDEN),
            ("intermediate.dense", INNER, HIDDEN),
            ("output.dense", HIDDEN, INNER),
        ] {
            shapes.push((format!("encoder.layer.{layer}.{part}.weight"), vec![outputs, inputs]));
            shapes.push((format!("encoder.layer.{layer}.{part}.bias"), vec![outputs]));
        }
        for part in ["attention.output.LayerNorm", "output.LayerNorm"] {
            shapes.push((format!("encoder.layer.{layer}.{part}.weight"), vec![HIDDEN]));
            shapes.push((format!("encoder.layer.{layer}.{part}.bias"), vec![HIDDEN]));
        }
    }
    let tensor = |(seed, (name, shape)): (usize, (String, Vec<usize>))| {
        let values = random(shape.iter().product(), seed as u64 + 1);
        (format!("{prefix}{name}"), Tensor::from_vec(values, shape, &Device::Cpu).unwrap())
    };
    shapes.into_iter().enumerate().map(tensor).collect()
}

fn write_tiny(folder: &Path, prefix: &str, dtype: candle_core::DType) -> EmbedderOptions {
    let weights: HashMap<String, Tensor> = tiny_weights(prefix)
        .into_iter()
        .map(|(name, tensor)| (name, tensor.to_dtype(dtype).unwrap()))
        .collect();
    candle_core::safetensors::save(&weights, folder.join("model.safetensors")).unwrap();
    let vocabulary: HashMap<&str, usize> = WORDS.iter().enumerate().map(|(id, word)| (*word, id)).collect();
    let tokenizer = serde_json::json!({
        "version": "1.0",
        "truncation": null,
        "padding": {"strategy": {"Fixed": 8}, "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"},
        "added_tokens": [{"id": 3, "content": "[SEP]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}],
        "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]}, "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": vocabulary},
    });
    std::fs::write(folder.join("tokenizer.json"), tokenizer.to_string()).unwrap();
    let config =
        serde_json::json!({"num_attention_heads": HEADS, "layer_norm_eps": 1e-12, "hidden_act": "gelu"});
    std::fs::write(folder.join("config.json"), config.to_string()).unwrap();
    EmbedderOptions {
        id: "tiny".into(),
        dimensions: HIDDEN,
        window_tokens: 8,
        ..EmbedderOptions::mini_lm(folder)
    }
}

/// BERT written out plainly in f64, one text, with nested loops.
struct Reference(HashMap<String, Vec<f64>>);

impl Reference {
    fn new() -> Self {
        let values = |tensor: Tensor| {
            tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap().into_iter().map(f64::from).collect()
        };
        Self(tiny_weights("").into_iter().map(|(name, tensor)| (name, values(tensor))).collect())
    }

    fn linear(&self, name: &str, rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let (weight, bias) = (&self.0[&format!("{name}.weight")], &self.0[&format!("{name}.bias")]);
        rows.iter()
            .map(|row| {
                let inputs = row.len();
                (0..bias.len())
                    .map(|o| bias[o] + (0..inputs).map(|i| weight[o * inputs + i] * row[i]).sum::<f64>())
                    .collect()
            })
            .collect()
    }

    fn add_norm(&self, name: &str, rows: &[Vec<f64>], residual: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let (scale, shift) = (&self.0[&format!("{name}.weight")], &self.0[&format!("{name}.bias")]);
        rows.iter()
            .zip(residual)
            .map(|(row, residual)| {
                let row: Vec<f64> = row.iter().zip(residual).map(|(a, b)| a + b).collect();
                let mean = row.iter().sum::<f64>() / row.len() as f64;
                let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / row.len() as f64;
                (0..row.len())
                    .map(|i| (row[i] - mean) / (variance + 1e-12).sqrt() * scale[i] + shift[i])
                    .collect()
            })
            .collect()
    }

    fn attention(&self, prefix: &str, rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let part = |name: &str| self.linear(&format!("{prefix}.attention.self.{name}"), rows);
        let (query, key, value) = (part("query"), part("key"), part("value"));
        let width = HIDDEN / HEADS;
        let mut mixed = vec![vec![0.0; HIDDEN]; rows.len()];
        for head in 0..HEADS {
            let of_head = head * width..(head + 1) * width;
            for (from, row) in mixed.iter_mut().enumerate() {
                let score = |to: usize| {
                    of_head.clone().map(|i| query[from][i] * key[to][i]).sum::<f64>() / (width as f64).sqrt()
                };
                let weights: Vec<f64> = (0..rows.len()).map(|to| score(to).exp()).collect();
                let total: f64 = weights.iter().sum();
                for i in of_head.clone() {
                    row[i] = (0..rows.len()).map(|to| weights[to] / total * value[to][i]).sum();
                }
            }
        }
        mixed
    }

    fn embed(&self, ids: &[usize]) -> Vec<f64> {
        let row = |table: &str, index: usize| {
            &self.0[&format!("embeddings.{table}.weight")][index * HIDDEN..][..HIDDEN]
        };
        let sum = |(position, id): (usize, &usize)| {
            let (word, place, kind) = (
                row("word_embeddings", *id),
                row("position_embeddings", position),
                row("token_type_embeddings", 0),
            );
            (0..HIDDEN).map(|i| word[i] + place[i] + kind[i]).collect::<Vec<f64>>()
        };
        let rows: Vec<Vec<f64>> = ids.iter().enumerate().map(sum).collect();
        let mut rows = self.add_norm("embeddings.LayerNorm", &rows, &vec![vec![0.0; HIDDEN]; rows.len()]);
        for layer in 0..2 {
            let prefix = format!("encoder.layer.{layer}");
            let mixed =
                self.linear(&format!("{prefix}.attention.output.dense"), &self.attention(&prefix, &rows));
            rows = self.add_norm(&format!("{prefix}.attention.output.LayerNorm"), &mixed, &rows);
            let mut inner = self.linear(&format!("{prefix}.intermediate.dense"), &rows);
            inner.iter_mut().flatten().for_each(|x| *x = *x * 0.5 * (1.0 + erf(*x / 2.0_f64.sqrt())));
            let output = self.linear(&format!("{prefix}.output.dense"), &inner);
            rows = self.add_norm(&format!("{prefix}.output.LayerNorm"), &output, &rows);
        }
        let mean: Vec<f64> = (0..HIDDEN).map(|i| rows.iter().map(|row| row[i]).sum::<f64>()).collect();
        let length = mean.iter().map(|x| x * x).sum::<f64>().sqrt();
        mean.into_iter().map(|x| x / length).collect()
    }
}

fn erf(x: f64) -> f64 {
    let (mut term, mut total) = (x, x);
    for n in 1..200 {
        term *= -x * x / f64::from(n);
        total += term / f64::from(2 * n + 1);
    }
    total * 2.0 / std::f64::consts::PI.sqrt()
}

fn cosine(one: &[f32], other: &[f64]) -> f64 {
    assert_eq!(one.len(), other.len());
    let dot: f64 = one.iter().zip(other).map(|(a, b)| f64::from(*a) * b).sum();
    let length = |sum: f64| sum.sqrt();
    dot / length(one.iter().map(|a| f64::from(*a).powi(2)).sum()) / length(other.iter().map(|b| b * b).sum())
}

async fn started(options: EmbedderOptions) -> SentenceEmbedder {
    let embedder = SentenceEmbedder::start(options).unwrap();
    let state = embedder.loaded().await;
    assert!(matches!(state, ModelState::Ready(_)), "{state:?}");
    embedder
}

#[rstest::rstest]
#[case("", candle_core::DType::F32, 1e-4)]
#[case("bert.", candle_core::DType::F16, 1e-3)]
#[tokio::test]
async fn a_tiny_network_follows_the_plain_reference(
    #[case] prefix: &str,
    #[case] dtype: candle_core::DType,
    #[case] tolerance: f64,
) {
    let folder = tempfile::tempdir().unwrap();
    let embedder = started(write_tiny(folder.path(), prefix, dtype)).await;
    let texts = ["my order is late", "where?", "", "Orders late is my order where order late"];
    let ids: [&[usize]; 4] = [&[2, 4, 5, 6, 7, 3], &[2, 9, 10, 3], &[2, 3], &[2, 1, 7, 6, 4, 5, 9, 3]];
    let vectors = embedder.embed(texts.iter().map(ToString::to_string).collect()).await.unwrap();
    let reference = Reference::new();
    for ((text, ids), vector) in texts.iter().zip(ids).zip(&vectors) {
        let similarity = cosine(vector, &reference.embed(ids));
        assert!(similarity > 1.0 - tolerance, "{text:?}: cosine {similarity}");
        let length: f32 = vector.iter().map(|value| value * value).sum();
        assert!((length - 1.0).abs() < 1e-4, "not a unit vector: {length}");
    }
}

#[tokio::test]
async fn special_words_in_a_text_are_plain_words() {
    let folder = tempfile::tempdir().unwrap();
    let embedder = started(write_tiny(folder.path(), "", candle_core::DType::F32)).await;
    let vectors = embedder.embed(vec!["my [SEP] order".into(), "my order".into()]).await.unwrap();
    // `[SEP]` as text is three unknown words; as a special token it would be one.
    let expected = Reference::new().embed(&[2, 4, 1, 1, 1, 5, 3]);
    assert!(cosine(&vectors[0], &expected) > 0.999);
}

#[tokio::test]
async fn a_text_seen_before_comes_from_the_cache_with_the_same_vector() {
    let folder = tempfile::tempdir().unwrap();
    let embedder = started(write_tiny(folder.path(), "", candle_core::DType::F32)).await;
    let first = embedder.embed(vec!["my order".into()]).await.unwrap();
    drop(embedder.shared.queue.close());
    let again = embedder.embed(vec!["my order".into()]).await.unwrap();
    assert_eq!(first, again, "answered without the thread");
    assert!(embedder.embed(vec!["other".into()]).await.is_err(), "the thread was asked for what is new");
}

#[tokio::test]
async fn a_model_that_cannot_be_loaded_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let options = write_tiny(folder.path(), "", candle_core::DType::F32);
    let wrong = SentenceEmbedder::start(EmbedderOptions { dimensions: 7, ..options.clone() }).unwrap();
    assert!(matches!(wrong.loaded().await, ModelState::Failed(reason) if reason.contains("64 dimensions")));
    std::fs::remove_file(folder.path().join("model.safetensors")).unwrap();
    let missing = SentenceEmbedder::start(options).unwrap();
    assert!(
        matches!(missing.loaded().await, ModelState::Failed(reason) if reason.contains("model.safetensors"))
    );
    let error = missing.embed(vec!["text".into()]).await.unwrap_err();
    assert!(matches!(error, ModelError::Failed(reason) if reason.contains("model.safetensors")));
}

#[derive(serde::Deserialize)]
struct Golden {
    cases: Vec<GoldenCase>,
}

#[derive(serde::Deserialize)]
struct GoldenCase {
    text: String,
    vector: Vec<f64>,
}

/// The fixture says how the vectors were recorded.
#[tokio::test]
async fn all_mini_lm_gives_the_recorded_vectors() {
    let Some(path) = model_file("all-minilm-l6-v2/model.safetensors") else { return };
    let golden: Golden =
        serde_json::from_str(include_str!("../../../tests/fixtures/llm/minilm_vectors.json")).unwrap();
    let embedder = started(EmbedderOptions::mini_lm(path.parent().unwrap())).await;
    let vectors = embedder.embed(golden.cases.iter().map(|case| case.text.clone()).collect()).await.unwrap();
    for (case, vector) in golden.cases.iter().zip(&vectors) {
        let similarity = cosine(vector, &case.vector);
        assert!(similarity > 0.9999, "{:?}: cosine {similarity}", case.text);
    }
}

/// Sentence vectors of candle's own BERT in 32-bit floats.
fn candle_vector(model: &candle_transformers::models::bert::BertModel, ids: &[u32]) -> Vec<f64> {
    let ids = Tensor::new(ids, &Device::Cpu).unwrap().unsqueeze(0).unwrap();
    let rows = model.forward(&ids, &ids.zeros_like().unwrap(), None).unwrap().squeeze(0).unwrap();
    let mean = rows.mean(0).unwrap().to_vec1::<f32>().unwrap();
    mean.into_iter().map(f64::from).collect()
}

/// Fixed point must not move a vector: what is found for a question would depend on the engine. Short and long texts, alone
/// and together, against 32-bit floats.
#[tokio::test]
async fn fixed_point_vectors_are_those_of_candle_in_floats() {
    let Some(path) = model_file("all-minilm-l6-v2/model.safetensors") else { return };
    let folder = path.parent().unwrap();
    let golden: Golden =
        serde_json::from_str(include_str!("../../../tests/fixtures/llm/minilm_vectors.json")).unwrap();
    let mut texts: Vec<String> = golden.cases.into_iter().map(|case| case.text).collect();
    let faq = include_str!("../../../assets/demo/knowledge/faq.md");
    texts.extend(faq.split("\n\n").map(str::to_owned).take(12));
    texts.push(faq.chars().take(3000).collect());
    let config = serde_json::from_slice(&std::fs::read(folder.join("config.json")).unwrap()).unwrap();
    let variables = candle_nn::VarBuilder::from_buffered_safetensors(
        std::fs::read(&path).unwrap(),
        candle_core::DType::F32,
        &Device::Cpu,
    );
    let model = candle_transformers::models::bert::BertModel::load(variables.unwrap(), &config).unwrap();
    let tokenizer = worker::read_tokenizer(&folder.join("tokenizer.json"), 256).unwrap();
    let embedder = started(EmbedderOptions { cache_entries: 0, ..EmbedderOptions::mini_lm(folder) }).await;
    let together = embedder.embed(texts.clone()).await.unwrap();
    for (text, vector) in texts.iter().zip(&together) {
        let ids = tokenizer.encode_fast(text.as_str(), true).unwrap();
        let similarity = cosine(vector, &candle_vector(&model, ids.get_ids()));
        assert!(similarity > 0.9999, "{text:?}: cosine {similarity}");
        let alone = embedder.embed(vec![text.clone()]).await.unwrap();
        assert_eq!(&alone[0], vector, "{text:?} depends on its company");
    }
}
