//! The forms Twilio sends. Pure.

use url::Url;

/// More fields than any form of Twilio's has.
pub const MAX_FIELDS: usize = 200;

/// The fields of a form in their order.
pub struct Form(pub Vec<(String, String)>);

impl Form {
    pub fn parse(body: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(body).into_owned().take(MAX_FIELDS + 1).collect())
    }

    /// A field's text; empty when it is not there.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.as_str())
    }

    /// The words, or what stands for them: a button's text, a place.
    pub fn text(&self) -> String {
        let place = || {
            let (latitude, longitude) = (self.get("Latitude"), self.get("Longitude"));
            let named = [self.get("Label"), self.get("Address")].into_iter().filter(|name| !name.is_empty());
            let named = named.collect::<Vec<_>>().join(", ");
            if latitude.is_empty() {
                String::new()
            } else {
                format!("Location: {named} ({latitude}, {longitude})")
            }
        };
        [self.get("Body").to_owned(), self.get("ButtonText").to_owned(), place()]
            .into_iter()
            .find(|text| !text.trim().is_empty())
            .unwrap_or_default()
    }

    /// The files that came along: where they lie, and what Twilio says they are.
    pub fn files(&self) -> Vec<(Url, String)> {
        let count: usize = self.get("NumMedia").parse().unwrap_or(0);
        let file = |index| {
            let url = self.get(&format!("MediaUrl{index}")).parse().ok()?;
            let claimed_type = self.get(&format!("MediaContentType{index}")).chars().take(100).collect();
            Some((url, claimed_type))
        };
        (0..count.min(MAX_FIELDS)).filter_map(file).collect()
    }
}
