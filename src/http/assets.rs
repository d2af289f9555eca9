//! The public front end, built by Vite and embedded in the binary.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "web-form/dist"]
#[allow_missing = true]
struct WebForm;

#[derive(RustEmbed)]
#[folder = "console/dist"]
#[allow_missing = true]
struct Console;

const CONSOLE_NOT_BUILT: &str = include_str!("../../assets/pages/console.html");

const NOT_BUILT: &str = "The web form is not part of this build. Run `make web-form` and build again.";

/// A built file, with an entity tag; files under `assets/` carry their hash in the name and never change.
pub async fn file(uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    match WebForm::get(path) {
        Some(found) => respond(path, &found, &headers),
        None => (StatusCode::NOT_FOUND, "Not found").into_response(),
    }
}

/// The page itself, for the form's and the status page's addresses.
pub async fn page(headers: HeaderMap) -> Response {
    WebForm::get("index.html").map_or_else(
        || (StatusCode::SERVICE_UNAVAILABLE, NOT_BUILT).into_response(),
        |found| respond("index.html", &found, &headers),
    )
}

/// The operators' console: its files below `/console/`, and its page for every other address there (it routes by itself).
pub async fn console(uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches("/console").trim_start_matches('/');
    if let Some(found) = Console::get(path).filter(|_| !path.is_empty()) {
        return respond(path, &found, &headers);
    }
    if path.starts_with("assets/") {
        return (StatusCode::NOT_FOUND, "Not found").into_response();
    }
    Console::get("index.html").map_or_else(
        || Html(CONSOLE_NOT_BUILT).into_response(),
        |found| respond("index.html", &found, &headers),
    )
}

/// The page with status 404, for addresses nothing stands behind.
pub async fn not_found_page(headers: HeaderMap) -> Response {
    let mut response = page(headers).await;
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}

fn respond(path: &str, file: &EmbeddedFile, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", hex::encode(&file.metadata.sha256_hash()[..16]));
    let cache = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let unchanged =
        headers.get(header::IF_NONE_MATCH).is_some_and(|given| given.as_bytes() == tag.as_bytes());
    let mut response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        file.data.clone().into_owned().into_response()
    };
    let mime = mime_guess::from_path(path).first_or_octet_stream();
    let mime = if mime.type_() == "text" { format!("{mime}; charset=utf-8") } else { mime.to_string() };
    let set = response.headers_mut();
    set.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Ok(mime) = HeaderValue::from_str(&mime) {
        set.insert(header::CONTENT_TYPE, mime);
    }
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        set.insert(header::ETAG, tag);
    }
    response
}
