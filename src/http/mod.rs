//! The HTTP side: router, errors, limits, the web channel's API, health, operators' reports, help pages and the embedded front end.
//! Knows axum, the ports and the domain; nothing of SQLite, models or other channels.

mod api;
mod assets;
mod client_address;
mod console_live;
mod console_state;
mod error;
mod extract;
mod guard;
mod health;
mod help;
pub mod live;
mod meter;
mod operator;
pub mod rate_limit;
mod relay;
mod router;
mod server;
mod sign_in;
mod state;
mod status_token;

/// What whoever builds the console's state needs.
pub mod console {
    pub use super::api::console::apply_company;
    pub use super::console_live::{Both, ConsoleHub};
    pub use super::console_state::{ConsoleState, DiskSpace, LiveCompany, PolicyFile};
}

pub use client_address::Network;
pub use guard::Limits;
pub use health::Readiness;
pub use rate_limit::RateLimit;
pub use relay::{RelaySettings, relay_router};
pub use router::router;
pub use server::{Serving, serve};
pub use state::{HelpRenderer, HttpState, PublicSettings};
pub use status_token::StatusTokens;
