//! Which team takes a matter, and by when.

use crate::domain::{
    escalation::{EscalationCategory, Route, Urgency},
    sla,
};
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Teams by category, as data.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Routing {
    pub teams: BTreeMap<EscalationCategory, Team>,
}

/// Who takes a category.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Team {
    pub name: String,
    pub mailbox: String,
}

impl Routing {
    /// The route of a hand-over made at `now`. A category without a team goes to `general`'s.
    pub fn route(&self, category: EscalationCategory, urgency: Urgency, now: Timestamp) -> Route {
        let team = self.teams.get(&category).or_else(|| self.teams.get(&EscalationCategory::General));
        let (name, mailbox) =
            team.map_or(("support team", ""), |team| (team.name.as_str(), team.mailbox.as_str()));
        Route {
            team: name.to_owned(),
            mailbox: mailbox.to_owned(),
            due_at: sla::due_at(urgency, now),
            promise: sla::response_by_urgency(urgency).1.to_owned(),
        }
    }
}
