//! When somebody must look at the box: rules as data, and a pure judgement of a figure against a rule.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Warning,
    Critical,
}

impl Severity {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// One rule of `alerts.toml`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertRule {
    /// What the alert is called; its state is kept under this name.
    pub name: String,
    /// The figure it watches.
    pub figure: String,
    /// Crossed when the figure is greater.
    pub above: Option<f64>,
    /// Crossed when the figure is smaller.
    pub below: Option<f64>,
    /// It fires when the threshold was crossed for so long without a break.
    #[serde(default)]
    pub for_minutes: u32,
    pub severity: Severity,
    /// What is wrong and what to do, for a person.
    pub text: String,
}

/// The rules.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertRules {
    #[serde(rename = "alert", default)]
    pub alerts: Vec<AlertRule>,
}

impl AlertRules {
    /// What is wrong with them, in a sentence.
    pub fn fault(&self, figures: &[&str]) -> Option<String> {
        let mut names: Vec<&str> = self.alerts.iter().map(|rule| rule.name.as_str()).collect();
        names.sort_unstable();
        if let Some([name, _]) = names.array_windows::<2>().find(|[one, other]| one == other) {
            return Some(format!("two alerts are named {name:?}"));
        }
        self.alerts.iter().find_map(|rule| {
            let name = &rule.name;
            if name.is_empty() || name.chars().count() > 100 {
                Some("an alert's name has 1 to 100 characters".to_owned())
            } else if rule.above.is_none() && rule.below.is_none() {
                Some(format!("the alert {name:?} has neither above nor below"))
            } else if !figures.contains(&rule.figure.as_str()) {
                Some(format!("the alert {name:?} watches {:?}, and there is no such figure", rule.figure))
            } else {
                None
            }
        })
    }
}

/// How an alert stands.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct AlertState {
    /// Since when the threshold is crossed without a break.
    pub crossed_since: Option<Timestamp>,
    pub firing_since: Option<Timestamp>,
    /// The figure as it was last.
    pub value: Option<f64>,
}

/// What somebody must be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertChange {
    Fired,
    Resolved,
}

/// Judges a figure. One that is not there crosses nothing: without messages there is no rate. Each change is said once; a clock that was
/// put back starts the wait anew.
pub fn judge(
    rule: &AlertRule,
    value: Option<f64>,
    before: &AlertState,
    now: Timestamp,
) -> (AlertState, Option<AlertChange>) {
    let crossed = value.is_some_and(|value| {
        rule.above.is_some_and(|above| value > above) || rule.below.is_some_and(|below| value < below)
    });
    if !crossed {
        let change = before.firing_since.map(|_| AlertChange::Resolved);
        return (AlertState { value, ..AlertState::default() }, change);
    }
    let since = before.crossed_since.filter(|since| *since <= now).unwrap_or(now);
    let wait = SignedDuration::from_mins(i64::from(rule.for_minutes));
    let due = now.duration_since(since) >= wait;
    let fires = before.firing_since.is_none() && due;
    let firing_since = before.firing_since.or_else(|| due.then_some(now));
    (AlertState { crossed_since: Some(since), firing_since, value }, fires.then_some(AlertChange::Fired))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn rule(for_minutes: u32) -> AlertRule {
        AlertRule {
            name: "queue".to_owned(),
            figure: "queue_waiting".to_owned(),
            above: Some(10.0),
            below: None,
            for_minutes,
            severity: Severity::Warning,
            text: "too many wait".to_owned(),
        }
    }

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + minute * 60).expect("a time")
    }

    /// Changes over a row of (minute, figure).
    fn changes(rule: &AlertRule, figures: &[(i64, Option<f64>)]) -> Vec<(i64, AlertChange)> {
        let mut state = AlertState::default();
        let mut seen = Vec::new();
        for (minute, value) in figures {
            let (next, change) = judge(rule, *value, &state, at(*minute));
            state = next;
            seen.extend(change.map(|change| (*minute, change)));
        }
        seen
    }

    #[rstest]
    #[case::at_once(0, &[(0, Some(11.0)), (1, Some(12.0)), (2, Some(3.0)), (3, Some(2.0))],
        &[(0, AlertChange::Fired), (2, AlertChange::Resolved)])]
    #[case::the_threshold_itself_is_fine(0, &[(0, Some(10.0))], &[])]
    #[case::only_after_its_time(5, &[(0, Some(11.0)), (4, Some(11.0)), (5, Some(11.0)), (9, Some(11.0))],
        &[(5, AlertChange::Fired)])]
    #[case::a_break_starts_the_wait_anew(5, &[(0, Some(11.0)), (3, Some(1.0)), (4, Some(11.0)), (8, Some(11.0))], &[])]
    #[case::no_figure_crosses_nothing(0, &[(0, None), (1, Some(11.0)), (2, None)],
        &[(1, AlertChange::Fired), (2, AlertChange::Resolved)])]
    #[case::a_clock_put_back(5, &[(10, Some(11.0)), (2, Some(11.0)), (6, Some(11.0)), (7, Some(11.0))],
        &[(7, AlertChange::Fired)])]
    fn a_change_is_said_once(
        #[case] for_minutes: u32,
        #[case] figures: &[(i64, Option<f64>)],
        #[case] expected: &[(i64, AlertChange)],
    ) {
        assert_eq!(changes(&rule(for_minutes), figures), expected);
    }

    #[test]
    fn a_lower_border_works_the_same_way() {
        let rule = AlertRule { above: None, below: Some(5.0), ..rule(0) };
        let seen = changes(&rule, &[(0, Some(6.0)), (1, Some(4.0))]);
        assert_eq!(seen, [(1, AlertChange::Fired)]);
    }

    #[test]
    fn rules_that_watch_nothing_are_named() {
        let fault = |rules: Vec<AlertRule>| AlertRules { alerts: rules }.fault(&["queue_waiting"]);
        assert_eq!(fault(vec![rule(0)]), None);
        assert!(fault(vec![rule(0), rule(1)]).is_some_and(|fault| fault.contains("two alerts")));
        let no_border = AlertRule { above: None, ..rule(0) };
        assert!(fault(vec![no_border]).is_some_and(|fault| fault.contains("neither")));
        let lost = AlertRule { figure: "moon_phase".to_owned(), ..rule(0) };
        assert!(fault(vec![lost]).is_some_and(|fault| fault.contains("no such figure")));
    }
}
