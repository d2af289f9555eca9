//! The tools that only read.

use super::{
    AnalyzeSentiment, Caller, GetCustomerHistory, Reach, SearchKnowledgeBase, ToolError, Toolbox,
    arguments::text,
};
use crate::{
    domain::{
        address::{normalise_email, normalise_phone},
        customer::IdentifierKind,
        ids::CustomerId,
        knowledge::RetrievedPassage,
        ticket::TicketReference,
        triage::TriageInput,
    },
    ports::tools::Whose,
};
use serde_json::{Value, json};

/// Passages looked at when a category narrows them, for each one asked for.
const CATEGORY_FACTOR: usize = 5;

impl Toolbox {
    pub(super) async fn search(&self, asked: &SearchKnowledgeBase) -> Result<Value, ToolError> {
        let query = text("query", &asked.query, 1, 500)?;
        let most = asked.max_results.unwrap_or(5);
        if !(1..=10).contains(&most) {
            return Err(ToolError::Arguments("max_results is 1 to 10".to_owned()));
        }
        let category = asked.category.as_deref().map(|given| text("category", given, 0, 100)).transpose()?;
        let category = category.filter(|given| !given.is_empty()).map(str::to_lowercase);
        let limit = if category.is_some() { most * CATEGORY_FACTOR } else { most };
        let mut found = self.retriever.search(query, limit).await?;
        if let Some(category) = &category {
            found.retain(|hit| in_category(hit, category));
        }
        found.truncate(most);
        let passages: Vec<Value> = found.iter().map(passage).collect();
        Ok(json!({ "passages": passages }))
    }

    pub(super) async fn history(
        &self,
        caller: &Caller,
        asked: &GetCustomerHistory,
    ) -> Result<Value, ToolError> {
        let whose = whose(caller, asked.customer.as_deref())?;
        let history = self.store.history(whose).await?.ok_or(ToolError::NotFound("the customer"))?;
        serde_json::to_value(history).map_err(|error| ToolError::Failed(error.to_string()))
    }

    pub(super) async fn sentiment(&self, asked: &AnalyzeSentiment) -> Result<Value, ToolError> {
        let text = text("text", &asked.text, 1, 10_000)?;
        let read = self.triager.triage(&TriageInput { text, ..TriageInput::default() }).await;
        let score = read.sentiment.score;
        // The borders at which the formatter's tone changes.
        let label = if score < -0.2 {
            "negative"
        } else if score > 0.3 {
            "positive"
        } else {
            "neutral"
        };
        Ok(json!({ "score": score, "label": label, "confidence": read.sentiment.confidence }))
    }
}

/// Whose history it may be: a conversation's own, whatever was written into the call.
fn whose(caller: &Caller, named: Option<&str>) -> Result<Whose, ToolError> {
    let named = named.map(str::trim).filter(|named| !named.is_empty());
    match (caller.reach(), named) {
        (Reach::Ticket { reference, .. }, None) => Ok(Whose::Ticket(reference.clone())),
        (Reach::Ticket { .. }, Some(_)) => {
            Err(ToolError::Forbidden("this conversation sees its own customer only; name nobody"))
        }
        (Reach::Desk, None) => Err(ToolError::Arguments("customer is missing".to_owned())),
        (Reach::Desk, Some(named)) => {
            if let Ok(reference) = named.parse::<TicketReference>() {
                return Ok(Whose::Ticket(reference));
            }
            if let Ok(id) = named.parse::<CustomerId>() {
                return Ok(Whose::Customer(id));
            }
            if let Ok(email) = normalise_email(named) {
                return Ok(Whose::Address(vec![IdentifierKind::Email], email));
            }
            normalise_phone(named)
                .map(|phone| Whose::Address(vec![IdentifierKind::Phone, IdentifierKind::Whatsapp], phone))
                .map_err(|_| {
                    ToolError::Arguments(
                        "customer is an id, an email address, a phone number with + or a ticket's reference"
                            .to_owned(),
                    )
                })
        }
    }
}

fn in_category(hit: &RetrievedPassage, category: &str) -> bool {
    let passage = &hit.passage;
    passage.title.to_lowercase().contains(category)
        || passage.section_path.iter().any(|heading| heading.to_lowercase().contains(category))
}

fn passage(hit: &RetrievedPassage) -> Value {
    let relevance = hit.sentence_similarity.or(hit.similarity).unwrap_or(hit.word_coverage);
    let source = hit.passage.source();
    json!({
        "title": source.title,
        "section": source.section,
        "url": source.url,
        "relevance": (f64::from(relevance.clamp(0.0, 1.0)) * 100.0).round() / 100.0,
        "text": hit.passage.text,
    })
}
