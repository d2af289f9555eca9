//! Any bytes as the head of a model file: it is read or refused, in memory that its size allows.
#![no_main]

use frontdesk_fuzz::llm::gguf_metadata::GgufMetadata;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &[u8]| {
    let Ok(metadata) = GgufMetadata::read_from(&mut std::io::Cursor::new(raw)) else { return };
    let _ = (metadata.architecture(), metadata.context_tokens(), metadata.chat_template());
    for key in ["tokenizer.ggml.tokens", "tokenizer.ggml.scores", "tokenizer.ggml.token_type"] {
        let _ = (metadata.texts(key), metadata.floats(key), metadata.counts(key));
    }
    let _ = (metadata.token_id("tokenizer.ggml.eos_token_id"), metadata.flag("tokenizer.ggml.add_bos_token"));
});
