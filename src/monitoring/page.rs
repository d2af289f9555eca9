//! The page that Prometheus reads: what was counted, and the figures of this moment.

use super::{MachineFigures, figures, names, recorder};
use crate::ports::{
    clock::Clock,
    monitoring::{MetricsPage, OperationFigures},
};
use async_trait::async_trait;
use metrics::gauge;
use metrics_exporter_prometheus::PrometheusHandle;
use std::sync::Arc;

/// What the page is made of.
pub struct PageParts {
    pub store: Arc<dyn OperationFigures>,
    pub machine: MachineFigures,
    pub clock: Arc<dyn Clock>,
}

/// The page.
pub struct Page {
    handle: PrometheusHandle,
    parts: PageParts,
}

impl Page {
    /// Starts recording.
    pub fn new(parts: PageParts) -> Self {
        Self { handle: recorder::handle(), parts }
    }
}

#[async_trait]
impl MetricsPage for Page {
    async fn render(&self) -> String {
        let parts = &self.parts;
        for (name, value) in figures(&*parts.store, &parts.machine, &*parts.clock).await {
            gauge!(format!("{}{name}", names::FIGURE_PREFIX)).set(value);
        }
        self.handle.render()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        MACHINE_FIGURES,
        names::{ALERT, COUNTERS, FIGURE_PREFIX, HISTOGRAMS},
    };

    /// A panel that asks for a metric nobody records would stay empty without a word.
    #[test]
    fn the_dashboard_draws_what_is_recorded() {
        let dashboard = include_str!("../../assets/grafana/frontdesk.json");
        let parsed: serde_json::Value = serde_json::from_str(dashboard).expect("JSON");
        let mut known: Vec<String> = MACHINE_FIGURES
            .iter()
            .copied()
            .chain(crate::store::figure_names())
            .map(|name| format!("{FIGURE_PREFIX}{name}"))
            .collect();
        known.extend(COUNTERS.iter().map(|(name, _)| (*name).to_owned()));
        known.extend(HISTOGRAMS.iter().map(|(name, _)| format!("{name}_bucket")));
        known.push(ALERT.to_owned());
        let mut drawn = 0;
        for panel in parsed["panels"].as_array().expect("panels") {
            for target in panel["targets"].as_array().into_iter().flatten() {
                let asked = target["expr"].as_str().expect("an expression");
                let words = asked.split(|c: char| !c.is_alphanumeric() && c != '_');
                for name in words.filter(|word| word.starts_with(FIGURE_PREFIX)) {
                    assert!(known.iter().any(|known| known == name), "{name} is not recorded: {asked}");
                    drawn += 1;
                }
            }
        }
        assert!(drawn >= 15, "the dashboard draws {drawn} metrics");
    }
}
