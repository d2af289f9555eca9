//! The box watched: its page of figures, its alerts, and who is told.

use super::{Assistant, backups};
use crate::{
    channels::health::HealthBoard,
    config::Config,
    domain::{business_hours::BusinessHours, channel_health::HealthState},
    egress::{Client, ClientSettings},
    monitoring::{
        MachineFigures, MailNotifier, Page, PageParts, Watchman, WatchmanParts, WebhookNotifier, report,
    },
    ports::{
        channel_health::ChannelsHealth as _,
        clock::{Clock, SystemClock},
        console::{ConsoleSettings as _, HOURS_SETTING},
        delivery::OutboundChannel,
        monitoring::{Figures, MetricsPage, OperationFigures as _},
        notify::Notifier,
    },
    store::Store,
};
use anyhow::Context;
use jiff::{SignedDuration, tz::TimeZone};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// What only the machine knows.
pub(super) fn machine_figures(config: &Config, board: &Arc<HealthBoard>) -> MachineFigures {
    let (config, board) = (config.clone(), board.clone());
    Arc::new(move || {
        let mut figures = files(&config);
        let failing = board.report().into_iter().filter(|channel| channel.state == HealthState::Failing);
        figures.insert("channels_failing", failing.count() as f64);
        figures
    })
}

/// Disk, store, copies and certificate.
fn files(config: &Config) -> Figures {
    const MIB: f64 = 1024.0 * 1024.0;
    let data = &config.data.directory;
    let size = |name: &str| std::fs::metadata(data.join(name)).map_or(0, |file| file.len()) as f64 / MIB;
    let mut figures =
        Figures::from([("database_mib", size("frontdesk.db")), ("log_mib", size("frontdesk.db-wal"))]);
    if let Ok(space) = rustix::fs::statvfs(data) {
        figures.insert("disk_free_mib", space.f_bavail.saturating_mul(space.f_frsize) as f64 / MIB);
    }
    let now = SystemClock.now();
    if config.backup.every_hours > 0
        && let Some(newest) = backups::newest(&backups::folder(config))
    {
        figures.insert("backup_age_hours", now.duration_since(newest).as_secs_f64() / 3600.0);
    }
    if let Some(days) = super::tls::days_left(config) {
        figures.insert("certificate_days", days);
    }
    figures
}

/// What Prometheus reads.
pub(super) fn page(
    assistant: &Assistant,
    clock: &Arc<dyn Clock>,
    machine: &MachineFigures,
) -> Arc<dyn MetricsPage> {
    let store = Arc::new(assistant.store.clone());
    Arc::new(Page::new(PageParts { store, machine: machine.clone(), clock: clock.clone() }))
}

/// Starts watching; ends with `stop`.
///
/// # Errors
/// When somebody who is to be told cannot be reached by what the settings say, or the store cannot be read.
pub(super) async fn start(
    config: &Config,
    assistant: &Assistant,
    clock: &Arc<dyn Clock>,
    machine: &MachineFigures,
    email: Option<&Arc<dyn OutboundChannel>>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let store = Arc::new(assistant.store.clone());
    let parts = WatchmanParts {
        store: store.clone(),
        states: store.clone(),
        analytics: store.clone(),
        machine: machine.clone(),
        clock: clock.clone(),
        rules: assistant.policies.alerts.clone(),
        notifiers: notifiers(config, &assistant.store, email)?,
        report_hour: config.alerts.daily_report.then_some(config.alerts.report_hour as i8),
        time_zone: time_zone(&assistant.store).await?,
        company: config.company.name.clone(),
    };
    tokio::spawn(Watchman::new(parts).await?.run(stop));
    Ok(())
}

fn notifiers(
    config: &Config,
    store: &Store,
    email: Option<&Arc<dyn OutboundChannel>>,
) -> anyhow::Result<Vec<Arc<dyn Notifier>>> {
    let alerts = &config.alerts;
    let mut notifiers: Vec<Arc<dyn Notifier>> = Vec::new();
    match email {
        Some(channel) => {
            for recipient in &alerts.mail_to {
                let (channel, recipient) = (channel.clone(), recipient.clone());
                notifiers.push(Arc::new(MailNotifier { channel, recipient }));
            }
        }
        None if alerts.mail_to.is_empty() => {}
        None => {
            tracing::warn!("alerts.mail_to is set, but there is no mailbox to write from: nobody is mailed")
        }
    }
    if !alerts.webhook_url.is_empty() {
        let url = url::Url::parse(&alerts.webhook_url).context("alerts.webhook_url is no web address")?;
        let client = Client::new(super::hosted::gate(config, store), ClientSettings::default())?;
        notifiers.push(Arc::new(WebhookNotifier { client, url, secret: alerts.webhook_secret.clone() }));
    }
    Ok(notifiers)
}

/// Of the business hours, else UTC.
async fn time_zone(store: &Store) -> anyhow::Result<TimeZone> {
    let kept = store.setting(HOURS_SETTING).await?;
    let hours: Option<BusinessHours> = kept.and_then(|json| serde_json::from_str(&json).ok());
    Ok(hours.and_then(|hours| TimeZone::get(&hours.time_zone).ok()).unwrap_or(TimeZone::UTC))
}

/// The report of the last days, as text.
///
/// # Errors
/// When the store cannot be read.
pub async fn day_report(config: &Config, store: &Store, days: u32) -> anyhow::Result<String> {
    let now = SystemClock.now();
    let mut figures = store.operation_figures(now).await?;
    figures.extend(files(config));
    Ok(report(store, &figures, SignedDuration::from_hours(24 * i64::from(days)), now).await?)
}
