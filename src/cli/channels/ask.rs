//! Questions on the terminal.
#![allow(clippy::print_stdout, reason = "this is the command line")]

use anyhow::bail;
use std::io::{BufRead, IsTerminal, Write};

/// Asks for a line; an empty one takes the suggestion.
///
/// # Errors
/// When nothing was typed and nothing suggested, or the input has ended.
pub fn line(question: &str, suggestion: Option<&str>) -> anyhow::Result<String> {
    let hint = suggestion.map(|text| format!(" [{text}]")).unwrap_or_default();
    print!("{question}{hint}: ");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    let count = std::io::stdin().lock().read_line(&mut answer)?;
    let answer = answer.trim();
    match (answer.is_empty(), suggestion) {
        (false, _) => Ok(answer.to_owned()),
        (true, Some(suggestion)) => Ok(suggestion.to_owned()),
        (true, None) if count == 0 => {
            bail!("the input ended at the question {question:?}; give the answer as a flag (see --help)")
        }
        (true, None) => bail!("{question} is needed"),
    }
}

/// Asks for a secret; it is not shown while it is typed.
///
/// # Errors
/// As [`line`].
pub fn secret(question: &str) -> anyhow::Result<String> {
    let hides = std::io::stdin().is_terminal() && stty("-echo");
    let answer = line(question, None);
    if hides {
        stty("echo");
        println!();
    }
    answer
}

fn stty(setting: &str) -> bool {
    std::process::Command::new("stty").arg(setting).status().is_ok_and(|status| status.success())
}
