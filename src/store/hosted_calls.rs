//! What hosted models were shown and what it cost.

use super::{
    Store,
    values::{count, micros},
};
use crate::domain::hosted::Spent;
use crate::ports::{
    hosted::{HostedCall, HostedCalls},
    store::StoreError,
};
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::params;

#[async_trait]
impl HostedCalls for Store {
    async fn record_call(&self, call: HostedCall, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |connection| {
            let sql =
                "INSERT INTO egress (at, ticket_id, destination, model, purpose, request_text, request_bytes,
                           response_bytes, redactions, prompt_tokens, completion_tokens, cost_micros, outcome)
                       VALUES (?1, ?2, ?3, ?4, 'hard_case', ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
            connection.prepare_cached(sql)?.execute(params![
                micros(now),
                call.ticket.map(|ticket| ticket.0.into_bytes()),
                call.destination,
                call.model,
                call.request_text,
                call.request_bytes as i64,
                call.response_bytes as i64,
                call.redactions as i64,
                call.usage.prompt_tokens as i64,
                call.usage.completion_tokens as i64,
                call.cost_micros as i64,
                call.outcome
            ])?;
            Ok(())
        })
        .await
    }

    async fn spent_since(&self, since: Timestamp) -> Result<Spent, StoreError> {
        self.read(move |connection| {
            let sql = "SELECT coalesce(sum(cost_micros), 0) AS cost,
                              coalesce(sum(prompt_tokens + completion_tokens), 0) AS tokens
                       FROM egress WHERE at >= ?1";
            Ok(connection.prepare_cached(sql)?.query_row([micros(since)], |row| {
                Ok(Spent { cost_micros: count(row, "cost")?, tokens: count(row, "tokens")? })
            })?)
        })
        .await
    }
}
