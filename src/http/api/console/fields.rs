//! Checking what was sent, field by field.

use crate::{
    domain::{
        operator::{check_name, check_password},
        submission::FieldError,
        ticket::{InvalidReference, TicketReference},
    },
    http::error::Problem,
};
use std::str::FromStr;
use uuid::Uuid;

/// A text of so many characters, trimmed, without characters that cannot be stored.
pub fn text(field: &'static str, value: &str, least: usize, most: usize) -> Result<String, Problem> {
    let value = value.trim();
    let count = value.chars().count();
    if count < least {
        Err(Problem::invalid_field(
            field,
            if least == 1 {
                "It must not be empty.".to_owned()
            } else {
                format!("At least {least} characters.")
            },
        ))
    } else if count > most {
        Err(Problem::invalid_field(field, format!("At most {most} characters.")))
    } else if value.contains('\0') {
        Err(Problem::invalid_field(field, "It holds a character that cannot be stored."))
    } else {
        Ok(value.to_owned())
    }
}

pub fn name(field: &'static str, value: &str) -> Result<String, Problem> {
    check_name(value).map(str::to_owned).map_err(|message| Problem::invalid_field(field, message))
}

/// Name and password together, so that both faults are told at once.
pub fn name_and_password(name: &str, password: &str) -> Result<String, Problem> {
    let mut errors = Vec::new();
    let mut fault = |field, message: &str| {
        errors.push(FieldError { field, code: "invalid", message: message.to_owned() });
    };
    let checked = check_name(name).map_err(|message| fault("name", message));
    let _ = check_password(name, password).map_err(|message| fault("password", message));
    match checked {
        Ok(name) if errors.is_empty() => Ok(name.to_owned()),
        _ => Err(Problem::invalid_fields(errors)),
    }
}

pub fn reference(value: &str) -> Result<TicketReference, Problem> {
    value
        .parse()
        .map_err(|error: InvalidReference| Problem::bad_request("invalid_reference", error.to_string()))
}

pub fn uuid(value: &str) -> Result<Uuid, Problem> {
    value.parse().map_err(|_| Problem::bad_request("invalid_id", "An id is a UUID."))
}

/// One of a closed list, or nothing when nothing was said.
pub fn choice<T: FromStr>(field: &'static str, value: Option<&str>) -> Result<Option<T>, Problem> {
    value
        .filter(|value| !value.is_empty())
        .map(|value| {
            value.parse().map_err(|_| Problem::invalid_field(field, "It is none of the known values."))
        })
        .transpose()
}

/// A page's size.
pub fn limit(value: Option<usize>, usual: usize, most: usize) -> Result<usize, Problem> {
    let limit = value.unwrap_or(usual);
    if (1..=most).contains(&limit) {
        Ok(limit)
    } else {
        Err(Problem::bad_request("invalid_limit", format!("limit must be 1 to {most}.")))
    }
}

/// The words of a search.
pub fn words(value: &str) -> Result<Vec<String>, Problem> {
    if value.chars().count() > 200 {
        return Err(Problem::invalid_field("q", "At most 200 characters."));
    }
    Ok(value.split_whitespace().take(12).map(str::to_owned).collect())
}
