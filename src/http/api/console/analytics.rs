//! Figures over time, as JSON or as a file for a spreadsheet.

use super::{fields, paging};
use crate::{
    http::{
        error::Problem,
        extract::{Path, Query},
        operator::Viewer,
        state::HttpState,
    },
    ports::console::{AnalyticsQuery, ReportColumn, ReportKind, ReportTable},
};
use axum::{
    Json,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportParameters {
    /// First day; 30 days ago when nothing is said.
    from: Option<String>,
    /// Last day; today when nothing is said.
    to: Option<String>,
    channel: Option<String>,
    /// `csv` for a file.
    format: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Report {
    #[serde(rename = "report")]
    kind: &'static str,
    from: String,
    to: String,
    columns: Vec<ReportColumn>,
    #[schema(schema_with = cells)]
    rows: Vec<Vec<Value>>,
}

/// Rows of texts, numbers and gaps.
fn cells() -> utoipa::openapi::schema::Array {
    use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, SchemaType, Type};
    let cell =
        ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::String, Type::Number, Type::Null]));
    ArrayBuilder::new().items(ArrayBuilder::new().items(cell)).build()
}

/// One of `volume`, `first_response`, `resolution`, `escalations`, `sentiment`, `calibration` and `satisfaction`.
#[utoipa::path(get, path = "/api/analytics/{report}", tag = "analytics", params(("report" = String, Path), ReportParameters),
    responses((status = 200, body = Report), (status = 404)))]
pub async fn report(
    _viewer: Viewer,
    State(state): State<HttpState>,
    Path(name): Path<String>,
    Query(parameters): Query<ReportParameters>,
) -> Result<Response, Problem> {
    let kind: ReportKind = name.parse().map_err(|()| Problem::not_found("report"))?;
    let now = state.clock.now();
    let until = paging::day("to", parameters.to.as_deref(), 1)?.unwrap_or(now);
    let month = SignedDuration::from_hours(24 * 30);
    let from = paging::day("from", parameters.from.as_deref(), 0)?
        .unwrap_or_else(|| until.saturating_sub(month).unwrap_or(now));
    if until <= from || until.duration_since(from) > SignedDuration::from_hours(24 * 367) {
        return Err(Problem::invalid_field("to", "It comes after from, at most a year later."));
    }
    let channel = fields::choice("channel", parameters.channel.as_deref())?;
    let query = AnalyticsQuery { kind, from, until, channel, now };
    let table = state.console.analytics.report(query).await?;
    if parameters.format.as_deref() == Some("csv") {
        return Ok(file(kind, &table));
    }
    let day = |at: jiff::Timestamp| at.strftime("%Y-%m-%d").to_string();
    let last = until.saturating_sub(SignedDuration::from_nanos(1)).unwrap_or(until);
    Ok(Json(Report {
        kind: kind.as_str(),
        from: day(from),
        to: day(last),
        columns: table.columns,
        rows: table.rows,
    })
    .into_response())
}

fn file(kind: ReportKind, table: &ReportTable) -> Response {
    let disposition = format!("attachment; filename=\"{}.csv\"", kind.as_str());
    let mut response = csv(table).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

/// RFC 4180. A text that a spreadsheet would take for a formula is led by an apostrophe.
fn csv(table: &ReportTable) -> String {
    let cell = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => {
            let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
            format!("\"{guard}{}\"", text.replace('"', "\"\""))
        }
        other => other.to_string(),
    };
    let names = table.columns.iter().map(|column| column.name).collect::<Vec<_>>().join(",");
    let rows = table.rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join(","));
    std::iter::once(names).chain(rows).map(|line| line + "\r\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_file_is_safe_to_open() {
        let table = ReportTable {
            columns: vec![
                ReportColumn { name: "day", unit: "text" },
                ReportColumn { name: "n", unit: "count" },
            ],
            rows: vec![vec![json!("a \"b\", c"), json!(1.5)], vec![json!("=1+1"), json!(null)]],
        };
        assert_eq!(csv(&table), "day,n\r\n\"a \"\"b\"\", c\",1.5\r\n\"'=1+1\",\r\n");
    }
}
