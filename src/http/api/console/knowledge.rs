//! The company's documents: what is there, what retrieval sees, what contradicts itself, what is missing.

use super::{fields, inbox::SearchParameters, paging::Items};
use crate::{
    domain::{
        conflict::{ConflictKind, ConflictSide, KeptConflict},
        gaps::{GroupedGap, group},
        ids::{DocumentId, PassageId},
        knowledge::RetrievedPassage,
    },
    http::{
        error::Problem,
        extract::{Body, Path, Query},
        operator::{Operator, Viewer},
        state::HttpState,
    },
    ports::knowledge::DocumentSummary,
};
use axum::{Json, extract::State, http::StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Serialize, ToSchema)]
pub struct DocumentBody {
    id: DocumentId,
    source: String,
    slug: String,
    title: String,
    passages: usize,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    url: String,
    /// Came from the console: it can be removed here for good.
    editable: bool,
}

fn document(state: &HttpState, summary: DocumentSummary) -> DocumentBody {
    DocumentBody {
        editable: state.console.intake.owns(&summary.source),
        id: summary.id,
        url: format!("/help/{}", summary.slug),
        source: summary.source,
        slug: summary.slug,
        title: summary.title,
        passages: summary.passages,
        updated_at: summary.updated_at,
    }
}

/// All documents.
#[utoipa::path(get, path = "/api/knowledge/documents", tag = "knowledge", responses((status = 200, body = Items<DocumentBody>)))]
pub async fn list(
    _viewer: Viewer,
    State(state): State<HttpState>,
) -> Result<Json<Items<DocumentBody>>, Problem> {
    let found = state.knowledge.documents().await?;
    Ok(Json(Items { items: found.into_iter().map(|summary| document(&state, summary)).collect() }))
}

#[derive(Serialize, ToSchema)]
pub struct PassageBody {
    id: PassageId,
    section: String,
    text: String,
    url: String,
}

#[derive(Serialize, ToSchema)]
pub struct DocumentDetail {
    #[serde(flatten)]
    document: DocumentBody,
    passages: Vec<PassageBody>,
    markdown: String,
}

async fn find(state: &HttpState, id: &str) -> Result<DocumentSummary, Problem> {
    let id = DocumentId(fields::uuid(id)?);
    let mut documents = state.knowledge.documents().await?.into_iter();
    documents.find(|document| document.id == id).ok_or_else(|| Problem::not_found("document"))
}

/// One document with its passages. (`passages` here is the list, not the count.)
#[utoipa::path(get, path = "/api/knowledge/documents/{id}", tag = "knowledge", params(("id" = Uuid, Path)),
    responses((status = 200, body = DocumentDetail), (status = 404)))]
pub async fn read(
    _viewer: Viewer,
    State(state): State<HttpState>,
    Path(id): Path<String>,
) -> Result<Json<serde_json::Value>, Problem> {
    let summary = find(&state, &id).await?;
    let text = state.knowledge.document_text(&summary.slug).await?;
    let passages = state.knowledge.all_passages().await?.into_iter();
    let passages: Vec<PassageBody> = passages
        .filter(|passage| passage.document_id == summary.id)
        .map(|passage| PassageBody {
            id: passage.id,
            section: passage.section(),
            url: passage.url,
            text: passage.text,
        })
        .collect();
    let markdown = text.map(|(_, markdown)| markdown).unwrap_or_default();
    let document = serde_json::to_value(document(&state, summary)).map_err(|_| Problem::internal())?;
    let serde_json::Value::Object(mut body) = document else { return Err(Problem::internal()) };
    body.insert("passages".to_owned(), serde_json::to_value(passages).map_err(|_| Problem::internal())?);
    body.insert("markdown".to_owned(), markdown.into());
    Ok(Json(body.into()))
}

/// Removes a document from the index, and its file where it came from the console.
#[utoipa::path(delete, path = "/api/knowledge/documents/{id}", tag = "knowledge", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 404)))]
pub async fn remove(
    Operator(actor): Operator,
    State(state): State<HttpState>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let summary = find(&state, &id).await?;
    state.console.intake.forget(&summary.source).await?;
    state.knowledge.remove(&summary.source).await?;
    let now = state.clock.now();
    state.console.reports.record(&actor.name, "knowledge.remove", &summary.slug, now).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A passage as retrieval saw it.
#[derive(Serialize, ToSchema)]
pub struct Retrieved {
    passage_id: PassageId,
    title: String,
    section: String,
    text: String,
    url: String,
    score: f32,
    similarity: Option<f32>,
    sentence_similarity: Option<f32>,
    word_coverage: f32,
    certainty: f32,
    names_unknown: bool,
}

impl From<RetrievedPassage> for Retrieved {
    fn from(found: RetrievedPassage) -> Self {
        Self {
            passage_id: found.passage.id,
            section: found.passage.section(),
            title: found.passage.title,
            text: found.passage.text,
            url: found.passage.url,
            score: found.score,
            similarity: found.similarity,
            sentence_similarity: found.sentence_similarity,
            word_coverage: found.word_coverage,
            certainty: found.certainty,
            names_unknown: found.names_unknown,
        }
    }
}

/// What retrieval finds for a question.
#[utoipa::path(get, path = "/api/knowledge/search", tag = "knowledge", params(SearchParameters), responses((status = 200, body = Items<Retrieved>)))]
pub async fn search(
    _viewer: Viewer,
    State(state): State<HttpState>,
    Query(parameters): Query<SearchParameters>,
) -> Result<Json<Items<Retrieved>>, Problem> {
    let limit = fields::limit(parameters.limit, 8, 50)?;
    let question = fields::text("q", &parameters.q, 1, 1_000)?;
    let found = state.console.retriever.search(&question, limit).await?;
    Ok(Json(Items { items: found.into_iter().map(Retrieved::from).collect() }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ConflictParameters {
    /// Those that were accepted, too.
    #[serde(default)]
    accepted: bool,
}

#[derive(Serialize, ToSchema)]
pub struct ConflictBody {
    id: i64,
    kind: ConflictKind,
    topic: String,
    side: ConflictSide,
    other: Option<ConflictSide>,
    /// One clause for people.
    text: String,
    #[schema(value_type = String, format = DateTime)]
    found_at: Timestamp,
    accepted_by: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    accepted_at: Option<Timestamp>,
}

impl From<KeptConflict> for ConflictBody {
    fn from(kept: KeptConflict) -> Self {
        let text = kept.conflict.describe();
        let (accepted_by, accepted_at) = kept.accepted.unzip();
        Self {
            id: kept.id,
            kind: kept.conflict.kind,
            topic: kept.conflict.topic,
            side: kept.conflict.side,
            other: kept.conflict.other,
            text,
            found_at: kept.found_at,
            accepted_by,
            accepted_at,
        }
    }
}

/// Documents that contradict each other or are out of date.
#[utoipa::path(get, path = "/api/knowledge/conflicts", tag = "knowledge", params(ConflictParameters),
    responses((status = 200, body = Items<ConflictBody>)))]
pub async fn conflicts(
    _viewer: Viewer,
    State(state): State<HttpState>,
    Query(parameters): Query<ConflictParameters>,
) -> Result<Json<Items<ConflictBody>>, Problem> {
    let found = state.console.conflicts.conflicts(parameters.accepted).await?;
    Ok(Json(Items { items: found.into_iter().map(ConflictBody::from).collect() }))
}

/// It is no conflict.
#[utoipa::path(post, path = "/api/knowledge/conflicts/{id}/accept", tag = "knowledge", request_body = super::actions::Nothing,
    params(("id" = i64, Path)), responses((status = 204), (status = 404)))]
pub async fn accept_conflict(
    Operator(actor): Operator,
    State(state): State<HttpState>,
    Path(id): Path<i64>,
    _nothing: Body<super::actions::Nothing>,
) -> Result<StatusCode, Problem> {
    state.console.conflicts.accept_conflict(id, &actor.name, state.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GapParameters {
    /// How far back; 30 when nothing is said, at most 366.
    days: Option<usize>,
}

/// Questions the documents do not answer, grouped by likeness, the most frequent first.
#[utoipa::path(get, path = "/api/knowledge/gaps", tag = "knowledge", params(GapParameters), responses((status = 200, body = Items<GroupedGap>)))]
pub async fn gaps(
    _viewer: Viewer,
    State(state): State<HttpState>,
    Query(parameters): Query<GapParameters>,
) -> Result<Json<Items<GroupedGap>>, Problem> {
    let days = fields::limit(parameters.days, 30, 366)?;
    let now = state.clock.now();
    let back = SignedDuration::from_hours(24 * i64::try_from(days).unwrap_or(30));
    let since = now.saturating_sub(back).unwrap_or(Timestamp::MIN);
    let found = state.console.reports.gaps(since, 1_000).await?;
    let questions = found.into_iter().map(|gap| (gap.reference, gap.question, gap.at)).collect();
    Ok(Json(Items { items: group(questions) }))
}
