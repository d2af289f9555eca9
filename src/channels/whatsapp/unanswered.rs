//! What a request means that got no answer at all.

use crate::{egress::EgressError, ports::delivery::DeliveryError};

/// A request that got no answer. Only where nothing left may it be sent again without a look.
pub fn unanswered(error: &EgressError) -> DeliveryError {
    let reason = error.to_string();
    match error {
        EgressError::Offline(_) => DeliveryError::Permanent { reason },
        EgressError::Ledger(_) | EgressError::Unreachable { .. } => {
            DeliveryError::Retryable { reason, retry_after_ms: None }
        }
        EgressError::NoAnswer { .. } | EgressError::TooLarge { .. } => DeliveryError::Unknown { reason },
    }
}
