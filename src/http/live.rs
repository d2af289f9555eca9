//! Live events of tickets, from the pipeline to those who watch a status page.

use crate::{
    domain::{ids::TicketId, progress::TicketEvent},
    ports::events::TicketEvents,
};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::broadcast;

/// Events a slow watcher may lag behind before it has to read the store again.
const BACKLOG: usize = 64;

/// One channel a watched ticket, and the sentences of the reply being written, for those who come in the middle.
#[derive(Default)]
pub struct TicketHub {
    tickets: Mutex<HashMap<TicketId, Watched>>,
}

#[derive(Default)]
struct Watched {
    sender: Option<broadcast::Sender<TicketEvent>>,
    sentences: Vec<String>,
}

impl TicketHub {
    /// Watches a ticket: the sentences shown so far, and everything from now on.
    pub fn subscribe(&self, ticket: TicketId) -> (Vec<String>, broadcast::Receiver<TicketEvent>) {
        let mut tickets = self.lock();
        let watched = tickets.entry(ticket).or_default();
        let receiver = watched.sender.get_or_insert_with(|| broadcast::channel(BACKLOG).0).subscribe();
        (watched.sentences.clone(), receiver)
    }

    /// Forgets tickets that nobody watches and nothing is written for.
    fn sweep(tickets: &mut HashMap<TicketId, Watched>) {
        tickets.retain(|_, watched| {
            !watched.sentences.is_empty()
                || watched.sender.as_ref().is_some_and(|sender| sender.receiver_count() > 0)
        });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TicketId, Watched>> {
        // A panic while holding this lock leaves a map that is still whole.
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TicketEvents for TicketHub {
    fn publish(&self, ticket: TicketId, event: TicketEvent) {
        let mut tickets = self.lock();
        match &event {
            TicketEvent::Sentence { text, .. } => {
                tickets.entry(ticket).or_default().sentences.push(text.clone())
            }
            TicketEvent::Retracted | TicketEvent::Reply { .. } | TicketEvent::Status { .. } => {
                if let Some(watched) = tickets.get_mut(&ticket) {
                    watched.sentences.clear();
                }
            }
            TicketEvent::Progress { .. } => {}
        }
        if let Some(sender) = tickets.get(&ticket).and_then(|watched| watched.sender.as_ref()) {
            // No receiver is no error: the store has the truth.
            let _ = sender.send(event);
        }
        Self::sweep(&mut tickets);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::MessageId;

    #[test]
    fn one_who_comes_late_sees_what_was_written_and_what_follows() {
        let (hub, ticket) = (TicketHub::default(), TicketId::new());
        hub.publish(ticket, TicketEvent::Sentence { index: 0, text: "First.".into() });
        let (so_far, mut receiver) = hub.subscribe(ticket);
        assert_eq!(so_far, ["First."]);
        let reply = TicketEvent::Reply { message_id: MessageId::new() };
        hub.publish(ticket, reply.clone());
        assert_eq!(receiver.try_recv().expect("an event"), reply);
        assert!(hub.subscribe(ticket).0.is_empty());
    }

    #[test]
    fn nothing_is_kept_of_tickets_nobody_watches() {
        let hub = TicketHub::default();
        for _ in 0..100 {
            let ticket = TicketId::new();
            drop(hub.subscribe(ticket));
            hub.publish(ticket, TicketEvent::Sentence { index: 0, text: "x".into() });
            hub.publish(ticket, TicketEvent::Retracted);
        }
        assert!(hub.lock().is_empty());
    }
}
