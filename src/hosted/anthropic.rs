//! Anthropic's messages protocol, streamed.

use super::{
    CallError, Completion, Hosted,
    stream::{accepted, again, read_events},
};
use crate::{
    domain::hosted::Usage,
    ports::{
        egress::Purpose,
        hosted::HardCase,
        model::{PromptMessage, PromptRole},
    },
};
use reqwest::Method;
use serde_json::{Value, json};

/// The version of the protocol this speaks.
const VERSION: &str = "2023-06-01";

/// The request's body.
pub fn body(hosted: &Hosted, messages: &[PromptMessage]) -> Value {
    let system: Vec<&str> =
        messages.iter().filter(|m| m.role == PromptRole::System).map(|m| m.content.as_str()).collect();
    let others: Vec<Value> = messages
        .iter()
        .filter(|message| message.role != PromptRole::System)
        .map(|message| json!({ "role": message.role.as_str(), "content": message.content }))
        .collect();
    json!({
        "model": hosted.config.model,
        "system": system.join("\n\n"),
        "messages": others,
        "max_tokens": hosted.config.max_tokens,
        "stream": true,
    })
}

pub async fn complete(
    hosted: &Hosted,
    case: &HardCase,
    messages: &[PromptMessage],
) -> Result<Completion, CallError> {
    let body = body(hosted, messages);
    let request = hosted
        .client
        .request(Method::POST, hosted.url.clone())
        .header("x-api-key", hosted.config.api_key.expose())
        .header("anthropic-version", VERSION)
        .json(&body);
    let response = accepted(hosted.client.send(Purpose::HostedModel, case.ticket, request).await?)?;
    let (mut text, mut usage) = (String::new(), Usage::default());
    let response_bytes = read_events(response, |event| match event["type"].as_str().unwrap_or_default() {
        "message_start" => {
            usage.prompt_tokens = event["message"]["usage"]["input_tokens"].as_u64().unwrap_or_default();
            Ok(false)
        }
        "content_block_delta" => {
            text.push_str(event["delta"]["text"].as_str().unwrap_or_default());
            Ok(false)
        }
        "message_delta" => {
            usage.completion_tokens = event["usage"]["output_tokens"].as_u64().unwrap_or_default();
            Ok(false)
        }
        "message_stop" => Ok(true),
        "error" => Err(again(event["error"]["type"].as_str().unwrap_or("the hosted model reports an error"))),
        _ => Ok(false),
    })
    .await?;
    Ok(Completion { text, usage, response_bytes })
}
