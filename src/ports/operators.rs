//! People who work the console, their sessions, their second steps, and the tokens of programs. Secrets come in as hashes.

use super::store::StoreError;
use crate::domain::{
    ids::OperatorId,
    operator::{OperatorRole, TokenScope},
    sign_in::Failures,
};
use async_trait::async_trait;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// SHA-256 of a secret that its owner alone has.
pub type SecretHash = [u8; 32];

/// An operator with what signing in needs. Never shown.
#[derive(Debug, Clone, PartialEq)]
pub struct OperatorAccount {
    pub id: OperatorId,
    pub name: String,
    pub role: OperatorRole,
    pub password_hash: String,
    /// Base32; in force once confirmed.
    pub totp_secret: Option<String>,
    pub totp_confirmed: bool,
    pub totp_last_step: i64,
    pub recovery_codes_left: u32,
    pub disabled: bool,
}

/// An operator as administrators see one.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OperatorView {
    pub id: OperatorId,
    pub name: String,
    pub role: OperatorRole,
    pub disabled: bool,
    pub totp: bool,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_seen_at: Option<Timestamp>,
}

/// An operator about to be made.
#[derive(Debug, Clone)]
pub struct NewOperator {
    pub name: String,
    pub role: OperatorRole,
    pub password_hash: String,
}

/// What is to change about an operator; `None` stays.
#[derive(Debug, Clone, Default)]
pub struct OperatorChange {
    pub role: Option<OperatorRole>,
    pub disabled: Option<bool>,
    pub password_hash: Option<String>,
    pub reset_totp: bool,
}

/// A session that was found by its token.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundSession {
    pub session_id: Uuid,
    pub operator_id: OperatorId,
    pub name: String,
    pub role: OperatorRole,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
}

/// A session about to begin.
#[derive(Debug, Clone)]
pub struct NewSession {
    pub operator_id: OperatorId,
    pub token_hash: SecretHash,
    pub address: String,
    pub client: String,
}

/// A session in its owner's list.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionView {
    pub id: Uuid,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub address: String,
    pub client: String,
}

/// A program's token, without its secret.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TokenView {
    pub id: Uuid,
    pub name: String,
    pub scope: TokenScope,
    pub created_by: String,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Timestamp>,
}

/// Whose sessions end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndSessions {
    /// One of an operator's own.
    One(Uuid),
    /// All of an operator's but this one.
    AllBut(Uuid),
}

/// The second step's state to be kept.
#[derive(Debug, Clone)]
pub enum TotpChange {
    /// A secret to be confirmed.
    Begin(String),
    /// It is in force; the hashes are those of the recovery codes.
    Confirm {
        step: i64,
        recovery_codes: Vec<SecretHash>,
    },
    /// New recovery codes in place of the old ones.
    NewCodes(Vec<SecretHash>),
    Disable,
}

/// Keeps operators. Every change leaves a row in the audit log in the same transaction; `actor` is who made it.
#[async_trait]
pub trait OperatorStore: Send + Sync {
    async fn has_administrator(&self) -> Result<bool, StoreError>;
    /// Refused with `already_set_up` when there is an administrator, `name_taken` when the name is taken.
    async fn create_operator(
        &self,
        operator: NewOperator,
        only_first: bool,
        actor: &str,
        now: Timestamp,
    ) -> Result<OperatorView, StoreError>;
    async fn operators(&self) -> Result<Vec<OperatorView>, StoreError>;
    /// Ends the operator's sessions when disabled or given a new password or role. Refused with `last_administrator` when none
    /// would be left. The second value names the sessions that ended.
    async fn change_operator(
        &self,
        id: OperatorId,
        change: OperatorChange,
        actor: &str,
        now: Timestamp,
    ) -> Result<(OperatorView, Vec<Uuid>), StoreError>;
    async fn account(&self, name: &str) -> Result<Option<OperatorAccount>, StoreError>;
    async fn account_by_id(&self, id: OperatorId) -> Result<Option<OperatorAccount>, StoreError>;

    async fn sign_in_failures(&self, name: &str) -> Result<Failures, StoreError>;
    async fn record_sign_in_failure(&self, name: &str, now: Timestamp) -> Result<(), StoreError>;
    /// Begins a session and forgets the failures. Sessions long over are removed along the way.
    async fn begin_session(
        &self,
        session: NewSession,
        name: &str,
        now: Timestamp,
    ) -> Result<Uuid, StoreError>;
    /// Only of operators that are not disabled; whether it is over is for the caller to say.
    async fn session(&self, token_hash: SecretHash) -> Result<Option<FoundSession>, StoreError>;
    async fn session_seen(&self, session: Uuid, now: Timestamp) -> Result<(), StoreError>;
    /// Newest first.
    async fn sessions(&self, operator: OperatorId) -> Result<Vec<SessionView>, StoreError>;
    /// The sessions that ended. [`StoreError::NotFound`] when the one named is none of the operator's.
    async fn end_sessions(
        &self,
        operator: OperatorId,
        which: EndSessions,
        actor: &str,
        now: Timestamp,
    ) -> Result<Vec<Uuid>, StoreError>;

    async fn change_password(
        &self,
        operator: OperatorId,
        password_hash: String,
        actor: &str,
        now: Timestamp,
    ) -> Result<(), StoreError>;
    async fn change_totp(
        &self,
        operator: OperatorId,
        change: TotpChange,
        actor: &str,
        now: Timestamp,
    ) -> Result<(), StoreError>;
    /// Takes a code's step; false when this or a later one was used before.
    async fn use_totp_step(&self, operator: OperatorId, step: i64) -> Result<bool, StoreError>;
    /// Uses a recovery code up; false when there is no such unused one.
    async fn use_recovery_code(
        &self,
        operator: OperatorId,
        code: SecretHash,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    async fn tokens(&self) -> Result<Vec<TokenView>, StoreError>;
    async fn create_token(
        &self,
        name: String,
        scope: TokenScope,
        token_hash: SecretHash,
        actor: &str,
        now: Timestamp,
    ) -> Result<TokenView, StoreError>;
    async fn revoke_token(&self, id: Uuid, actor: &str, now: Timestamp) -> Result<(), StoreError>;
    /// Name and scope of a token in force; notes its use at most once a minute.
    async fn token(&self, token_hash: SecretHash, now: Timestamp) -> Result<Option<TokenView>, StoreError>;
}
