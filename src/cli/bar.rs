//! One look for all progress bars.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar with counts and the time left; nothing is drawn when standard error is no terminal.
pub fn counted(total: u64, what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(total).with_message(what);
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar:.cyan/blue} {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    bar
}
