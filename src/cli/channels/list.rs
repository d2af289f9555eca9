//! `frontdesk channels list`.
#![allow(clippy::print_stdout, reason = "this is the command line")]

use crate::{
    app::{channel_accounts, open_store},
    channels::health::{RECEIVING, SENDING, last_noted},
    cli::runtime,
    config::Config,
    domain::{channel::Channel, channel_health::ChannelHealth},
};
use serde_json::{Value, json};

/// # Errors
/// When the store cannot be read.
pub fn run(config: &Config, as_json: bool) -> anyhow::Result<()> {
    let accounts = channel_accounts(config);
    runtime()?.block_on(async {
        let store = open_store(config, None)?;
        let mut rows = Vec::new();
        for account in &accounts {
            let mut health = Vec::new();
            for direction in [RECEIVING, SENDING] {
                health.extend(last_noted(&store, account.channel, &account.name, direction).await?);
            }
            rows.push((account, health));
        }
        store.close().await;
        if as_json {
            let rows = rows.iter().map(|(account, health)| {
                json!({
                    "channel": account.channel.as_str(),
                    "account": account.name,
                    "address": account.address,
                    "by": account.by,
                    "enabled": account.enabled,
                    "connections": health.iter().map(health_json).collect::<Vec<_>>(),
                })
            });
            println!("{}", Value::Array(rows.collect()));
            return Ok(());
        }
        println!("web       the form at {}", config.server.public_url);
        for (account, health) in rows {
            let state = if account.enabled { "" } else { " (off: enabled = false)" };
            println!("{:9} {}  {}  by {}{state}", account.channel, account.name, account.address, account.by);
            for note in &health {
                let reason = note.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
                let since = note.since.strftime("%Y-%m-%d %H:%M UTC");
                println!("            {:9} {} since {since}{reason}", note.direction, note.state.as_str());
            }
            if account.channel == Channel::Whatsapp {
                println!(
                    "            called by the provider; try it with: frontdesk channels test {}",
                    account.name
                );
            } else if health.is_empty() && account.enabled {
                println!("            not tried yet; the server does it as soon as it runs");
            }
        }
        if accounts.is_empty() {
            println!("No other channel is set up. Begin with: frontdesk channels connect --help");
        }
        Ok(())
    })
}

fn health_json(note: &ChannelHealth) -> Value {
    json!({
        "direction": note.direction,
        "status": note.state.as_str(),
        "reason": note.reason,
        "since": note.since.to_string(),
    })
}
