//! What is known of mails that were on their way when something broke. Written before a server is given a mail, so that neither a
//! crash nor a lost answer makes a customer get it twice.

use crate::{
    domain::{channel::Channel, ids::MessageId},
    ports::{channel_state::ChannelState, store::StoreError},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

const NAME: &str = "outgoing";
/// Mails remembered. More than can be under way at once; accepted ones are forgotten first.
const KEPT: usize = 100;

/// How far a mail came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The server was about to get it; nothing is known of the outcome.
    Handing,
    /// The server took it.
    Taken,
    /// Nothing could be found out and a person was asked: sent round again, it is sent again.
    Asked,
}

/// The last mails of one mailbox, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entries(Vec<(MessageId, Stage)>);

impl Entries {
    pub fn stage(&self, message: MessageId) -> Option<Stage> {
        self.0.iter().find(|(id, _)| *id == message).map(|(_, stage)| *stage)
    }

    /// With the mail at this stage, or without it.
    #[must_use]
    pub fn with(&self, message: MessageId, stage: Option<Stage>) -> Self {
        let mut entries: Vec<_> = self.0.iter().copied().filter(|(id, _)| *id != message).collect();
        entries.extend(stage.map(|stage| (message, stage)));
        while entries.len() > KEPT {
            let oldest = entries.iter().position(|(_, stage)| *stage == Stage::Taken).unwrap_or(0);
            entries.remove(oldest);
        }
        Self(entries)
    }
}

/// The entries of one mailbox in the store.
pub struct Journal {
    pub account: String,
    pub state: Arc<dyn ChannelState>,
}

impl Journal {
    /// # Errors
    /// When the store cannot be read.
    pub async fn load(&self) -> Result<Entries, StoreError> {
        let text = self.state.load(Channel::Email, &self.account, NAME).await?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    /// # Errors
    /// When the store cannot be written.
    pub async fn save(&self, entries: &Entries) -> Result<(), StoreError> {
        let text = serde_json::to_string(entries).map_err(|error| StoreError::Failed(Box::new(error)))?;
        self.state.save(Channel::Email, &self.account, NAME, &text, Timestamp::now()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_without_an_outcome_outlives_those_that_have_one() {
        let lost = MessageId::new();
        let mut entries = Entries::default().with(lost, Some(Stage::Handing));
        for _ in 0..KEPT * 2 {
            entries = entries.with(MessageId::new(), Some(Stage::Taken));
        }
        assert_eq!((entries.stage(lost), entries.0.len()), (Some(Stage::Handing), KEPT));
        assert_eq!(entries.with(lost, Some(Stage::Asked)).stage(lost), Some(Stage::Asked));
        assert_eq!(entries.with(lost, None).stage(lost), None);
    }
}
