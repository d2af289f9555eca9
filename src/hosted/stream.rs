//! Reading a streamed answer: server-sent events with limits, and what a refusal means.

use super::CallError;
use eventsource_stream::Eventsource;
use futures_util::StreamExt;
use reqwest::{Response, header};
use serde_json::Value;
use std::time::Duration;

/// The most an answer may hold.
const MAX_RESPONSE_BYTES: u64 = 1024 * 1024;

/// Hands every event's JSON to `take` until it says that the answer is whole; how many bytes came.
pub async fn read_events(
    response: Response,
    mut take: impl FnMut(&Value) -> Result<bool, CallError>,
) -> Result<u64, CallError> {
    let mut events = response.bytes_stream().eventsource();
    let mut bytes = 0;
    while let Some(event) = events.next().await {
        let event = event.map_err(|_| again("the answer broke off"))?;
        bytes += event.data.len() as u64;
        if bytes > MAX_RESPONSE_BYTES {
            return Err(CallError::Final("the answer is far too long".to_owned()));
        }
        if event.data.trim() == "[DONE]" {
            return Ok(bytes);
        }
        let value: Value =
            serde_json::from_str(&event.data).map_err(|_| again("the answer is not understood"))?;
        if take(&value)? {
            return Ok(bytes);
        }
    }
    Err(again("the answer broke off"))
}

/// A response that can be read, or what its status means.
pub fn accepted(response: Response) -> Result<Response, CallError> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let reason = format!("the hosted model answered {}", status.as_u16());
    match status.as_u16() {
        408 | 409 | 429 | 500..=599 => Err(CallError::Again { reason, wait: retry_after(&response) }),
        401 | 403 => Err(CallError::Final(format!("{reason}: check hosted.api_key"))),
        404 => Err(CallError::Final(format!("{reason}: check hosted.base_url and hosted.model"))),
        _ => Err(CallError::Final(reason)),
    }
}

fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

pub fn again(reason: &str) -> CallError {
    CallError::Again { reason: reason.to_owned(), wait: None }
}
