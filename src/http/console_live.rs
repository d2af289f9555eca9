//! Live events of the console: the last thousand are kept, so that a stream that broke off goes on where it stopped. Also who looks
//! at which conversation.

use crate::{
    domain::{ids::TicketId, progress::TicketEvent, ticket::TicketStatus},
    ports::{clock::Clock, console::ConsoleInbox, events::TicketEvents},
};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::json;
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::{broadcast, mpsc};
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;
use uuid::Uuid;

/// Events kept for those who come back.
const KEPT: usize = 1_000;
/// Events of tickets that may wait to be looked up.
const WAITING: usize = 1_024;
/// Who has not been heard of for so long has left.
const PRESENT_FOR: SignedDuration = SignedDuration::from_secs(45);
/// Counts are announced at most this often, and leavers noticed.
const TICK: Duration = Duration::from_secs(1);

/// An event as it goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsoleEvent {
    pub id: u64,
    pub name: &'static str,
    /// JSON.
    pub data: Arc<str>,
}

/// What a stream hears.
#[derive(Debug, Clone)]
pub enum Heard {
    Event(ConsoleEvent),
    /// A session ended: its streams end, too.
    SessionEnded(Uuid),
}

/// Somebody at a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Presence {
    pub operator: String,
    pub typing: bool,
    pub reference: Option<String>,
}

#[derive(Default)]
struct Kept {
    events: VecDeque<ConsoleEvent>,
    next: u64,
}

/// The hub.
pub struct ConsoleHub {
    kept: Mutex<Kept>,
    sender: broadcast::Sender<Heard>,
    present: Mutex<HashMap<String, (Presence, Timestamp)>>,
    tickets: mpsc::Sender<(TicketId, TicketEvent)>,
    waiting: Mutex<Option<mpsc::Receiver<(TicketId, TicketEvent)>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic while holding one of these locks leaves a value that is still whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ConsoleHub {
    /// Numbers begin at the present time: those of a process that ran before are never taken for this one's.
    pub fn new(now: Timestamp) -> Self {
        let (tickets, receiver) = mpsc::channel(WAITING);
        let next = u64::try_from(now.as_microsecond()).unwrap_or(1);
        Self {
            kept: Mutex::new(Kept { events: VecDeque::new(), next }),
            sender: broadcast::channel(256).0,
            present: Mutex::default(),
            tickets,
            waiting: Mutex::new(Some(receiver)),
        }
    }

    /// Tells everybody.
    pub fn publish(&self, name: &'static str, data: &impl Serialize) {
        let data: Arc<str> = serde_json::to_string(data).unwrap_or_else(|_| "{}".to_owned()).into();
        let mut kept = lock(&self.kept);
        let event = ConsoleEvent { id: kept.next, name, data };
        kept.next += 1;
        if kept.events.len() == KEPT {
            kept.events.pop_front();
        }
        kept.events.push_back(event.clone());
        // Sent under the lock, so that a subscriber sees every event exactly once. No receiver is no error.
        let _ = self.sender.send(Heard::Event(event));
    }

    /// What came after `last`, and everything from now on. `None` in place of what came: it is no longer known.
    pub fn subscribe(&self, last: Option<u64>) -> (Option<Vec<ConsoleEvent>>, broadcast::Receiver<Heard>) {
        let kept = lock(&self.kept);
        let receiver = self.sender.subscribe();
        let Some(last) = last else { return (Some(Vec::new()), receiver) };
        let oldest = kept.events.front().map_or(kept.next, |event| event.id);
        let known = last + 1 >= oldest && last < kept.next;
        let missed = known.then(|| kept.events.iter().filter(|event| event.id > last).cloned().collect());
        (missed, receiver)
    }

    /// The newest event's number.
    pub fn newest(&self) -> u64 {
        lock(&self.kept).next - 1
    }

    /// Ends the streams of sessions that ended.
    pub fn sessions_ended(&self, sessions: &[Uuid]) {
        for session in sessions {
            let _ = self.sender.send(Heard::SessionEnded(*session));
        }
    }

    /// Somebody looks at a conversation, or at none.
    pub fn arrive(&self, presence: Presence, now: Timestamp) {
        let after = presence.reference.clone();
        let name = presence.operator.clone();
        let before = lock(&self.present).insert(name, (presence.clone(), now));
        let before = before.map(|(before, _)| before);
        if before.as_ref() == Some(&presence) {
            return;
        }
        let places = [before.and_then(|before| before.reference), after];
        for (index, reference) in places.iter().enumerate() {
            if let Some(reference) = reference
                && places.iter().position(|other| other.as_ref() == Some(reference)) == Some(index)
            {
                self.announce(reference, now);
            }
        }
    }

    /// Who looks at a conversation.
    pub fn viewers(&self, reference: &str, now: Timestamp) -> Vec<Presence> {
        let mut viewers: Vec<Presence> = lock(&self.present)
            .values()
            .filter(|(presence, at)| {
                presence.reference.as_deref() == Some(reference) && now.duration_since(*at) < PRESENT_FOR
            })
            .map(|(presence, _)| presence.clone())
            .collect();
        viewers.sort_by(|a, b| a.operator.cmp(&b.operator));
        viewers
    }

    fn announce(&self, reference: &str, now: Timestamp) {
        let viewers = self.viewers(reference, now);
        self.publish("presence", &json!({ "reference": reference, "viewers": viewers }));
    }

    /// Those not heard of for long have left.
    fn forget_leavers(&self, now: Timestamp) {
        let mut left = Vec::new();
        lock(&self.present).retain(|_, (presence, at)| {
            let stays = now.duration_since(*at) < PRESENT_FOR;
            if !stays {
                left.extend(presence.reference.clone());
            }
            stays
        });
        for reference in left {
            self.announce(&reference, now);
        }
    }

    /// A ticket changed by an operator's hand.
    pub fn ticket_changed(&self, ticket: TicketId, message: bool) {
        let event = if message {
            TicketEvent::Reply { message_id: crate::domain::ids::MessageId(Uuid::nil()) }
        } else {
            TicketEvent::Retracted
        };
        TicketEvents::publish(self, ticket, event);
    }

    /// Looks tickets up and tells of them, until `stop`.
    pub async fn relay(
        self: Arc<Self>,
        inbox: Arc<dyn ConsoleInbox>,
        clock: Arc<dyn Clock>,
        stop: CancellationToken,
    ) {
        let Some(mut waiting) = lock(&self.waiting).take() else { return };
        let mut tick = tokio::time::interval(TICK);
        let mut counts_changed = false;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = tick.tick() => {
                    self.forget_leavers(clock.now());
                    if std::mem::take(&mut counts_changed) {
                        self.publish("counts", &json!({}));
                    }
                }
                event = waiting.recv() => {
                    let Some((ticket, event)) = event else { return };
                    self.tell(&*inbox, ticket, &event).await;
                    counts_changed = true;
                }
            }
        }
    }

    async fn tell(&self, inbox: &dyn ConsoleInbox, ticket: TicketId, event: &TicketEvent) {
        let Ok(Some(glance)) = inbox.glance(ticket).await else { return };
        let reference = json!({ "reference": glance.reference });
        match event {
            TicketEvent::Reply { message_id } => {
                let id = (!message_id.0.is_nil()).then(|| message_id.to_string());
                let data = json!({ "reference": glance.reference, "message_id": id });
                self.publish("message", &data);
            }
            TicketEvent::Status { status, .. } => {
                self.publish("draft", &reference);
                if *status == TicketStatus::Escalated {
                    self.publish("escalation", &reference);
                }
            }
            _ => {}
        }
        self.publish("conversation", &glance);
    }
}

impl TicketEvents for ConsoleHub {
    fn publish(&self, ticket: TicketId, event: TicketEvent) {
        if matches!(event, TicketEvent::Sentence { .. }) {
            return;
        }
        if self.tickets.try_send((ticket, event)).is_err() {
            // More happens than can be told: everybody reads anew.
            self.publish("reset", &json!({}));
        }
    }
}

/// Tells two.
pub struct Both(pub Arc<dyn TicketEvents>, pub Arc<dyn TicketEvents>);

impl TicketEvents for Both {
    fn publish(&self, ticket: TicketId, event: TicketEvent) {
        self.0.publish(ticket, event.clone());
        self.1.publish(ticket, event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).expect("a time")
    }

    fn hub() -> ConsoleHub {
        ConsoleHub::new(at(0))
    }

    #[test]
    fn a_broken_stream_goes_on_where_it_stopped_or_starts_anew() {
        let hub = hub();
        let first = hub.newest() + 1;
        for number in 0..KEPT as u64 + 10 {
            hub.publish("counts", &json!({ "n": number }));
        }
        let missed = |last| hub.subscribe(Some(last)).0.map(|events| events.len());
        assert_eq!(missed(hub.newest()), Some(0));
        assert_eq!(missed(hub.newest() - 3), Some(3));
        assert_eq!(missed(first), None, "it is too long ago");
        assert_eq!(missed(hub.newest() + 5), None, "a number of another process");
        assert_eq!(missed(7), None, "a number from before the restart");
        assert_eq!(hub.subscribe(None).0, Some(Vec::new()));
    }

    #[test]
    fn who_looks_is_told_once_and_who_is_silent_has_left() {
        let hub = hub();
        let kim =
            |typing| Presence { operator: "kim".into(), typing, reference: Some("TF-20261124-AAAA".into()) };
        let before = hub.newest();
        hub.arrive(kim(false), at(0));
        hub.arrive(kim(false), at(20));
        assert_eq!(hub.newest(), before + 1, "the same again is no news");
        hub.arrive(kim(true), at(21));
        assert_eq!(hub.viewers("TF-20261124-AAAA", at(22)), [kim(true)]);
        hub.forget_leavers(at(80));
        assert!(hub.viewers("TF-20261124-AAAA", at(80)).is_empty());
        assert_eq!(hub.newest(), before + 3);
    }
}
