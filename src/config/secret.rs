//! A secret that no log, error or printed setting ever shows.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// A secret text; empty means none is set.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Secret(SecretString);

impl Secret {
    pub fn new(text: String) -> Self {
        Self(text.into())
    }

    pub fn is_set(&self) -> bool {
        !self.0.expose_secret().is_empty()
    }

    /// The text itself. Call it only where it goes into a comparison or a request.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    fn mask(&self) -> &'static str {
        if self.is_set() { "(set)" } else { "" }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Secret({})", self.mask())
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.mask())
    }
}
