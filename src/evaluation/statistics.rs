//! Intervals and quantiles.

use serde::Serialize;

/// A 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

/// Wilson's score interval for a share of `hits` in `total` (Wilson, 1927), 95 %.
pub fn wilson(hits: usize, total: usize) -> Interval {
    if total == 0 {
        return Interval { low: 0.0, high: 1.0 };
    }
    const Z: f64 = 1.959_963_985;
    let (n, share) = (total as f64, hits as f64 / total as f64);
    let centre = share + Z * Z / (2.0 * n);
    let spread = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    Interval { low: ((centre - spread) / scale).max(0.0), high: ((centre + spread) / scale).min(1.0) }
}

/// A 95 % interval of a mean over clusters: whole clusters are drawn with replacement, so that rows by one author do not
/// count as independent. `clusters` holds (sum, count) of each.
pub fn cluster_bootstrap(clusters: &[(f64, usize)], draws: usize) -> Interval {
    if clusters.is_empty() || draws == 0 {
        return Interval { low: 0.0, high: 1.0 };
    }
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut means: Vec<f64> = (0..draws)
        .map(|_| {
            let (mut sum, mut count) = (0.0, 0);
            for _ in 0..clusters.len() {
                let (cluster_sum, cluster_count) =
                    clusters[(split_mix(&mut state) % clusters.len() as u64) as usize];
                sum += cluster_sum;
                count += cluster_count;
            }
            sum / count.max(1) as f64
        })
        .collect();
    means.sort_by(f64::total_cmp);
    Interval { low: percentile(&means, 2.5), high: percentile(&means, 97.5) }
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same everywhere.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// The value below which `percent` % of the sorted values lie (nearest rank), 0 when there are none.
pub fn percentile(sorted: &[f64], percent: f64) -> f64 {
    let rank = (percent / 100.0 * sorted.len() as f64).ceil().max(1.0) as usize;
    sorted.get(rank.min(sorted.len()).wrapping_sub(1)).copied().unwrap_or(0.0)
}

/// The median of unsorted values.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    percentile(&sorted, 50.0)
}

/// `a / b`, 0 when there is nothing to divide by.
pub(super) fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// The harmonic mean of precision and recall.
pub(super) fn f1(precision: f64, recall: f64) -> f64 {
    if precision + recall == 0.0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_agrees_with_the_textbook() {
        // 8 of 10: 0.4902 .. 0.9433 (Newcombe 1998, method 3)
        let interval = wilson(8, 10);
        assert!(
            (interval.low - 0.4902).abs() < 5e-4 && (interval.high - 0.9433).abs() < 5e-4,
            "{interval:?}"
        );
        assert_eq!(wilson(0, 0), Interval { low: 0.0, high: 1.0 });
    }

    #[test]
    fn clusters_that_disagree_widen_the_interval() {
        let alike = cluster_bootstrap(&[(5.0, 10); 10], 500);
        let split = cluster_bootstrap(&[(10.0, 10), (0.0, 10), (10.0, 10), (0.0, 10)], 500);
        assert!(alike.high - alike.low < 1e-9);
        assert!(split.high - split.low > 0.5, "{split:?}");
    }

    #[test]
    fn the_median_of_few() {
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!(median(&[]).abs() < f64::EPSILON);
    }
}
