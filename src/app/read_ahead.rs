//! Has the chat model read the instructions and every passage ahead, while nothing else is to do, so that a reply begins
//! with the customer's words instead of with pages of reading.

use super::Assistant;
use crate::{
    pipeline::Answerer,
    ports::{
        knowledge::KnowledgeIndex,
        model::{ChatModel, ModelState},
    },
};
use futures_util::StreamExt;
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// How often a running box looks whether documents have changed.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Reads everything that was not read before; `progress` hears how many of how many are done. Returns how many there are.
///
/// # Errors
/// When the index cannot be read or the model fails.
pub async fn read_ahead(
    index: &dyn KnowledgeIndex,
    answerer: &Answerer,
    chat: &dyn ChatModel,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> anyhow::Result<usize> {
    let beginnings = answerer.beginnings(&index.all_passages().await?)?;
    let total = beginnings.len();
    progress(0, total);
    let mut stream = chat.prepare(beginnings);
    let mut done = 0;
    while let Some(read) = stream.next().await {
        read?;
        done += 1;
        progress(done, total);
    }
    Ok(done)
}

/// Keeps reading ahead as documents change, until `stop`.
pub(super) fn start(assistant: &Assistant, stop: CancellationToken) {
    let index: Arc<dyn KnowledgeIndex> = Arc::new(assistant.store.clone());
    let (answerer, chat) = (assistant.answerer.clone(), assistant.chat.clone());
    tokio::spawn(async move {
        let mut read = None;
        loop {
            if matches!(chat.state(), ModelState::Ready(_)) {
                let documents = index.documents().await.unwrap_or_default();
                let now: Vec<String> = documents.into_iter().map(|document| document.content_hash).collect();
                if read.as_ref() != Some(&now) {
                    let reading = read_ahead(&*index, &answerer, &*chat, &|_, _| {});
                    let outcome = tokio::select! {
                        outcome = reading => outcome,
                        () = stop.cancelled() => return,
                    };
                    match outcome {
                        Ok(count) => tracing::info!(count, "instructions and passages read ahead"),
                        Err(error) => tracing::warn!(%error, "passages were not read ahead"),
                    }
                    read = Some(now);
                }
            }
            let loading = chat.state() == ModelState::Loading;
            let pause = if loading { Duration::from_millis(200) } else { LOOK_EVERY };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => return,
            }
        }
    });
}
