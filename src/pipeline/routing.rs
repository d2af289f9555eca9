//! Which team takes a matter, and by when: `routing.toml` as data.

use crate::domain::{
    business_hours::BusinessHours,
    escalation::{EscalationCategory, Route, Urgency},
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

/// Teams by category and promises by urgency.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Routing {
    #[serde(rename = "team")]
    teams: Vec<Team>,
    #[serde(rename = "response")]
    responses: Vec<Response>,
}

/// Who takes a category.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Team {
    category: EscalationCategory,
    name: String,
    mailbox: String,
    /// Who is told next when the team lets it lie.
    #[serde(default)]
    then: Vec<String>,
}

/// How fast an urgency is met.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Response {
    urgency: Urgency,
    minutes: u32,
    /// The promise in words.
    promise: String,
    #[serde(default)]
    update: String,
    /// Runs at night, too.
    #[serde(default)]
    around_the_clock: bool,
}

/// The routing cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RoutingError {
    #[error("routing.toml cannot be read: {0}")]
    Unreadable(#[from] toml::de::Error),
    #[error("routing.toml has no team for the category {0}; one for \"general\" is the least")]
    NoTeam(&'static str),
    #[error("routing.toml has no response time for the urgency {0}")]
    NoResponse(&'static str),
}

impl Routing {
    /// Reads and checks `routing.toml`.
    ///
    /// # Errors
    /// When it is no TOML of this form, lacks a general team or an urgency's response.
    pub fn parse(text: &str) -> Result<Self, RoutingError> {
        let routing: Self = toml::from_str(text)?;
        if !routing.teams.iter().any(|team| team.category == EscalationCategory::General) {
            return Err(RoutingError::NoTeam("general"));
        }
        match Urgency::ALL
            .iter()
            .find(|urgency| !routing.responses.iter().any(|response| response.urgency == **urgency))
        {
            Some(missing) => Err(RoutingError::NoResponse(missing.as_str())),
            None => Ok(routing),
        }
    }

    /// The route of a hand-over made at `now`, its time running around the clock.
    pub fn route(&self, category: EscalationCategory, urgency: Urgency, now: Timestamp) -> Route {
        self.route_within(category, urgency, now, None)
    }

    /// The route of a hand-over made at `now`. A category without a team of its own goes to the general one. With business hours, the
    /// promised time passes only while people are there, and the promise says so; what is marked `around_the_clock` does not wait.
    pub fn route_within(
        &self,
        category: EscalationCategory,
        urgency: Urgency,
        now: Timestamp,
        hours: Option<&BusinessHours>,
    ) -> Route {
        let team = self.team(category);
        let response = self.responses.iter().find(|response| response.urgency == urgency);
        let time = SignedDuration::from_mins(i64::from(response.map_or(60, |response| response.minutes)));
        let by_the_clock = now.checked_add(time).unwrap_or(Timestamp::MAX);
        let promise =
            response.map_or_else(|| "within 1 hour".to_owned(), |response| response.promise.clone());
        let hours = hours.filter(|_| !response.is_some_and(|response| response.around_the_clock));
        let due_at = hours.map_or(by_the_clock, |hours| hours.after(now, time));
        Route {
            team: team.map_or_else(|| "support team".to_owned(), |team| team.name.clone()),
            mailbox: team.map(|team| team.mailbox.clone()).unwrap_or_default(),
            due_at,
            promise: if due_at == by_the_clock { promise } else { format!("{promise} of our working time") },
        }
    }

    /// Who is told when a team lets a matter lie: 0 the first time, 1 the next.
    pub fn next_in_line(&self, category: EscalationCategory, time: usize) -> Option<&str> {
        self.team(category)?.then.get(time).map(String::as_str)
    }

    fn team(&self, category: EscalationCategory) -> Option<&Team> {
        let team = |wanted| self.teams.iter().find(|team| team.category == wanted);
        team(category).or_else(|| team(EscalationCategory::General))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESPONSES: &str = "[[response]]\nurgency = \"critical\"\nminutes = 15\npromise = \"within 15 minutes\"\n\
        [[response]]\nurgency = \"high\"\nminutes = 60\npromise = \"within 1 hour\"\n\
        [[response]]\nurgency = \"normal\"\nminutes = 240\npromise = \"within 4 hours\"\n\
        [[response]]\nurgency = \"low\"\nminutes = 1440\npromise = \"within 24 hours\"\n";

    #[test]
    fn an_unrouted_category_goes_to_the_general_team() {
        let text = format!(
            "[[team]]\ncategory = \"general\"\nname = \"Care\"\nmailbox = \"care@example.org\"\n{RESPONSES}"
        );
        let routing = Routing::parse(&text).expect("parses");
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().expect("a timestamp");
        let route = routing.route(EscalationCategory::Legal, Urgency::Critical, now);
        assert_eq!((route.team.as_str(), route.promise.as_str()), ("Care", "within 15 minutes"));
        assert_eq!(route.due_at.to_string(), "2026-11-22T12:15:00Z");
    }

    #[test]
    fn the_shipped_routing_takes_an_intrusion_to_security_within_a_quarter_of_an_hour() {
        let routing =
            Routing::parse(include_str!("../../assets/policy/routing.toml")).expect("the shipped routing");
        let now: Timestamp = "2026-11-23T08:00:00Z".parse().expect("a timestamp");
        let route = routing.route(EscalationCategory::Security, Urgency::Critical, now);
        assert_eq!((route.team.as_str(), route.mailbox.as_str()), ("security team", "security@techcorp.io"));
        assert_eq!(route.due_at.to_string(), "2026-11-23T08:15:00Z");
        for category in EscalationCategory::ALL {
            let team = routing.route(*category, Urgency::Low, now).team;
            assert!(team.ends_with(" team") && !team.starts_with(char::is_uppercase), "our {team} has it");
        }
    }

    #[test]
    fn a_promise_made_at_night_runs_from_the_morning_unless_it_is_critical() {
        let routing =
            Routing::parse(include_str!("../../assets/policy/routing.toml")).expect("the shipped routing");
        let night: Timestamp = "2026-11-23T22:00:00Z".parse().expect("a timestamp");
        let hours = BusinessHours::default();
        let route = |urgency| routing.route_within(EscalationCategory::Billing, urgency, night, Some(&hours));
        let high = route(Urgency::High);
        assert_eq!(high.due_at.to_string(), "2026-11-24T10:00:00Z");
        assert_eq!(high.promise, "within 1 hour of our working time");
        let critical = route(Urgency::Critical);
        assert_eq!(critical.due_at.to_string(), "2026-11-23T22:15:00Z");
        assert_eq!(critical.promise, "within 15 minutes");
        assert_eq!(routing.next_in_line(EscalationCategory::Billing, 0), Some("VP Finance"));
        assert_eq!(routing.next_in_line(EscalationCategory::Billing, 9), None);
    }

    #[test]
    fn a_routing_that_leads_nowhere_is_refused() {
        assert!(matches!(Routing::parse(RESPONSES), Err(RoutingError::Unreadable(_))));
        let only_billing =
            format!("[[team]]\ncategory = \"billing\"\nname = \"B\"\nmailbox = \"\"\n{RESPONSES}");
        assert!(matches!(Routing::parse(&only_billing), Err(RoutingError::NoTeam("general"))));
    }
}
