//! The forms Meta sends. Only what is used is read, and everything may be missing: a field that a later version adds or leaves out
//! must not lose a message.

use crate::domain::message::DeliveryStatus;
use serde::Deserialize;

use super::super::{reception::Report, refusals};

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
pub struct Notification {
    pub entry: Vec<Entry>,
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
pub struct Entry {
    pub changes: Vec<Change>,
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
pub struct Change {
    pub field: String,
    pub value: Value,
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
pub struct Value {
    pub metadata: Metadata,
    pub contacts: Vec<Contact>,
    /// Each as it came, so that one that cannot be read costs only itself.
    pub messages: Vec<serde_json::Value>,
    pub statuses: Vec<Status>,
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
pub struct Metadata {
    pub phone_number_id: String,
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
pub struct Contact {
    pub profile: Profile,
    pub wa_id: Option<String>,
    pub user_id: Option<String>,
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
pub struct Profile {
    pub name: Option<String>,
    pub username: Option<String>,
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
pub struct Message {
    pub id: String,
    /// The number's digits; customers with a username may hide it.
    pub from: Option<String>,
    pub from_user_id: Option<String>,
    pub r#type: String,
    pub text: Option<Text>,
    pub image: Option<File>,
    pub document: Option<File>,
    pub audio: Option<File>,
    pub video: Option<File>,
    pub sticker: Option<File>,
    pub location: Option<Location>,
    pub button: Option<Text>,
    pub interactive: Option<Interactive>,
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
pub struct Text {
    #[serde(alias = "text")]
    pub body: String,
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
pub struct File {
    pub id: String,
    pub mime_type: String,
    pub caption: Option<String>,
    pub filename: Option<String>,
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
pub struct Location {
    pub latitude: f64,
    pub longitude: f64,
    pub name: Option<String>,
    pub address: Option<String>,
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
pub struct Interactive {
    pub button_reply: Option<Choice>,
    pub list_reply: Option<Choice>,
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
pub struct Choice {
    pub title: String,
    pub description: Option<String>,
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
pub struct Status {
    pub id: String,
    #[serde(rename = "status")]
    pub reached: String,
    pub errors: Vec<Fault>,
    /// The mark we gave the message when we sent it.
    pub biz_opaque_callback_data: Option<String>,
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
pub struct Fault {
    pub code: i64,
    pub title: String,
    pub message: String,
}

impl Message {
    /// Reads what can be read; of a message in a wrong form only id, sender and kind.
    pub fn deserialize_lenient(raw: &serde_json::Value) -> Self {
        serde_json::from_value(raw.clone()).unwrap_or_else(|_| {
            let text = |name: &str| raw.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
            Self {
                id: text("id").unwrap_or_default(),
                from: text("from"),
                from_user_id: text("from_user_id"),
                r#type: text("type").unwrap_or_default(),
                ..Self::default()
            }
        })
    }

    /// The file that came along, and what it is.
    pub fn file(&self) -> Option<(&File, &'static str)> {
        let kinds = [
            (&self.image, "a picture"),
            (&self.document, "a file"),
            (&self.audio, "a voice message"),
            (&self.video, "a video"),
            (&self.sticker, "a sticker"),
        ];
        kinds.into_iter().find_map(|(file, kind)| file.as_ref().map(|file| (file, kind)))
    }

    /// The customer's words, or what stands for them.
    pub fn words(&self) -> String {
        let place = |place: &Location| {
            let named = [&place.name, &place.address].into_iter().flatten().map(String::as_str);
            format!(
                "Location: {} ({}, {})",
                named.collect::<Vec<_>>().join(", "),
                place.latitude,
                place.longitude
            )
        };
        let chosen = |choice: &Choice| match &choice.description {
            Some(description) if !description.is_empty() => format!("{}: {description}", choice.title),
            _ => choice.title.clone(),
        };
        let interactive = self
            .interactive
            .as_ref()
            .and_then(|reply| reply.button_reply.as_ref().or(reply.list_reply.as_ref()));
        let pieces = [
            self.text.as_ref().map(|text| text.body.clone()),
            self.button.as_ref().map(|button| button.body.clone()),
            interactive.map(chosen),
            self.location.as_ref().map(place),
            self.file().and_then(|(file, _)| file.caption.clone()),
        ];
        pieces.into_iter().flatten().find(|text| !text.trim().is_empty()).unwrap_or_default()
    }

    /// Not something that a customer says to us: a reaction to a message of ours, a changed number.
    pub fn is_aside(&self) -> bool {
        matches!(self.r#type.as_str(), "reaction" | "system" | "ephemeral")
    }

    /// What came instead of words.
    pub fn without_words(&self) -> Option<&'static str> {
        if !self.words().trim().is_empty() {
            return None;
        }
        Some(match self.r#type.as_str() {
            "contacts" => "a contact",
            "order" => "an order",
            _ => self.file().map_or("something that cannot be shown here", |(_, kind)| kind),
        })
    }
}

impl Status {
    /// In our words; `None` for what says nothing new.
    pub fn report(&self) -> Option<Report> {
        Some(match self.reached.as_str() {
            "sent" => Report::Status(DeliveryStatus::Sent),
            "delivered" => Report::Status(DeliveryStatus::Delivered),
            "read" | "played" => Report::Status(DeliveryStatus::Read),
            "failed" => {
                let fault = self.errors.first();
                let code = fault.map_or(0, |fault| fault.code);
                let own =
                    fault.map(|fault| if fault.title.is_empty() { &fault.message } else { &fault.title });
                let words =
                    refusals::meta_hint(code).or(own.map(String::as_str)).unwrap_or("no reason was given");
                Report::Failed(format!(
                    "Meta gave up, error {code}: {}",
                    words.chars().take(200).collect::<String>()
                ))
            }
            _ => return None,
        })
    }
}
