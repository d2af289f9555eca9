//! Output that keeps a grammar: before each token, the ones that would break it are taken out of the choice. The only place that names
//! llguidance. Without a grammar nothing here runs, and answers are what they were.

use super::{error::EngineError, sampler::Sampler, tokenizer::Tokenizer};
use crate::ports::model::{CallShape, ModelError};
use llguidance::{
    Matcher, ParserFactory,
    api::TopLevelGrammar,
    toktrie::{ApproximateTokEnv, TokEnv, TokRxInfo, TokTrie},
};
use serde_json::{Value, json};
use std::{
    fmt,
    sync::{Arc, OnceLock},
};

/// Made with the first request that needs them.
#[derive(Debug, Default)]
pub struct LazyGrammars(OnceLock<Result<Grammars, String>>);

impl LazyGrammars {
    /// What an answer may say; `None`, anything, where there are no calls.
    pub fn constraint(
        &self,
        tokenizer: &Tokenizer,
        calls: &[CallShape],
    ) -> Result<Option<Constraint>, ModelError> {
        if calls.is_empty() {
            return Ok(None);
        }
        let failed = |reason: String| ModelError::Failed(reason);
        let made = self.0.get_or_init(|| Grammars::new(tokenizer).map_err(|error| error.to_string()));
        let grammars = made.as_ref().map_err(|reason| failed(reason.clone()))?;
        grammars.call(calls).map(Some).map_err(|error| failed(error.to_string()))
    }
}

/// Makes grammars for one tokenizer. Building it reads the whole vocabulary once.
struct Grammars {
    factory: ParserFactory,
}

impl fmt::Debug for Grammars {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Grammars").finish_non_exhaustive()
    }
}

impl Grammars {
    /// # Errors
    /// When the model has no token that ends an answer.
    pub fn new(tokenizer: &Tokenizer) -> Result<Self, EngineError> {
        let end = tokenizer.end_ids().first().copied();
        let end = end.ok_or_else(|| fault("the model has no token that ends an answer"))?;
        let count = u32::try_from(tokenizer.vocabulary_size()).map_err(fault)?;
        let words: Vec<Vec<u8>> = (0..count)
            .map(|id| match tokenizer.bytes_of(id) {
                // A control token spells nothing and is allowed only where the grammar ends.
                [] => [&[TokTrie::SPECIAL_TOKEN_MARKER][..], format!("[{id}]").as_bytes()].concat(),
                bytes => bytes.to_vec(),
            })
            .collect();
        let info = TokRxInfo {
            vocab_size: count,
            tok_eos: end,
            tok_bos: None,
            tok_pad: None,
            tok_unk: None,
            tok_end_of_turn: None,
        };
        let environment: TokEnv = Arc::new(ApproximateTokEnv::new(TokTrie::from(&info, &words)));
        let mut factory = ParserFactory::new_simple(&environment).map_err(fault)?;
        factory.quiet();
        Ok(Self { factory })
    }

    /// One call of these, as `<tool_call>` and `</tool_call>` around its JSON.
    ///
    /// # Errors
    /// When a call's schema cannot be kept by a grammar.
    pub fn call(&self, calls: &[CallShape]) -> Result<Constraint, EngineError> {
        let each: Vec<Value> = calls
            .iter()
            .map(|call| {
                json!({
                    "type": "object",
                    "properties": { "name": { "const": call.name }, "arguments": call.arguments },
                    "required": ["name", "arguments"],
                    "additionalProperties": false,
                })
            })
            .collect();
        let schema = json!({ "anyOf": each, "x-guidance": { "whitespace_flexible": false } });
        let grammar = format!("start: \"<tool_call>\\n\" call \"\\n</tool_call>\"\ncall: %json {schema}\n");
        let parser = self.factory.create_parser(TopLevelGrammar::from_lark(grammar));
        let matcher = Matcher::new(parser);
        match matcher.get_error() {
            Some(error) => Err(fault(error)),
            None => Ok(Constraint(matcher)),
        }
    }
}

fn fault(reason: impl fmt::Display) -> EngineError {
    EngineError::Grammar(reason.to_string())
}

/// What one answer may still say.
pub struct Constraint(Matcher);

impl fmt::Debug for Constraint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Constraint").finish_non_exhaustive()
    }
}

impl Constraint {
    /// The next token for one row of logits among those that keep the grammar; `None` when there is none to choose.
    ///
    /// # Errors
    /// When the grammar's own limits are exceeded.
    pub fn choose(&mut self, sampler: &mut Sampler, logits: &[f32]) -> Result<Option<u32>, EngineError> {
        let allowed = self.0.compute_mask_or_eos().map_err(fault)?;
        let count = allowed.len();
        let token = sampler.sample_among(logits, |id| (id as usize) < count && allowed.is_allowed(id));
        if let Some(token) = token
            && !self.0.is_stopped()
        {
            self.0.consume_token(token).map_err(fault)?;
        }
        Ok(token)
    }
}

#[cfg(test)]
#[path = "grammar_tests.rs"]
mod tests;
