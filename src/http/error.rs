//! Errors as problem details (RFC 9457). Codes are stable; an unexpected error is logged and the caller sees only that it happened.

use crate::{domain::submission::FieldError, ports::store::StoreError};
use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// An error a client gets.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    detail: String,
    errors: Vec<FieldError>,
    retry_after_s: Option<u64>,
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldBody<'a>>,
}

#[derive(Serialize)]
struct FieldBody<'a> {
    field: &'a str,
    code: &'a str,
    message: &'a str,
}

impl Problem {
    pub fn new(
        status: StatusCode,
        code: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self { status, code, title, detail: detail.into(), errors: Vec::new(), retry_after_s: None }
    }

    pub fn invalid_fields(errors: Vec<FieldError>) -> Self {
        let detail = format!(
            "{} to mend.",
            if errors.len() == 1 {
                "One field needs".to_owned()
            } else {
                format!("{} fields need", errors.len())
            }
        );
        Self {
            errors,
            ..Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid_fields",
                "Some fields need mending",
                detail,
            )
        }
    }

    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "Not found", format!("There is no such {what}."))
    }

    pub fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, "The request cannot be read", detail)
    }

    pub fn unauthorised(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorised", "A token is needed", detail)
    }

    /// Signed in, but this takes more.
    pub fn forbidden(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, "Not allowed", detail)
    }

    /// One field is wrong.
    pub fn invalid_field(field: &'static str, message: impl Into<String>) -> Self {
        Self::invalid_fields(vec![FieldError { field, code: "invalid", message: message.into() }])
    }

    /// Too many wrong sign-ins.
    pub fn locked(wait_s: u64) -> Self {
        let problem = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "locked",
            "Too many tries",
            format!("Please try again in {wait_s} seconds."),
        );
        Self { retry_after_s: Some(wait_s.max(1)), ..problem }
    }

    pub fn too_many(wait_s: u64) -> Self {
        let problem = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_requests",
            "Too many messages",
            format!("Please try again in {wait_s} seconds."),
        );
        Self { retry_after_s: Some(wait_s), ..problem }
    }

    pub fn unavailable(detail: impl Into<String>) -> Self {
        let problem =
            Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not available right now", detail);
        Self { retry_after_s: Some(5), ..problem }
    }

    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong",
            "The error was recorded. Please try again.",
        )
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::unavailable("The desk is busy. Please try again in a moment."),
            StoreError::Unwritable(reason) => {
                tracing::error!(%reason, "the store cannot be written");
                Self::unavailable("The desk cannot take messages right now. Please try again in a moment.")
            }
            StoreError::DiskLow { .. } => Self {
                retry_after_s: Some(60),
                ..Self::unavailable(
                    "The desk cannot take new messages right now. Please try again in a few minutes.",
                )
            },
            StoreError::NotFound(what) => Self::not_found(what),
            StoreError::Conflict => Self::new(
                StatusCode::CONFLICT,
                "conflict",
                "It changed meanwhile",
                "Please reload and try again.",
            ),
            StoreError::Refused { code, detail } => {
                Self::new(StatusCode::CONFLICT, code, "Not as things stand", detail)
            }
            StoreError::Failed(source) => {
                tracing::error!(error = %source, "store failure");
                Self::internal()
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let errors = self
            .errors
            .iter()
            .map(|e| FieldBody { field: e.field, code: e.code, message: &e.message })
            .collect();
        let body = Body {
            r#type: format!("urn:frontdesk:problem:{}", self.code),
            title: self.title,
            status: self.status.as_u16(),
            detail: &self.detail,
            code: self.code,
            errors,
        };
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(wait) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// The header that carries a request's id, in and out.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
