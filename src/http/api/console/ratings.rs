//! Customers' ratings: one click in a reply, and the list for operators. Opening the link shows a page with a button; only the button
//! records, as programs that scan mail open every link.

use super::{
    fields,
    paging::{self, Page},
};
use crate::{
    domain::ids::TicketId,
    http::{
        error::Problem,
        extract::{Path, Query},
        operator::Viewer,
        state::HttpState,
    },
    ports::console::RatingView,
};
use axum::{
    Json,
    extract::State,
    response::{Html, IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use utoipa::IntoParams;

const PAGE: &str = include_str!("../../../../assets/pages/rate.html");

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RatingParameters {
    limit: Option<usize>,
    cursor: Option<String>,
}

/// Ratings, newest first.
#[utoipa::path(get, path = "/api/ratings", tag = "analytics", params(RatingParameters), responses((status = 200, body = Page<RatingView>)))]
pub async fn list(
    _viewer: Viewer,
    State(state): State<HttpState>,
    Query(parameters): Query<RatingParameters>,
) -> Result<Json<Page<RatingView>>, Problem> {
    let limit = fields::limit(parameters.limit, 50, 200)?;
    let before = paging::read_number(parameters.cursor.as_deref())?;
    let found = state.console.reports.ratings(before, limit + 1).await?;
    Ok(Json(Page::of(found, limit, |rating| rating.rated_at.as_microsecond().to_string())))
}

/// A link's score.
fn scored(score: &str) -> Result<u8, Problem> {
    score.parse().ok().filter(|score| (1..=5).contains(score)).ok_or_else(|| Problem::not_found("link"))
}

/// The ticket of a link. A forged link and an unknown ticket look the same.
fn rated(state: &HttpState, token: &str) -> Result<TicketId, Problem> {
    let unknown = || Problem::not_found("link");
    let (id, proof) = token.split_once('.').ok_or_else(unknown)?;
    let bytes = URL_SAFE_NO_PAD.decode(id).ok().and_then(|bytes| <[u8; 16]>::try_from(bytes).ok());
    let ticket = TicketId(uuid::Uuid::from_bytes(bytes.ok_or_else(unknown)?));
    if state.tokens.rates(ticket, proof) { Ok(ticket) } else { Err(unknown()) }
}

fn page(state: &HttpState, heading: &str, body: &str) -> Response {
    let company = crate::http::help::escape(&state.public().company);
    let page = PAGE.replace("{company}", &company).replace("{heading}", heading).replace("{body}", body);
    Html(page).into_response()
}

/// The page that offers all scores: nothing is recorded yet.
pub async fn choose(State(state): State<HttpState>, Path(token): Path<String>) -> Result<Response, Problem> {
    rated(&state, &token)?;
    let button = |score: u8| {
        format!(
            "<form method=\"post\" action=\"/support/rate/{token}/{score}\"><button type=\"submit\">{score} of 5</button></form>"
        )
    };
    let buttons: String = (1..=5).rev().map(button).collect();
    Ok(page(&state, "How did we do?", &format!("<p>5 is best.</p>{buttons}")))
}

/// The page behind the link: nothing is recorded yet.
pub async fn ask(
    State(state): State<HttpState>,
    Path((token, score)): Path<(String, String)>,
) -> Result<Response, Problem> {
    rated(&state, &token)?;
    let score = scored(&score)?;
    let body = format!("<form method=\"post\"><button type=\"submit\">Give {score} of 5</button></form>");
    Ok(page(&state, "How did we do?", &body))
}

/// Records the rating.
pub async fn record(
    State(state): State<HttpState>,
    Path((token, score)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (ticket, score) = (rated(&state, &token)?, scored(&score)?);
    state.console.reports.rate(ticket, score, state.clock.now()).await?;
    Ok(page(&state, "Thank you.", &format!("<p>You gave {score} of 5.</p>")))
}
