//! The queue under random interleavings: whatever workers do, a conversation stays in order and nothing is lost.

use super::*;
use crate::ports::store::{AfterFailure, StoreError};
use proptest::prelude::*;
use std::collections::{HashMap, HashSet};

#[derive(Debug, Clone)]
enum Step {
    /// A message of one of four customers.
    Accept(usize),
    Lease,
    /// What becomes of one of the leases held, and the time it takes.
    Commit(usize),
    Void(usize),
    Fail(usize),
    Release(usize),
    /// The worker dies; its lease runs out.
    Forget(usize),
    Wait(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..4usize).prop_map(Step::Accept),
        6 => Just(Step::Lease),
        4 => any::<usize>().prop_map(Step::Commit),
        2 => any::<usize>().prop_map(Step::Void),
        2 => any::<usize>().prop_map(Step::Fail),
        1 => any::<usize>().prop_map(Step::Release),
        1 => any::<usize>().prop_map(Step::Forget),
        2 => (1..90i64).prop_map(Step::Wait),
    ];
    proptest::collection::vec(step, 1..80)
}

/// Plays the steps beside a plain model of the rules.
struct Play {
    store: Fixture,
    now: i64,
    /// Accepted messages of each customer, in order.
    accepted: Vec<Vec<MessageId>>,
    held: Vec<LeasedJob>,
    finished: HashSet<MessageId>,
}

impl Play {
    fn customer(&self, message: MessageId) -> usize {
        self.accepted.iter().position(|messages| messages.contains(&message)).expect("an accepted message")
    }

    /// A leased message is the oldest unfinished one of its conversation, and nobody else works on that conversation.
    async fn lease(&mut self) -> Result<bool, TestCaseError> {
        let Some(job) = self.store.lease_job(at(self.now), LEASE).await.expect("a working queue") else {
            return Ok(false);
        };
        // A job buried by the lease itself (its attempts ran out without outcome) is finished, too.
        self.note_dead().await;
        let customer = self.customer(job.message_id);
        let oldest = self.accepted[customer].iter().find(|message| !self.finished.contains(message));
        prop_assert_eq!(oldest, Some(&job.message_id), "overtaken within its conversation");
        let now = at(self.now);
        for other in &self.held {
            let same = self.customer(other.message_id) == customer;
            let alive = self.store.renew_job(other.id, &other.lease, now + LEASE).await.is_ok();
            prop_assert!(!(same && alive), "two workers in one conversation");
        }
        self.held.push(job);
        Ok(true)
    }

    async fn note_dead(&mut self) {
        let dead: Vec<[u8; 16]> = self
            .store
            .read(|connection| {
                let mut statement = connection
                    .prepare("SELECT message_id FROM jobs WHERE state IN ('dead', 'void', 'done')")?;
                let rows = statement.query_map([], |row| row.get(0))?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            })
            .await
            .expect("read");
        self.finished.extend(dead.into_iter().map(|id| MessageId(uuid::Uuid::from_bytes(id))));
    }

    fn take(&mut self, pick: usize) -> Option<LeasedJob> {
        (!self.held.is_empty()).then(|| self.held.swap_remove(pick % self.held.len()))
    }

    async fn step(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Accept(customer) => {
                let message = Inbound {
                    received_at: at(self.now),
                    ..mail(&format!("customer{customer}@example.org"), "Hello there")
                };
                self.accepted[customer].push(accept(&self.store, message).await.message_id);
            }
            Step::Lease => {
                self.lease().await?;
            }
            Step::Commit(pick) => {
                let Some(job) = self.take(pick) else { return Ok(()) };
                let newest = *self.accepted[self.customer(job.message_id)].last().expect("its own at least");
                let outcome = TurnOutcome { decision: "acknowledged", ..answered(&job, newest, "Thanks.") };
                match self.store.commit_turn(&job, outcome, at(self.now)).await {
                    Ok(_) | Err(StoreError::Conflict) => {}
                    Err(other) => return Err(TestCaseError::fail(other.to_string())),
                }
            }
            Step::Void(pick) => {
                let Some(job) = self.take(pick) else { return Ok(()) };
                drop(self.store.finish_void(&job, at(self.now)).await);
            }
            Step::Fail(pick) => {
                let Some(job) = self.take(pick) else { return Ok(()) };
                if let Ok(AfterFailure::RetryAt(due)) =
                    self.store.fail_job(&job, "no model", at(self.now)).await
                {
                    prop_assert!(due > at(self.now));
                }
            }
            Step::Release(pick) => {
                let Some(job) = self.take(pick) else { return Ok(()) };
                drop(self.store.release_job(&job, at(self.now + 1)).await);
            }
            Step::Forget(pick) => drop(self.take(pick)),
            Step::Wait(seconds) => self.now += seconds,
        }
        self.note_dead().await;
        Ok(())
    }

    /// Works off what is left, as a healthy box would, and accounts for every message.
    async fn drain(mut self) -> Result<(), TestCaseError> {
        self.held.clear();
        for _ in 0..2_000 {
            self.now += 100;
            if self.lease().await? {
                self.step(Step::Commit(0)).await?;
            } else if self.store.next_due().await.expect("due").is_none_or(|due| due > at(self.now)) {
                let figures =
                    self.store.number("SELECT count(*) FROM jobs WHERE state IN ('waiting', 'leased')").await;
                if figures == 0 {
                    break;
                }
            }
        }
        let accepted: usize = self.accepted.iter().map(Vec::len).sum();
        prop_assert_eq!(self.finished.len(), accepted, "every message was worked on to an end");
        let silent = "SELECT count(*) FROM tickets WHERE status <> 'escalated' AND EXISTS
                          (SELECT 1 FROM jobs WHERE jobs.ticket_id = tickets.id AND jobs.state = 'dead')";
        prop_assert_eq!(self.store.number(silent).await, 0, "a dead letter without a person");
        // What was answered: no customer message stands after the last answer of a ticket that nobody waits on.
        let unanswered = "SELECT count(*) FROM messages AS question WHERE direction = 'inbound' AND NOT EXISTS
                              (SELECT 1 FROM messages AS answer WHERE answer.ticket_id = question.ticket_id
                               AND answer.direction = 'outbound' AND answer.sequence > question.sequence)
                          AND NOT EXISTS (SELECT 1 FROM escalations WHERE escalations.ticket_id = question.ticket_id)";
        prop_assert_eq!(self.store.number(unanswered).await, 0, "a message ended in silence");
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_conversation_stays_in_order_and_nothing_is_lost(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut play = Play {
                store: open(Kind::Memory), now: 0, accepted: vec![Vec::new(); 4], held: Vec::new(), finished: HashSet::new(),
            };
            for step in steps {
                play.step(step).await?;
            }
            play.drain().await
        })?;
    }
}

#[test]
fn late_jobs_keep_the_order_of_acceptance_across_conversations() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let store = open(Kind::Memory);
        let mut expected = HashMap::new();
        for position in 0..10 {
            let accepted =
                accept(&store, mail(&format!("customer{position}@example.org"), "Hello there")).await;
            expected.insert(accepted.message_id, position);
        }
        for position in 0..10 {
            assert_eq!(
                expected[&lease(&store, 0).await.message_id],
                position,
                "who came first is served first"
            );
        }
    });
}
