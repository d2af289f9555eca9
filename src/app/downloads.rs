//! Downloads of models through the ledger: the store of the data folder keeps it, and is made when there is none yet.

use super::open_store;
use crate::{catalog::Departures, config::Config, egress::Gate, ports::egress::Purpose};
use std::sync::{Arc, OnceLock};
use tokio::runtime::{Builder, Runtime};

/// Records what a download says before it is said. The store is opened with the first request: a pull from a folder needs none.
pub struct RecordedDownloads {
    config: Config,
    opened: OnceLock<Result<(Runtime, Gate), String>>,
}

/// For `frontdesk models pull` and `frontdesk init`.
pub fn recorded_downloads(config: &Config) -> Arc<dyn Departures> {
    Arc::new(RecordedDownloads { config: config.clone(), opened: OnceLock::new() })
}

impl std::fmt::Debug for RecordedDownloads {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("RecordedDownloads").finish_non_exhaustive()
    }
}

impl RecordedDownloads {
    fn open(&self) -> Result<&(Runtime, Gate), String> {
        let open = || {
            let runtime =
                Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
            let store = open_store(&self.config, None).map_err(|error| format!("{error:#}"))?;
            Ok((runtime, super::hosted::gate(&self.config, &store)))
        };
        self.opened.get_or_init(open).as_ref().map_err(Clone::clone)
    }
}

impl Departures for RecordedDownloads {
    fn permits(&self, destination: &str) -> Result<(), String> {
        let (_, gate) = self.open()?;
        gate.permits(destination).map_err(|error| error.to_string())
    }

    fn leaving(&self, destination: &str, content: &[u8]) -> Result<(), String> {
        let (runtime, gate) = self.open()?;
        let content = [content];
        let passing = gate.pass(Purpose::ModelDownload, destination, None, &content);
        runtime.block_on(passing).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(folder: &std::path::Path, offline: bool) -> Config {
        let mut config = Config::default();
        config.data.directory = folder.join("data");
        config.network.offline = offline;
        config
    }

    #[test]
    fn a_download_is_in_the_ledger_and_an_offline_box_makes_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let online = recorded_downloads(&config(folder.path(), false));
        online.permits("hub.example:443").expect("permitted");
        online.leaving("hub.example:443", b"GET / HTTP/1.1\r\n\r\n").expect("recorded");
        let offline = recorded_downloads(&config(folder.path(), true));
        assert!(offline.permits("hub.example:443").expect_err("refused").contains("offline"));
        assert!(offline.leaving("hub.example:443", b"GET").is_err());
        let store = open_store(&config(folder.path(), false), None).expect("the store");
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let ledger: &dyn crate::ports::egress::EgressReports = &store;
        let entries = runtime.block_on(ledger.entries(crate::ports::egress::LedgerFilter::default(), 10));
        let entries = entries.expect("read");
        let first = entries.first().expect("a row");
        assert_eq!((entries.len(), first.purpose.as_str(), first.byte_count), (1, "model_download", 18));
    }
}
