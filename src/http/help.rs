//! The company's documents as pages, so that an answer's sources can be opened on the box itself.

use super::{error::Problem, extract::Path, state::HttpState};
use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{Html, IntoResponse, Response},
};

const PAGE: &str = include_str!("../../assets/pages/help.html");
const STYLE: &str = include_str!("../../assets/pages/help.css");

/// One document.
pub async fn document(State(state): State<HttpState>, Path(slug): Path<String>) -> Result<Response, Problem> {
    let Some((title, markdown)) = state.knowledge.document_text(&slug).await? else {
        return Err(Problem::not_found("article"));
    };
    let body = (state.help)(&markdown);
    let page = PAGE
        .replace("{title}", &escape(&title))
        .replace("{company}", &escape(&state.public().company))
        .replace("{body}", &body);
    Ok(Html(page).into_response())
}

/// The pages' style sheet.
pub async fn style() -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"))], STYLE).into_response()
}

pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
