//! Pages that go on where the last row stood.

use crate::{http::error::Problem, ports::console::Position};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Serialize;
use utoipa::ToSchema;

/// A page. `next_cursor` is null at the end.
#[derive(Serialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next_cursor: Option<String>,
}

/// All there is.
#[derive(Serialize, ToSchema)]
pub struct Items<T> {
    pub items: Vec<T>,
}

impl<T> Page<T> {
    /// A page of at most `limit` items, read with one more to see whether there are any left.
    pub fn of(mut items: Vec<T>, limit: usize, cursor: impl Fn(&T) -> String) -> Self {
        let more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = items.last().filter(|_| more).map(cursor);
        Self { items, next_cursor }
    }
}

/// A position as an opaque text.
pub fn write(position: Position) -> String {
    let mut bytes = position.at.to_be_bytes().to_vec();
    bytes.extend(position.id);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// # Errors
/// 400 when it is no cursor of ours.
pub fn read(cursor: Option<&str>) -> Result<Option<Position>, Problem> {
    let wrong = || Problem::bad_request("invalid_cursor", "This cursor is none of ours.");
    let Some(cursor) = cursor.filter(|cursor| !cursor.is_empty()) else { return Ok(None) };
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| wrong())?;
    let (at, id) = bytes.split_at_checked(8).ok_or_else(wrong)?;
    match (at.try_into(), id.try_into()) {
        (Ok(at), Ok(id)) => Ok(Some(Position { at: i64::from_be_bytes(at), id })),
        _ => Err(wrong()),
    }
}

/// The number a list in one order of numbers goes on below.
///
/// # Errors
/// 400 when it is no number.
pub fn read_number(cursor: Option<&str>) -> Result<Option<i64>, Problem> {
    cursor
        .filter(|cursor| !cursor.is_empty())
        .map(|cursor| {
            cursor.parse().map_err(|_| Problem::bad_request("invalid_cursor", "This cursor is none of ours."))
        })
        .transpose()
}

/// The first moment of a day, or of the day after it.
///
/// # Errors
/// 422 when it is no date.
pub fn day(field: &'static str, value: Option<&str>, days_later: i64) -> Result<Option<Timestamp>, Problem> {
    let wrong = || Problem::invalid_field(field, "A date is written 2026-11-24.");
    let Some(value) = value.filter(|value| !value.is_empty()) else { return Ok(None) };
    let date: Date = value.parse().map_err(|_| wrong())?;
    let date = date.checked_add(jiff::Span::new().days(days_later)).map_err(|_| wrong())?;
    let zoned = date.to_zoned(TimeZone::UTC).map_err(|_| wrong())?;
    Ok(Some(zoned.timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_a_forged_one_is_refused() {
        let position = Position { at: 1_700_000_000_000_000, id: [7; 16] };
        assert_eq!(read(Some(&write(position))).expect("read"), Some(position));
        assert_eq!(read(None).expect("read"), None);
        assert!(read(Some("x")).is_err() && read(Some("AAAA")).is_err());
    }

    #[test]
    fn days_begin_at_midnight() {
        let day = |value, later| day("from", Some(value), later).map(|at| at.map(|at| at.to_string()));
        assert_eq!(day("2026-11-30", 1).expect("a day"), Some("2026-12-01T00:00:00Z".to_owned()));
        assert!(day("30.11.2026", 0).is_err() && day("9999-12-31", 1).is_err());
    }
}
