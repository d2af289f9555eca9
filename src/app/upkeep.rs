//! Keeping the documents' index whole while the box serves: vectors for passages that came without, and a look for what
//! contradicts itself or has become outdated.

use super::{Assistant, ModelPlan};
use crate::{
    config::Config,
    knowledge::{ConflictFinder, IndexError, Indexer, NoProgress, ReembedReport},
    ports::{
        clock::{Clock, SystemClock},
        conflicts::ConflictStore as _,
        knowledge::KnowledgeIndex as _,
        model::{Embedder, ModelState},
        store::StoreError,
    },
    store::Store,
};
use jiff::SignedDuration;
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// How often a running box looks whether documents have changed.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// Dates pass without any change: the documents are looked through this often at least.
const CHECK_EVERY: SignedDuration = SignedDuration::from_hours(24);

/// Looks through the documents and keeps what it found; returns how many faults nobody has accepted.
///
/// # Errors
/// When the settings name a model that the catalog does not have, or the index cannot be read or written.
pub async fn check_knowledge(config: &Config, store: &Store) -> anyhow::Result<usize> {
    let company = &config.company;
    let finder = ConflictFinder::new(
        Arc::new(store.clone()),
        ModelPlan::new(config)?.embedding,
        vec![company.name.clone(), company.product.clone()],
        config.knowledge.stale_after_days,
    );
    let now = SystemClock.now();
    let found = finder.find(now).await?;
    store.keep_conflicts(found, now).await?;
    Ok(store.conflicts(false).await?.len())
}

/// How often what was kept long enough is removed.
const RETENTION_EVERY: Duration = Duration::from_hours(1);

/// Adds up figures and removes what its class keeps no longer, every hour until `stop`.
pub(super) fn start_retention(config: &Config, store: &Store, stop: CancellationToken) {
    let (days, store) = (config.retention.clone(), store.clone());
    let keep = async move {
        loop {
            let now = SystemClock.now();
            // Sums first: what they are made of may go right after.
            let done = match store.add_up_hours(now).await {
                Ok(_) => store.apply_retention(&days, now).await,
                Err(error) => Err(error),
            };
            match done {
                Ok(removed) => {
                    for (class, rows) in removed {
                        tracing::info!(class, rows, "kept long enough and removed");
                    }
                }
                Err(error) => tracing::warn!(%error, "what was kept long enough was not removed"),
            }
            tokio::time::sleep(RETENTION_EVERY).await;
        }
    };
    tokio::spawn(async move {
        tokio::select! {
            () = keep => {}
            () = stop.cancelled() => {}
        }
    });
}

/// Fills in vectors once the embedding model is there and checks the documents, again whenever they change, until `stop`.
pub(super) fn start(config: &Config, assistant: &Assistant, stop: CancellationToken) {
    let (config, store, embedder) = (config.clone(), assistant.store.clone(), assistant.embedder.clone());
    tokio::spawn(async move {
        tokio::select! {
            () = keep_up(&config, &store, &embedder) => {}
            () = stop.cancelled() => {}
        }
    });
}

async fn keep_up(config: &Config, store: &Store, embedder: &Arc<dyn Embedder>) {
    let mut seen: Option<(Vec<String>, bool)> = None;
    let mut checked = jiff::Timestamp::MIN;
    loop {
        while embedder.state() == ModelState::Loading {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        match state(store, embedder).await {
            Ok(state) => {
                let (changed, now) = (seen.as_ref() != Some(&state), SystemClock.now());
                if changed && state.1 {
                    report(fill_in(store, embedder).await);
                }
                if changed || now.duration_since(checked) >= CHECK_EVERY {
                    match check_knowledge(config, store).await {
                        Ok(0) => {}
                        Ok(count) => tracing::warn!(
                            count,
                            "the documents contradict themselves or are outdated: see `frontdesk knowledge check`"
                        ),
                        Err(error) => tracing::warn!(%error, "the documents were not checked"),
                    }
                    checked = now;
                }
                seen = Some(state);
            }
            Err(error) => tracing::warn!(%error, "the documents cannot be listed"),
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// What the index holds, and whether there is a model to embed it with.
async fn state(store: &Store, embedder: &Arc<dyn Embedder>) -> Result<(Vec<String>, bool), StoreError> {
    let documents = store.documents().await?;
    let hashes = documents.into_iter().map(|document| document.content_hash).collect();
    Ok((hashes, matches!(embedder.state(), ModelState::Ready(_))))
}

async fn fill_in(store: &Store, embedder: &Arc<dyn Embedder>) -> Result<ReembedReport, IndexError> {
    let indexer = Indexer::new(Arc::new(store.clone()), Some(embedder.clone()), Arc::new(SystemClock));
    indexer.reembed_missing(&NoProgress).await
}

fn report(filled: Result<ReembedReport, IndexError>) {
    match filled {
        Ok(ReembedReport { passages: 0, .. }) => {}
        Ok(report) => tracing::info!(
            passages = report.passages,
            documents = report.documents,
            "passages that had no vectors have them now"
        ),
        Err(error) => {
            tracing::warn!(%error, "vectors were not filled in; search goes by words for these passages")
        }
    }
}
