//! The operators' port: each method one transaction on the aggregate that does it.

use super::{Store, audit::note, operators, sessions};
use crate::domain::{ids::OperatorId, operator::TokenScope, sign_in::Failures};
use crate::ports::{
    operators::{
        EndSessions, FoundSession, NewOperator, NewSession, OperatorAccount, OperatorChange, OperatorStore,
        OperatorView, SecretHash, SessionView, TokenView, TotpChange,
    },
    store::StoreError,
};
use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

#[async_trait]
impl OperatorStore for Store {
    async fn has_administrator(&self) -> Result<bool, StoreError> {
        self.read(operators::has_administrator).await
    }

    async fn create_operator(
        &self,
        operator: NewOperator,
        only_first: bool,
        actor: &str,
        now: Timestamp,
    ) -> Result<OperatorView, StoreError> {
        let actor = actor.to_owned();
        self.write(move |connection| operators::create(connection, &operator, only_first, &actor, now)).await
    }

    async fn operators(&self) -> Result<Vec<OperatorView>, StoreError> {
        self.read(operators::list).await
    }

    async fn change_operator(
        &self,
        id: OperatorId,
        change: OperatorChange,
        actor: &str,
        now: Timestamp,
    ) -> Result<(OperatorView, Vec<Uuid>), StoreError> {
        let actor = actor.to_owned();
        self.write(move |connection| operators::change(connection, id, &change, &actor, now)).await
    }

    async fn account(&self, name: &str) -> Result<Option<OperatorAccount>, StoreError> {
        let name = name.to_owned();
        self.read(move |connection| operators::account(connection, &name)).await
    }

    async fn account_by_id(&self, id: OperatorId) -> Result<Option<OperatorAccount>, StoreError> {
        self.read(move |connection| operators::account_by_id(connection, id)).await
    }

    async fn sign_in_failures(&self, name: &str) -> Result<Failures, StoreError> {
        let name = name.to_owned();
        self.read(move |connection| sessions::failures(connection, &name)).await
    }

    async fn record_sign_in_failure(&self, name: &str, now: Timestamp) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.write(move |connection| sessions::record_failure(connection, &name, now)).await
    }

    async fn begin_session(
        &self,
        session: NewSession,
        name: &str,
        now: Timestamp,
    ) -> Result<Uuid, StoreError> {
        let name = name.to_owned();
        self.write(move |connection| sessions::begin(connection, &session, &name, now)).await
    }

    async fn session(&self, token_hash: SecretHash) -> Result<Option<FoundSession>, StoreError> {
        self.read(move |connection| sessions::find(connection, &token_hash)).await
    }

    async fn session_seen(&self, session: Uuid, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |connection| sessions::seen(connection, session, now)).await
    }

    async fn sessions(&self, operator: OperatorId) -> Result<Vec<SessionView>, StoreError> {
        self.read(move |connection| sessions::list(connection, operator)).await
    }

    async fn end_sessions(
        &self,
        operator: OperatorId,
        which: EndSessions,
        actor: &str,
        now: Timestamp,
    ) -> Result<Vec<Uuid>, StoreError> {
        let actor = actor.to_owned();
        self.write(move |connection| {
            let ended = match which {
                EndSessions::One(session) => sessions::end_one(connection, operator, session)?,
                EndSessions::AllBut(kept) => sessions::end_all_but(connection, operator, Some(kept))?,
            };
            let details = json!({ "sessions": ended });
            note(connection, &actor, "session.end", &operator.to_string(), &details, now)?;
            Ok(ended)
        })
        .await
    }

    async fn change_password(
        &self,
        operator: OperatorId,
        password_hash: String,
        actor: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let actor = actor.to_owned();
        self.write(move |connection| {
            operators::set_password(connection, operator, &password_hash)?;
            note(connection, &actor, "account.password", &operator.to_string(), &json!({}), now)
        })
        .await
    }

    async fn change_totp(
        &self,
        operator: OperatorId,
        change: TotpChange,
        actor: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let actor = actor.to_owned();
        self.write(move |connection| {
            operators::change_totp(connection, operator, &change)?;
            let action = match change {
                TotpChange::Begin(_) => "account.totp_begin",
                TotpChange::Confirm { .. } => "account.totp_confirm",
                TotpChange::NewCodes(_) => "account.recovery_codes",
                TotpChange::Disable => "account.totp_disable",
            };
            note(connection, &actor, action, &operator.to_string(), &json!({}), now)
        })
        .await
    }

    async fn use_totp_step(&self, operator: OperatorId, step: i64) -> Result<bool, StoreError> {
        self.write(move |connection| operators::use_step(connection, operator, step)).await
    }

    async fn use_recovery_code(
        &self,
        operator: OperatorId,
        code: SecretHash,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.write(move |connection| operators::use_recovery_code(connection, operator, &code, now)).await
    }

    async fn tokens(&self) -> Result<Vec<TokenView>, StoreError> {
        self.read(sessions::tokens).await
    }

    async fn create_token(
        &self,
        name: String,
        scope: TokenScope,
        token_hash: SecretHash,
        actor: &str,
        now: Timestamp,
    ) -> Result<TokenView, StoreError> {
        let actor = actor.to_owned();
        self.write(move |connection| {
            sessions::create_token(connection, &name, scope, &token_hash, &actor, now)
        })
        .await
    }

    async fn revoke_token(&self, id: Uuid, actor: &str, now: Timestamp) -> Result<(), StoreError> {
        let actor = actor.to_owned();
        self.write(move |connection| sessions::revoke_token(connection, id, &actor, now)).await
    }

    async fn token(&self, token_hash: SecretHash, now: Timestamp) -> Result<Option<TokenView>, StoreError> {
        let found = self.read(move |connection| sessions::token(connection, &token_hash)).await?;
        if let Some(token) = found.as_ref().filter(|token| sessions::is_stale(token, now)) {
            let token = token.id;
            self.write(move |connection| sessions::token_used(connection, token, now)).await?;
        }
        Ok(found)
    }
}
