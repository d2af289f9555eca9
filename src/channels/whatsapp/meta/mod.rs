//! Meta's WhatsApp Cloud API: signed JSON in, the Graph API out.

mod api;
mod form;
mod hook;

pub use api::Api;
pub use hook::Hook;

#[cfg(test)]
pub use form::{Message, Status};
