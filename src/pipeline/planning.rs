//! From a decision to what is said and recorded.

use super::{
    answer::Answer,
    plans::{Plans, Say},
    turn::Desk,
};
use crate::{
    domain::{
        autonomy::{self, AutonomyLevel},
        decision::{Acknowledgement, FirstDecision, SecondDecision, UNANSWERED, decide_second, hand_over},
        draft::Draft,
        escalation::{EscalationCategory, Urgency},
        ids::EscalationId,
        message::Role,
        progress::Stage,
        sla,
        ticket::TicketStatus,
        triage::Triage,
    },
    ports::store::TurnContext,
};

impl Desk {
    pub(super) fn without_draft(
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

    pub(super) fn after_draft(
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
}

fn first_line(text: &str) -> String {
    let line =
        text.lines().map(str::trim).find(|line| line.split_whitespace().count() > 3).unwrap_or_default();
    line.chars().take(160).collect()
}
