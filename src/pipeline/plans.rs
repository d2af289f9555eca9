//! What a turn is about to say and record.

use crate::domain::{
    decision::Acknowledgement,
    draft::Draft,
    escalation::{HandOver, Route},
    ids::EscalationId,
    knowledge::Source,
    progress::Stage,
    ticket::TicketStatus,
};

/// What is to be said and recorded, before it is formatted.
pub struct Plans {
    pub decision: &'static str,
    pub reason: String,
    pub say: Option<Say>,
    pub draft: Option<Draft>,
    pub escalation: Option<(EscalationId, HandOver, Route)>,
    pub status: TicketStatus,
    pub stage: Stage,
}

/// What is to be said.
pub enum Say {
    Answer {
        body: String,
        sources: Vec<Source>,
    },
    HandOver {
        team: String,
        promise: String,
    },
    Held {
        promise: String,
    },
    Acknowledge(Acknowledgement),
    /// A text of the voice, whole.
    Notice(String),
}
