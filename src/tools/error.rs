//! Why a tool call did nothing. Every one is said to the caller; none is dressed up as a success.

use crate::ports::store::StoreError;

/// A refused or failed call.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    #[error("there is no tool {0:?}")]
    Unknown(String),
    #[error("the arguments do not fit: {0}")]
    Arguments(String),
    #[error("not allowed: {0}")]
    Forbidden(&'static str),
    #[error("{0} was not found")]
    NotFound(&'static str),
    /// A rule of the desk: a stable code and a sentence.
    #[error("{detail}")]
    Refused { code: &'static str, detail: &'static str },
    #[error("nothing was done: {0}; try again")]
    Failed(String),
}

impl ToolError {
    /// Stable, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "unknown_tool",
            Self::Arguments(_) => "invalid_arguments",
            Self::Forbidden(_) => "forbidden",
            Self::NotFound(_) => "not_found",
            Self::Refused { code, .. } => code,
            Self::Failed(_) => "failed",
        }
    }
}

impl From<StoreError> for ToolError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound(what) => Self::NotFound(what),
            StoreError::Refused { code, detail } => Self::Refused { code, detail },
            StoreError::Busy | StoreError::Conflict => Self::Failed("the desk is busy".to_owned()),
            StoreError::DiskLow { .. } => {
                Self::Failed("the box takes no new messages: its disk is nearly full".to_owned())
            }
            StoreError::Unwritable(reason) => {
                tracing::error!(%reason, "a tool could not write");
                Self::Failed("the store cannot be written".to_owned())
            }
            StoreError::Failed(source) => {
                tracing::error!(error = %source, "a tool failed");
                Self::Failed("an error was recorded".to_owned())
            }
        }
    }
}
