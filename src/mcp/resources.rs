//! The company's texts as resources: its documents, the rules of escalation, the voice, and the desk's figures.

use crate::ports::{
    clock::Clock,
    console::ConsoleInbox,
    knowledge::KnowledgeIndex,
    store::{Reports, StoreError},
};
use jiff::SignedDuration;
use rmcp::{
    ErrorData,
    model::{ReadResourceResult, Resource, ResourceContents},
};
use serde_json::{Value, json};
use std::sync::Arc;

const DOCUMENTS: &str = "frontdesk://docs/";
const ESCALATION: &str = "frontdesk://escalation-rules";
const VOICE: &str = "frontdesk://brand-voice";
const STATISTICS: &str = "frontdesk://statistics";
/// Figures look back so far.
const WINDOW: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What resources are made from.
pub struct Library {
    pub documents: Arc<dyn KnowledgeIndex>,
    pub reports: Arc<dyn Reports>,
    pub inbox: Arc<dyn ConsoleInbox>,
    pub clock: Arc<dyn Clock>,
    /// Which matters go to a person, to whom and by when, as in force (TOML).
    pub escalation_rules: String,
    /// How replies sound, as in force (TOML).
    pub brand_voice: String,
}

impl Library {
    pub(super) async fn list(&self) -> Result<Vec<Resource>, ErrorData> {
        let mut all = vec![
            resource(
                ESCALATION,
                "escalation-rules",
                "Escalation rules",
                "application/toml",
                "Which matters go to a person, to which team and by when.",
            ),
            resource(
                VOICE,
                "brand-voice",
                "Brand voice",
                "application/toml",
                "How replies sound on each channel.",
            ),
            resource(
                STATISTICS,
                "statistics",
                "Statistics",
                "application/json",
                "The desk's figures: tickets by state, the queue, and the last seven days by channel.",
            ),
        ];
        for document in self.documents.documents().await.map_err(failed)? {
            all.push(
                Resource::new(format!("{DOCUMENTS}{}", document.slug), document.slug.clone())
                    .with_title(document.title)
                    .with_description("A document of the company, as Markdown.")
                    .with_mime_type("text/markdown"),
            );
        }
        Ok(all)
    }

    pub(super) async fn read(&self, uri: &str) -> Result<ReadResourceResult, ErrorData> {
        let (text, kind) = match uri {
            ESCALATION => (self.escalation_rules.clone(), "application/toml"),
            VOICE => (self.brand_voice.clone(), "application/toml"),
            STATISTICS => (self.statistics().await.map_err(failed)?.to_string(), "application/json"),
            _ => (self.document(uri).await?, "text/markdown"),
        };
        Ok(ReadResourceResult::new(vec![ResourceContents::text(text, uri).with_mime_type(kind)]))
    }

    async fn document(&self, uri: &str) -> Result<String, ErrorData> {
        let unknown = || ErrorData::resource_not_found("there is no such resource", None);
        let slug = uri.strip_prefix(DOCUMENTS).ok_or_else(unknown)?;
        let (_, markdown) = self.documents.document_text(slug).await.map_err(failed)?.ok_or_else(unknown)?;
        Ok(markdown)
    }

    async fn statistics(&self) -> Result<Value, StoreError> {
        let now = self.clock.now();
        let since = now.checked_sub(WINDOW).unwrap_or(now);
        let tickets = self.inbox.counts(None, now).await?;
        let queue = self.reports.queue_figures(now).await?;
        let metrics: Vec<Value> = self
            .reports
            .metrics(None, since)
            .await?
            .into_iter()
            .map(|summary| {
                json!({
                    "metric": summary.metric, "channel": summary.channel.as_str(), "count": summary.count,
                    "average": summary.average, "p50": summary.p50, "p95": summary.p95,
                })
            })
            .collect();
        Ok(json!({
            "at": now.to_string(),
            "tickets": tickets,
            "queue": { "waiting": queue.waiting, "leased": queue.leased, "dead": queue.dead,
                       "outbox_waiting": queue.outbox_waiting, "outbox_dead": queue.outbox_dead },
            "since": since.to_string(),
            "metrics": metrics,
        }))
    }
}

fn resource(uri: &str, name: &str, title: &str, kind: &str, description: &str) -> Resource {
    Resource::new(uri, name).with_title(title).with_description(description).with_mime_type(kind)
}

fn failed(error: StoreError) -> ErrorData {
    tracing::error!(%error, "a resource could not be read");
    ErrorData::internal_error("the desk cannot read this now; try again", None)
}
