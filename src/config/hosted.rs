//! The hosted model for hard cases. Off unless the owner turns it on.

use super::Secret;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Which protocol a hosted model speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HostedProvider {
    #[default]
    Off,
    /// Chat completions: `OpenAI`, and vLLM, Ollama or llama.cpp's server on the LAN.
    Openai,
    /// Anthropic's messages.
    Anthropic,
}

/// Whose messages may leave for which model, and what that may cost.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct HostedConfig {
    pub provider: HostedProvider,
    /// Up to and with the version, for example `https://api.openai.com/v1`.
    pub base_url: String,
    pub model: String,
    pub api_key: Secret,
    /// A file that holds the key; wins over `api_key`.
    pub api_key_file: Option<PathBuf>,
    /// Channels whose messages may leave.
    pub channels: Vec<String>,
    /// Plans whose messages may leave.
    pub plans: Vec<String>,
    /// Matters that never leave.
    pub never_categories: Vec<String>,
    /// Words that are always taken out.
    pub redact_words: Vec<String>,
    /// Leave a message with a person when something in it looks as if it should have been taken out.
    pub hold_if_unsure: bool,
    /// Longest answer, in tokens.
    pub max_tokens: u32,
    /// For one attempt.
    pub timeout_ms: u64,
    pub max_attempts: u32,
    /// Price of a million tokens in millionths of the money unit: 3.00 are 3000000.
    pub prompt_price_micros: u64,
    pub completion_price_micros: u64,
    /// What a day (UTC) may cost, in millionths of the money unit; 0: no limit in money.
    pub daily_cost_micros: u64,
    /// Tokens a day (UTC); 0: no limit in tokens.
    pub daily_tokens: u64,
}

impl Default for HostedConfig {
    fn default() -> Self {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Self {
            provider: HostedProvider::Off,
            base_url: "https://api.openai.com/v1".to_owned(),
            model: String::new(),
            api_key: Secret::default(),
            api_key_file: None,
            channels: names(&["web", "email", "whatsapp"]),
            plans: names(&["free", "pro", "enterprise"]),
            never_categories: names(&["billing", "legal", "security", "account"]),
            redact_words: Vec::new(),
            hold_if_unsure: true,
            max_tokens: 400,
            timeout_ms: 30_000,
            max_attempts: 3,
            prompt_price_micros: 0,
            completion_price_micros: 0,
            daily_cost_micros: 5_000_000,
            daily_tokens: 200_000,
        }
    }
}
