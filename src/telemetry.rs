//! Logs: structured, to standard error, without bodies, addresses or secrets (callers pass identifiers only).

use crate::config::{LogConfig, LogFormat};
use std::io::IsTerminal;
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// The filter cannot be read.
#[derive(Debug, thiserror::Error)]
#[error(
    "log.level {0:?} is no level (error, warn, info, debug) and no filter such as \"info,frontdesk::http=debug\""
)]
pub struct InvalidFilter(String);

/// Starts logging. Call once.
///
/// # Errors
/// When `log.level` is neither a level nor a filter.
pub fn start(config: &LogConfig) -> Result<(), InvalidFilter> {
    let filter = EnvFilter::try_new(&config.level).map_err(|_| InvalidFilter(config.level.clone()))?;
    let registry = tracing_subscriber::registry().with(filter);
    // A second start (in tests) keeps the first.
    let _ = match config.format {
        LogFormat::Json => registry.with(fmt::layer().json().with_writer(std::io::stderr)).try_init(),
        LogFormat::Text => {
            let colour = std::io::stderr().is_terminal();
            registry
                .with(fmt::layer().with_writer(std::io::stderr).with_ansi(colour).with_target(false))
                .try_init()
        }
    };
    Ok(())
}
