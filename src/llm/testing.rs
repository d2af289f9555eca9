//! For tests: where real model files lie (a test that needs one is skipped with a printed reason when it is not there), a
//! tiny tokenizer, and a decoder that answers by script.

use super::{
    decoder::{Decoder, DecoderFacts, Pass},
    error::EngineError,
    gguf_metadata::GgufMetadata,
    tokenizer::Tokenizer,
};
use candle_core::quantized::gguf_file::Value;
use std::{path::PathBuf, sync::mpsc::Receiver};

/// A file below the user's model folder, e.g. `all-minilm-l6-v2/model.safetensors`. `FRONTDESK_MODEL_DIR` names another.
pub fn model_file(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("FRONTDESK_MODEL_DIR")
        .map(PathBuf::from)
        .or_else(|| Some(directories::BaseDirs::new()?.cache_dir().join("frontdesk").join("models")))?;
    let path = folder.join(name);
    if path.is_file() {
        return Some(path);
    }
    println!("skipped: {} is not there; pull the model to run this test", path.display());
    None
}

/// A file named by an environment variable.
pub fn reference_file(variable: &str) -> Option<PathBuf> {
    let path = std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_file());
    if path.is_none() {
        println!("skipped: set {variable} to the reference file to run this test");
    }
    path
}

/// A string value.
pub fn text(value: &str) -> Value {
    Value::String(value.to_owned())
}

/// A metadata table with these tokens and their types.
pub fn table(tokens: &[(&str, i32)], rest: Vec<(&str, Value)>) -> GgufMetadata {
    let spellings = tokens.iter().map(|(spelling, _)| text(spelling)).collect();
    let types = tokens.iter().map(|(_, kind)| Value::I32(*kind)).collect();
    let mut values = vec![
        ("tokenizer.ggml.tokens".to_owned(), Value::Array(spellings)),
        ("tokenizer.ggml.token_type".to_owned(), Value::Array(types)),
    ];
    values.extend(rest.into_iter().map(|(key, value)| (key.to_owned(), value)));
    GgufMetadata::from_values(values)
}

/// A tokenizer of all 256 bytes, one merge, three control tokens and one markup token.
pub fn tiny_tokenizer() -> Tokenizer {
    let alphabet: Vec<String> = {
        let mut characters: Vec<char> =
            tokenizers::pre_tokenizers::byte_level::ByteLevel::alphabet().into_iter().collect();
        characters.sort_unstable();
        characters.into_iter().map(String::from).collect()
    };
    let mut tokens: Vec<(&str, i32)> = alphabet.iter().map(|character| (character.as_str(), 1)).collect();
    tokens.extend([("he", 1), ("<|im_start|>", 3), ("<|im_end|>", 3), ("<tool_call>", 4), ("[PAD]", 5)]);
    let metadata = table(
        &tokens,
        vec![
            ("tokenizer.ggml.model", text("gpt2")),
            ("tokenizer.ggml.pre", text("qwen2")),
            ("tokenizer.ggml.merges", Value::Array(vec![text("h e")])),
            ("tokenizer.ggml.eos_token_id", Value::U32(258)),
        ],
    );
    Tokenizer::from_gguf(&metadata).unwrap()
}

/// Ids of [`tiny_tokenizer`]'s end token and of its vocabulary's size.
pub const TINY_END: u32 = 258;
pub const TINY_VOCABULARY: usize = 261;

/// The id of an ASCII character in [`tiny_tokenizer`].
pub fn tiny_id(character: char) -> u32 {
    tiny_tokenizer().encode_text(&character.to_string()).unwrap()[0]
}

type Script = Box<dyn Fn(&[u32]) -> u32 + Send>;
type Guess = Box<dyn Fn(&[u32]) -> Vec<u32> + Send>;

/// A decoder whose next token is a function of all tokens before it, so any mistake in bookkeeping changes the answer.
pub struct ScriptedDecoder {
    pub script: Script,
    /// Guesses, right or wrong.
    pub guess: Option<Guess>,
    /// When set, each pass waits for a permit; a closed channel lets all pass.
    pub gate: Option<Receiver<()>>,
    /// Prompts kept across restarts.
    pub kept: Vec<Vec<u32>>,
    /// How many tokens each pass took.
    pub pass_tokens: std::sync::Arc<std::sync::Mutex<Vec<Vec<usize>>>>,
    logits: Vec<f32>,
}

impl ScriptedDecoder {
    pub fn new(script: impl Fn(&[u32]) -> u32 + Send + 'static) -> Self {
        Self {
            script: Box::new(script),
            guess: None,
            gate: None,
            kept: Vec::new(),
            pass_tokens: std::sync::Arc::default(),
            logits: Vec::new(),
        }
    }

    /// Says this text, then ends; the answer begins after the prompt's last line feed.
    pub fn saying(answer: &str) -> Self {
        let mut answer = tiny_tokenizer().encode_text(answer).unwrap();
        answer.push(TINY_END);
        let line_feed = tiny_id('\n');
        Self::new(move |tokens| {
            let said = tokens.iter().rev().take_while(|token| **token != line_feed).count();
            answer.get(said).copied().unwrap_or(TINY_END)
        })
    }
}

impl Decoder for ScriptedDecoder {
    type Sequence = Vec<u32>;

    fn facts(&self) -> DecoderFacts {
        DecoderFacts {
            architecture: "scripted".to_owned(),
            context_tokens: 4096,
            vocabulary: TINY_VOCABULARY,
            file_bytes: 0,
        }
    }

    fn begin(&mut self, _prompt: &[u32], _capacity: usize) -> Result<Vec<u32>, EngineError> {
        Ok(Vec::new())
    }

    fn length(&self, sequence: &Vec<u32>) -> usize {
        sequence.len()
    }

    fn truncate(&mut self, sequence: &mut Vec<u32>, length: usize) {
        sequence.truncate(length);
    }

    fn run(&mut self, passes: &mut [Pass<'_, Vec<u32>>]) -> Result<&[f32], EngineError> {
        if let Some(gate) = &self.gate {
            let _ = gate.recv();
        }
        self.pass_tokens.lock().unwrap().push(passes.iter().map(|pass| pass.tokens.len()).collect());
        self.logits.clear();
        for pass in passes {
            for (index, token) in pass.tokens.iter().enumerate() {
                pass.sequence.push(*token);
                if index + pass.wanted >= pass.tokens.len() {
                    let next = (self.script)(pass.sequence);
                    let row = self.logits.len();
                    self.logits.resize(row + TINY_VOCABULARY, 0.0);
                    self.logits[row + next as usize] = 8.0;
                }
            }
        }
        Ok(&self.logits)
    }

    fn remember(&mut self, prompt: &[u32], _: &Vec<u32>, keep: bool) {
        if keep {
            self.kept.push(prompt.to_vec());
        }
    }

    fn keeps(&mut self, prompt: &[u32]) -> bool {
        self.kept.iter().any(|kept| kept == prompt)
    }

    fn propose(&self, context: &[u32], most: usize) -> Vec<u32> {
        let mut guesses = self.guess.as_ref().map(|guess| guess(context)).unwrap_or_default();
        guesses.truncate(most);
        guesses
    }
}
