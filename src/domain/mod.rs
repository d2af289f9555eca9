//! Pure types and decisions of the support desk. No I/O, no async and no clock: time comes in as a value.
//! serde derives are allowed here (policy files and stored JSON use these types), parsers and formats are not.

pub mod address;
pub mod attachment;
pub mod autonomy;
pub mod business_hours;
pub mod channel;
pub mod channel_health;
pub mod confidence;
pub mod conflict;
pub mod customer;
pub mod decision;
pub mod draft;
pub mod earlier_contact;
pub mod escalation;
pub mod exemplar;
pub mod formatting;
pub mod gaps;
pub mod hosted;
pub mod identity;
pub mod ids;
pub mod inbound;
pub mod knowledge;
pub mod loop_guard;
pub mod mail;
pub mod mail_thread;
pub mod message;
pub mod operator;
pub mod progress;
pub mod sentiment;
pub mod sign_in;
pub mod sla;
pub mod submission;
pub mod text;
pub mod ticket;
pub mod triage;
pub mod voice;
