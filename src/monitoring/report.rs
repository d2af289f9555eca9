//! The day in a page of text: what came, how fast it was answered, what went to people, how customers felt.

use crate::ports::{
    console::{Analytics, AnalyticsQuery, ReportKind, ReportTable},
    monitoring::Figures,
    store::StoreError,
};
use jiff::{SignedDuration, Timestamp};

/// The span of a daily report.
pub const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Sections with their report and what is said of an empty one.
const SECTIONS: &[(&str, ReportKind)] = &[
    ("Messages", ReportKind::Volume),
    ("First answers", ReportKind::FirstResponse),
    ("Handed to people", ReportKind::Escalations),
    ("Mood", ReportKind::Sentiment),
    ("Ratings", ReportKind::Satisfaction),
];

/// Figures that stand at the end, with their words.
const NOW: &[(&str, &str)] = &[
    ("open_tickets", "open tickets"),
    ("open_hand_overs", "hand-overs open"),
    ("overdue_hand_overs", "of them late"),
    ("queue_waiting", "messages waiting to be worked on"),
    ("dead_letters", "given up (see the system page)"),
    ("disk_free_mib", "MiB free on the disk"),
    ("backup_age_hours", "hours since the last backup"),
];

/// Writes the report of the span that ends now.
///
/// # Errors
/// When the store cannot be read.
pub async fn report(
    analytics: &dyn Analytics,
    figures: &Figures,
    span: SignedDuration,
    now: Timestamp,
) -> Result<String, StoreError> {
    let from = now.checked_sub(span).unwrap_or(Timestamp::MIN);
    let mut text = format!("From {} to {} (UTC)\n", minute(from), minute(now));
    for (title, kind) in SECTIONS {
        let query = AnalyticsQuery { kind: *kind, from, until: now, channel: None, now };
        text.push_str(&format!("\n{title}\n{}", table(&analytics.report(query).await?)));
    }
    text.push_str("\nNow\n");
    for (name, words) in NOW {
        if let Some(value) = figures.get(name) {
            text.push_str(&format!("  {value:.0} {words}\n"));
        }
    }
    Ok(text)
}

fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

/// Columns set one under the other.
fn table(table: &ReportTable) -> String {
    if table.rows.is_empty() {
        return "  none\n".to_owned();
    }
    let heads: Vec<String> = table.columns.iter().map(|column| column.name.replace('_', " ")).collect();
    let mut lines = vec![heads];
    lines.extend(table.rows.iter().map(|row| row.iter().map(cell).collect()));
    let widths: Vec<usize> = (0..lines[0].len())
        .map(|column| lines.iter().filter_map(|line| line.get(column)).map(|text| text.chars().count()).max())
        .map(Option::unwrap_or_default)
        .collect();
    let line = |cells: Vec<String>| {
        let padded = cells.iter().zip(&widths).map(|(text, width)| format!("{text:<width$}"));
        format!("  {}\n", padded.collect::<Vec<_>>().join("  ").trim_end())
    };
    lines.into_iter().map(line).collect()
}

fn cell(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => "–".to_owned(),
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Number(number) if number.is_f64() => {
            format!("{:.2}", number.as_f64().unwrap_or_default())
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::console::ReportColumn;
    use serde_json::json;

    #[test]
    fn columns_stand_one_under_the_other() {
        let column = |name| ReportColumn { name, unit: "text" };
        let report = ReportTable {
            columns: vec![column("channel"), column("median_s")],
            rows: vec![vec![json!("whatsapp"), json!(1.5)], vec![json!("web"), json!(null)]],
        };
        assert_eq!(table(&report), "  channel   median s\n  whatsapp  1.50\n  web       –\n");
        assert_eq!(table(&ReportTable { columns: Vec::new(), rows: Vec::new() }), "  none\n");
    }
}
