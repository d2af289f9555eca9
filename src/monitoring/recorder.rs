//! The one recorder of this process.

use super::names::{COUNTERS, HISTOGRAMS};
use metrics::{describe_counter, describe_histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;

const SECONDS: &[f64] = &[0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0];
const MOODS: &[f64] = &[-0.8, -0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6, 0.8, 1.0];
const SHARES: &[f64] = &[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];

/// Starts recording, once a process; later calls give the same handle.
pub fn handle() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(install).clone()
}

fn install() -> PrometheusHandle {
    let buckets = [
        (Matcher::Suffix("_seconds".to_owned()), SECONDS),
        (Matcher::Suffix("_sentiment".to_owned()), MOODS),
        (Matcher::Suffix("_confidence".to_owned()), SHARES),
    ];
    let mut builder = PrometheusBuilder::new();
    for (matcher, values) in buckets {
        builder = match builder.set_buckets_for_metric(matcher, values) {
            Ok(builder) => builder,
            Err(error) => {
                // Only an empty list is refused; without these borders the figures come as summaries.
                tracing::warn!(%error, "the borders of a distribution were not taken");
                PrometheusBuilder::new()
            }
        };
    }
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::warn!("something else records metrics in this process; /metrics stays empty");
    }
    for (name, text) in COUNTERS {
        describe_counter!(*name, *text);
    }
    for (name, text) in HISTOGRAMS {
        describe_histogram!(*name, *text);
    }
    handle
}
