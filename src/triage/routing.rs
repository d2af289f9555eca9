//! Who gets a hand-over and by when: routing.toml.

use super::policy::{PolicyError, parse};
use crate::domain::escalation::{EscalationCategory, Route, Urgency};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

const FILE: &str = "routing.toml";

/// The routing policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoutingPolicy {
    #[serde(rename = "team")]
    teams: Vec<Team>,
    #[serde(rename = "response")]
    responses: Vec<Response>,
}

/// A team and those it passes a matter up to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Team {
    pub category: EscalationCategory,
    pub name: String,
    pub mailbox: String,
    /// Who comes next, in order.
    #[serde(default)]
    pub then: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Response {
    urgency: Urgency,
    minutes: i64,
    promise: String,
    #[allow(dead_code, reason = "for those who read the policy")]
    update: String,
}

impl RoutingPolicy {
    /// Reads the policy; every category needs a team and every urgency a response.
    pub fn load(text: &str) -> Result<Self, PolicyError> {
        let policy: Self = parse(FILE, text)?;
        let problem = |rule: &str, problem: String| PolicyError::Rule { rule: rule.to_owned(), problem };
        for category in EscalationCategory::ALL {
            if !policy.teams.iter().any(|team| team.category == *category) {
                return Err(problem("team", format!("no team has the category {:?}", category.as_str())));
            }
        }
        for urgency in Urgency::ALL {
            if !policy.responses.iter().any(|response| response.urgency == *urgency && response.minutes > 0) {
                return Err(problem(
                    "response",
                    format!("no response has the urgency {:?} and minutes over 0", urgency.as_str()),
                ));
            }
        }
        Ok(policy)
    }

    /// The team of a category.
    pub fn team(&self, category: EscalationCategory) -> &Team {
        self.teams.iter().find(|team| team.category == category).unwrap_or(&self.teams[0])
    }

    /// Where a hand-over goes and by when.
    pub fn route(&self, category: EscalationCategory, urgency: Urgency, now: Timestamp) -> Route {
        let team = self.team(category);
        let response =
            self.responses.iter().find(|response| response.urgency == urgency).unwrap_or(&self.responses[0]);
        Route {
            team: team.name.clone(),
            mailbox: team.mailbox.clone(),
            due_at: now.saturating_add(SignedDuration::from_mins(response.minutes)).unwrap_or(now),
            promise: response.promise.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_intrusion_reaches_security_within_a_quarter_of_an_hour() {
        let policy = RoutingPolicy::load(include_str!("../../assets/policy/routing.toml")).expect("policy");
        let now: Timestamp = "2026-11-23T08:00:00Z".parse().expect("time");
        let route = policy.route(EscalationCategory::Security, Urgency::Critical, now);
        assert_eq!(route.mailbox, "security@techcorp.io");
        assert_eq!(route.due_at.to_string(), "2026-11-23T08:15:00Z");
    }

    #[test]
    fn a_policy_that_leaves_a_category_without_a_team_is_refused() {
        let text = include_str!("../../assets/policy/routing.toml")
            .replace("category = \"legal\"", "category = \"billing\"");
        assert!(RoutingPolicy::load(&text).is_err_and(|error| error.to_string().contains("legal")));
    }
}
