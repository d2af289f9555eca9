//! One turn: all that happens to a leased message until its outcome is committed.

use super::{
    answer::{Answer, AnswerObserver, Answerer, Silent, millis},
    fault,
    hard_case::ask_hosted,
    identity::Step,
    plans::{Plans, Say},
    settings::LiveSettings,
    watcher::Watcher,
};
use crate::{
    domain::{
        autonomy::{self, AutonomyLevel},
        decision::{
            Acknowledgement, FirstDecision, SecondDecision, UNANSWERED, decide_first, decide_second,
            hand_over,
        },
        draft::Draft,
        earlier_contact,
        escalation::{EscalationCategory, Urgency},
        formatting::{FormattedReply, ReplyContext, ReplyKind, format_reply},
        ids::{EscalationId, MessageId, TicketId},
        message::Role,
        progress::{Stage, TicketEvent},
        sla,
        ticket::TicketStatus,
        triage::{Triage, TriageInput},
    },
    ports::{
        clock::Clock,
        console::ConsoleSettings,
        events::TicketEvents,
        hosted::HostedModel,
        identity::Identity,
        store::{LeasedJob, NewReply, StoreError, TurnContext, TurnOutcome, WorkQueue},
        triage::Triager,
    },
};
use jiff::SignedDuration;
use std::{sync::Arc, time::Instant};

/// The desk: works on one message after the other.
pub struct Desk {
    pub queue: Arc<dyn WorkQueue>,
    pub triager: Arc<dyn Triager>,
    pub identity: Arc<dyn Identity>,
    pub answerer: Arc<Answerer>,
    /// Asked in hard cases before a person is; `None` unless the owner turned it on.
    pub hosted: Option<Arc<dyn HostedModel>>,
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
                let level = autonomy::level(&self.autonomy.autonomy().await?, context.channel, triage.intent);
                let watcher =
                    Watcher { events: &*self.events, clock: &*self.clock, ticket: context.ticket.id };
                // A text that a person will look at first is not shown as it is written.
                let observer: &dyn AnswerObserver =
                    if level == AutonomyLevel::Auto { &watcher } else { &Silent };
                let mut said = context.earlier.iter().filter(|message| message.role == Role::Customer);
                let before = said.next_back().map(|message| message.content.as_str());
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

    /// A hard case goes to the hosted model first, where the owner set one up.
    async fn heed_hard_case(
        &self,
        context: &TurnContext,
        triage: &Triage,
        text: &str,
        answer: Answer,
    ) -> Answer {
        let decision = decide_second(answer.draft.as_ref(), triage, self.answerer.bands());
        match &self.hosted {
            Some(hosted) if decision == SecondDecision::HardCase => {
                ask_hosted(&self.answerer, hosted.as_ref(), context, triage, text, answer).await
            }
            _ => answer,
        }
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
            FirstDecision::HandOverQuietly { category, urgency, reason } => {
                Plans { say: None, ..self.escalate(context, triage, text, category, urgency, reason, None) }
            }
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

    fn after_draft(
        &self,
        context: &TurnContext,
        triage: &Triage,
        text: &str,
        answer: Answer,
        level: AutonomyLevel,
    ) -> Plans {
        let note = answer.note.clone();
        let confidence = answer.draft.as_ref().map_or(0.0, |draft| draft.confidence);
        let reason = note.map_or_else(
            || format!("confidence {confidence:.2}"),
            |note| format!("confidence {confidence:.2}; {note}"),
        );
        let plans = self.by_second_decision(context, triage, text, (answer, level), reason);
        let is_answer = matches!(plans.say, Some(Say::Answer { .. }));
        if context.state.acknowledgements_unwanted && !is_answer {
            Plans { say: None, ..plans }
        } else {
            plans
        }
    }

    fn by_second_decision(
        &self,
        context: &TurnContext,
        triage: &Triage,
        text: &str,
        (answer, level): (Answer, AutonomyLevel),
        reason: String,
    ) -> Plans {
        let decision = decide_second(answer.draft.as_ref(), triage, self.answerer.bands());
        match autonomy::restrain(decision, level) {
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
                if level == AutonomyLevel::Off {
                    "answers to such messages are left to people".to_owned()
                } else {
                    format!("{UNANSWERED} ({reason})")
                },
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
        let urgency = sla::urgency_for(context.plan, urgency);
        let attempts = context
            .earlier
            .iter()
            .filter(|m| m.role == Role::Assistant)
            .map(|m| first_line(&m.content))
            .collect();
        let record =
            hand_over(category, urgency, reason.clone(), triage, &context.ticket.subject, text, attempts);
        let route = self.settings.now().route(category, urgency, self.clock.now());
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
            Say::Notice(text) => ReplyKind::Notice { text },
        };
        let earlier = context.earlier_contact.as_ref().filter(|_| !matches!(say, Say::Acknowledge(_)));
        let mention = earlier.map(|contact| {
            let local = |at: jiff::Timestamp| at.to_zoned(jiff::tz::TimeZone::system()).datetime();
            earlier_contact::mention(contact, local(contact.at), local(self.clock.now()))
        });
        let settings = self.settings.now();
        let circumstances = ReplyContext {
            channel: context.channel,
            customer_name: context.customer_name.as_deref(),
            reference: context.ticket.reference.as_str(),
            subject: &context.ticket.subject,
            sentiment: triage.sentiment.score,
            company: &settings.company,
            support_email: &settings.support_email,
            automatic: true,
            earlier_contact: mention.as_deref(),
        };
        let FormattedReply { subject, parts } = format_reply(&kind, &circumstances, &settings.voice)?;
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

/// What a message that only spoke of addresses leads to. A person who has the ticket is not talked over: then only the record stays.
fn identity_plans(context: &TurnContext, step: Step) -> Option<Plans> {
    let (text, reason) = match step {
        Step::GoOn => return None,
        Step::Joined { text } => (Some(text), "a one-time code that fits"),
        Step::Said { text, reason } => (text, reason),
    };
    let with_a_person = context.state.operator_has_it || context.state.already_escalated;
    Some(Plans {
        decision: if context.state.operator_has_it { "ignored" } else { "acknowledged" },
        reason: reason.to_owned(),
        say: text.filter(|_| !context.state.operator_has_it).map(Say::Notice),
        draft: None,
        escalation: None,
        status: context.ticket.status,
        stage: if with_a_person { Stage::WithAPerson } else { Stage::Answered },
    })
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
