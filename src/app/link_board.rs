//! The board on which connections to the owner's other systems are noted, for `/health/ready`.

use crate::{
    domain::{channel_health::HealthState, link_health::LinkHealth},
    ports::{clock::Clock, link_health::LinksHealth},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The notes of all connections, in memory: each process knows its own.
pub(super) struct LinkBoard {
    notes: Mutex<BTreeMap<&'static str, LinkHealth>>,
    clock: Arc<dyn Clock>,
}

impl LinkBoard {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { notes: Mutex::default(), clock }
    }

    fn notes(&self) -> MutexGuard<'_, BTreeMap<&'static str, LinkHealth>> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LinksHealth for LinkBoard {
    fn note(&self, name: &'static str, state: HealthState, reason: Option<&str>) {
        let mut notes = self.notes();
        let before = notes.get(name);
        if before.is_some_and(|note| note.state == state && note.reason.as_deref() == reason) {
            return;
        }
        // A reason in other words does not make the failure a new one.
        let same = before.filter(|note| note.state == state);
        let since = same.map_or_else(|| self.clock.now(), |note| note.since);
        match state {
            HealthState::Failing => {
                tracing::warn!(name, reason = reason.unwrap_or_default(), "a connection fails");
            }
            HealthState::Ok => tracing::info!(name, "a connection works"),
            HealthState::Connecting => tracing::debug!(name, "a connection is made"),
        }
        notes.insert(name, LinkHealth { name, state, reason: reason.map(str::to_owned), since });
    }

    fn report(&self) -> Vec<LinkHealth> {
        self.notes().values().cloned().collect()
    }
}
