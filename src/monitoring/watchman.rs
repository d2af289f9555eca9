//! Looks at the figures every minute, says what changed, once, and sends the daily report.

use super::{MachineFigures, figures, names, recorder, report};
use crate::{
    domain::alerts::{AlertChange, AlertRule, AlertRules, AlertState, judge},
    ports::{
        clock::Clock,
        console::Analytics,
        monitoring::{AlertStore, OperationFigures},
        notify::{Notice, NoticeKind, Notifier},
        store::StoreError,
    },
};
use jiff::{Timestamp, tz::TimeZone};
use metrics::gauge;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};
use tokio_util::sync::CancellationToken;

const LOOK_EVERY: Duration = Duration::from_mins(1);
/// Notices that wait for a way of telling that fails; the oldest are let go.
const WAITING: usize = 100;
/// The name under which the time of the last report is kept.
const REPORT: &str = "daily report";

/// What the watchman works with.
pub struct WatchmanParts {
    pub store: Arc<dyn OperationFigures>,
    pub states: Arc<dyn AlertStore>,
    pub analytics: Arc<dyn Analytics>,
    pub machine: MachineFigures,
    pub clock: Arc<dyn Clock>,
    pub rules: Vec<AlertRule>,
    pub notifiers: Vec<Arc<dyn Notifier>>,
    /// The hour at which the report of the last day is sent; `None` sends none.
    pub report_hour: Option<i8>,
    pub time_zone: TimeZone,
    /// The box's name in titles.
    pub company: String,
}

/// Watches the box.
pub struct Watchman {
    parts: WatchmanParts,
    states: BTreeMap<String, AlertState>,
    /// Each with the number of the notifier that has not got it yet.
    waiting: VecDeque<(usize, Notice)>,
}

/// Reads `alerts.toml`.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn rules(text: &str, figures: &[&str]) -> Result<Vec<AlertRule>, String> {
    let rules: AlertRules = toml::from_str(text).map_err(|error| error.to_string())?;
    match rules.fault(figures) {
        None => Ok(rules.alerts),
        Some(fault) => Err(fault),
    }
}

impl Watchman {
    /// Takes up what the last run left.
    ///
    /// # Errors
    /// When the states cannot be read.
    pub async fn new(parts: WatchmanParts) -> Result<Self, StoreError> {
        let states = parts.states.alert_states().await?;
        Ok(Self { parts, states, waiting: VecDeque::new() })
    }

    /// Looks every minute until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        loop {
            if let Err(error) = self.look().await {
                tracing::warn!(%error, "the state of an alert was not kept");
            }
            // Distributions are added up now and then, whether anybody reads them or not.
            recorder::handle().run_upkeep();
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    /// One look: judges every rule, keeps what changed, tells it, and sends the report when its hour has come.
    ///
    /// # Errors
    /// When a state cannot be kept; it is judged again at the next look.
    pub async fn look(&mut self) -> Result<(), StoreError> {
        let now = self.parts.clock.now();
        let figures = figures(&*self.parts.store, &self.parts.machine, &*self.parts.clock).await;
        for rule in self.parts.rules.clone() {
            let before = self.states.get(&rule.name).copied().unwrap_or_default();
            let (state, change) = judge(&rule, figures.get(rule.figure.as_str()).copied(), &before, now);
            gauge!(names::ALERT, "alert" => rule.name.clone(), "severity" => rule.severity.as_str())
                .set(f64::from(u8::from(state.firing_since.is_some())));
            if (state.crossed_since, state.firing_since) != (before.crossed_since, before.firing_since) {
                self.parts.states.keep_alert_state(&rule.name, state).await?;
            }
            self.states.insert(rule.name.clone(), state);
            if let Some(change) = change {
                self.tell(notice(&rule, &state, change, &self.parts.company, now));
            }
        }
        self.report_when_due(now).await?;
        self.send_waiting().await;
        Ok(())
    }

    fn tell(&mut self, notice: Notice) {
        tracing::warn!(alert = %notice.name, kind = ?notice.kind, "{}", notice.title);
        for number in 0..self.parts.notifiers.len() {
            self.waiting.push_back((number, notice.clone()));
        }
        while self.waiting.len() > WAITING {
            self.waiting.pop_front();
        }
    }

    /// Each waiting notice once; what fails waits for the next look.
    async fn send_waiting(&mut self) {
        for _ in 0..self.waiting.len() {
            let Some((number, notice)) = self.waiting.pop_front() else { return };
            let Some(notifier) = self.parts.notifiers.get(number) else { continue };
            if let Err(error) = notifier.notify(&notice).await {
                tracing::warn!(%error, alert = %notice.name, "nobody could be told; it is tried again");
                self.waiting.push_back((number, notice));
            }
        }
    }

    async fn report_when_due(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let Some(hour) = self.parts.report_hour.filter(|_| !self.parts.notifiers.is_empty()) else {
            return Ok(());
        };
        let last = self.states.get(REPORT).and_then(|state| state.crossed_since);
        if !is_due(last, now, hour, &self.parts.time_zone) {
            return Ok(());
        }
        // Kept before it is sent: a box that stops in between sends one report too few, never one too many.
        let state = AlertState { crossed_since: Some(now), ..AlertState::default() };
        self.parts.states.keep_alert_state(REPORT, state).await?;
        self.states.insert(REPORT.to_owned(), state);
        let figures = figures(&*self.parts.store, &self.parts.machine, &*self.parts.clock).await;
        let text = report(&*self.parts.analytics, &figures, report::DAY, now).await?;
        let title = format!("{}: the support desk's day", self.parts.company);
        let kind = NoticeKind::DailyReport;
        let notice = Notice { kind, name: REPORT.to_owned(), severity: None, title, text, at: now };
        for number in 0..self.parts.notifiers.len() {
            self.waiting.push_back((number, notice.clone()));
        }
        Ok(())
    }
}

/// Whether today's report is still to be sent: its hour has come, and the last one is of an earlier day.
fn is_due(last: Option<Timestamp>, now: Timestamp, hour: i8, zone: &TimeZone) -> bool {
    let local = now.to_zoned(zone.clone());
    let last_day = last.map(|last| last.to_zoned(zone.clone()).date());
    local.hour() >= hour && last_day.is_none_or(|day| day < local.date())
}

fn notice(
    rule: &AlertRule,
    state: &AlertState,
    change: AlertChange,
    company: &str,
    now: Timestamp,
) -> Notice {
    let value = state.value.map_or_else(|| "no figure".to_owned(), |value| format!("{value:.1}"));
    let (kind, title, text) = match change {
        AlertChange::Fired => (
            NoticeKind::AlertFired,
            format!("{company}: {}", rule.name),
            format!("{}\n\n{} is {value}.", rule.text, rule.figure),
        ),
        AlertChange::Resolved => (
            NoticeKind::AlertResolved,
            format!("{company}: over: {}", rule.name),
            format!("It is over: {} is {value}.", rule.figure),
        ),
    };
    Notice { kind, name: rule.name.clone(), severity: Some(rule.severity), title, text, at: now }
}

#[cfg(test)]
#[path = "watchman_tests.rs"]
mod tests;
