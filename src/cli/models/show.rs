//! How a pull and a check look to a person: a bar on a terminal, plain lines elsewhere.

use crate::catalog::{Defaults, Event, FileState, ModelEntry, Progress};
use indicatif::{ProgressBar, ProgressStyle};
use std::sync::Mutex;

/// Lines in a log are written each time so many percent more are there.
const LOG_STEP_PERCENT: u64 = 10;

/// The watcher that fits where the output goes.
pub(super) fn progress(terminal: bool) -> Box<dyn Progress> {
    if terminal { Box::new(Bar::default()) } else { Box::new(Lines::default()) }
}

#[derive(Default)]
struct Bar {
    current: Mutex<Option<ProgressBar>>,
}

impl Progress for Bar {
    fn report(&self, event: &Event<'_>) {
        let Ok(mut current) = self.current.lock() else { return };
        match event {
            Event::FileStarted { file, total_bytes } => {
                let bar = ProgressBar::new(total_bytes.unwrap_or_default());
                bar.set_style(style(total_bytes.is_some()));
                bar.set_message((*file).to_owned());
                *current = Some(bar);
            }
            Event::Position { bytes } => {
                if let Some(bar) = current.as_ref() {
                    bar.set_position(*bytes);
                }
            }
            Event::FileFinished { file } => {
                if let Some(bar) = current.take() {
                    bar.finish_and_clear();
                }
                eprintln!("  {file}: complete, sha256 right");
            }
            Event::Note { text } => match current.as_ref() {
                Some(bar) => bar.suspend(|| eprintln!("  {text}")),
                None => eprintln!("  {text}"),
            },
        }
    }
}

fn style(total_known: bool) -> ProgressStyle {
    let template = if total_known {
        "  {msg} {bar:30} {decimal_bytes}/{decimal_total_bytes} {decimal_bytes_per_sec} {eta}"
    } else {
        "  {msg} {spinner} {decimal_bytes} {decimal_bytes_per_sec}"
    };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[derive(Default)]
struct Lines {
    state: Mutex<(String, Option<u64>, u64)>,
}

impl Progress for Lines {
    fn report(&self, event: &Event<'_>) {
        let Ok(mut state) = self.state.lock() else { return };
        match event {
            Event::FileStarted { file, total_bytes } => {
                *state = ((*file).to_owned(), *total_bytes, 0);
            }
            Event::Position { bytes } => {
                let (file, total, said) = &mut *state;
                let Some(percent) = total.and_then(|total| (bytes * 100).checked_div(total)) else { return };
                let step = percent / LOG_STEP_PERCENT;
                if step > *said && percent < 100 {
                    *said = step;
                    eprintln!("  {file}: {percent} % ({})", size(*bytes));
                }
            }
            Event::FileFinished { file } => eprintln!("  {file}: complete, sha256 right"),
            Event::Note { text } => eprintln!("  {text}"),
        }
    }
}

/// What `models list` says about a model besides its figures.
pub(super) fn notes(model: &ModelEntry, defaults: &Defaults) -> String {
    let mut notes = Vec::new();
    if model.id == defaults.chat || model.id == defaults.embedding {
        notes.push("default");
    }
    if model.id == defaults.tiny {
        notes.push("for tests and boxes under 1 GB");
    }
    notes.push(if model.measured { "measured" } else { "not measured by us" });
    if !model.is_verifiable() {
        notes.push("needs --allow-unverified");
    }
    notes.join(", ")
}

/// One file's state in words.
pub(super) fn state(state: &FileState) -> String {
    match state {
        FileState::Good => "good".to_owned(),
        FileState::AsItCame => "as it came (the catalog has no sha256)".to_owned(),
        FileState::Missing => "MISSING".to_owned(),
        FileState::Unknown { found } => {
            format!("cannot tell: neither the catalog nor this box knows its sha256 ({found})")
        }
        FileState::Wrong { expected, found } => format!("WRONG: sha256 {found}, expected {expected}"),
    }
}

/// Bytes in powers of ten, as on download pages.
pub(super) fn size(bytes: u64) -> String {
    indicatif::DecimalBytes(bytes).to_string()
}
