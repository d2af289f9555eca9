//! How soon a customer hears from us: the promise by plan.

use super::{customer::Plan, escalation::Urgency, ticket::text_enum};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

text_enum!(
    /// How a promise stands.
    SlaState { Ok => "ok", DueSoon => "due_soon", Overdue => "overdue" }
);

/// How the promise of a hand-over stands: due soon in the last quarter of its time, at most its last hour. One that was settled is judged by when it was.
pub fn sla_state(
    created_at: Timestamp,
    due_at: Timestamp,
    settled_at: Option<Timestamp>,
    now: Timestamp,
) -> SlaState {
    let at = settled_at.unwrap_or(now);
    if at > due_at {
        return SlaState::Overdue;
    }
    let notice = (due_at.duration_since(created_at) / 4).min(SignedDuration::from_hours(1));
    if settled_at.is_none() && due_at.duration_since(at) <= notice { SlaState::DueSoon } else { SlaState::Ok }
}

/// The promised first response for a plan, in words.
pub fn first_response_promise(plan: Plan) -> &'static str {
    match plan {
        Plan::Enterprise => "within 1 hour",
        Plan::Pro => "within 4 hours",
        Plan::Free => "within 24 hours",
    }
}

/// The promised first response for a plan.
pub fn first_response_time(plan: Plan) -> SignedDuration {
    SignedDuration::from_hours(match plan {
        Plan::Enterprise => 1,
        Plan::Pro => 4,
        Plan::Free => 24,
    })
}

/// How fast a person must look at a customer of this plan: never slower than the plan promises, whatever the matter.
pub fn urgency_for(plan: Plan, urgency: Urgency) -> Urgency {
    urgency.min(match plan {
        Plan::Enterprise => Urgency::High,
        Plan::Pro => Urgency::Normal,
        Plan::Free => Urgency::Low,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(Plan::Enterprise, Urgency::Low, Urgency::High)]
    #[case(Plan::Enterprise, Urgency::Critical, Urgency::Critical)]
    #[case(Plan::Pro, Urgency::Low, Urgency::Normal)]
    #[case(Plan::Free, Urgency::Low, Urgency::Low)]
    #[case(Plan::Free, Urgency::High, Urgency::High)]
    fn a_plan_makes_a_promise_shorter_never_longer(
        #[case] plan: Plan,
        #[case] urgency: Urgency,
        #[case] expected: Urgency,
    ) {
        assert_eq!(urgency_for(plan, urgency), expected);
    }

    #[rstest]
    #[case::fresh(60, 0, None, SlaState::Ok)]
    #[case::last_quarter(60, 45, None, SlaState::DueSoon)]
    #[case::a_day_long_is_due_soon_in_its_last_hour(1440, 1379, None, SlaState::Ok)]
    #[case::in_its_last_hour(1440, 1380, None, SlaState::DueSoon)]
    #[case::late(60, 61, None, SlaState::Overdue)]
    #[case::settled_in_time(60, 90, Some(59), SlaState::Ok)]
    #[case::settled_late(60, 90, Some(61), SlaState::Overdue)]
    fn a_promise_is_kept_or_not(
        #[case] due_minutes: i64,
        #[case] now_minutes: i64,
        #[case] settled_minutes: Option<i64>,
        #[case] expected: SlaState,
    ) {
        let start: Timestamp = "2026-11-24T12:00:00Z".parse().expect("a time");
        let after = |minutes| start + SignedDuration::from_mins(minutes);
        let state = sla_state(start, after(due_minutes), settled_minutes.map(after), after(now_minutes));
        assert_eq!(state, expected);
    }
}
