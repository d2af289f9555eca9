//! How soon a customer hears from us: the promise by plan, and a person's deadline by urgency.

use super::{customer::Plan, escalation::Urgency};
use jiff::{SignedDuration, Timestamp};

/// The promised first response for a plan, in words.
pub fn first_response_promise(plan: Plan) -> &'static str {
    match plan {
        Plan::Enterprise => "within 1 hour",
        Plan::Pro => "within 4 hours",
        Plan::Free => "within 24 hours",
    }
}

/// How long a person has for a matter of this urgency, and the words a customer is told.
pub fn response_by_urgency(urgency: Urgency) -> (SignedDuration, &'static str) {
    match urgency {
        Urgency::Critical => (SignedDuration::from_mins(15), "within 15 minutes"),
        Urgency::High => (SignedDuration::from_hours(1), "within 1 hour"),
        Urgency::Normal => (SignedDuration::from_hours(4), "within 4 hours"),
        Urgency::Low => (SignedDuration::from_hours(24), "within 24 hours"),
    }
}

/// When a hand-over made at `now` is due.
pub fn due_at(urgency: Urgency, now: Timestamp) -> Timestamp {
    now.checked_add(response_by_urgency(urgency).0).unwrap_or(Timestamp::MAX)
}
