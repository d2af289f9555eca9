//! The chat completions protocol that OpenAI, vLLM, Ollama and llama.cpp's server speak, streamed.

use super::{
    CallError, Completion, Hosted,
    stream::{accepted, read_events},
};
use crate::{
    domain::hosted::Usage,
    ports::{egress::Purpose, hosted::HardCase, model::PromptMessage},
};
use reqwest::Method;
use serde_json::{Value, json};

/// The request's body.
pub fn body(hosted: &Hosted, messages: &[PromptMessage]) -> Value {
    let messages: Vec<Value> = messages
        .iter()
        .map(|message| json!({ "role": message.role.as_str(), "content": message.content }))
        .collect();
    json!({
        "model": hosted.config.model,
        "messages": messages,
        "max_tokens": hosted.config.max_tokens,
        "temperature": 0,
        "stream": true,
        "stream_options": { "include_usage": true },
    })
}

pub async fn complete(
    hosted: &Hosted,
    case: &HardCase,
    messages: &[PromptMessage],
) -> Result<Completion, CallError> {
    let body = body(hosted, messages);
    let mut request = hosted.client.request(Method::POST, hosted.url.clone()).json(&body);
    if hosted.config.api_key.is_set() {
        request = request.bearer_auth(hosted.config.api_key.expose());
    }
    let response = accepted(hosted.client.send(Purpose::HostedModel, case.ticket, request).await?)?;
    let (mut text, mut usage) = (String::new(), Usage::default());
    let response_bytes = read_events(response, |event| {
        if let Some(error) = event.get("error").filter(|error| !error.is_null()) {
            let reason = error["message"].as_str().unwrap_or("the hosted model reports an error");
            return Err(CallError::Final(reason.chars().take(200).collect()));
        }
        if let Some(piece) = event["choices"][0]["delta"]["content"].as_str() {
            text.push_str(piece);
        }
        if let Some(prompt) = event["usage"]["prompt_tokens"].as_u64() {
            usage.prompt_tokens = prompt;
            usage.completion_tokens = event["usage"]["completion_tokens"].as_u64().unwrap_or_default();
        }
        Ok(false)
    })
    .await?;
    Ok(Completion { text, usage, response_bytes })
}
