//! Passes what the answerer does on to those who watch the ticket.

use super::answer::AnswerObserver;
use crate::{
    domain::{
        ids::TicketId,
        progress::{Stage, TicketEvent},
    },
    ports::{clock::Clock, events::TicketEvents},
};

/// Watches an answer come about on behalf of a ticket.
pub struct Watcher<'a> {
    pub events: &'a dyn TicketEvents,
    pub clock: &'a dyn Clock,
    pub ticket: TicketId,
}

impl AnswerObserver for Watcher<'_> {
    fn stage(&self, stage: Stage) {
        self.events.publish(self.ticket, TicketEvent::Progress { stage, at: self.clock.now() });
    }

    fn sentence(&self, index: usize, text: &str) {
        self.events.publish(self.ticket, TicketEvent::Sentence { index, text: text.to_owned() });
    }

    fn retracted(&self) {
        self.events.publish(self.ticket, TicketEvent::Retracted);
    }
}
