//! How domain values are written to columns and read back. The one place that knows that an id is 16 bytes, a time is
//! microseconds and an enumeration is its name.

use jiff::Timestamp;
use rusqlite::{Row, types::Type};
use serde::{Serialize, de::DeserializeOwned, de::IntoDeserializer};
use uuid::Uuid;

/// A time as stored: microseconds since 1970 in UTC.
pub(super) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

pub(super) fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<Timestamp> {
    from_micros(row.get(column)?)
}

pub(super) fn from_micros(micros: i64) -> rusqlite::Result<Timestamp> {
    Timestamp::from_microsecond(micros).map_err(|error| unreadable(Type::Integer, error))
}

/// An id's 16 bytes, to be wrapped in its type: `TicketId(id(row, "ticket_id")?)`.
pub(super) fn id(row: &Row<'_>, column: &str) -> rusqlite::Result<Uuid> {
    row.get::<_, [u8; 16]>(column).map(Uuid::from_bytes)
}

/// An enumeration by its stored name, which is its name everywhere else, too.
pub(super) fn named<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    from_name(&row.get::<_, String>(column)?)
}

pub(super) fn optional_name<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<T>> {
    row.get::<_, Option<String>>(column)?.map(|name| from_name(&name)).transpose()
}

fn from_name<T: DeserializeOwned>(name: &str) -> rusqlite::Result<T> {
    let deserializer: serde::de::value::StrDeserializer<'_, serde::de::value::Error> =
        name.into_deserializer();
    T::deserialize(deserializer).map_err(|error| unreadable(Type::Text, error))
}

/// A count: SQLite has signed numbers only.
pub(super) fn count<T: TryFrom<i64>>(row: &Row<'_>, column: impl rusqlite::RowIndex) -> rusqlite::Result<T>
where
    T::Error: std::error::Error + Send + Sync + 'static,
{
    T::try_from(row.get::<_, i64>(column)?).map_err(|error| unreadable(Type::Integer, error))
}

/// A value kept as JSON.
pub(super) fn from_json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    serde_json::from_str(&row.get::<_, String>(column)?).map_err(|error| unreadable(Type::Text, error))
}

pub(super) fn json<T: Serialize + ?Sized>(value: &T) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

fn unreadable(kind: Type, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, kind, Box::new(error))
}

/// A score within its bounds, whatever a model or rule made of it; no number at all counts as zero.
pub(super) fn bounded(value: f32, low: f32, high: f32) -> f64 {
    if value.is_finite() { f64::from(value.clamp(low, high)) } else { 0.0 }
}

/// The first `limit` characters.
pub(super) fn cut(text: &str, limit: usize) -> &str {
    text.char_indices().nth(limit).map_or(text, |(end, _)| &text[..end])
}

/// As much of an error as is kept with a job or a delivery.
pub(super) fn short_error(error: &str) -> &str {
    cut(error, 500)
}
