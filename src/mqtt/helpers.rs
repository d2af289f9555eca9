//! Which helper boxes are there, and who waits for an answer of theirs.

use super::{
    drafting::{Presence, Reply, VERSION, offer_of},
    link::Received,
    topics::Topics,
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

/// Helpers' presence and answers, as they come in.
pub struct Helpers {
    topics: Topics,
    known: Mutex<BTreeMap<String, Presence>>,
    waiting: Mutex<HashMap<Uuid, mpsc::UnboundedSender<Reply>>>,
    /// Drafts that all helpers together make at once.
    slots: watch::Sender<usize>,
}

/// An offer that is waited for. Dropped, later answers to it are dropped, too.
pub struct Waiting<'a> {
    helpers: &'a Helpers,
    pub offer: Uuid,
    pub replies: mpsc::UnboundedReceiver<Reply>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        lock(&self.helpers.waiting).remove(&self.offer);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic while holding one of these leaves a table that is still whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Helpers {
    pub fn new(topics: Topics) -> Self {
        Self { topics, known: Mutex::default(), waiting: Mutex::default(), slots: watch::Sender::new(0) }
    }

    /// Drafts that all helpers together make at once.
    pub fn slots(&self) -> usize {
        *self.slots.borrow()
    }

    /// A helper's model, for reports.
    pub fn model(&self) -> Option<String> {
        lock(&self.known).values().next().map(|presence| presence.model.clone())
    }

    /// Waits until no helper is left.
    pub async fn none_left(&self) {
        let mut slots = self.slots.subscribe();
        drop(slots.wait_for(|slots| *slots == 0).await);
    }

    /// A new offer, waited for from now on.
    pub fn wait(&self) -> Waiting<'_> {
        let offer = Uuid::new_v4();
        let (sender, replies) = mpsc::unbounded_channel();
        lock(&self.waiting).insert(offer, sender);
        Waiting { helpers: self, offer, replies }
    }

    /// The connection broke: who is there is learnt anew.
    pub fn forget(&self) {
        lock(&self.known).clear();
        self.slots.send_replace(0);
    }

    /// Takes in a helper's presence or answer; false when the message is neither.
    pub fn receive(&self, received: &Received) -> bool {
        if let Some(id) = self.topics.helper_of(&received.topic) {
            self.note_presence(id, &received.payload);
            return true;
        }
        if received.topic != self.topics.replies() {
            return false;
        }
        let sender = offer_of(received.correlation.as_deref())
            .and_then(|offer| lock(&self.waiting).get(&offer).cloned());
        match (sender, serde_json::from_slice::<Reply>(&received.payload)) {
            (Some(sender), Ok(reply)) => drop(sender.send(reply)),
            (None, _) => tracing::debug!("an answer came that nobody waits for any more"),
            (_, Err(error)) => tracing::warn!(%error, "a helper's answer cannot be read"),
        }
        true
    }

    fn note_presence(&self, id: &str, payload: &[u8]) {
        let mut known = lock(&self.known);
        let presence: Option<Presence> = serde_json::from_slice(payload).ok();
        match presence.filter(|presence| presence.version == VERSION && (1..=32).contains(&presence.slots)) {
            Some(presence) => {
                let slots = presence.slots;
                if known.insert(id.to_owned(), presence).is_none() {
                    tracing::info!(helper = id, slots, "a helper box is there");
                }
            }
            None => {
                if known.remove(id).is_some() {
                    tracing::info!(helper = id, "a helper box is gone");
                }
            }
        }
        self.slots.send_replace(known.values().map(|presence| presence.slots).sum());
    }
}
