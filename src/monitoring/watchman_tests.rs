use super::*;
use crate::ports::{
    console::{AnalyticsQuery, ReportTable},
    monitoring::Figures,
    notify::NotTold,
};
use async_trait::async_trait;
use jiff::SignedDuration;
use rstest::rstest;
use std::sync::Mutex;

/// Everything the watchman works with, held in memory.
#[derive(Default)]
struct Fake {
    figures: Mutex<Figures>,
    states: Mutex<BTreeMap<String, AlertState>>,
    told: Mutex<Vec<(NoticeKind, String)>>,
    deaf: Mutex<bool>,
    now: Mutex<Timestamp>,
}

#[async_trait]
impl OperationFigures for Fake {
    async fn operation_figures(&self, _: Timestamp) -> Result<Figures, StoreError> {
        Ok(self.figures.lock().expect("whole").clone())
    }
}

#[async_trait]
impl AlertStore for Fake {
    async fn alert_states(&self) -> Result<BTreeMap<String, AlertState>, StoreError> {
        Ok(self.states.lock().expect("whole").clone())
    }

    async fn keep_alert_state(&self, rule: &str, state: AlertState) -> Result<(), StoreError> {
        self.states.lock().expect("whole").insert(rule.to_owned(), state);
        Ok(())
    }
}

#[async_trait]
impl Analytics for Fake {
    async fn report(&self, _: AnalyticsQuery) -> Result<ReportTable, StoreError> {
        Ok(ReportTable { columns: Vec::new(), rows: Vec::new() })
    }
}

#[async_trait]
impl Notifier for Fake {
    async fn notify(&self, notice: &Notice) -> Result<(), NotTold> {
        if *self.deaf.lock().expect("whole") {
            return Err(NotTold { way: "test", reason: "away".to_owned() });
        }
        self.told.lock().expect("whole").push((notice.kind, notice.name.clone()));
        Ok(())
    }
}

impl Clock for Fake {
    fn now(&self) -> Timestamp {
        *self.now.lock().expect("whole")
    }
}

fn at(minutes: i64) -> Timestamp {
    let start: Timestamp = "2026-11-24T05:00:00Z".parse().expect("a time");
    start + SignedDuration::from_mins(minutes)
}

async fn watchman(fake: &Arc<Fake>, report_hour: Option<i8>) -> Watchman {
    let text = "[[alert]]\nname = \"queue\"\nfigure = \"queue_waiting\"\nabove = 10\nfor_minutes = 5\nseverity = \"critical\"\ntext = \"too many\"\n";
    let parts = WatchmanParts {
        store: fake.clone(),
        states: fake.clone(),
        analytics: fake.clone(),
        machine: Arc::new(Figures::new),
        clock: fake.clone(),
        rules: rules(text, &["queue_waiting"]).expect("rules"),
        notifiers: vec![fake.clone()],
        report_hour,
        time_zone: TimeZone::UTC,
        company: "Acme".to_owned(),
    };
    Watchman::new(parts).await.expect("a watchman")
}

async fn look(fake: &Fake, watchman: &mut Watchman, minutes: i64, waiting: f64) {
    *fake.now.lock().expect("whole") = at(minutes);
    fake.figures.lock().expect("whole").insert("queue_waiting", waiting);
    watchman.look().await.expect("looked");
}

fn told(fake: &Fake) -> Vec<NoticeKind> {
    fake.told.lock().expect("whole").iter().map(|(kind, _)| *kind).collect()
}

#[tokio::test]
async fn an_alert_is_told_once_over_restarts_and_again_when_it_is_over() {
    let fake = Arc::new(Fake::default());
    let mut first = watchman(&fake, None).await;
    look(&fake, &mut first, 0, 50.0).await;
    look(&fake, &mut first, 4, 50.0).await;
    assert_eq!(told(&fake), []);
    drop(first);
    let mut second = watchman(&fake, None).await;
    look(&fake, &mut second, 5, 50.0).await;
    look(&fake, &mut second, 6, 60.0).await;
    assert_eq!(told(&fake), [NoticeKind::AlertFired], "the wait went on over the restart");
    drop(second);
    let mut third = watchman(&fake, None).await;
    look(&fake, &mut third, 7, 60.0).await;
    look(&fake, &mut third, 8, 1.0).await;
    look(&fake, &mut third, 9, 1.0).await;
    assert_eq!(told(&fake), [NoticeKind::AlertFired, NoticeKind::AlertResolved]);
}

#[tokio::test]
async fn what_could_not_be_told_is_told_later() {
    let fake = Arc::new(Fake::default());
    let mut watchman = watchman(&fake, None).await;
    *fake.deaf.lock().expect("whole") = true;
    look(&fake, &mut watchman, 0, 50.0).await;
    look(&fake, &mut watchman, 5, 50.0).await;
    assert_eq!(told(&fake), []);
    *fake.deaf.lock().expect("whole") = false;
    look(&fake, &mut watchman, 6, 50.0).await;
    assert_eq!(told(&fake), [NoticeKind::AlertFired]);
}

#[tokio::test]
async fn the_report_comes_once_a_day_over_restarts() {
    let fake = Arc::new(Fake::default());
    let mut first = watchman(&fake, Some(7)).await;
    look(&fake, &mut first, 0, 0.0).await;
    assert_eq!(told(&fake), [], "five o'clock");
    look(&fake, &mut first, 121, 0.0).await;
    drop(first);
    let mut second = watchman(&fake, Some(7)).await;
    look(&fake, &mut second, 300, 0.0).await;
    assert_eq!(told(&fake), [NoticeKind::DailyReport]);
    look(&fake, &mut second, 24 * 60 + 121, 0.0).await;
    assert_eq!(told(&fake).len(), 2);
}

#[rstest]
#[case::before_its_hour(None, 0, false)]
#[case::the_first_ever(None, 120, true)]
#[case::sent_today(Some(121), 600, false)]
#[case::a_day_later(Some(121), 24 * 60 + 130, true)]
#[case::a_clock_put_back(Some(24 * 60 + 121), 600, false)]
fn a_report_is_due_once_a_day(#[case] last: Option<i64>, #[case] now: i64, #[case] due: bool) {
    assert_eq!(is_due(last.map(at), at(now), 7, &TimeZone::UTC), due);
}

#[test]
fn the_shipped_rules_watch_figures_that_there_are() {
    let figures: Vec<&str> =
        crate::store::figure_names().chain(super::super::MACHINE_FIGURES.iter().copied()).collect();
    let shipped =
        rules(include_str!("../../assets/policy/alerts.toml"), &figures).expect("the shipped rules");
    assert!(shipped.len() >= 8);
}
