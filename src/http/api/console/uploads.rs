//! Taking documents in: files, and replies that become articles. The work goes on in the background; its progress is an event.

use super::{actions::Nothing, fields};
use crate::{
    http::{
        error::Problem,
        extract::{Body, Path},
        operator::{Operator, Viewer},
        state::HttpState,
    },
    ports::console::{IntakeJob, IntakeWork},
};
use axum::{
    Json,
    extract::{Multipart, State},
    http::StatusCode,
};
use serde::Deserialize;
use utoipa::ToSchema;

/// Largest file.
const MAX_FILE_BYTES: usize = 2 * 1024 * 1024;
/// Files of one upload.
const MAX_FILES: usize = 20;
/// Largest upload, all files together.
pub const MAX_REQUEST_BYTES: usize = 12 * 1024 * 1024;

/// Takes files in (`file`, up to 20 of 2 MiB each: .md, .markdown, .txt, .html, .htm).
#[utoipa::path(post, path = "/api/knowledge/documents", tag = "knowledge",
    request_body(content = String, content_type = "multipart/form-data"),
    responses((status = 202, body = IntakeJob), (status = 409, description = "bad_file"), (status = 413)))]
pub async fn upload(
    Operator(actor): Operator,
    State(state): State<HttpState>,
    mut form: Multipart,
) -> Result<(StatusCode, Json<IntakeJob>), Problem> {
    let unreadable = |_| Problem::bad_request("unreadable", "The upload could not be read to its end.");
    let mut files = Vec::new();
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        if field.name() != Some("file") {
            continue;
        }
        let name = field.file_name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(unreadable)?;
        if bytes.len() > MAX_FILE_BYTES {
            return Err(Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "The file is too large",
                format!("{name} is larger than 2 MiB; split it."),
            ));
        }
        files.push((name, bytes.to_vec()));
        if files.len() > MAX_FILES {
            return Err(Problem::invalid_field("file", "At most 20 files at once."));
        }
    }
    if files.is_empty() {
        return Err(Problem::invalid_field("file", "Send at least one file."));
    }
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let subject = names.join(", ");
    start(&state, IntakeWork::Add(files), &actor.name, "knowledge.upload", &subject).await
}

async fn start(
    state: &HttpState,
    work: IntakeWork,
    actor: &str,
    action: &'static str,
    subject: &str,
) -> Result<(StatusCode, Json<IntakeJob>), Problem> {
    let job = state.console.intake.start(work).await?;
    state.console.reports.record(actor, action, subject, state.clock.now()).await?;
    Ok((StatusCode::ACCEPTED, Json(job)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewArticle {
    title: String,
    markdown: String,
    /// The ticket whose reply it comes from.
    reference: Option<String>,
}

/// Makes a document of a text, for example of a reply.
#[utoipa::path(post, path = "/api/knowledge/articles", tag = "knowledge", request_body = NewArticle,
    responses((status = 202, body = IntakeJob)))]
pub async fn article(
    Operator(actor): Operator,
    State(state): State<HttpState>,
    Body(request): Body<NewArticle>,
) -> Result<(StatusCode, Json<IntakeJob>), Problem> {
    let title = fields::text("title", &request.title, 1, 200)?.replace(['\n', '\r'], " ");
    let markdown = fields::text("markdown", &request.markdown, 1, 50_000)?;
    let reference = request.reference.as_deref().map(fields::reference).transpose()?;
    let text = format!("# {title}\n\n{markdown}\n");
    let subject = reference.map_or_else(|| title.clone(), |reference| reference.to_string());
    let work = IntakeWork::Add(vec![(format!("{title}.md"), text.into_bytes())]);
    start(&state, work, &actor.name, "knowledge.article", &subject).await
}

/// Indexes everything anew that came from the console.
#[utoipa::path(post, path = "/api/knowledge/reindex", tag = "knowledge", request_body = Nothing, responses((status = 202, body = IntakeJob)))]
pub async fn reindex(
    Operator(actor): Operator,
    State(state): State<HttpState>,
    _nothing: Body<Nothing>,
) -> Result<(StatusCode, Json<IntakeJob>), Problem> {
    start(&state, IntakeWork::Reindex, &actor.name, "knowledge.reindex", "console").await
}

/// A job's progress.
#[utoipa::path(get, path = "/api/knowledge/jobs/{id}", tag = "knowledge", params(("id" = Uuid, Path)),
    responses((status = 200, body = IntakeJob), (status = 404)))]
pub async fn job(
    _viewer: Viewer,
    State(state): State<HttpState>,
    Path(id): Path<String>,
) -> Result<Json<IntakeJob>, Problem> {
    let found = state.console.intake.job(fields::uuid(&id)?);
    found.map(Json).ok_or_else(|| Problem::not_found("job"))
}
