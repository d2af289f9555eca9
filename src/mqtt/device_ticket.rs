//! A ticket that a device (a kiosk, a button, a script) opens by a message. The web form's rules hold, and an event id makes it happen once. Pure.

use crate::domain::submission::{FieldError, Submission, SubmissionFields, validate};
use serde::Deserialize;

/// Larger messages are not read.
pub const MAX_BYTES: usize = 32 * 1024;
/// Characters of an event id and of a device's name.
const EVENT_ID_CHARS: (usize, usize) = (8, 128);
const MAX_DEVICE_CHARS: usize = 64;

/// The message as it comes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    event_id: String,
    #[serde(default)]
    device: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    message: String,
    category: Option<String>,
    priority: Option<String>,
    plan: Option<String>,
}

/// A message that may be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceTicket {
    /// The sender's own id of it: the same id of the same device is the same message.
    pub event_id: String,
    pub device: String,
    pub submission: Submission,
}

/// Why it cannot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadDeviceTicket {
    #[error("the message is larger than {} bytes", MAX_BYTES)]
    TooLarge,
    #[error("the message is not the JSON that is expected: {0}")]
    Unreadable(String),
    #[error("event_id needs {} to {} visible ASCII characters; device at most {} of them", EVENT_ID_CHARS.0, EVENT_ID_CHARS.1, MAX_DEVICE_CHARS)]
    BadId,
    #[error("{}", .0.iter().map(|fault| format!("{}: {}", fault.field, fault.message)).collect::<Vec<_>>().join(" "))]
    Fields(Vec<FieldError>),
}

impl BadDeviceTicket {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::Unreadable(_) => "unreadable",
            Self::BadId => "bad_id",
            Self::Fields(_) => "bad_fields",
        }
    }
}

/// Reads and checks a device's message.
///
/// # Errors
/// What is wrong with it, without its text.
pub fn read(bytes: &[u8]) -> Result<DeviceTicket, BadDeviceTicket> {
    if bytes.len() > MAX_BYTES {
        return Err(BadDeviceTicket::TooLarge);
    }
    let wire: Wire = serde_json::from_slice(bytes).map_err(|error| {
        let at = format!("line {}, column {}", error.line(), error.column());
        BadDeviceTicket::Unreadable(match error.classify() {
            serde_json::error::Category::Data => {
                format!("a field is missing, unknown or of a wrong type ({at})")
            }
            _ => format!("it is no JSON ({at})"),
        })
    })?;
    let visible = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    let fits = (EVENT_ID_CHARS.0..=EVENT_ID_CHARS.1).contains(&wire.event_id.len())
        && wire.device.len() <= MAX_DEVICE_CHARS
        && visible(&wire.event_id)
        && visible(&wire.device);
    if !fits {
        return Err(BadDeviceTicket::BadId);
    }
    let fields = SubmissionFields {
        name: wire.name,
        email: wire.email,
        subject: wire.subject,
        category: wire.category,
        message: wire.message,
        priority: wire.priority,
        plan: wire.plan,
    };
    let submission = validate(&fields).map_err(BadDeviceTicket::Fields)?;
    Ok(DeviceTicket { event_id: wire.event_id, device: wire.device, submission })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const GOOD: &str = r#"{"event_id":"018f-0001","device":"kiosk-3","name":"Ana Li","email":"ana@example.org",
        "subject":"Export","message":"How do I export my data?"}"#;

    #[test]
    fn a_good_message_is_read_by_the_forms_rules() {
        let ticket = read(GOOD.as_bytes()).expect("read");
        assert_eq!((ticket.event_id.as_str(), ticket.device.as_str()), ("018f-0001", "kiosk-3"));
        assert_eq!(ticket.submission.email, "ana@example.org");
    }

    #[test]
    fn the_documented_form_is_what_is_read() {
        let schema: serde_json::Value =
            serde_json::from_str(include_str!("../../assets/events/ticket-create.json")).expect("a schema");
        let good: serde_json::Value = serde_json::from_str(GOOD).expect("JSON");
        for name in schema["required"].as_array().expect("a list") {
            let mut without = good.clone();
            without.as_object_mut().expect("an object").remove(name.as_str().expect("a name"));
            assert!(read(without.to_string().as_bytes()).is_err(), "{name} is required");
        }
        let mut full = good;
        for (name, value) in [("category", "billing"), ("priority", "high"), ("plan", "pro")] {
            full[name] = value.into();
        }
        assert!(read(full.to_string().as_bytes()).is_ok());
        let known = schema["properties"].as_object().expect("an object");
        assert!(full.as_object().expect("an object").keys().all(|name| known.contains_key(name)));
        assert_eq!(
            known.len(),
            full.as_object().map_or(0, serde_json::Map::len),
            "nothing else is documented"
        );
    }

    #[rstest]
    #[case::no_json("hello".to_owned(), "unreadable")]
    #[case::unknown_field(GOOD.replace("\"device\"", "\"admin\""), "unreadable")]
    #[case::no_id(GOOD.replace("\"event_id\"", "\"event\""), "unreadable")]
    #[case::short_id(GOOD.replace("018f-0001", "1"), "bad_id")]
    #[case::spaces(GOOD.replace("kiosk-3", "the kiosk"), "bad_id")]
    #[case::no_address(GOOD.replace("ana@example.org", "ana"), "bad_fields")]
    #[case::too_large(format!("{GOOD}{}", " ".repeat(MAX_BYTES)), "too_large")]
    fn what_cannot_be_read_is_named_without_its_text(#[case] text: String, #[case] code: &str) {
        let refused = read(text.as_bytes()).expect_err("refused");
        assert_eq!(refused.code(), code);
        assert!(!refused.to_string().contains("export"), "{refused}");
    }
}
