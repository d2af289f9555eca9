//! Meta's forms.

#[path = "../../../src/channels/whatsapp/meta/form.rs"]
pub mod form;
