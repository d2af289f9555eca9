//! What happens to a message, step by step: triage, decide, retrieve, draft, verify, decide again, format, commit, deliver.
//! Knows the domain and the ports; every effect goes through a port, every decision lies in the domain.

pub mod answer;
mod conflicts;
mod corrections;
mod delivery;
pub mod fault;
mod follow_up;
mod hard_case;
mod identity;
mod passage_answer;
mod planning;
mod plans;
mod prompt;
mod questions;
mod reply;
pub mod routing;
mod said;
mod settings;
mod tool_answer;
mod turn;
pub mod verify;
mod watcher;
mod worded_answer;
mod worker;

pub use answer::{Answer, AnswerObserver, AnswerSettings, Answerer, Silent};
pub use corrections::{Corrected, Correction, Corrections, Verdict};
pub use delivery::Courier;
pub use hard_case::preview_hosted;
pub use routing::{Routing, RoutingError};
pub use settings::{DeskSettings, LiveSettings, RatingLinks};
pub use turn::{Desk, TurnEnd};
pub use worker::{Workers, WorkersSettings};
