//! What Twilio and Meta send.

pub mod meta;
#[path = "../../src/channels/whatsapp/reception.rs"]
pub mod reception;
#[path = "../../src/channels/whatsapp/refusals.rs"]
mod refusals;
#[path = "../../src/channels/whatsapp/signature.rs"]
pub mod signature;
#[path = "../../src/channels/whatsapp/twilio_form.rs"]
pub mod twilio_form;
