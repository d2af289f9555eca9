//! One turn: all that happens to a leased message until its outcome is committed.

use super::{
    answer::{Answer, AnswerObserver, Answerer, millis},
    fault,
    routing::Routing,
};
use crate::{
    domain::{
        customer::Plan,
        decision::{Acknowledgement, FirstDecision, SecondDecision, decide_first, decide_second, hand_over},
        draft::Draft,
        escalation::{EscalationCategory, HandOver, Route, Urgency},
        formatting::{FormattedReply, ReplyContext, ReplyKind, format_reply},
        ids::{EscalationId, MessageId, TicketId},
        knowledge::Source,
        message::Role,
        progress::{Stage, TicketEvent},
        ticket::TicketStatus,
        triage::{Triage, TriageInput},
        voice::Voice,
    },
    ports::{
        clock::Clock,
        events::TicketEvents,
        store::{LeasedJob, NewReply, StoreError, TurnContext, TurnOutcome, WorkQueue},
        triage::Triager,
    },
};
use jiff::SignedDuration;
use std::{sync::Arc, time::Instant};

/// How the desk presents itself.
#[derive(Debug, Clone)]
pub struct DeskSettings {
    pub company: String,
    pub support_email: String,
    pub voice: Voice,
    pub routing: Routing,
}

/// The desk: works on one message after the other.
pub struct Desk {
    pub queue: Arc<dyn WorkQueue>,
    pub triager: Arc<dyn Triager>,
    pub answerer: Arc<Answerer>,
    pub events: Arc<dyn TicketEvents>,
    pub clock: Arc<dyn Clock>,
    pub settings: DeskSettings,
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
    /// A model it needs is not there yet: given back undone.
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

/// What is to be said and recorded, before it is formatted.
struct Plans {
    decision: &'static str,
    reason: String,
    say: Option<Say>,
    draft: Option<Draft>,
    escalation: Option<(EscalationId, HandOver, Route)>,
    status: TicketStatus,
    stage: Stage,
}

/// What is to be said.
enum Say {
    Answer { body: String, sources: Vec<Source> },
    HandOver { team: String, promise: String },
    Held { promise: String },
    Acknowledge(Acknowledgement),
}

impl Desk {
    /// Works on one message up to its committed outcome.
    ///
    /// # Errors
    /// When the store fails; the caller gives the job back to the queue's retry discipline.
    pub async fn work(&self, job: &LeasedJob) -> Result<TurnEnd, TurnError> {
        let context = self.queue.turn_context(job).await?;
        if context.newest_message_id != context.message_id || context.unanswered.is_empty() {
            self.queue.finish_void(job, self.clock.now()).await?;
            return Ok(TurnEnd::Overtaken);
        }
        self.progress(context.ticket.id, Stage::Reading).await;
        let started = Instant::now();
        let text = customer_text(&context);
        let triage = self.triage(&context, &text).await;
        let mut timings = vec![("triage", millis(started))];
        fault::point("turn.triaged").await;
        let plans = match decide_first(&triage, &context.state) {
            FirstDecision::Draft => {
                if self.answerer.still_loading() {
                    let soon = self
                        .clock
                        .now()
                        .checked_add(SignedDuration::from_millis(500))
                        .unwrap_or(self.clock.now());
                    self.queue.release_job(job, soon).await?;
                    return Ok(TurnEnd::Waiting);
                }
                let watcher = Watcher { desk: self, ticket: context.ticket.id };
                let mut said = context.earlier.iter().filter(|message| message.role == Role::Customer);
                let before = said.next_back().map(|message| message.content.as_str());
                let answer = self.answerer.answer(&context.ticket.subject, &text, before, &watcher).await?;
                fault::point("turn.drafted").await;
                self.progress(context.ticket.id, Stage::Checking).await;
                timings.extend(answer.timings_ms.iter().copied());
                self.after_draft(&context, &triage, &text, answer)
            }
            decision => self.without_draft(&context, &triage, &text, decision),
        };
        timings.push(("total", millis(started)));
        self.commit(job, &context, triage, plans, timings).await
    }

    async fn triage(&self, context: &TurnContext, text: &str) -> Triage {
        let earlier = context.earlier.iter().filter(|message| message.role == Role::Customer);
        let answers = context.earlier.iter().filter(|message| message.role == Role::Assistant).count();
        let input = TriageInput {
            subject: Some(context.ticket.subject.as_str()),
            text,
            plan: context.plan,
            earlier_scores: context.state.earlier_scores.clone(),
            earlier_texts: earlier.map(|message| message.content.as_str()).collect(),
            answers_so_far: answers,
            automatic_mail: context.automatic_mail,
        };
        self.triager.triage(&input).await
    }

    fn without_draft(
        &self,
        context: &TurnContext,
        triage: &Triage,
        text: &str,
        decision: FirstDecision,
    ) -> Plans {
        let unchanged = context.ticket.status;
        match decision {
            FirstDecision::Ignore { reason } => Plans {
                decision: "ignored",
                reason: reason.to_owned(),
                say: None,
                draft: None,
                escalation: None,
                status: if reason == "spam" { TicketStatus::Closed } else { unchanged },
                stage: if context.state.already_escalated || context.state.operator_has_it {
                    Stage::WithAPerson
                } else {
                    Stage::Answered
                },
            },
            FirstDecision::Acknowledge(what) => Plans {
                decision: "acknowledged",
                reason: format!("{what:?}"),
                say: Some(Say::Acknowledge(what)),
                draft: None,
                escalation: None,
                status: unchanged,
                stage: if what == Acknowledgement::AddedToTicket {
                    Stage::WithAPerson
                } else {
                    Stage::Answered
                },
            },
            FirstDecision::Escalate { category, urgency, reason } => {
                self.escalate(context, triage, text, category, urgency, reason, None)
            }
            FirstDecision::HandOverQuietly { category, urgency, reason } => Plans {
                say: None,
                ..self.escalate(context, triage, text, category, urgency, reason, None)
            },
            // The caller drafts; reaching a person is the safe reading should it ever ask.
            FirstDecision::Draft => self.escalate(
                context,
                triage,
                text,
                EscalationCategory::General,
                Urgency::Normal,
                "no draft was made".to_owned(),
                None,
            ),
        }
    }

    fn after_draft(&self, context: &TurnContext, triage: &Triage, text: &str, answer: Answer) -> Plans {
        let note = answer.note.clone();
        let confidence = answer.draft.as_ref().map_or(0.0, |draft| draft.confidence);
        let reason = note.map_or_else(
            || format!("confidence {confidence:.2}"),
            |note| format!("confidence {confidence:.2}; {note}"),
        );
        let plans = self.by_second_decision(context, triage, text, answer, reason);
        let is_answer = matches!(plans.say, Some(Say::Answer { .. }));
        if context.state.acknowledgements_unwanted && !is_answer { Plans { say: None, ..plans } } else { plans }
    }

    fn by_second_decision(
        &self,
        context: &TurnContext,
        triage: &Triage,
        text: &str,
        answer: Answer,
        reason: String,
    ) -> Plans {
        match decide_second(answer.draft.as_ref(), triage, self.answerer.bands()) {
            decision @ (SecondDecision::Send | SecondDecision::SendAndFlag) => Plans {
                decision: if decision == SecondDecision::Send { "sent" } else { "flagged" },
                reason,
                say: answer
                    .draft
                    .as_ref()
                    .map(|draft| Say::Answer { body: draft.body.clone(), sources: draft.sources.clone() }),
                draft: answer.draft,
                escalation: None,
                status: TicketStatus::InProgress,
                stage: Stage::Answered,
            },
            SecondDecision::HoldForApproval => {
                let mut plans = self.escalate(
                    context,
                    triage,
                    text,
                    EscalationCategory::General,
                    Urgency::Normal,
                    format!("waits for approval: {reason}"),
                    answer.draft,
                );
                plans.decision = "held";
                plans.status = TicketStatus::InProgress;
                plans.say = plans
                    .escalation
                    .as_ref()
                    .map(|(_, _, route)| Say::Held { promise: route.promise.clone() });
                plans
            }
            SecondDecision::HardCase => self.escalate(
                context,
                triage,
                text,
                EscalationCategory::General,
                Urgency::Normal,
                format!("our documents do not answer it ({reason})"),
                answer.draft,
            ),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one record, named at the call")]
    fn escalate(
        &self,
        context: &TurnContext,
        triage: &Triage,
        text: &str,
        category: EscalationCategory,
        urgency: Urgency,
        reason: String,
        draft: Option<Draft>,
    ) -> Plans {
        // An enterprise customer's promise is an hour whatever the matter.
        let urgency =
            if context.plan == Plan::Enterprise && urgency > Urgency::High { Urgency::High } else { urgency };
        let attempts = context
            .earlier
            .iter()
            .filter(|m| m.role == Role::Assistant)
            .map(|m| first_line(&m.content))
            .collect();
        let record =
            hand_over(category, urgency, reason.clone(), triage, &context.ticket.subject, text, attempts);
        let route = self.settings.routing.route(category, urgency, self.clock.now());
        Plans {
            decision: "escalated",
            reason,
            say: Some(Say::HandOver { team: route.team.clone(), promise: route.promise.clone() }),
            draft,
            escalation: Some((EscalationId::new(), record, route)),
            status: TicketStatus::Escalated,
            stage: Stage::WithAPerson,
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

    /// Formats what is to be said: the only way out there is.
    fn reply(&self, context: &TurnContext, triage: &Triage, say: &Say) -> Result<NewReply, TurnError> {
        let kind = match say {
            Say::Answer { body, sources } => ReplyKind::Answer { body, sources },
            Say::HandOver { team, promise } => ReplyKind::HandOver { team, promise },
            Say::Held { promise } => ReplyKind::Held { promise },
            Say::Acknowledge(Acknowledgement::Invite) => ReplyKind::Invite,
            Say::Acknowledge(Acknowledgement::YouAreWelcome) => ReplyKind::YouAreWelcome,
            Say::Acknowledge(Acknowledgement::AddedToTicket) => ReplyKind::AddedToTicket,
        };
        let circumstances = ReplyContext {
            channel: context.channel,
            customer_name: context.customer_name.as_deref(),
            reference: context.ticket.reference.as_str(),
            subject: &context.ticket.subject,
            sentiment: triage.sentiment.score,
            company: &self.settings.company,
            support_email: &self.settings.support_email,
            automatic: true,
        };
        let FormattedReply { subject, parts } = format_reply(&kind, &circumstances, &self.settings.voice)?;
        let sources = if let Say::Answer { sources, .. } = say { sources.clone() } else { Vec::new() };
        Ok(NewReply {
            message_id: MessageId::new(),
            role: Role::Assistant,
            channel: context.channel,
            recipient: context.recipient.clone(),
            subject,
            parts,
            sources,
            automatic: true,
        })
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

/// Passes what the answerer does on to those who watch the ticket.
struct Watcher<'a> {
    desk: &'a Desk,
    ticket: TicketId,
}

impl AnswerObserver for Watcher<'_> {
    fn stage(&self, stage: Stage) {
        self.desk.events.publish(self.ticket, TicketEvent::Progress { stage, at: self.desk.clock.now() });
    }

    fn sentence(&self, index: usize, text: &str) {
        self.desk.events.publish(self.ticket, TicketEvent::Sentence { index, text: text.to_owned() });
    }

    fn retracted(&self) {
        self.desk.events.publish(self.ticket, TicketEvent::Retracted);
    }
}

/// Everything the customer said since the last answer, oldest first.
fn customer_text(context: &TurnContext) -> String {
    context.unanswered.iter().map(|message| message.content.as_str()).collect::<Vec<_>>().join("\n\n")
}

fn first_line(text: &str) -> String {
    let line =
        text.lines().map(str::trim).find(|line| line.split_whitespace().count() > 3).unwrap_or_default();
    line.chars().take(160).collect()
}
