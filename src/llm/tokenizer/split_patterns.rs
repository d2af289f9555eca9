//! How text is cut into words before merging, by the pre-tokenizer's name in a GGUF file. The names are llama.cpp's
//! (`src/llama-vocab.cpp`), the patterns those of the models' published `tokenizer.json`.

use crate::llm::error::EngineError;

/// The cutting rules of one family of models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SplitRules {
    /// Each digit is a word of its own before anything else.
    pub single_digits: bool,
    /// The pattern of a word; `None` means GPT-2's.
    pub word: Option<&'static str>,
    /// Text is brought to Unicode NFC first.
    pub normalize_nfc: bool,
    /// A word that is in the vocabulary as it stands is not built by merges.
    pub whole_words_first: bool,
}

const QWEN2: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const LLAMA3: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const GPT_4O: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

const GPT2_RULES: SplitRules =
    SplitRules { single_digits: false, word: None, normalize_nfc: false, whole_words_first: false };

/// The rules for a pre-tokenizer's name. A file without a name is from before names were written and means GPT-2's.
pub(super) fn rules_for(name: Option<&str>) -> Result<SplitRules, EngineError> {
    match name.unwrap_or("default") {
        "default" | "gpt-2" | "gpt2" | "phi-2" | "olmo" | "mpt" => Ok(GPT2_RULES),
        "smollm" | "starcoder" | "refact" | "command-r" => {
            Ok(SplitRules { single_digits: true, ..GPT2_RULES })
        }
        "qwen2" | "deepseek-r1-qwen" => {
            Ok(SplitRules { word: Some(QWEN2), normalize_nfc: true, ..GPT2_RULES })
        }
        "llama-bpe" | "llama3" | "llama-v3" => {
            Ok(SplitRules { word: Some(LLAMA3), whole_words_first: true, ..GPT2_RULES })
        }
        "gpt-4o" => Ok(SplitRules { word: Some(GPT_4O), ..GPT2_RULES }),
        other => Err(EngineError::Unsupported {
            what: "pre-tokenizer",
            name: other.to_owned(),
            supported: "gpt-2, smollm, starcoder, refact, command-r, qwen2, deepseek-r1-qwen, llama-bpe, gpt-4o; \
                        or put the model's tokenizer.json beside it",
        }),
    }
}
