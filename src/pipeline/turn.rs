//! One turn: all that happens to a leased message until its outcome is committed.

use super::{
    answer::{Answer, AnswerObserver, Answerer, Silent, millis},
    fault,
    hard_case::ask_hosted,
    identity::{Step, identity_plans},
    plans::Plans,
    said::{customer_text, said_before, triage_input},
    settings::LiveSettings,
    tool_answer::answer_with_tools,
    watcher::Watcher,
};
use crate::tools::ToolTurns;
use crate::{
    domain::{
        autonomy::{self, AutonomyLevel},
        decision::{FirstDecision, SecondDecision, decide_first, decide_second},
        ids::TicketId,
        loop_guard,
        progress::{Stage, TicketEvent},
        triage::Triage,
    },
    ports::{
        clock::Clock,
        console::ConsoleSettings,
        events::TicketEvents,
        hosted::HostedModel,
        identity::Identity,
        store::{LeasedJob, StoreError, TurnContext, TurnOutcome, WorkQueue},
        triage::Triager,
    },
};
use jiff::{SignedDuration, Timestamp};
use std::{sync::Arc, time::Instant};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// Until it is looked again whether the hour has room.
const WHILE_FULL: SignedDuration = SignedDuration::from_mins(1);
/// Until it is looked again whether the models are there.
const WHILE_LOADING: SignedDuration = SignedDuration::from_millis(500);

/// The desk: works on one message after the other.
pub struct Desk {
    pub queue: Arc<dyn WorkQueue>,
    pub triager: Arc<dyn Triager>,
    pub identity: Arc<dyn Identity>,
    pub answerer: Arc<Answerer>,
    /// Asked in hard cases before a person is; `None` unless the owner turned it on.
    pub hosted: Option<Arc<dyn HostedModel>>,
    /// The local model with tools, tried in hard cases first; `None` unless the owner turned it on.
    pub tool_turns: Option<Arc<ToolTurns>>,
    pub events: Arc<dyn TicketEvents>,
    pub clock: Arc<dyn Clock>,
    /// How far the assistant goes by itself.
    pub autonomy: Arc<dyn ConsoleSettings>,
    pub settings: LiveSettings,
}

/// How a turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnEnd {
    Committed {
        /// A reply waits in the outbox.
        reply: bool,
    },
    /// A newer message of the ticket has its own turn, which answers this one too.
    Overtaken,
    /// A model it needs is not there yet, or the hour's automatic mails are used up: given back undone.
    Waiting,
}

/// Why a turn failed; the queue tries again or ends it at a person.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the voice is incomplete: {0}")]
    Voice(#[from] crate::domain::voice::MissingVoice),
}

impl Desk {
    /// Works on one message up to its committed outcome.
    ///
    /// # Errors
    /// When the store fails; the caller gives the job back to the queue's retry discipline.
    pub async fn work(&self, job: &LeasedJob) -> Result<TurnEnd, TurnError> {
        let mut context = self.queue.turn_context(job).await?;
        if context.newest_message_id != context.message_id || context.unanswered.is_empty() {
            self.queue.finish_void(job, self.clock.now()).await?;
            return Ok(TurnEnd::Overtaken);
        }
        let step = self.identity_step(&context).await?;
        if matches!(step, Step::Joined { .. }) {
            context = self.queue.turn_context(job).await?;
        }
        self.progress(context.ticket.id, Stage::Reading).await;
        let started = Instant::now();
        let text = customer_text(&context);
        let triage = self.triage(&context, &text).await;
        let mut timings = vec![("triage", millis(started))];
        fault::point("turn.triaged").await;
        if let Some(plans) = identity_plans(&context, step) {
            timings.push(("total", millis(started)));
            return self.commit(job, &context, triage, plans, timings).await;
        }
        context.state.hour_is_full = self.hour_is_full(&context).await?;
        let plans = match decide_first(&triage, &context.state) {
            FirstDecision::Draft if context.state.hour_is_full => {
                tracing::warn!(ticket = %context.ticket.reference, "an answer waits: very many automatic mails left in the last hour");
                return self.wait(job, WHILE_FULL).await;
            }
            FirstDecision::Draft if self.answerer.still_loading() => {
                return self.wait(job, WHILE_LOADING).await;
            }
            FirstDecision::Draft => {
                let level = autonomy::level(&self.autonomy.autonomy().await?, context.channel, triage.intent);
                let watcher =
                    Watcher { events: &*self.events, clock: &*self.clock, ticket: context.ticket.id };
                // A text that a person will look at first is not shown as it is written.
                let observer: &dyn AnswerObserver =
                    if level == AutonomyLevel::Auto { &watcher } else { &Silent };
                let before = said_before(&context);
                let answer = self.answerer.answer(&context.ticket.subject, &text, before, observer).await?;
                fault::point("turn.drafted").await;
                self.progress(context.ticket.id, Stage::Checking).await;
                timings.extend(answer.timings_ms.iter().copied());
                let answer = self.heed_hard_case(&context, &triage, &text, answer).await;
                self.after_draft(&context, &triage, &text, answer, level)
            }
            decision => self.without_draft(&context, &triage, &text, decision),
        };
        timings.push(("total", millis(started)));
        self.commit(job, &context, triage, plans, timings).await
    }

    /// Gives the job back undone.
    async fn wait(&self, job: &LeasedJob, pause: SignedDuration) -> Result<TurnEnd, TurnError> {
        let due = self.clock.now().saturating_add(pause).unwrap_or(Timestamp::MAX);
        self.queue.release_job(job, due).await?;
        Ok(TurnEnd::Waiting)
    }

    /// Of mail only: elsewhere no machine answers by itself.
    async fn hour_is_full(&self, context: &TurnContext) -> Result<bool, TurnError> {
        if context.state.automatic_traffic.is_none() {
            return Ok(false);
        }
        let since = self.clock.now().saturating_sub(HOUR).unwrap_or(Timestamp::MIN);
        let sent = self.queue.automatic_mails_since(since).await?;
        Ok(loop_guard::hour_is_full(sent, self.settings.now().automatic_mails_an_hour))
    }

    async fn triage(&self, context: &TurnContext, text: &str) -> Triage {
        self.triager.triage(&triage_input(context, text)).await
    }

    /// A hard case goes to the hosted model first, where the owner set one up.
    async fn heed_hard_case(
        &self,
        context: &TurnContext,
        triage: &Triage,
        text: &str,
        answer: Answer,
    ) -> Answer {
        let hard = |answer: &Answer| {
            decide_second(answer.draft.as_ref(), triage, self.answerer.bands()) == SecondDecision::HardCase
        };
        let answer = match &self.tool_turns {
            Some(turns) if hard(&answer) => {
                answer_with_tools(&self.answerer, turns, context, text, answer).await
            }
            _ => answer,
        };
        let still_hard = hard(&answer);
        match &self.hosted {
            Some(hosted) if still_hard => {
                ask_hosted(&self.answerer, hosted.as_ref(), context, triage, text, answer).await
            }
            _ => answer,
        }
    }

    async fn commit(
        &self,
        job: &LeasedJob,
        context: &TurnContext,
        triage: Triage,
        plans: Plans,
        timings_ms: Vec<(&'static str, u64)>,
    ) -> Result<TurnEnd, TurnError> {
        let reply = plans.say.as_ref().map(|say| self.reply(context, &triage, say)).transpose()?;
        fault::point("turn.formatted").await;
        let (status, assigned_to) =
            (plans.status, plans.escalation.as_ref().map(|(_, _, route)| route.team.clone()));
        let (has_reply, stage) = (reply.is_some(), plans.stage);
        tracing::info!(ticket = %context.ticket.reference, decision = plans.decision, reason = %plans.reason, "decided");
        let outcome = TurnOutcome {
            ticket_id: context.ticket.id,
            newest_message_id: context.newest_message_id,
            triage,
            draft: plans.draft,
            decision: plans.decision,
            reason: plans.reason,
            reply,
            escalation: plans.escalation,
            ticket_status: status,
            stage,
            timings_ms,
        };
        let now = self.clock.now();
        match self.queue.commit_turn(job, outcome, now).await {
            Ok(_) => {}
            Err(StoreError::Conflict) => {
                // A newer message came, a person took over, or the lease ran out: what was drafted is void.
                self.events.publish(context.ticket.id, TicketEvent::Retracted);
                match self.queue.finish_void(job, now).await {
                    Ok(()) => return Ok(TurnEnd::Overtaken),
                    // No newer job answers for this one (a person stepped in, or the lease is gone): look again at once.
                    Err(StoreError::Conflict) => match self.queue.release_job(job, now).await {
                        Ok(()) | Err(StoreError::Conflict) => return Ok(TurnEnd::Overtaken),
                        Err(error) => return Err(error.into()),
                    },
                    Err(error) => return Err(error.into()),
                }
            }
            Err(error) => return Err(error.into()),
        }
        fault::point("turn.committed").await;
        if !has_reply {
            self.events.publish(context.ticket.id, TicketEvent::Progress { stage, at: now });
        }
        self.events.publish(context.ticket.id, TicketEvent::Status { status, assigned_to });
        Ok(TurnEnd::Committed { reply: has_reply })
    }

    /// Stores and announces a stage. Losing one costs nothing but a step on a progress bar.
    async fn progress(&self, ticket: TicketId, stage: Stage) {
        let at = self.clock.now();
        if let Err(error) = self.queue.set_stage(ticket, stage, at).await {
            tracing::debug!(%error, "stage not stored");
        }
        self.events.publish(ticket, TicketEvent::Progress { stage, at });
    }
}
