//! `frontdesk knowledge check`: what is wrong within the documents.

use crate::{
    app::{Assistant, check_knowledge},
    config::Config,
    domain::conflict::{Conflict, KeptConflict},
    ports::{
        clock::{Clock as _, SystemClock},
        conflicts::ConflictStore as _,
        store::StoreError,
    },
};
use anyhow::bail;
use serde_json::{Value, json};

/// Accepts a finding, or looks through all documents and shows what is wrong.
pub async fn run(
    config: &Config,
    assistant: &Assistant,
    accept: Option<i64>,
    json: bool,
) -> anyhow::Result<()> {
    let store = &assistant.store;
    if let Some(number) = accept {
        match store.accept_conflict(number, "command line", SystemClock.now()).await {
            Err(StoreError::NotFound(_)) => {
                bail!("there is no finding {number}; `frontdesk knowledge check` shows them")
            }
            other => other?,
        }
        println!("{number} is accepted: it is not shown again");
        return Ok(());
    }
    check_knowledge(config, store).await?;
    let found = store.conflicts(false).await?;
    if json {
        println!("{}", Value::Array(found.iter().map(as_json).collect()));
        return Ok(());
    }
    if found.is_empty() {
        println!("Nothing wrong was found.");
    }
    for KeptConflict { id, conflict, .. } in &found {
        println!("{id:>4}  {:8}  {}", conflict.kind.as_str(), conflict.describe());
        for side in conflict.sides() {
            println!("      {}\n        “{}”", side.url, side.sentence.replace('\n', " "));
        }
    }
    Ok(())
}

/// One line after documents were added, if there is anything to say.
pub async fn hint(config: &Config, assistant: &Assistant) -> anyhow::Result<()> {
    match check_knowledge(config, &assistant.store).await? {
        0 => {}
        1 => println!("One passage needs a look; see it with: frontdesk knowledge check"),
        count => println!(
            "{count} places contradict each other or are outdated; see them with: frontdesk knowledge check"
        ),
    }
    Ok(())
}

fn as_json(kept: &KeptConflict) -> Value {
    let Conflict { kind, topic, .. } = &kept.conflict;
    json!({
        "id": kept.id,
        "kind": kind.as_str(),
        "topic": topic,
        "description": kept.conflict.describe(),
        "passages": kept.conflict.sides().collect::<Vec<_>>(),
        "found_at": kept.found_at.to_string(),
    })
}
