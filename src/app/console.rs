//! What the console needs, put together.

use super::{Assistant, intake::ConsoleIntake, privacy::PrivacyDesk};
use crate::{
    config::Config,
    domain::{business_hours::BusinessHours, channel::Channel},
    http::{
        RateLimit,
        console::{ConsoleHub, ConsoleState, DiskSpace, LiveCompany, apply_company},
    },
    knowledge::Indexer,
    pipeline::{DeskSettings, LiveSettings},
    ports::{
        clock::{Clock, SystemClock},
        console::{COMPANY_SETTING, CompanySettings, ConsoleSettings as _, HOURS_SETTING},
    },
    store::Store,
};
use std::{path::Path, sync::Arc};
use tokio::sync::Semaphore;

/// Passwords hashed at once.
const HASHING: usize = 2;
/// Below this much free space, or this share of the disk, the console warns.
const LOW_BYTES: u64 = 1024 * 1024 * 1024;

/// The desk's settings: the file's, with what an administrator set in the console over them.
///
/// # Errors
/// When the store cannot be read.
pub async fn desk_settings(
    config: &Config,
    assistant: &Assistant,
    channels: Vec<Channel>,
) -> anyhow::Result<(LiveSettings, CompanySettings)> {
    let from_file = DeskSettings {
        company: config.company.name.clone(),
        support_email: config.company.support_email.clone(),
        voice: assistant.policies.voice.clone(),
        routing: assistant.policies.routing.clone(),
        channels,
        hours: hours(&assistant.store).await?,
    };
    let kept = assistant.store.setting(COMPANY_SETTING).await?;
    let kept: Option<CompanySettings> = kept.and_then(|json| serde_json::from_str(&json).ok());
    if let Some(company) = kept {
        return Ok((LiveSettings::new(apply_company(&company, &from_file)), company));
    }
    let email = from_file.voice.channels.get(&Channel::Email);
    let company = CompanySettings {
        name: config.company.name.clone(),
        product: config.company.product.clone(),
        support_email: config.company.support_email.clone(),
        disclosure: from_file.voice.disclosure.clone(),
        sign_off: email.map(|email| email.sign_off.clone()).unwrap_or_default(),
    };
    Ok((LiveSettings::new(from_file), company))
}

/// Business hours, once somebody has set them.
async fn hours(store: &Store) -> anyhow::Result<Option<BusinessHours>> {
    let kept = store.setting(HOURS_SETTING).await?;
    Ok(kept.and_then(|json| serde_json::from_str(&json).ok()))
}

/// The console's share of the handlers' state.
pub fn state(
    config: &Config,
    assistant: &Assistant,
    hub: &Arc<ConsoleHub>,
    desk: LiveSettings,
    company: CompanySettings,
) -> ConsoleState {
    let store = Arc::new(assistant.store.clone());
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let indexer = Arc::new(Indexer::new(store.clone(), Some(assistant.embedder.clone()), clock));
    let teller = hub.clone();
    let told = Arc::new(move |job: &crate::ports::console::IntakeJob| teller.publish("knowledge", job));
    let data = config.data.directory.clone();
    let intake = Arc::new(ConsoleIntake::new(&data, indexer, told));
    ConsoleState {
        operators: store.clone(),
        inbox: store.clone(),
        actions: store.clone(),
        settings: store.clone(),
        reports: store.clone(),
        analytics: store.clone(),
        dead_letters: store.clone(),
        conflicts: store,
        retriever: assistant.retriever.clone(),
        triager: assistant.triager.clone(),
        answerer: assistant.answerer.clone(),
        intake,
        privacy: Arc::new(PrivacyDesk::new(config, &assistant.store)),
        hub: hub.clone(),
        company: LiveCompany::new(company),
        desk,
        policy_files: assistant.policies.files(),
        disk: Arc::new(move || disk_space(&data)),
        sign_ins: RateLimit::per_minute(config.server.sign_ins_per_minute),
        hashing: Semaphore::new(HASHING),
        streams: Arc::new(Semaphore::new(config.server.max_console_streams)),
        secure: config.server.public_url.starts_with("https://"),
    }
}

/// Space on the disk of the data folder; zeros where it cannot be told.
fn disk_space(data: &Path) -> DiskSpace {
    let size = |name: &str| std::fs::metadata(data.join(name)).map_or(0, |file| file.len());
    let database_bytes = size("frontdesk.db") + size("frontdesk.db-wal");
    let Some((free_bytes, total_bytes)) = file_system(data) else {
        return DiskSpace { database_bytes, ..DiskSpace::default() };
    };
    let low = free_bytes < LOW_BYTES.min(total_bytes / 20);
    DiskSpace { free_bytes, total_bytes, database_bytes, low }
}

#[cfg(unix)]
fn file_system(data: &Path) -> Option<(u64, u64)> {
    let found = rustix::fs::statvfs(data).ok()?;
    Some((found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize))
}

#[cfg(not(unix))]
fn file_system(_: &Path) -> Option<(u64, u64)> {
    None
}
