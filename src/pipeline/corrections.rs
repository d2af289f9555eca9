//! Putting a decision right: the message becomes a local exemplar, and the next one like it is decided so. Says what the
//! desk would have decided before and decides from now on, so that whoever marks it sees whether it helped.

use crate::{
    domain::{
        decision::{ConversationState, FirstDecision, decide_first},
        escalation::EscalationCategory,
        exemplar::{LocalExemplar, RightDecision, exemplar_text},
        ids::{ExemplarId, MessageId},
        ticket::TicketReference,
        triage::TriageInput,
    },
    ports::{
        clock::Clock,
        exemplars::{DecidedMessage, ExemplarStore, NewExemplar},
        store::StoreError,
        triage::Triager,
    },
};
use std::sync::Arc;

/// What an operator says of a decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Correction {
    pub ticket: TicketReference,
    /// The message meant; `None` takes the ticket's newest that was answered or handed over.
    pub message_id: Option<MessageId>,
    pub should: RightDecision,
    /// Whose matter it is; `None` keeps what triage took it for.
    pub category: Option<EscalationCategory>,
    pub note: Option<String>,
    pub operator: String,
}

/// What the desk decides on a message before anything is drafted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// `answer`, `escalate`, `acknowledge` or `ignore`.
    pub decision: &'static str,
    /// For `escalate`: whose matter it is.
    pub category: Option<EscalationCategory>,
    /// For `escalate` and `ignore`: why.
    pub reason: Option<String>,
}

/// What a correction changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Corrected {
    pub exemplar: LocalExemplar,
    /// What had become of the message, in the record's words.
    pub recorded: (String, String),
    pub before: Verdict,
    pub after: Verdict,
}

impl Corrected {
    /// Whether the message itself is decided as it should be from now on.
    pub fn took_effect(&self) -> bool {
        self.after.decision == self.exemplar.should.as_str()
    }

    /// What else the operator must do, if anything.
    pub fn advice(&self) -> Option<String> {
        if !self.took_effect() {
            let reason = self.after.reason.as_deref().unwrap_or("another rule");
            return Some(format!("it is still decided otherwise ({reason}); change that rule in the policy"));
        }
        let undrafted = self.exemplar.should == RightDecision::Answer
            && self.before.decision == "answer"
            && self.recorded.0 != "sent";
        undrafted.then(|| {
            format!(
                "triage would have had it answered before, too: it was not because of “{}”. A document that answers it helps",
                self.recorded.1
            )
        })
    }
}

/// Marks decisions.
pub struct Corrections {
    pub exemplars: Arc<dyn ExemplarStore>,
    /// Must read the exemplars anew when they change.
    pub triager: Arc<dyn Triager>,
    pub clock: Arc<dyn Clock>,
}

impl Corrections {
    /// Keeps the message as an exemplar of its right decision.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such ticket, or nothing was decided on it yet.
    pub async fn correct(&self, correction: Correction) -> Result<Corrected, StoreError> {
        let decided = self.exemplars.decided_message(&correction.ticket, correction.message_id).await?;
        let before = self.verdict(&decided).await;
        let exemplar = NewExemplar {
            text: exemplar_text(&decided.subject, &decided.content),
            should: correction.should,
            category: correction.category.unwrap_or(decided.category),
            language: decided.language.clone(),
            origin: Some((decided.ticket_id, decided.message_id)),
            note: correction.note.filter(|note| !note.trim().is_empty()),
            marked_by: correction.operator,
            marked_at: self.clock.now(),
        };
        let exemplar = self.exemplars.mark(exemplar).await?;
        let after = self.verdict(&decided).await;
        tracing::info!(
            ticket = %correction.ticket, exemplar = %exemplar.id, should = exemplar.should.as_str(), "decision put right"
        );
        Ok(Corrected { exemplar, recorded: (decided.decision, decided.reason), before, after })
    }

    /// Takes an exemplar back.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none of this number.
    pub async fn undo(&self, id: ExemplarId, operator: &str) -> Result<LocalExemplar, StoreError> {
        let undone = self.exemplars.undo_exemplar(id, operator, self.clock.now()).await?;
        tracing::info!(exemplar = %id, "exemplar undone");
        Ok(undone)
    }

    async fn verdict(&self, decided: &DecidedMessage) -> Verdict {
        let input = TriageInput {
            subject: Some(decided.subject.as_str()),
            text: &decided.content,
            plan: decided.plan,
            ..TriageInput::default()
        };
        let triage = self.triager.triage(&input).await;
        let (decision, category, reason) = match decide_first(&triage, &ConversationState::default()) {
            FirstDecision::Draft => ("answer", None, None),
            FirstDecision::Escalate { category, reason, .. }
        | FirstDecision::HandOverQuietly { category, reason, .. } => ("escalate", Some(category), Some(reason)),
            FirstDecision::Acknowledge(_) => ("acknowledge", None, None),
            FirstDecision::Ignore { reason } => ("ignore", None, Some(reason.to_owned())),
        };
        Verdict { decision, category, reason }
    }
}
