//! What a service manager is told: ready, alive, stopping. Without one this does nothing.

use crate::{ports::store::Reports as _, store::Store};
use sd_notify::NotifyState;
use tokio_util::sync::CancellationToken;

/// Says that requests are taken.
pub(super) fn ready() {
    tell(&[NotifyState::Ready, NotifyState::Status("answering customers")]);
}

/// Says that the end has begun.
pub(super) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Says "alive" twice a watchdog period, as long as the store can be written: a box that can accept nothing is better started again.
pub(super) fn watch(store: &Store, stop: CancellationToken) {
    let Some(period) = sd_notify::watchdog_enabled() else { return };
    let store = store.clone();
    tokio::spawn(async move {
        loop {
            match store.check_writable().await {
                Ok(()) => tell(&[NotifyState::Watchdog]),
                Err(error) => {
                    tracing::error!(%error, "the store cannot be written; the watchdog is not told that all is well")
                }
            }
            tokio::select! {
                () = tokio::time::sleep(period / 2) => {}
                () = stop.cancelled() => return,
            }
        }
    });
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "the service manager was not told");
    }
}
