//! How soon a customer hears from us: the promise by plan.

use super::customer::Plan;

/// The promised first response for a plan, in words.
pub fn first_response_promise(plan: Plan) -> &'static str {
    match plan {
        Plan::Enterprise => "within 1 hour",
        Plan::Pro => "within 4 hours",
        Plan::Free => "within 24 hours",
    }
}
