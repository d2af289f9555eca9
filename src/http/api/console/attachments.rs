//! What came with messages: files to download, and a mail's formatted form for a frame. All of it is a stranger's, so it is handed out
//! under policies that let it do nothing.

use super::fields;
use crate::{
    domain::ids::{AttachmentId, MessageId},
    http::{error::Problem, extract::Path, operator::Viewer, state::HttpState},
    ports::attachments::AttachmentView,
};
use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::fmt::Write as _;

/// Of a file: nothing runs, nothing is fetched, in a place of its own.
const FILE_POLICY: &str = "sandbox; default-src 'none'; frame-ancestors 'self'";
/// Of a mail: besides, pictures that stand in it as data.
const MAIL_POLICY: &str = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; frame-ancestors 'self'";
/// Pictures that browsers draw without running anything.
const PICTURES: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];
/// Pictures put into a mail, all together.
const PICTURE_BYTES: u64 = 8 * 1024 * 1024;

/// A file that came with a message, for downloading.
#[utoipa::path(get, path = "/api/attachments/{id}", tag = "conversation", params(("id" = Uuid, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = 404)))]
pub async fn download(
    _viewer: Viewer,
    State(state): State<HttpState>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id = AttachmentId(fields::uuid(&id)?);
    let file = state.console.attachments.attachment(id).await?;
    let file = file.ok_or_else(|| Problem::not_found("file"))?;
    let media_type = if PICTURES.contains(&file.view.media_type.as_str()) {
        file.view.media_type.as_str()
    } else {
        "application/octet-stream"
    };
    let mut response = file.content.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(FILE_POLICY));
    for (name, value) in [
        (header::CONTENT_TYPE, media_type),
        (header::CONTENT_DISPOSITION, disposition(&file.view.name).as_str()),
    ] {
        headers.insert(name, HeaderValue::from_str(value).map_err(|_| Problem::internal())?);
    }
    Ok(response)
}

/// RFC 6266 and 8187: an ASCII name for old programs, and the name as it is.
fn disposition(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ') { c } else { '_' })
        .collect();
    let mut exact = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            exact.push(char::from(byte));
        } else {
            // Writing to a string never fails.
            let _ = write!(exact, "%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}")
}

/// A mail as its sender formatted it, sanitised, as a page for a frame.
#[utoipa::path(get, path = "/api/messages/{id}/formatted", tag = "conversation", params(("id" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "text/html"), (status = 404)))]
pub async fn formatted(
    _viewer: Viewer,
    State(state): State<HttpState>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let message = MessageId(fields::uuid(&id)?);
    let attachments = &state.console.attachments;
    let html = attachments.mail(message).await?.and_then(|mail| mail.html);
    let mut html = html.ok_or_else(|| Problem::not_found("formatted message"))?;
    for (place, picture) in pictures(&html, attachments.attachments(message).await?) {
        if let Some(file) = attachments.attachment(picture.id).await? {
            let data =
                format!("src=\"data:{};base64,{}\"", picture.media_type, STANDARD.encode(&file.content));
            html = html.replace(&place, &data);
        }
    }
    let page = format!(
        "<!doctype html><html><head><meta charset=\"utf-8\"><meta name=\"color-scheme\" content=\"light\"><base target=\"_blank\"></head><body>{html}</body></html>"
    );
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(MAIL_POLICY)),
    ];
    Ok((headers, page).into_response())
}

/// The pictures that the HTML shows, by how it names them, as many as there is room for.
fn pictures(html: &str, files: Vec<AttachmentView>) -> Vec<(String, AttachmentView)> {
    let mut room = PICTURE_BYTES;
    files
        .into_iter()
        .filter(|file| PICTURES.contains(&file.media_type.as_str()))
        .filter_map(|file| {
            let id = file.content_id.as_deref()?.replace('&', "&amp;");
            let place = format!("src=\"cid:{id}\"");
            let fits = html.contains(&place) && file.byte_length <= room;
            room -= if fits { file.byte_length } else { 0 };
            fits.then_some((place, file))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_name_cannot_leave_its_header() {
        let header = disposition("a\"; filename=\"evil.html\r\nx: y ü.pdf");
        assert_eq!(
            header,
            "attachment; filename=\"a__ filename__evil.html__x_ y _.pdf\"; filename*=UTF-8''a%22%3B%20filename%3D%22evil.html%0D%0Ax%3A%20y%20%C3%BC.pdf"
        );
    }

    #[test]
    fn only_pictures_that_are_shown_and_harmless_are_put_in() {
        let file = |content_id: &str, media_type: &str, byte_length| AttachmentView {
            id: AttachmentId::new(),
            name: "x".into(),
            media_type: media_type.into(),
            byte_length,
            content_id: Some(content_id.into()),
        };
        let html = "<img src=\"cid:a\"><img src=\"cid:b\"><img src=\"cid:c\">";
        let files = vec![
            file("a", "image/png", 10),
            file("b", "image/svg+xml", 10),
            file("c", "image/png", PICTURE_BYTES),
            file("d", "image/png", 10),
        ];
        let found: Vec<String> = pictures(html, files).into_iter().map(|(place, _)| place).collect();
        assert_eq!(found, ["src=\"cid:a\""]);
    }
}
