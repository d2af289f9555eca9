//! Proving that two addresses are one person's, and making two customers one.

use super::store::{NewReply, StoreError};
use crate::domain::{
    identity::Claim,
    ids::{CustomerId, MergeId, MessageId, TicketId},
};
use async_trait::async_trait;
use jiff::Timestamp;

/// Stands in the parts of a message for its one-time code until the moment it is sent.
pub const CODE_PLACE: &str = "{code}";

/// Somebody says that an address is theirs.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// Where they said so, and the message that does. The same message never has two codes sent.
    pub ticket: TicketId,
    pub message: MessageId,
    pub claim: Claim,
    /// Brings the code to the claimed address; its parts hold [`CODE_PLACE`].
    pub code: NewReply,
    /// Tells the sender that a code is on its way.
    pub notice: NewReply,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Code and notice are on their way.
    Sent,
    /// It is theirs already.
    Known,
    TooMany,
    /// The sender has not even proven the address they write from.
    Unproven,
}

/// What became of a code that came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redeemed {
    /// There is no code that this sender could bring: the digits are something else.
    NoneOpen,
    /// Both addresses are one customer's now.
    Joined,
    Wrong {
        tries_left: u32,
    },
    Spent,
}

/// One-time codes and merges. Everything is one transaction and in the audit log.
#[async_trait]
pub trait Identity: Send + Sync {
    async fn ask(&self, ask: Ask, now: Timestamp) -> Result<Asked, StoreError>;
    /// Tries a code for whoever wrote this message; the same message tries once. `bare`: the message is nothing but the code.
    async fn redeem(
        &self,
        ticket: TicketId,
        message: MessageId,
        code: &str,
        bare: bool,
        now: Timestamp,
    ) -> Result<Redeemed, StoreError>;
    /// Makes one customer of two: addresses, tickets and conversations of the loser become the winner's.
    /// [`StoreError::Conflict`] when either is part of another customer already, or both are the same.
    async fn merge(
        &self,
        winner: CustomerId,
        loser: CustomerId,
        operator: &str,
        now: Timestamp,
    ) -> Result<MergeId, StoreError>;
    /// Takes a merge back: what moved returns, and so does what only the loser's addresses wrote since.
    /// [`StoreError::Conflict`] when it was undone before or the winner was merged on.
    async fn undo_merge(&self, merge: MergeId, operator: &str, now: Timestamp) -> Result<(), StoreError>;
}
